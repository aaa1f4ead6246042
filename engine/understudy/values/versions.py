"""Comparing version numbers: the `version` test in its four dialects."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cmp_to_key
from itertools import zip_longest
from typing import Any

from understudy.values.texts import Value

Key = Any

_OPERATORS: Mapping[str, Callable[[Key, Key], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "eq": operator.eq,
    "<": operator.lt,
    "lt": operator.lt,
    "<=": operator.le,
    "le": operator.le,
    ">": operator.gt,
    "gt": operator.gt,
    ">=": operator.ge,
    "ge": operator.ge,
    "!=": operator.ne,
    "<>": operator.ne,
    "ne": operator.ne,
}


def compare_versions(
    value: Value,
    version: Value,
    operator: str = "eq",
    strict: bool | None = None,  # noqa: FBT001
    version_type: str | None = None,
) -> bool:
    """Tell how two versions compare, in the `version_type` dialect (loose by default)."""
    if strict is not None and version_type is not None:
        raise ValueError("Cannot specify both 'strict' and 'version_type'")
    if not value:
        raise ValueError("Input version value cannot be empty")
    if not version:
        raise ValueError("Version parameter to compare against cannot be empty")
    if operator not in _OPERATORS:
        known = ", ".join(map(repr, _OPERATORS))
        raise ValueError(f"Invalid operator type ({operator}). Must be one of {known}")
    key = _dialect(version_type or ("strict" if strict else "loose"))
    try:
        return _OPERATORS[operator](key(str(value)), key(str(version)))
    except (TypeError, ValueError) as error:
        raise ValueError(f"Version comparison failed: {error}") from None


def _dialect(name: str) -> Callable[[str], Key]:
    known: Mapping[str, Callable[[str], Key]] = {
        "loose": _loose,
        "strict": _strict,
        "semver": _semantic,
        "semantic": _semantic,
        "pep440": _pep440,
    }
    if name not in known:
        raise ValueError(
            f"Invalid version type ({name}). Must be one of 'loose', 'strict', 'semver', "
            "'semantic', 'pep440'"
        )
    return known[name]


def _loose(text: str) -> list[int | str]:
    parts = [part for part in re.split(r"(\d+|[a-z]+|\.)", text) if part and part != "."]
    return [int(part) if part.isdigit() else part for part in parts]


def _strict(text: str) -> tuple[tuple[int, ...], tuple[str, int]]:
    match = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?", text)
    if not match:
        raise ValueError(f"invalid version number '{text}'")
    major, minor, patch, stage, number = match.groups()
    release = (int(major), int(minor), int(patch or 0))
    return release, (stage, int(number)) if stage else ("z", 0)


_SEMANTIC = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


def _semantic(text: str) -> Key:
    match = _SEMANTIC.fullmatch(text)
    if not match:
        raise ValueError(f"invalid semantic version '{text}'")
    release = tuple(int(part) for part in match.groups()[:3])
    return release, cmp_to_key(_compare_prereleases)(match.group(4))


def _compare_prereleases(one: str | None, other: str | None) -> int:
    if one is None or other is None:
        return (one is None) - (other is None)
    for left, right in zip_longest(one.split("."), other.split(".")):
        if left != right:
            return -1 if _identifier(left) < _identifier(right) else 1
    return 0


def _identifier(part: str | None) -> tuple[int, int, str]:
    if part is None:
        return (0, 0, "")
    return (1, int(part), "") if part.isdigit() else (2, 0, part)


_PEP440 = re.compile(
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
    r"(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?"
    r"(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?"
    r"(?:[-_.]?(dev)[-_.]?(\d*))?"
    r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_STAGES = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_LAST = ("~", 0)
_NEVER = float("inf")


def _pep440(text: str) -> Key:
    match = _PEP440.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(f"Invalid version: '{text}'")
    epoch, release, stage, number, bare_post, post, post_number, dev, dev_number, local = (
        match.groups()
    )
    numbers = [int(part) for part in release.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    is_post = bare_post is not None or post is not None
    pre = (_STAGES.get(stage, stage), int(number or 0)) if stage else _LAST
    if not stage and dev and not is_post:
        pre = ("", 0)
    return (
        int(epoch or 0),
        numbers,
        pre,
        int(bare_post or post_number or 0) if is_post else -1,
        int(dev_number or 0) if dev else _NEVER,
        [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in _local(local)],
    )


def _local(text: str | None) -> list[str]:
    return re.split(r"[-_.]", text) if text else []
