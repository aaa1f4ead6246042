"""Addresses with passwords in them, as they may be shown."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SECRET = re.compile(r"(\w+://[^/@\s:'\"]*:)[^/\s'\"]+(@)")


def hidden(value: "Any") -> "Any":
    """Return a text, or what holds texts, without the passwords of the addresses in it."""
    if isinstance(value, dict):
        return {key: hidden(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [hidden(one) for one in value]
    return _SECRET.sub(r"\1********\2", value) if isinstance(value, str) else value
