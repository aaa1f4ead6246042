"""What an unquoted YAML text is, by the rules of YAML 1.1 as PyYAML and so Ansible apply them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from understudy.text.nodes import Resolved

TAG = "tag:yaml.org,2002:"

_BOOLEANS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_WORDS: Mapping[str, Resolved] = {
    **{form(w): value for w, value in _BOOLEANS.items() for form in (str, str.title, str.upper)},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_FIRST = frozenset("0123456789+-.")
_INTEGER = re.compile(
    r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+|0|[1-9][0-9_]*)"
)
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MOMENT = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?"
    r"(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?",
    re.ASCII,
)


def resolve_plain(text: str) -> Resolved:
    """Return the value of an unquoted text; raise ValueError for an impossible number or date."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST:
        return text
    if _INTEGER.fullmatch(text):
        return to_int(text)
    if _FLOAT.fullmatch(text):
        return to_float(text)
    if _DATE.fullmatch(text) or _MOMENT.fullmatch(text):
        return to_moment(text)
    return text


def to_int(text: str) -> int:
    """Return a whole number: `0644` is octal, `1:30` is sixty-based, `_` is ignored."""
    sign = -1 if text.startswith("-") else 1
    digits = text.replace("_", "").lstrip("+-")
    if ":" in digits:
        return sign * int(_sixties(digits, int))
    if digits.startswith(("0b", "0x")):
        return sign * int(digits, 0)
    octal = digits.startswith("0") and digits != "0"
    return sign * int(digits, 8 if octal else 10)


def to_float(text: str) -> float:
    """Return a number: also `.inf`, `.nan` and sixty-based ones such as `1:30.5`."""
    sign = -1 if text.startswith("-") else 1
    digits = text.replace("_", "").lower().lstrip("+-")
    if digits in (".inf", ".nan"):
        return sign * float(digits[1:])
    return sign * (_sixties(digits, float) if ":" in digits else float(digits))


def _sixties(text: str, number: Callable[[str], float]) -> float:
    total: float = 0
    for part in text.split(":"):
        total = total * 60 + number(part)
    return total


def to_bool(text: str) -> bool:
    """Return a truth value for one of YAML's words."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(f"`{text}` is not a boolean") from None


def to_moment(text: str) -> date:
    """Return a date, or a date with a time."""
    day = _DATE.fullmatch(text)
    if day:
        return date(*map(int, day.groups()))
    match = _MOMENT.fullmatch(text)
    if not match:
        raise ValueError(f"`{text}` is not a date")
    year, month, dayno, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    fraction = int((match[7] or "")[:6].ljust(6, "0"))
    return datetime(year, month, dayno, hour, minute, second, fraction, tzinfo=_zone(match))


def _zone(match: re.Match[str]) -> timezone | None:
    if match[9]:
        offset = timedelta(hours=int(match[10]), minutes=int(match[11] or 0))
        return timezone(-offset if match[9] == "-" else offset)
    return UTC if match[8] else None


def to_bytes(text: str) -> bytes:
    """Return what a `!!binary` text stands for."""
    return base64.decodebytes(text.encode("ascii", "strict"))


def _to_null(_text: str) -> None:
    return None


CONVERTERS: Mapping[str, Callable[[str], Resolved]] = {
    TAG + "str": str,
    TAG + "int": to_int,
    TAG + "float": to_float,
    TAG + "bool": to_bool,
    TAG + "null": _to_null,
    TAG + "timestamp": to_moment,
    TAG + "binary": to_bytes,
}
"""What an explicit tag makes of a scalar's text; each raises ValueError."""
