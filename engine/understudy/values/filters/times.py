"""Dates: from text, to text."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from understudy.values.texts import Value


def strftime(format_: str, second: Value = None, utc: bool = False) -> str:  # noqa: FBT001, FBT002
    """Return a moment (seconds since 1970, now by default) in a format."""
    convert = time.gmtime if utc else time.localtime
    try:
        seconds = None if second is None else float(second)
    except (TypeError, ValueError):
        raise ValueError(f"Invalid value for epoch value ({second})") from None
    return time.strftime(format_, convert(seconds))


def to_datetime(text: str, format: str = "%Y-%m-%d %H:%M:%S") -> datetime:  # noqa: A002 (its name)
    """Return the moment that a text in a format names."""
    return datetime.strptime(text, format)  # noqa: DTZ007 (naive, as Ansible's)


FILTERS: Mapping[str, Callable[..., Value]] = {"strftime": strftime, "to_datetime": to_datetime}
