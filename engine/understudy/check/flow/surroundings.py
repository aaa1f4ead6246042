"""What lies around the playbooks of a project and gives variables to its hosts.

Nothing is run and no vault is opened: an inventory that is a program or a plugin is one whose
variables are not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from understudy.check.project.library import BIGGEST
from understudy.check.project.sketch import TOO_MANY, Bounded
from understudy.check.settings.settings import Settings
from understudy.config import DEFAULT, Config
from understudy.inventory.directory import entries
from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.inventory.script import is_program
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.document import parse_document
from understudy.text.nodes import Mapping as MappingNode
from understudy.text.source import Source
from understudy.values.load import load_vars_file
from understudy.values.texts import Value
from understudy.values.vault import is_vault

_FOLDERS = ("group_vars", "host_vars")
_SUFFIXES = frozenset({"", ".yml", ".yaml", ".json"})
_YAML = frozenset({"", ".yml", ".yaml", ".json", ".config"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The variables that hosts bring with them."""

    names: frozenset[str] = frozenset()
    """Those of inventories, group_vars and host_vars, and those announced for `-e`."""
    is_complete: bool = False
    """Whether an inventory is known, so that there are no others but by `-e`."""
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    """What their texts say of a name: the values that some host or other has."""
    handlers_must_exist: bool = True
    """`error_on_missing_handler` of the configuration."""
    inventories: tuple[Path, ...] = ()
    """The files of the inventories, if every one of them could be read."""
    config: Config = field(default_factory=Config)
    """What a run would be configured with."""
    findings: tuple[Diagnostic, ...] = ()
    """What is to be told of them: that an inventory is too large."""


def surroundings_of(playbook: Path, config: Config, settings: Settings) -> Surroundings:
    """Return what the files beside a playbook and its inventories give to hosts.

    Inventories are those that were asked for, else those of the configuration.
    """
    sources = [str(path) for path in settings.inventories]
    if not sources and config.origin("inventory") is not DEFAULT:
        sources = list(config.inventory)
    read = _Read()
    files = [path for source in sources for path in read.files(source, config)]
    for path in files:
        read.inventory(path, config)
    unread = read.is_open
    beside = (Path(one) if Path(one).is_dir() else Path(one).parent for one in sources)
    for folder in dict.fromkeys((playbook.parent, *beside)):
        for kind in _FOLDERS:
            read.folder(folder / kind)
    values = {name: tuple(each.values()) for name, each in read.values.items()}
    known = frozenset(values) | settings.variables
    is_complete = bool(files) and not read.is_open
    readable = () if unread else tuple(files)
    must_exist = config.error_on_missing_handler
    told = tuple(read.findings)
    return Surroundings(known, is_complete, values, must_exist, readable, config, told)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Gives the surroundings of playbooks; those of one directory are looked at once."""

    config: Config
    settings: Settings
    _known: dict[Path, Surroundings] = field(default_factory=dict)

    def of(self, playbook: Path) -> Surroundings:
        """Return what lies around a playbook."""
        if playbook.parent not in self._known:
            found = surroundings_of(playbook, self.config, self.settings)
            self._known[playbook.parent] = found
        return self._known[playbook.parent]


@dataclass(slots=True)
class _Read:
    """What has been read so far."""

    values: dict[str, dict[int, Value]] = field(default_factory=dict)
    """The values of each name by their identity: the hosts of a range share theirs."""
    is_open: bool = False
    """Whether there is something that could not be read, or may not."""
    findings: list[Diagnostic] = field(default_factory=list)

    def files(self, source: str, config: Config) -> Iterator[Path]:
        """Yield the files of a source; a list of hosts (`a,b`) has none."""
        path = Path(source).expanduser()
        if path.is_dir():
            yield from self._files_below(path, config)
        elif path.is_file():
            yield path
        else:
            self.is_open = True

    def _files_below(self, directory: Path, config: Config) -> Iterator[Path]:
        ignored = config.inventory_ignore_extensions, config.inventory_ignore_patterns
        try:
            found = list(entries(directory, *ignored))
        except PlaybookInvalid:
            self.is_open = True
            return
        for path in found:
            yield from self._files_below(path, config) if path.is_dir() else (path,)

    def inventory(self, path: Path, config: Config) -> None:
        """Take in the variables of an inventory's own text."""
        try:
            if path.stat().st_size > BIGGEST or is_program(path) or _is_dynamic(path):
                self.is_open = True
                return
            self._take_in(read_inventory([str(path)], config, kind=Bounded))
        except PlaybookInvalid as invalid:
            self.is_open = True
            self._tell(invalid.diagnostics)
        except (OSError, UnicodeDecodeError):
            self.is_open = True

    def _tell(self, said: Iterable[Diagnostic]) -> None:
        """Tell of an inventory that is too large; its mistakes are told where it is checked."""
        found = next((one for one in said if one.code == TOO_MANY), None)
        if found is not None:
            self.is_open = True
            self.findings.append(replace(found, severity=Severity.INFO))

    def _take_in(self, inventory: Inventory) -> None:
        self._tell(inventory.warnings)
        self.is_open |= any(one.code == "unparsed-inventory" for one in inventory.warnings)
        for host in inventory.hosts.values():
            self._add(host.values)
        for group in inventory.groups.values():
            self._add(group.values)

    def folder(self, directory: Path) -> None:
        """Take in every file of `group_vars/` or `host_vars/`, whatever host it is for."""
        for path in _listed(directory):
            if path.is_dir():
                self.folder(path)
            elif path.is_file():
                self._file(path)

    def _file(self, path: Path) -> None:
        try:
            if path.stat().st_size <= BIGGEST and not is_vault(path.read_text("utf-8")):
                self._add(load_vars_file(path))
                return
        except (PlaybookInvalid, OSError, UnicodeDecodeError):
            # `web.example.org` is a host's file, `README.md` is none
            if path.suffix not in _SUFFIXES:
                return
        self.is_open = True

    def _add(self, values: Mapping[str, Value]) -> None:
        for name, value in values.items():
            self.values.setdefault(str(name), {})[id(value)] = value


def _is_dynamic(path: Path) -> bool:
    """Tell whether a file is no list of hosts but says where to get one, or cannot be looked at."""
    text = path.read_text("utf-8")
    if is_vault(text) or text.startswith("#!"):
        return True
    if path.suffix not in _YAML:
        return False
    try:
        root = parse_document(Source(str(path), text), _ignore)
    except PlaybookInvalid:
        return bool(path.suffix)
    return isinstance(root, MappingNode) and "plugin" in root.entries


def _ignore(_finding: Diagnostic) -> None:
    """Drop a warning."""


def _listed(directory: Path) -> Sequence[Path]:
    try:
        found: Iterable[Path] = directory.iterdir()
        return sorted(one for one in found if not one.name.startswith(".") and one.name[-1] != "~")
    except OSError:
        return ()
