"""The files of a role: where the role lies, and which file of a folder a name means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from understudy.playbook.model import Role

_EXTENSIONS = (".yml", ".yaml", ".json")
_NAMES = re.compile(r"(?m)^(namespace|name):\s*[\"']?(\w+)")


def find_role(name: str, places: Iterable[Path]) -> Path | None:
    """Return the directory of a role: in one of `places`, else the path that the name is."""
    for place in places:
        if os.path.isdir(place / name):  # noqa: PTH112 (as below)
            return _absolute(place / name)
    direct = Path(os.path.expanduser(name))  # noqa: PTH111 (Path's fails for an unknown user)
    is_there = "/" in name and os.path.isdir(direct)  # noqa: PTH112 (as below)
    return _absolute(direct) if is_there else None


def collection_around(role: Path) -> str | None:
    """Return the name of the collection whose source a role is a part of.

    Modules of that collection may be called by their names alone there.
    """
    for folder in role.parents:
        if os.path.isfile(folder / "galaxy.yml"):  # noqa: PTH113 (as below)
            said = dict(_NAMES.findall((folder / "galaxy.yml").read_text("utf-8", "replace")))
            return f"{said.get('namespace')}.{said.get('name')}"
        if os.path.isfile(folder / "MANIFEST.json"):  # noqa: PTH113 (as below)
            return f"{folder.parent.name}.{folder.name}"
    return None


def tasks_file(role: Path, folder: str, name: str) -> Path | None:
    """Return the file of `tasks/` or `handlers/` that a name means, with its extension or not."""
    for path in _candidates(role / folder, name):
        if os.path.isfile(path):  # noqa: PTH113 (as below)
            return path
    return None


def vars_files(role: Path, folder: str, name: str) -> list[Path]:
    """Return the files that a name means in `vars/` or `defaults/`: one, or all of a directory."""
    for path in _candidates(role / folder, name):
        if os.path.isfile(path):  # noqa: PTH113 (as below)
            return [path]
        if os.path.isdir(path):  # noqa: PTH112 (as below)
            return list(_files_below(path))
    return []


def tasks_path(
    name: str,
    beside: Path,
    role: Role | None,
    playbook_dir: Path,
    *,
    handlers: bool,
    dynamic: bool = False,
) -> Path:
    """Return the file of tasks that an include or import names.

    It is looked for beside the including file, in its role, then beside the playbook; a dynamic
    include looks into the tasks of its role first.
    """
    of_role: tuple[Path, ...] = (
        (*((role.path / "handlers",) if handlers else ()), role.path / "tasks", role.path)
        if role
        else ()
    )
    near = (beside, beside / "tasks")
    places = (*of_role[:1], *near, *of_role[1:]) if dynamic else (*near, *of_role)
    for folder in (*places, playbook_dir, playbook_dir / "tasks"):
        if os.path.isfile(folder / name):  # noqa: PTH113 (Path's fails for a name that is too long)
            return folder / name
    return beside / name


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    bare = folder / name
    with_extension = [bare.with_name(bare.name + extension) for extension in _EXTENSIONS]
    if bare.suffix in _EXTENSIONS:
        yield bare
        yield from with_extension
    else:
        yield from with_extension
        yield bare


def _files_below(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if path.name.startswith(".") or path.name.endswith("~"):
            continue
        if path.is_dir():
            yield from _files_below(path)
        elif path.suffix in ("", *_EXTENSIONS):
            yield path


def _absolute(path: Path) -> Path:
    return Path(*path.absolute().parts) if ".." not in path.parts else path.resolve()
