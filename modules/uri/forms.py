"""Bodies of requests: what `uri` makes of its `body` and `body_format`."""

import base64
import binascii
import json
import mimetypes
import os
import re
from urllib.parse import urlencode

ENCODINGS = ("base64", "7or8bit")
_ASCII = 0x7F
_LINE = 57  # bytes that make a line of 76 characters


def encoded(body, kind, files):
    """Return the body as bytes, and its content type; raise ValueError, TypeError, OSError.

    `files` are those of a form that lie elsewhere than their name says.
    """
    if kind == "json":
        return _text(body if isinstance(body, str) else json.dumps(body)), "application/json"
    if kind == "form-urlencoded":
        text = body if isinstance(body, str) else _urlencoded(body)
        return _text(text), "application/x-www-form-urlencoded"
    if kind == "form-multipart":
        return _multipart(body, files)
    if body is not None and not isinstance(body, str):
        raise ValueError("a %s needs a body_format: json, for example" % type(body).__name__)
    return None if body is None else _text(body), None


def _text(text):
    return text.encode("utf-8", "surrogateescape")


def _urlencoded(body):
    if isinstance(body, dict):
        pairs = list(body.items())
    elif isinstance(body, list) and all(map(_is_pair, body)):
        pairs = [(name, value) for name, value in body]
    elif body is None:
        pairs = []
    else:
        raise ValueError("it must be a dictionary, or a list of pairs")
    return urlencode(pairs, doseq=True)


def _is_pair(value):
    return isinstance(value, list) and len(value) == len(("name", "value"))


def _multipart(body, files):
    if not isinstance(body, dict):
        raise TypeError("it must be a dictionary")
    boundary = "=" * 15 + binascii.hexlify(os.urandom(16)).decode("ascii") + "=="
    parts = []
    for name, field in sorted(body.items()):
        headers, content = _part(name, field, files.get(name))
        parts += [b"--" + _text(boundary), *map(_text, headers), b"", content]
    parts += [b"--" + _text(boundary) + b"--", b""]
    return b"\r\n".join(parts), 'multipart/form-data; boundary="%s"' % boundary


def _part(name, field, path):
    """Return the headers and the content of one field."""
    if isinstance(field, str):
        field = {"content": field}
    if not isinstance(field, dict):
        text = "value must be a string, or mapping, cannot be type %s"
        raise TypeError(text % type(field).__name__)
    filename, content = field.get("filename"), field.get("content")
    if not filename and content is None:
        raise ValueError("at least one of filename or content must be provided")
    mime_type = field.get("mime_type") or _guessed(filename)
    disposition = 'Content-Disposition: form-data; name="%s"' % _quoted(name)
    if filename:
        disposition += '; filename="%s"' % _quoted(os.path.basename(filename))
    headers = ["Content-Type: %s" % re.sub(r"[\r\n]", "", mime_type), disposition]
    if content is not None:
        return headers, _text(str(content))
    with open(path or os.path.expanduser(filename), "rb") as file:
        data = file.read()
    label, data = _transferred(data, field.get("multipart_encoding") or "base64")
    return ["Content-Transfer-Encoding: %s" % label, *headers], data


def _guessed(filename):
    if not filename:
        return "text/plain"
    return mimetypes.guess_type(filename, strict=False)[0] or "application/octet-stream"


def _quoted(text):
    """Return a name as it may stand in quotes: nothing in it ends them, or the line."""
    return re.sub(r'["\\]', r"\\\g<0>", re.sub(r"[\r\n]", " ", str(text)))


def _transferred(data, encoding):
    """Return a file's content as it is sent, and what that is called."""
    if encoding not in ENCODINGS:
        known = "dict_keys([%s])" % ", ".join(map(repr, ENCODINGS))
        raise ValueError("multipart_encoding must be one of %s." % known)
    if encoding == "7or8bit":
        return "7bit" if max(data or b"\0") <= _ASCII else "8bit", data
    lines = [data[place : place + _LINE] for place in range(0, len(data), _LINE)]
    return "base64", b"".join(base64.b64encode(line) + b"\r\n" for line in lines)
