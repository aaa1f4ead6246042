"""Text and bytes, and JSON of what modules return."""

import json
from datetime import date


def to_bytes(obj, encoding="utf-8", errors=None, nonstring="simplerepr"):
    """Return bytes; surrogates are what bytes that are no text have become."""
    if isinstance(obj, bytes):
        return obj
    if isinstance(obj, str):
        return obj.encode(encoding, _error_handler(errors))
    return _of_other(obj, nonstring, lambda text: to_bytes(text, encoding, errors), b"")


def to_text(obj, encoding="utf-8", errors=None, nonstring="simplerepr"):
    """Return text."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return obj.decode(encoding, _error_handler(errors))
    return _of_other(obj, nonstring, str, "")


to_native = to_text


def _error_handler(errors):
    if errors in (None, "surrogate_or_strict", "surrogate_or_replace", "surrogate_then_replace"):
        return "surrogateescape"
    return errors


def _of_other(obj, nonstring, convert, empty):
    if nonstring == "simplerepr":
        return convert(str(obj))
    if nonstring == "passthru":
        return obj
    if nonstring == "empty":
        return empty
    raise TypeError("Invalid value %s for to_text's nonstring parameter" % nonstring)


def _plain(value):
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return to_text(value)
    if hasattr(value, "items"):
        return dict(value.items())
    raise TypeError("%s cannot be written as JSON" % type(value).__name__)


def jsonify(data, **kwargs):
    """Return JSON."""
    return json.dumps(data, default=_plain, **kwargs)


def container_to_bytes(d, encoding="utf-8", errors="surrogate_or_strict"):
    """Return a value with each of its texts as bytes."""
    return _each(d, lambda text: to_bytes(text, encoding, errors, nonstring="passthru"))


def container_to_text(d, encoding="utf-8", errors="surrogate_or_strict"):
    """Return a value with all of its bytes as text."""
    return _each(d, lambda text: to_text(text, encoding, errors, nonstring="passthru"))


def _each(value, convert):
    if isinstance(value, dict):
        return {_each(key, convert): _each(item, convert) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_each(item, convert) for item in value)
    return convert(value)
