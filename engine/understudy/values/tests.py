"""Tests: what stands after `is` in a template."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from understudy.values.filters.choices import boolean
from understudy.values.texts import Decrypted, Value, VaultText
from understudy.values.vault import HEADER, is_vault
from understudy.values.versions import compare_versions


def _result(value: Value, test: str) -> Mapping[str, Value]:
    if not isinstance(value, Mapping):
        raise TypeError(f"The {test!r} test expects a dictionary")
    return value


def failed(result: Value) -> bool:
    """Tell whether a registered result failed."""
    return bool(_result(result, "failed").get("failed", False))


def success(result: Value) -> bool:
    """Tell whether a registered result did not fail."""
    return not failed(result)


def unreachable(result: Value) -> bool:
    """Tell whether a registered result is of a host that could not be reached."""
    return bool(_result(result, "unreachable").get("unreachable", False))


def reachable(result: Value) -> bool:
    """Tell whether a registered result is of a host that could be reached."""
    return not bool(_result(result, "reachable").get("unreachable", False))


def timedout(result: Value) -> bool:
    """Tell whether a registered result ended by the task's `timeout`."""
    period = _result(result, "timedout").get("timedout", False)
    return bool(period and period.get("period", False))


def changed(result: Value) -> bool:
    """Tell whether a registered result, or one of its items, changed something."""
    found = _result(result, "changed")
    if "changed" in found:
        return bool(found["changed"])
    items = found.get("results")
    return isinstance(items, list) and any(
        isinstance(item, Mapping) and item.get("changed", False) for item in items
    )


def skipped(result: Value) -> bool:
    """Tell whether a registered result was skipped."""
    return bool(_result(result, "skipped").get("skipped", False))


@pass_context
def started(context: Context, result: Value) -> bool:
    """Tell whether a job was started; warn where the result is of no job."""
    return _job_state(context, result, "started")


@pass_context
def finished(context: Context, result: Value) -> bool:
    """Tell whether a job has finished; warn where the result is of no job."""
    return _job_state(context, result, "finished")


def _job_state(context: Context, result: Value, state: str) -> bool:
    found = _result(result, state)
    if state in found:
        return bool(found[state])
    warn = getattr(context, "warn", None)
    if warn:
        warn(f"The {state!r} test expects an async task, but a non-async task was tested.")
    return True


def regex(
    value: Value = "",
    pattern: str = "",
    ignorecase: bool = False,  # noqa: FBT001, FBT002
    multiline: bool = False,  # noqa: FBT001, FBT002
    match_type: str = "search",
) -> bool:
    """Tell whether a pattern matches a text: anywhere, or as `match_type` says."""
    flags = (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)
    compiled = re.compile(pattern, flags)
    return bool(getattr(compiled, match_type, compiled.search)(_text(value)))


def match(
    value: Value,
    pattern: str = "",
    ignorecase: bool = False,  # noqa: FBT001, FBT002
    multiline: bool = False,  # noqa: FBT001, FBT002
) -> bool:
    """Tell whether a pattern matches a text from its start."""
    return regex(value, pattern, ignorecase, multiline, "match")


def search(
    value: Value,
    pattern: str = "",
    ignorecase: bool = False,  # noqa: FBT001, FBT002
    multiline: bool = False,  # noqa: FBT001, FBT002
) -> bool:
    """Tell whether a pattern matches anywhere in a text."""
    return regex(value, pattern, ignorecase, multiline, "search")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value)


def contains(sequence: Value, value: Value) -> bool:
    """Tell whether a value is in a list."""
    return value in sequence


def truthy(value: Value, convert_bool: bool = False) -> bool:  # noqa: FBT001, FBT002
    """Tell whether a value counts as true in Python."""
    return bool(boolean(value) if convert_bool and _spells_bool(value) else value)


def falsy(value: Value, convert_bool: bool = False) -> bool:  # noqa: FBT001, FBT002
    """Tell whether a value counts as false in Python."""
    return not truthy(value, convert_bool)


def _spells_bool(value: Value) -> bool:
    words = ("yes", "no", "on", "off", "true", "false", "1", "0", "y", "n", "t", "f")
    return isinstance(value, str) and value.lower() in words


def is_nan(value: Value) -> bool:
    """Tell whether a number is not a number."""
    return isinstance(value, float) and math.isnan(value)


def subset(values: Value, other: Value) -> bool:
    """Tell whether all elements are in another list."""
    return all(value in other for value in values)


def superset(values: Value, other: Value) -> bool:
    """Tell whether all elements of another list are in this one."""
    return all(value in values for value in other)


def any_(values: Iterable[Value]) -> bool:
    """Tell whether one element counts as true."""
    return any(values)


def all_(values: Iterable[Value]) -> bool:
    """Tell whether every element counts as true."""
    return all(values)


def same_file(path: Value, other: Value) -> bool:
    """Tell whether two paths lead to the same file on the controller."""
    return os.path.samefile(path, other)  # noqa: PTH121


def vault_encrypted(value: Value) -> bool:
    """Tell whether a value is, or was in its file, encrypted."""
    return isinstance(value, VaultText | Decrypted)


def vaulted_file(value: Value) -> bool:
    """Tell whether the file of a path is encrypted; raise OSError."""
    with Path(str(value)).open("rb") as file:
        return is_vault(file.read(len(HEADER)).decode("ascii", "replace"))


def url(value: Value, schemes: Value = None) -> bool:
    """Tell whether a text is a URL, with one of `schemes` if they are given."""
    return uri(value, schemes) and bool(urlsplit(str(value)).scheme and urlsplit(str(value)).netloc)


def uri(value: Value, schemes: Value = None) -> bool:
    """Tell whether a text is a URI, with one of `schemes` if they are given; else it needs none."""
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return False
    wanted = [schemes] if isinstance(schemes, str) else schemes
    found = bool(parts.scheme or parts.netloc or parts.path)
    return found and (not wanted or parts.scheme in wanted)


def urn(value: Value) -> bool:
    """Tell whether a text is a URN."""
    return uri(value, ["urn"])


def undefined(value: Value) -> bool:
    """Tell whether a value is undefined."""
    return isinstance(value, Undefined)


TESTS: Mapping[str, Callable[..., bool]] = {
    "failed": failed,
    "failure": failed,
    "success": success,
    "succeeded": success,
    "successful": success,
    "reachable": reachable,
    "unreachable": unreachable,
    "timedout": timedout,
    "changed": changed,
    "change": changed,
    "skipped": skipped,
    "skip": skipped,
    "started": started,
    "finished": finished,
    "regex": regex,
    "match": match,
    "search": search,
    "contains": contains,
    "truthy": truthy,
    "falsy": falsy,
    "nan": is_nan,
    "isnan": is_nan,
    "subset": subset,
    "issubset": subset,
    "superset": superset,
    "issuperset": superset,
    "any": any_,
    "all": all_,
    "version": compare_versions,
    "version_compare": compare_versions,
    "directory": os.path.isdir,
    "is_dir": os.path.isdir,
    "file": os.path.isfile,
    "is_file": os.path.isfile,
    "link": os.path.islink,
    "is_link": os.path.islink,
    "exists": os.path.exists,
    "link_exists": os.path.lexists,
    "abs": os.path.isabs,
    "is_abs": os.path.isabs,
    "mount": os.path.ismount,
    "is_mount": os.path.ismount,
    "same_file": same_file,
    "is_same_file": same_file,
    "vault_encrypted": vault_encrypted,
    "vaulted_file": vaulted_file,
    "url": url,
    "uri": uri,
    "urn": urn,
    "undefined": undefined,
}
