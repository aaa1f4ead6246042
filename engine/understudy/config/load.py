"""The configuration that holds here: the first ansible.cfg found, then the environment over it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from understudy.config import readers
from understudy.config.ansible_keys import KEYS, REMOVED
from understudy.config.cfg_file import Entry, read_cfg
from understudy.config.settings import SETTINGS, Config, Names, Origin
from understudy.text.diagnostic import (
    Diagnostic,
    Edit,
    Fix,
    PlaybookInvalid,
    Severity,
    did_you_mean,
)
from understudy.text.source import Source, Span

_READ_HERE = {name for names in SETTINGS.values() for name in names.ini}
_BOOLEANS = {
    name for names in SETTINGS.values() for name in names.ini if names.read is readers.boolean
}


def load_config(environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Config:
    """Read the configuration for a run that is started in `directory`, the working one if None.

    Raise PlaybookInvalid when a file is malformed or a value has the wrong type. Everything else
    that is odd is in `warnings`.
    """
    directory = directory or Path.cwd()
    warnings: list[Diagnostic] = []
    file = _find(environ, directory, warnings)
    entries = _read(file) if file else []
    warnings += _doubts(entries)
    found = _found({f"{entry.section}.{entry.key}": entry for entry in entries}, environ)
    values = _values(found, str(file.parent) if file else "", str(directory))
    return Config(
        **values,
        file=str(file) if file else None,
        origins={name: origin for name, (_, origin) in found.items()},
        warnings=tuple(warnings),
    )


def usable_config(directory: Path | None = None) -> tuple[Config, Sequence[Diagnostic]]:
    """Return the configuration; where it is not valid the usual one, and why."""
    try:
        return load_config(directory=directory), ()
    except PlaybookInvalid as invalid:
        return Config(), invalid.diagnostics


def _found(
    entries: Mapping[str, Entry], environ: Mapping[str, str]
) -> dict[str, tuple[str, Origin]]:
    found = {name: _look_up(names, entries, environ) for name, names in SETTINGS.items()}
    return {name: value for name, value in found.items() if value is not None}


def _values(
    found: Mapping[str, tuple[str, Origin]], beside_file: str, directory: str
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    findings: list[Diagnostic] = []
    for name, (text, origin) in found.items():
        try:
            values[name] = SETTINGS[name].read(text, beside_file if origin.span else directory)
        except ValueError as error:
            message = str(error) if origin.span else f"{error} ({origin})"
            findings.append(Diagnostic(code="invalid-config", message=message, span=origin.span))
    if findings:
        raise PlaybookInvalid(findings)
    return values


def _find(environ: Mapping[str, str], directory: Path, warnings: list[Diagnostic]) -> Path | None:
    for path in _candidates(environ, directory, warnings):
        if path.is_file() and os.access(path, os.R_OK):
            return path
    return None


def _candidates(
    environ: Mapping[str, str], directory: Path, warnings: list[Diagnostic]
) -> Iterator[Path]:
    if named := environ.get("ANSIBLE_CONFIG"):
        path = directory / Path(named).expanduser()
        path = path / "ansible.cfg" if path.is_dir() else path
        yield path
        warnings.append(_doubt(f"`ANSIBLE_CONFIG` names `{named}`, which cannot be read"))
    here = directory / "ansible.cfg"
    if here.exists() and directory.stat().st_mode & stat.S_IWOTH:
        message = f"`{here}` is ignored: everybody may write into its directory"
        warnings.append(_doubt(message, help_="name it in `ANSIBLE_CONFIG` if you trust it"))
    else:
        yield here
    yield Path(environ.get("HOME", "~")).expanduser() / ".ansible.cfg"
    yield Path("/etc/ansible/ansible.cfg")


def _read(file: Path) -> list[Entry]:
    try:
        return read_cfg(Source(str(file), file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read `{file}`: {error}"
        raise PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)]) from None


def _look_up(
    names: Names, entries: Mapping[str, Entry], environ: Mapping[str, str]
) -> tuple[str, Origin] | None:
    for name in reversed(names.env):
        if environ.get(name):
            return environ[name], Origin(f"env: {name}")
    for name in reversed(names.ini):
        if name in entries:
            entry = entries[name]
            where = f"{entry.span.source.name}:{entry.span.start.line}"
            return entry.value, Origin(where, entry.span)
    return None


def findings_in(source: Source, directory: str) -> list[Diagnostic]:
    """Return all that is wrong or odd in the text of an ansible.cfg that lies in a directory."""
    try:
        entries = read_cfg(source)
        by_name = {f"{entry.section}.{entry.key}": entry for entry in entries}
        _values(_found(by_name, {}), directory, directory)
    except PlaybookInvalid as invalid:
        return list(invalid.diagnostics)
    return list(_doubts(entries))


def _doubts(entries: list[Entry]) -> Iterator[Diagnostic]:
    unknown: dict[str, Entry] = {}
    for entry in entries:
        name, known = f"{entry.section}.{entry.key}", KEYS.get(entry.section)
        if name in _READ_HERE:
            yield from _no_boolean(entry) if name in _BOOLEANS else ()
        elif known is not None:
            yield _not_read(entry) if entry.key in known else _unknown_key(entry, known)
        elif not _is_of_a_plugin(entry.section) and entry.section not in unknown:
            unknown[entry.section] = entry
            yield _unknown_section(entry)


def _is_of_a_plugin(section: str) -> bool:
    return section not in KEYS and ("_" in section or section in {"galaxy", "colors"})


def _no_boolean(entry: Entry) -> Iterator[Diagnostic]:
    if not entry.value or readers.is_boolean(entry.value):
        return
    bare = entry.value.strip("'\"")
    help_ = "write `true` or `false`"
    if "#" in entry.value:
        help_ = "`#` begins a comment only at the begin of a line; within one it is `;`"
    elif readers.is_boolean(bare):
        help_ = f"write `{bare}` without the quotes"
    yield _doubt(f"`{entry.value}` is no boolean, so it counts as false", entry.value_span, help_)


def _unknown_section(entry: Entry) -> Diagnostic:
    near = did_you_mean(entry.section, KEYS)
    help_ = f"did you mean `[{near}]`?" if near else None
    return _doubt(f"no section is named `[{entry.section}]`", entry.key_span, help_)


def _not_read(entry: Entry) -> Diagnostic:
    message = f"Ansible reads `{entry.key}`, understudy does not"
    return replace(_doubt(message, entry.key_span), severity=Severity.INFO)


def _unknown_key(entry: Entry, known: frozenset[str]) -> Diagnostic:
    message = f"`{entry.key}` is not a setting of `[{entry.section}]`"
    if entry.key in REMOVED:
        became = REMOVED[entry.key]
        new = became.split("`")[1] if "` since" in became else None
        return _renamed(_doubt(message, entry.key_span, f"it became {became}"), entry, new)
    elsewhere = next((section for section, keys in KEYS.items() if entry.key in keys), None)
    if elsewhere:
        return _doubt(message, entry.key_span, f"move it to `[{elsewhere}]`")
    near = did_you_mean(entry.key, known)
    help_ = f"did you mean `{near}`?" if near else None
    return _renamed(_doubt(message, entry.key_span, help_), entry, near)


def _renamed(found: Diagnostic, entry: Entry, new: str | None) -> Diagnostic:
    """Return a finding with the fix that gives a key another name, if that is known."""
    if new is None:
        return found
    edits = (Edit(entry.key_span, new),)
    return replace(found, fix=Fix(message=f"write `{new}`", edits=edits))


def _doubt(message: str, span: Span | None = None, help_: str | None = None) -> Diagnostic:
    severity = Severity.WARNING
    return Diagnostic(code="config", message=message, span=span, help=help_, severity=severity)
