"""The sources of a run's inventory, each read in its form, become one Inventory.

A source that cannot be read is told of and left out, as in Ansible: what stood in it before the
first mistake counts, and the settings decide whether the run goes on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.config.settings import Config
from understudy.inventory.directory import entries
from understudy.inventory.host_list import read_host_list
from understudy.inventory.ini import read_ini
from understudy.inventory.listing import NotAListing, is_listing, read_listing
from understudy.inventory.model import Inventory
from understudy.inventory.plugins import PluginFile, PluginReader, unknown_plugin
from understudy.inventory.script import is_program, read_script
from understudy.inventory.toml import read_toml
from understudy.inventory.yaml import looks_like_yaml, read_groups
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.document import parse_document
from understudy.text.nodes import Mapping as MappingNode
from understudy.text.nodes import Node, Scalar
from understudy.text.source import Source
from understudy.values.texts import Value
from understudy.values.vault import read_author_source


def _constructed(file: PluginFile) -> None:
    from understudy.inventory.constructed import read_constructed  # few inventories need it

    read_constructed(file)


def _generator(file: PluginFile) -> None:
    from understudy.inventory.generator import read_generator

    read_generator(file)


PLUGINS: Mapping[str, PluginReader] = {"constructed": _constructed, "generator": _generator}
_FORMS = frozenset("host_list advanced_host_list script auto yaml ini toml".split())
_YAML = (".yaml", ".yml", ".json", ".config")
_PREFIXES = re.compile(r"ansible\.(builtin|legacy)\.")


class InventoryFailed(PlaybookInvalid):
    """The settings do not let a run begin with what could be read."""


def read_inventory(
    sources: Iterable[str],
    config: Config | None = None,
    extra_vars: Mapping[str, Value] | None = None,
    kind: type[Inventory] = Inventory,
) -> Inventory:
    """Read `sources` in order, later ones winning: files, directories, programs, host lists.

    `kind` is what they are read into. What is wrong with a source is in `warnings`. Raise
    InventoryFailed if the configuration does not allow that.
    """
    config = config or Config()
    inventory = kind(
        merges_hashes=config.hash_behaviour == "merge",
        replaces_names=config.transform_invalid_group_chars in ("always", "silently"),
    )
    reader = _Reader(inventory, config, extra_vars or {}, _enabled(config, inventory))
    for source in sources:
        reader.read(source)
    return reader.finish()


def _enabled(config: Config, inventory: Inventory) -> frozenset[str]:
    """Return the names of the forms that may be read; warn of those that are not here."""
    names = [_PREFIXES.sub("", name) for name in config.inventory_enabled]
    known = frozenset(names) & (_FORMS | PLUGINS.keys())
    for name in names:
        if name not in known:
            inventory.warnings.append(
                _warning(f"there is no inventory plugin `{name}`: skipping it")
            )
    if not known:
        message = (
            f"no inventory plugin is enabled that is here ({config.origin('inventory_enabled')})"
        )
        raise InventoryFailed([*inventory.warnings, _error(message)])
    return known


@dataclass(slots=True)
class _Reader:
    inventory: Inventory
    config: Config
    extra_vars: Mapping[str, Value]
    enabled: frozenset[str]
    parsed: bool = False
    """Whether any source could be read."""

    def read(self, source: str) -> bool:
        """Read a source and tell whether that could be done."""
        path = Path(source).expanduser()
        if "," in source and not path.exists():
            return self._attempt(source, lambda: self._read_host_list(source))
        if path.is_dir():
            self.inventory.directories[str(path)] = None
            return self._read_directory(path)
        done = self._attempt(str(path.absolute()), lambda: self._read_file(path))
        self.inventory.directories[str(path.parent)] = None
        return done

    def finish(self) -> Inventory:
        """Return the inventory, its groups and hosts in order; raise InventoryFailed."""
        inventory = self.inventory
        if not self.parsed:
            self._warn_of_nothing()
            inventory = inventory.scratch()
            inventory.directories.update(self.inventory.directories)
        inventory.settle()
        inventory.warnings += _doubtful_names(inventory, self.config)
        return inventory

    def _warn_of_nothing(self) -> None:
        if self.config.inventory_unparsed_is_failed:
            message = "No inventory was parsed, please check your configuration and options."
            raise self._failed(message)
        if self.config.inventory_unparsed_warning:
            message = "No inventory was parsed, only implicit localhost is available"
            self.inventory.warnings.append(_warning(message))

    def _failed(self, message: str) -> InventoryFailed:
        return InventoryFailed([*self.inventory.warnings, _error(message)])

    def _attempt(self, name: str, read: Callable[[], None]) -> bool:
        try:
            read()
        except PlaybookInvalid as invalid:
            self._tell(name, invalid.diagnostics)
            return False
        self.parsed = True
        return True

    def _tell(self, name: str, findings: Iterable[Diagnostic]) -> None:
        """Tell why a source could not be read; raise InventoryFailed if that ends the run."""
        demoted = [replace(finding, severity=Severity.WARNING) for finding in findings]
        self.inventory.warnings += demoted
        if self.config.inventory_any_unparsed_is_failed:
            raise self._failed(f"Completely failed to parse inventory source {name}")
        message = f"Unable to parse {name} as an inventory source"
        self.inventory.warnings.append(_warning(message))

    def _read_directory(self, path: Path) -> bool:
        """Read what is in a directory; one that holds no source counts as unreadable."""
        config = self.config
        try:
            found = list(
                entries(path, config.inventory_ignore_extensions, config.inventory_ignore_patterns)
            )
        except PlaybookInvalid as invalid:
            self._tell(str(path.absolute()), invalid.diagnostics)
            return False
        done = [self._read_entry(entry) for entry in found]
        if not any(done):
            self._tell(str(path.absolute()), ())
        return any(done)

    def _read_entry(self, path: Path) -> bool:
        if path.is_dir():
            return self._read_directory(path)
        return self._attempt(str(path.absolute()), lambda: self._read_file(path))

    def _read_host_list(self, text: str) -> None:
        ranges = "advanced_host_list" in self.enabled
        if not ranges:
            self._demand(None, "host_list")
        read_host_list(text, self.inventory, strict=ranges)

    def _read_file(self, path: Path) -> None:
        if not path.exists():
            raise PlaybookInvalid([_missing(path)])
        if is_program(path):
            self._demand(path, "script")
            read_script(path, self.inventory, shows_stderr=self.config.inventory_script_stderr)
        else:
            self._read_text(path, read_author_source(path))

    def _read_text(self, path: Path, source: Source) -> None:
        if source.text.startswith("#!"):
            message = f"the inventory program `{path}` is not executable"
            said = Diagnostic(
                code="inventory-script", message=message, help=f"run `chmod +x {path}`"
            )
            raise PlaybookInvalid([said])
        if path.suffix == ".toml":
            self._demand(path, "toml")
            read_toml(source, self.inventory)
        elif path.suffix in _YAML or (not path.suffix and looks_like_yaml(source.text)):
            self._read_yaml(path, source)
        else:
            self._demand(path, "ini")
            read_ini(source, self.inventory)

    def _read_yaml(self, path: Path, source: Source) -> None:
        listing = _listing(source) if path.suffix == ".json" else None
        if listing is not None:
            _read_listing(path, listing, self.inventory)
            return
        root = parse_document(source, self.inventory.warnings.append)
        plugin = root.get("plugin") if isinstance(root, MappingNode) else None
        if isinstance(root, MappingNode) and plugin is not None:
            self._read_plugin(path, plugin, root)
        else:
            self._demand(path, "yaml")
            read_groups(root, source, self.inventory)

    def _read_plugin(self, path: Path, plugin: Node, root: MappingNode) -> None:
        name = _PREFIXES.sub("", plugin.written) if isinstance(plugin, Scalar) else ""
        if name not in PLUGINS:
            raise unknown_plugin(plugin, root.source, PLUGINS)
        self._demand(path, "auto", name)
        use_extra_vars = self.config.inventory_use_extra_vars
        PLUGINS[name](
            PluginFile(root.source, root, self.inventory, self.extra_vars, use_extra_vars)
        )

    def _demand(self, path: Path | None, *forms: str) -> None:
        """Refuse a form that is not enabled; raise PlaybookInvalid."""
        if self.enabled.isdisjoint(forms):
            what = f"`{path}`" if path else "a host list"
            where = self.config.origin("inventory_enabled")
            message = f"{what} would be read by the plugin `{forms[0]}`, which is not enabled"
            said = Diagnostic(code="not-enabled", message=message, notes=(f"set in {where}",))
            raise PlaybookInvalid([said])


def _listing(source: Source) -> Value:
    """Return the data of a JSON file in the form that programs print, None of any other."""
    try:
        data = json.loads(source.text)
    except ValueError:
        return None
    return data if is_listing(data) else None


def _read_listing(path: Path, data: Value, inventory: Inventory) -> None:
    try:
        read_listing(data, str(path), inventory, lambda _names: {})
    except NotAListing as error:
        message = f"the inventory `{path}` cannot be used: {error}"
        raise PlaybookInvalid([Diagnostic(code="invalid-inventory", message=message)]) from None


def _missing(path: Path) -> Diagnostic:
    return Diagnostic(
        code="missing-inventory",
        message=f"there is no inventory `{path}`",
        help=f"for a host of this name write `-i {path},` with a comma",
    )


def _warning(message: str, code: str = "unparsed-inventory") -> Diagnostic:
    return Diagnostic(code=code, message=message, severity=Severity.WARNING)


def _error(message: str) -> Diagnostic:
    return Diagnostic(code="unparsed-inventory", message=message)


def _doubtful_names(inventory: Inventory, config: Config) -> Iterator[Diagnostic]:
    done = {
        "never": "but not replaced",
        "always": "and automatically replaced",
    }.get(config.transform_invalid_group_chars)
    if inventory.odd_names and done:
        names = _some(list(inventory.odd_names))
        message = f"Invalid characters were found in group names {done}: {names}"
        yield _warning(message, "group-name")
    both = [name for name in inventory.groups if name in inventory.hosts]
    if both:
        yield _warning(f"both a group and a host are named {_some(both)}", "group-name")


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:3]) + (", …" if names[3:] else "")
