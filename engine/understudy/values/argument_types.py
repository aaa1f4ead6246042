"""Conversion of one value to the type of its argument, as Ansible's modules convert.

Every converter returns the value or raises ValueError with the reason in Ansible's words, which the
caller puts after "argument 'x' is of type … and we were unable to convert to …".
Runs on the targets too: standard library and Python 3.6 only.
"""

import ast
import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Value = Any

TRUE_WORDS = frozenset({"1", "on", "t", "true", "y", "yes"})
FALSE_WORDS = frozenset({"0", "f", "false", "n", "no", "off"})
_BOOLEAN_WORDS = "'1', 'on', 't', 'true', 'y', 'yes', '0', 'f', 'false', 'n', 'no', 'off', 1, 0"
_PAIR = re.compile(
    r"""\s*([^\s=,]+)\s*=((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s,'"])*)(?:[\s,]+|$)"""
)
_SIZE = re.compile(r"\s*(\d*\.?\d*)\s*([A-Za-z]*)\s*")
_SIZE_UNITS = {unit: 1024**power for power, unit in enumerate("BKMGTPEZY")}
_PLAIN_TYPES = (bool, int, float, str, list, dict)


def type_name(value: "Value") -> str:
    """Return the name of the value's plain type: `str` also for an author's text."""
    for plain in _PLAIN_TYPES:
        if isinstance(value, plain):
            return plain.__name__
    return type(value).__name__


def _cannot(value: "Value", target: str) -> ValueError:
    return ValueError(f"<class '{type_name(value)}'> cannot be converted to a {target}")


def to_str(value: "Value") -> str:
    """Convert anything: null gives the empty text, a list its text as Python writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def to_int(value: "Value") -> int:
    """Convert whole numbers: `5.0`, `"5"` and `"1e3"`, not `"5.5"`."""
    if isinstance(value, int):
        return value
    from decimal import Decimal, InvalidOperation  # costs milliseconds

    problem = ValueError(f'"{value!r}" cannot be converted to an int')
    try:
        number = Decimal(str(value))
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise problem from None
    if whole != number:
        raise problem
    return whole


def to_whole(value: "Value") -> int:
    """Convert as Python's `int()`: a fraction is cut off, a text must be a whole number."""
    try:
        return int(value)
    except TypeError:
        raise ValueError(
            "int() argument must be a string, a bytes-like object or a real number, "
            f"not '{type_name(value)}'"
        ) from None


def to_float(value: "Value") -> float:
    """Convert numbers and their texts."""
    if not isinstance(value, (int, float, str)):
        raise _cannot(value, "float")
    try:
        return float(value)
    except ValueError:
        raise _cannot(value, "float") from None


def to_bool(value: "Value") -> bool:
    """Convert `yes`, `on`, `1`, `true` and the like in any case, and the numbers 0 and 1."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, (str, int, float)):
        raise _cannot(value, "bool")
    word = value.lower().strip() if isinstance(value, str) else value
    if word in TRUE_WORDS or word == 1:
        return True
    if word in FALSE_WORDS or word == 0:
        return False
    raise ValueError(
        f"The value '{value}' is not a valid boolean. Valid booleans include: {_BOOLEAN_WORDS}"
    )


def to_list(value: "Value") -> "list[Value]":
    """Convert a text with commas to its parts, unstripped, and a number to a list of its text."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, (int, float)):
        return [str(value)]
    if isinstance(value, tuple):
        return list(value)
    raise _cannot(value, "list")


def to_dict(value: "Value") -> "dict[str, Value]":
    """Convert JSON, a Python literal, and `k=v` pairs separated by commas or spaces."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise _cannot(value, "dict")
    if value.startswith("{"):
        return _braced(value)
    if "=" in value:
        return _pairs(value)
    raise ValueError("dictionary requested, could not parse JSON or key=value")


def _braced(text: str) -> "dict[str, Value]":
    for parse in (json.loads, ast.literal_eval):
        try:
            mapping = parse(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(mapping, dict):
            return mapping
    raise ValueError("unable to evaluate string as dictionary")


def _pairs(text: str) -> "dict[str, Value]":
    pairs = {}  # type: dict[str, Value]
    at = 0
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None:
            raise ValueError('unable to evaluate string in the "key=value" format as dictionary')
        pairs[match[1]] = re.sub(r"""\\(.?)|['"]""", r"\1", match[2])
        at = match.end()
    return pairs


def to_bytes(value: "Value") -> int:
    """Convert a size such as `10M` or `1.5 GB` to bytes."""
    return _size(value, "B", "Byte")


def to_bits(value: "Value") -> int:
    """Convert a size such as `10Mb` to bits."""
    return _size(value, "b", "Bit")


def _size(value: "Value", suffix: str, noun: str) -> int:
    match = None if isinstance(value, bool) else _SIZE.fullmatch(str(value))
    if match is None or match[1] in ("", "."):
        raise _cannot(value, f"{noun} value")
    unit = match[2]
    letter = unit[:1].upper() or "B"
    if letter not in _SIZE_UNITS or not _is_size_ending(unit[1:], suffix, noun):
        raise _cannot(value, f"{noun} value")
    factor = _SIZE_UNITS[letter]  # type: int
    return round(float(match.group(1)) * factor)


def _is_size_ending(ending: str, suffix: str, noun: str) -> bool:
    return ending in ("", suffix) or ending.lower().endswith((noun.lower(), noun.lower() + "s"))


def to_jsonarg(value: "Value") -> str:
    """Convert a mapping or list to JSON; a text is taken as it is, stripped."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value)
    raise _cannot(value, "json string")


def to_str_or_list(value: "Value") -> "Value":
    """Take a text or a list of texts, unconverted."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise ValueError("a string or list of strings is required")


def _as_it_is(value: "Value") -> "Value":
    return value


CONVERTERS = {
    "bits": to_bits,
    "bool": to_bool,
    "bytes": to_bytes,
    "dict": to_dict,
    "float": to_float,
    "int": to_int,
    "jsonarg": to_jsonarg,
    "list": to_list,
    # `~` and `$NAME` belong to the target's user: the module expands them there.
    "path": to_str,
    "raw": _as_it_is,
    "str": to_str,
    "str_or_list": to_str_or_list,
    "whole": to_whole,
}
