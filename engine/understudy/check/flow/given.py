"""What gives variables to a play or a host besides `register` and `set_fact`: files, facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os.path import isfile  # Path's fails for a name that is too long
from pathlib import Path

from understudy.check.flow.known import UNKNOWN, Names, known
from understudy.check.flow.visits import Visit
from understudy.check.project.library import BIGGEST
from understudy.playbook.model import Play, Task
from understudy.playbook.module_schema import known_modules
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.load import load_vars_file
from understudy.values.texts import Value
from understudy.values.vault import is_vault

Layer = Mapping[str, Value]

FACTS: Mapping[str, frozenset[str]] = {
    "package_facts": frozenset({"packages"}),
    "service_facts": frozenset({"services"}),
    "mount_facts": frozenset({"mount_points", "aggregate_mounts"}),
}
"""What modules give as facts whose names do not begin with `ansible_`."""
_PREFIXES = ("ansible_", "facter_", "ohai_")
MAGIC_OF_RUN = frozenset(
    "groups hostvars playbook_dir play_hosts vars ansible_check_mode ansible_diff_mode"
    " ansible_forks ansible_play_batch ansible_play_hosts ansible_play_hosts_all ansible_play_name"
    " ansible_playbook_python ansible_run_tags ansible_skip_tags ansible_verbosity"
    " ansible_version".split()
)
"""Variables of the run itself."""
MAGIC_OF_HOST = frozenset(
    "group_names inventory_dir inventory_file inventory_hostname inventory_hostname_short".split()
)
"""Variables that say who a host is."""
_MAGIC_OF_TASK = frozenset({"environment", "omit", "role_name", "role_names", "role_path"})
_OF_JINJA = frozenset("caller false kwargs loop none self super true varargs".split())
MAGIC = MAGIC_OF_RUN | MAGIC_OF_HOST | _MAGIC_OF_TASK | _OF_JINJA


def is_of_host(name: str) -> bool:
    """Tell whether a name is a magic variable, or that of a fact or of how to connect."""
    return name in MAGIC or name.startswith(_PREFIXES)


def facts_given(task: Task) -> frozenset[str] | None:
    """Return the names of facts that a module gives; None if that cannot be said."""
    action = task.action
    if action.name == "getent":
        database = action.args.get("database")
        return frozenset({f"getent_{database}"}) if isinstance(database, str) else None
    if action.own is not None or action.name not in known_modules():
        return None
    return FACTS.get(action.name, frozenset())


@dataclass(slots=True)
class VariableFiles:
    """The files of variables that a playbook names, each read once."""

    folder: Path
    """The directory of the playbook."""
    _read: dict[Path, Layer | None] = field(default_factory=dict)

    def of_play(self, play: Play, names: Names) -> tuple[tuple[Layer, ...], bool]:
        """Return the layers of `vars_files`, the strongest first, and whether that is all."""
        found: list[Layer | None] = [
            self._first(raw if isinstance(raw, list) else [raw], play, names)
            for raw in play.vars_files
        ]
        return tuple(one for one in reversed(found) if one is not None), None not in found

    def _first(self, parts: list[Value], play: Play, names: Names) -> Layer | None:
        """Return the first file of a list that is there, if that can be told."""
        beside = Path(play.span.source.name).parent
        for part in parts:
            name = known(part, names)
            if not isinstance(name, str):
                return None
            for place in (beside / "vars", beside):
                if isfile(place / name):  # noqa: PTH113 (as above)
                    return self.read(place / name)
        return None

    def included(self, visit: Visit) -> Layer | None:
        """Return what `include_vars` loads, if that can be told."""
        action = visit.task.action
        args = {name: visit.known(value) for name, value in action.args.items()}
        file = args.get("file", visit.known(action.free_form))
        if action.template is not None or args.keys() & {"dir", "hash_behaviour"}:
            return None
        if not isinstance(file, str) or UNKNOWN in args.values() or visit.task.loop:
            return None
        path = next(filter(isfile, self._places(visit.task, file.strip())), None)
        found = self.read(path) if path else None
        name = args.get("name")
        return found if found is None or not name else {str(name): dict(found)}

    def _places(self, task: Task, name: str) -> Iterator[Path]:
        role = task.role
        of_roles = [one.path for one in reversed((*role.parents, role))] if role else []
        for place in (*of_roles, Path(task.span.source.name).parent, self.folder):
            yield place / "vars" / name
            yield place / name

    def read(self, path: Path) -> Layer | None:
        """Return the variables of a file; None if it cannot be read, or is encrypted."""
        if path not in self._read:
            self._read[path] = _read(path)
        return self._read[path]


def _read(path: Path) -> Layer | None:
    try:
        if path.stat().st_size > BIGGEST or is_vault(path.read_text("utf-8")):
            return None
        return load_vars_file(path, may_be_list=True)
    except (PlaybookInvalid, OSError, UnicodeDecodeError):
        return None
