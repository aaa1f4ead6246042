"""Names for what differed between Python 2 and 3, as the package `six` has them."""

import io
import sys

PY2, PY3, PY34 = False, True, True
string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
MAXSIZE = sys.maxsize
StringIO = io.StringIO
BytesIO = io.BytesIO


def iteritems(mapping):
    """Return an iterator over a mapping's pairs."""
    return iter(mapping.items())


def iterkeys(mapping):
    """Return an iterator over a mapping's keys."""
    return iter(mapping.keys())


def itervalues(mapping):
    """Return an iterator over a mapping's values."""
    return iter(mapping.values())


def b(text):
    """Return bytes."""
    return text.encode("latin-1")


def u(text):
    """Return text."""
    return text


def reraise(kind, value, trace=None):
    """Raise an exception again."""
    raise (kind() if value is None else value).with_traceback(trace)


def raise_from(value, cause):
    """Raise an exception for another one."""
    raise value from cause


def with_metaclass(meta, *bases):
    """Return a base class with a metaclass."""
    return meta("temporary_class", bases, {})


def add_metaclass(meta):
    """Give a class a metaclass."""
    return lambda cls: meta(cls.__name__, cls.__bases__, dict(cls.__dict__))


def python_2_unicode_compatible(cls):
    """Leave a class as it is."""
    return cls
