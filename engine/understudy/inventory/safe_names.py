"""Names of groups: what in them is no letter, digit or underscore, and what is done about it."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"^\d|\W")


def safe_name(name: str) -> str:
    """Return a name with an underscore for every character that a variable's cannot have."""
    return _UNSAFE.sub("_", name)


def is_safe(name: str) -> bool:
    """Tell whether a name could be a variable's."""
    return _UNSAFE.search(name) is None
