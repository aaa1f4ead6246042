"""Where a task looks for files, and what it sees of the role that it stands in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from understudy.playbook.model import Role, Task
from understudy.values.scope import Plain


def search_path(task: Task, playbook_dir: Path) -> tuple[Path, ...]:
    """Return the directories for relative files: of its roles, of its own file, the playbook's."""
    return _search_path(task.span.source.name, task.role, playbook_dir)


@cache
def task_variables(task_file: str, role: Role | None, playbook_dir: Path) -> Plain:
    """Return the magic variables of the tasks of a file, which may be a role's."""
    path = [str(place) for place in _search_path(task_file, role, playbook_dir)]
    found = Plain(ansible_search_path=path)
    if role is None:
        return found
    found.update(
        role_name=role.name,
        ansible_role_name=role.name,
        role_path=str(role.path),
        ansible_collection_name=None,
    )
    if role.included and role.parents:
        outwards = tuple(reversed(role.parents))
        found["ansible_parent_role_names"] = [parent.name for parent in outwards]
        found["ansible_parent_role_paths"] = [str(parent.path) for parent in outwards]
    return found


@cache
def _search_path(file: str, role: Role | None, playbook_dir: Path) -> tuple[Path, ...]:
    own = Path(file).resolve().parent
    of_roles = [one.path for one in reversed((*role.parents, role))] if role else []
    return tuple(dict.fromkeys((*of_roles, own, playbook_dir)))
