"""Data to text and back: JSON, YAML, base64, digests, UUIDs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from datetime import date, time
from typing import Any

from understudy.values.lazy import finalise
from understudy.values.missing import Missing, type_name
from understudy.values.texts import Value

_ANSIBLE_NAMESPACE = "361E6D51-FAEC-444A-9079-341386DA8E2E"


def to_json(value: Value, **options: Any) -> str:
    """Return a value as JSON on one line."""
    options.pop("vault_to_text", None)
    options.pop("preprocess_unsafe", None)
    return json.dumps(value, default=_jsonable, **options)


def to_nice_json(value: Value, indent: int = 4, *, sort_keys: bool = True, **options: Any) -> str:
    """Return a value as JSON with one element a line, keys sorted."""
    separators = (",", ": ")
    return to_json(value, indent=indent, sort_keys=sort_keys, separators=separators, **options)


def _jsonable(value: Value) -> Value:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Missing):
        raise value.failure()
    if isinstance(value, Mapping):
        return dict(value.items())
    if isinstance(value, (set, frozenset, range, KeysView, ValuesView, ItemsView)):
        return list(value)
    kind = type_name(value)
    raise TypeError(f"Object of type {kind!r} is not JSON serializable by the 'tagless' profile.")


def from_json(text: Value, profile: str = "tagless") -> Value:
    """Return the data that a JSON text holds.

    A profile says what mappings that stand for a text of another kind become.
    """
    if profile not in _PROFILES:
        raise ValueError(f"Unknown profile name {profile!r}.")
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"the JSON object must be str, bytes or bytearray, not {_kind(text)}")
    return json.loads(text, object_hook=_PROFILES[profile])


def _no_special(found: dict[str, Value]) -> Value:
    for mark in _MARKS & found.keys():
        kind = f"Object of type {mark!r}"
        raise TypeError(f"{kind} is not JSON deserializable by the 'tagless' profile.")
    return found


def _special(found: dict[str, Value]) -> Value:
    """Return a host's text for what says so; all that a filter gives is one."""
    if "__ansible_vault" in found:
        raise TypeError("`from_json` does not decrypt what is encrypted in a listing")
    return found.get("__ansible_unsafe", found)


_MARKS = frozenset({"__ansible_unsafe", "__ansible_vault"})
_PROFILES: Mapping[str, Callable[[dict[str, Value]], Value] | None] = {
    "tagless": _no_special,
    "legacy": _special,
    "inventory_legacy": _special,
    "fallback_to_str": None,
}


def _kind(value: Value) -> str:
    return type(finalise(value)).__name__


def b64encode(text: Value, encoding: str = "utf-8", *, urlsafe: bool = False) -> str:
    """Return a text's base64; `urlsafe` has `-` and `_` in the place of `+` and `/`."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    return encode(_bytes(text, encoding)).decode("ascii")


def b64decode(text: Value, encoding: str = "utf-8", *, urlsafe: bool = False) -> str:
    """Return the text that base64 stands for."""
    decode = base64.urlsafe_b64decode if urlsafe else base64.b64decode
    return decode(_bytes(text)).decode(encoding, "surrogateescape")


def _bytes(value: Value, encoding: str = "utf-8") -> bytes:
    text = value if isinstance(value, str) else str(finalise(value))
    return text.encode(encoding, "surrogateescape")


def digest(value: Value, hashtype: str = "sha1") -> str:
    """Return the hexadecimal digest of a text."""
    return hashlib.new(hashtype, _bytes(value)).hexdigest()


def md5(value: Value) -> str:
    """Return the MD5 digest of a text."""
    return digest(value, "md5")


def to_uuid(text: Value, namespace: Value = _ANSIBLE_NAMESPACE) -> str:
    """Return the version 5 UUID of a text in a namespace."""
    from uuid import UUID, uuid5  # costs milliseconds

    try:
        known = namespace if isinstance(namespace, UUID) else UUID(namespace)
    except (AttributeError, ValueError) as error:
        raise ValueError(f"Invalid value {str(namespace)!r} for 'namespace': {error}") from None
    return str(uuid5(known, str(text)))


FILTERS: Mapping[str, Callable[..., Value]] = {
    "to_json": to_json,
    "to_nice_json": to_nice_json,
    "from_json": from_json,
    "b64encode": b64encode,
    "b64decode": b64decode,
    "hash": digest,
    "md5": md5,
    "sha1": digest,
    "checksum": digest,
    "to_uuid": to_uuid,
}
