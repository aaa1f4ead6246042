"""The text of a setting becomes a typed value, as Ansible reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

_TRUE = frozenset({"y", "yes", "on", "1", "true", "t"})
_FALSE = frozenset({"n", "no", "off", "0", "false", "f"})
_QUOTED = re.compile(r"(?P<quote>[\"']).*(?P=quote)", re.DOTALL)


def boolean(text: str, _directory: str) -> bool:
    """Return True for Ansible's words for true; every other word is false."""
    return text.strip().lower() in _TRUE


def is_boolean(text: str) -> bool:
    """Tell whether a text is one of Ansible's words for true and false."""
    return text.strip().lower() in _TRUE | _FALSE


def integer(text: str, _directory: str) -> int:
    """Return a whole number. Raise ValueError."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a whole number") from None


def optional_integer(text: str, directory: str) -> int | None:
    """Return a whole number. Raise ValueError."""
    return integer(text, directory)


def one_of(*choices: str) -> Callable[[str, str], str]:
    """Make a reader that takes these words only."""

    def read(text: str, directory: str) -> str:
        word = string(text, directory)
        if word in choices:
            return word
        raise ValueError(f"`{word}` is not one of {', '.join(f'`{one}`' for one in choices)}")

    return read


def string(text: str, _directory: str) -> str:
    """Return the text without the quotes around it."""
    return text[1:-1] if _QUOTED.fullmatch(text) and len(text) > 1 else text


def optional_string(text: str, directory: str) -> str | None:
    """Return the text without the quotes around it."""
    return string(text, directory)


def strings(text: str, directory: str) -> tuple[str, ...]:
    """Return the parts between commas."""
    return tuple(part.strip() for part in string(text, directory).split(",") if part.strip())


def path(text: str, directory: str) -> str | None:
    """Return an absolute path: `~`, `$NAME` and `{{CWD}}` are replaced; the rest is relative."""
    text = string(text, directory).replace("{{CWD}}", str(Path.cwd()))
    return os.path.normpath(Path(directory, Path(os.path.expandvars(text)).expanduser()))


def paths(text: str, directory: str) -> tuple[str, ...]:
    """Return absolute paths from a text with colons between them."""
    parts = string(text, directory).split(os.pathsep)
    return tuple(found for part in parts if part and (found := path(part, directory)))


def inventory_sources(text: str, directory: str) -> tuple[str, ...]:
    """Return absolute paths from a text with commas between them."""
    return tuple(found for part in strings(text, directory) if (found := path(part, directory)))
