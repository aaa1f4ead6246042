"""Facts that outlive a run: one JSON file for each host, in the form of Ansible's `jsonfile`.

A file `<prefix>s1_<host>` holds `{"__payload__": "<JSON>"}`. Within, a mapping with the key
`__ansible_type` stands for a value that JSON has not, or for one with tags: its place, or that it
may be a template. No tag is believed: what a file holds is what a host said, and never evaluated.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from understudy.values.texts import Decrypted, Value
from understudy.values.vault import KEYRING

GATHERED = "_ansible_facts_gathered"
"""A fact for the run itself: the host's facts were gathered, not only set."""
_PAYLOAD, _TYPE, _SCHEMA = "__payload__", "__ansible_type", "s1_"
_TAGGED, _VAULTED = "_AnsibleTagged", "VaultedValue"
_TIMES: Mapping[str, Callable[[str], Value]] = {
    "AnsibleSerializableDate": date.fromisoformat,
    "AnsibleSerializableDateTime": datetime.fromisoformat,
    "AnsibleSerializableTime": time.fromisoformat,
}
_TIME_NAMES = {date: "Date", datetime: "DateTime", time: "Time"}


class NotCached(Exception):  # noqa: N818 (names what is so)
    """Facts cannot be read from the cache or written to it; `str()` says why."""


@dataclass(frozen=True, slots=True)
class FactCache:
    """The files of a directory. What is older than `timeout_s` does not count; 0 is no limit."""

    directory: Path
    prefix: str
    timeout_s: int
    wall: Callable[[], float]
    """Gives the seconds since 1970."""

    def load(self, host: str) -> dict[str, Value]:
        """Return the facts that are known of a host; raise NotCached."""
        path = self._path(host)
        try:
            if self.timeout_s and path.stat().st_mtime + self.timeout_s < self.wall():
                return {}
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise NotCached(f"the fact cache `{path}` cannot be read: {error}") from None
        return _facts_of(text, path)

    def store(self, host: str, facts: Mapping[str, Value]) -> None:
        """Keep the facts of a host, at once and as a whole; raise NotCached."""
        path = self._path(host)
        text = json.dumps({_PAYLOAD: json.dumps(_encoded(facts))})
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.directory)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except OSError as error:
            raise NotCached(f"the fact cache `{path}` cannot be written: {error}") from None

    def forget(self, host: str) -> None:
        """Remove what is known of a host; raise NotCached."""
        try:
            self._path(host).unlink(missing_ok=True)
        except OSError as error:
            raise NotCached(f"the facts of `{host}` cannot be forgotten: {error}") from None

    def _path(self, host: str) -> Path:
        if "/" in host:
            raise NotCached(f"no file of the fact cache can be named as the host `{host}`")
        return self.directory / f"{self.prefix}{_SCHEMA}{host}"


def _facts_of(text: str, path: Path) -> dict[str, Value]:
    try:
        facts = json.loads(json.loads(text)[_PAYLOAD], object_hook=_decoded)
    except (ValueError, TypeError, KeyError, RecursionError):
        facts = None
    if not isinstance(facts, dict):
        raise NotCached(f"`{path}` is no file of a fact cache; it does not count")
    return facts


def _decoded(mapping: dict[str, Any]) -> Value:
    """Return what a mapping stands for; inner ones have been decoded before."""
    kind = mapping.get(_TYPE)
    if not isinstance(kind, str):
        return mapping
    if kind.startswith(_TAGGED) and "value" in mapping:
        return _untagged(mapping)
    if kind in _TIMES and isinstance(mapping.get("iso8601"), str):
        return _TIMES[kind](mapping["iso8601"])
    return mapping


def _untagged(mapping: dict[str, Any]) -> Value:
    """Return a value without its tags; one that was encrypted is masked from now on."""
    value, tags = mapping["value"], mapping.get("tags")
    kinds = [tag.get(_TYPE) for tag in tags or () if isinstance(tag, dict)]
    if _VAULTED in kinds:
        KEYRING.hide(value)
    return value


def _encoded(value: Value) -> Value:
    """Return a value as data that JSON has; raise NotCached."""
    if isinstance(value, Decrypted):
        vaulted = {"ciphertext": value.ciphertext, _TYPE: _VAULTED}
        return {"value": str(value), "tags": [vaulted], _TYPE: f"{_TAGGED}Str"}
    if isinstance(value, Mapping):
        if _TYPE in value:
            raise NotCached(f"the key `{_TYPE}` would be taken for more than it is")
        return {str(key): _encoded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    if type(value) in _TIME_NAMES:
        kind = f"AnsibleSerializable{_TIME_NAMES[type(value)]}"
        fold = {"fold": value.fold} if isinstance(value, datetime | time) else {}
        return {"iso8601": value.isoformat(), **fold, _TYPE: kind}
    if value is None or isinstance(value, str | int | float):
        return value
    raise NotCached(f"JSON has no {type(value).__name__}")
