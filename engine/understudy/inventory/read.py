"""The sources of a run's inventory, each read in its form, become one Inventory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from understudy.inventory.directory import sources_in
from understudy.inventory.host_list import read_host_list
from understudy.inventory.ini import read_ini
from understudy.inventory.model import Inventory
from understudy.inventory.script import is_program, read_script
from understudy.inventory.toml import read_toml
from understudy.inventory.yaml import looks_like_yaml, read_yaml
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity
from understudy.text.source import Source
from understudy.values.vault import read_author_source

_YAML = (".yaml", ".yml", ".json")
_IGNORED = tuple(".pyc .pyo .swp .bak ~ .rpm .md .txt .rst .orig .cfg .retry".split())


def read_inventory(
    sources: Iterable[str],
    *,
    ignored_extensions: Sequence[str] = _IGNORED,
    ignored_patterns: Sequence[str] = (),
    merges_hashes: bool = False,
) -> Inventory:
    """Read `sources` in order, later ones winning: files, directories, programs, host lists.

    Raise PlaybookInvalid with the findings of all sources. What stops nothing is in `warnings`.
    """
    inventory = Inventory(merges_hashes=merges_hashes)
    findings: list[Diagnostic] = []
    for source in sources:
        path = Path(source).expanduser()
        try:
            if "," in source and not path.exists():
                read_host_list(source, inventory)
            elif path.is_dir():
                inventory.directories[str(path)] = None
                for file in _files(path, ignored_extensions, ignored_patterns):
                    findings += _read_file(file, inventory)
            else:
                inventory.directories[str(path.parent)] = None
                findings += _read_file(path, inventory)
        except PlaybookInvalid as invalid:
            findings += invalid.diagnostics
    if findings:
        raise PlaybookInvalid(findings)
    inventory.settle()
    inventory.warnings += _doubtful_names(inventory)
    return inventory


def _files(
    directory: Path, ignored_extensions: Sequence[str], ignored_patterns: Sequence[str]
) -> list[Path]:
    try:
        return list(sources_in(directory, ignored_extensions, ignored_patterns))
    except OSError as error:
        message = f"cannot read the inventory `{error.filename}`: {error.strerror}"
        raise PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)]) from None
    except re.error as error:
        message = f"`inventory_ignore_patterns` has a bad regular expression: {error}"
        raise PlaybookInvalid([Diagnostic(code="invalid-config", message=message)]) from None


def _read_file(path: Path, inventory: Inventory) -> tuple[Diagnostic, ...]:
    try:
        if not path.exists():
            inventory.warnings.append(_missing(path))
            return ()
        if is_program(path):
            read_script(path, inventory)
        else:
            _read_text(path, read_author_source(path), inventory)
    except PlaybookInvalid as invalid:
        return invalid.diagnostics
    return ()


def _read_text(path: Path, source: Source, inventory: Inventory) -> None:
    if source.text.startswith("#!"):
        message = f"the inventory program `{path}` is not executable"
        help_ = f"run `chmod +x {path}`"
        said = Diagnostic(code="inventory-script", message=message, help=help_)
        raise PlaybookInvalid([said])
    if path.suffix == ".toml":
        read_toml(source, inventory)
    elif path.suffix in _YAML or (not path.suffix and looks_like_yaml(source.text)):
        read_yaml(source, inventory)
    else:
        read_ini(source, inventory)


def _missing(path: Path) -> Diagnostic:
    return Diagnostic(
        code="missing-inventory",
        message=f"there is no inventory `{path}`",
        severity=Severity.WARNING,
        help=f"for a host of this name write `-i {path},` with a comma",
    )


def _doubtful_names(inventory: Inventory) -> Iterator[Diagnostic]:
    odd = [name for name in inventory.groups if not name.isidentifier()]
    if odd:
        names = ", ".join(f"`{name}`" for name in odd[:3]) + (", …" if odd[3:] else "")
        message = f"group names should be identifiers: {names}"
        yield Diagnostic(code="group-name", message=message, severity=Severity.WARNING)
    both = [name for name in inventory.groups if name in inventory.hosts]
    if both:
        names = ", ".join(f"`{name}`" for name in both[:3]) + (", …" if both[3:] else "")
        message = f"both a group and a host are named {names}"
        yield Diagnostic(code="group-name", message=message, severity=Severity.WARNING)
