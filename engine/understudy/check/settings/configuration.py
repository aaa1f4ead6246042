"""The configuration of a project's checks: a table of a TOML file becomes settings.

It is `[check]` in `.understudy.toml`, or `[tool.understudy.check]` in `pyproject.toml`: the nearest
file that has it, upward from what is checked. Paths in it are relative to the file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from understudy.check.settings.setting_values import READERS
from understudy.check.settings.settings import Asked, SettingsInvalid
from understudy.check.settings.toml_places import line_of
from understudy.text.diagnostic import did_you_mean

OWN_FILE = ".understudy.toml"
SHARED_FILE = "pyproject.toml"
_TABLES = {OWN_FILE: ("check",), SHARED_FILE: ("tool", "understudy", "check")}
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    text: str
    data: Mapping[str, object]

    @property
    def keys(self) -> tuple[str, ...]:
        """The way to the table of settings."""
        return _TABLES.get(self.path.name, _TABLES[OWN_FILE])

    @property
    def is_ours(self) -> bool:
        """Whether it may be expected to have settings: a file of others' has their tables too."""
        return self.value(self.keys[:-1]) is not None

    def value(self, keys: Iterable[str]) -> object:
        """Return the value of a key, or None."""
        value: object = self.data
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def wrong(self, keys: tuple[str, ...], message: str) -> str:
        """Return a message with the place of a key."""
        return f"{self.path}:{line_of(self.text, keys, message)}: {message}"


def find_configuration(start: Path) -> Asked:
    """Return what the nearest configuration says, from a file or directory upward."""
    # the parents of the path as it is written: a link belongs to the project it lies in
    here = Path(os.path.normpath(Path.cwd() / start))
    for folder in (here, *here.parents):
        for name in (OWN_FILE, SHARED_FILE):
            if _may_hold_settings(folder / name):
                found = _file(folder / name)
                if found.is_ours:
                    return _asked(found)
    return {}


def read_configuration(path: Path) -> Asked:
    """Return what a file says. Raises SettingsInvalid."""
    found = _file(path)
    if not found.is_ours:
        raise SettingsInvalid(f"{path}: there is no `[{'.'.join(found.keys)}]`")
    return _asked(found)


def _may_hold_settings(path: Path) -> bool:
    """Tell whether to read a file: not one that is shared and never names this program."""
    # not the method of Path, which raises where a directory may not be entered
    if not os.path.isfile(path) or _is_planted(path):  # noqa: PTH113
        return False
    if path.name == OWN_FILE:
        return True
    try:
        with path.open("rb") as stream:
            return b"understudy" in stream.read(_LARGEST)
    except OSError:
        return False


def _is_planted(path: Path) -> bool:
    """Tell whether somebody else may have laid a file here, as in `/tmp`."""
    folder = path.parent.stat()
    trusted = {0, os.geteuid(), folder.st_uid}
    return bool(folder.st_mode & stat.S_IWOTH) and path.stat().st_uid not in trusted


def _file(path: Path) -> _File:
    import tomllib  # costs milliseconds, and most projects have no settings

    path = Path(os.path.relpath(path))
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise SettingsInvalid(f"{path}: this is too large for a configuration")
        text = data.decode("utf-8-sig")
        return _File(path, text, tomllib.loads(text))
    except OSError as error:
        raise SettingsInvalid(f"{path}: cannot be read: {(error.strerror or '').lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{path}:{_line_of(error, data)}: this is not TOML: {error}"
        raise SettingsInvalid(message) from None


def _line_of(error: Exception, data: bytes) -> int:
    """Return the line that an error is about: the last one where nothing else is said."""
    if isinstance(error, UnicodeDecodeError):
        return data.count(b"\n", 0, error.start) + 1
    named = re.search(r"\(at line (\d+), column \d+\)", str(error))
    return int(named[1]) if named else data.rstrip().count(b"\n") + 1


def _asked(file: _File) -> Asked:
    """Return the settings of a file; raise SettingsInvalid with all that is wrong with it."""
    wrong = [*_strangers(file)]
    asked: Asked = {}
    table = file.value(file.keys)
    if table is not None and not isinstance(table, Mapping):
        wrong.append(file.wrong(file.keys, f"`{file.keys[-1]}` must be a table"))
        table = None
    for key, value in (table or {}).items():
        try:
            asked.update(_setting(key, value, file.path.parent))
        except ValueError as error:
            wrong.append(file.wrong((*file.keys, key), str(error)))
    if wrong:
        raise SettingsInvalid("\n".join(wrong))
    return asked


def _strangers(file: _File) -> Iterator[str]:
    """Yield what is wrong beside the table: a slip in its name would silence all of it."""
    *outer, own = file.keys
    around = file.value(outer)
    for key in around if isinstance(around, Mapping) else ():
        if key != own:
            yield file.wrong((*outer, key), _unknown(key, [own], "a table of this file"))


def _setting(key: str, value: object, base: Path) -> Asked:
    if key not in READERS:
        raise ValueError(_unknown(key, READERS, "a setting of a check"))
    try:
        return READERS[key](value, base)
    except ValueError as error:
        raise ValueError(f"`{key}`: {error}") from None


def _unknown(key: str, known: Iterable[str], what: str) -> str:
    near = did_you_mean(key.replace("_", "-").lower(), known)
    return f"`{key}` is not {what}; " + (
        f"did you mean `{near}`?" if near else f"there is {', '.join(f'`{one}`' for one in known)}"
    )
