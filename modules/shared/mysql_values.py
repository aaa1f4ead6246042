"""Values and names between SQL and a result: the one place where they are quoted and read.

Both ways to a server share it, so that both give the same.
"""

import re


class SqlError(Exception):
    """What a server or the way to it complains of: a number and a text, shown as a pair."""

    def __init__(self, code, text):
        Exception.__init__(self, code, text)


def unreachable(host, why):
    """Return what is said of a server that there is no way to."""
    return SqlError(2003, "Can't connect to MySQL server on %r (%s)" % (host, why))


class Answer:
    """What a statement gave: its rows, as dicts, and how many it gave or changed."""

    def __init__(self, rows, affected):
        self.rows = rows
        self.affected = affected


class Field:
    """A column of a result: its key in a row, and how its text becomes a value."""

    def __init__(self, name, kind, is_bytes):
        self.name = name
        self._kind = kind
        self._is_bytes = is_bytes

    def value(self, data):
        """Return the value that stands for these bytes."""
        if self._kind in READERS:
            return READERS[self._kind](data.decode("ascii"))
        return data if self._is_bytes else data.decode("utf-8", "surrogateescape")


def fields(columns):
    """Return Fields for `(name, table, type, is_bytes)`; of two equal names one gets its table."""
    found, names = [], set()
    for name, table, kind, is_bytes in columns:
        key = "%s.%s" % (table, name) if name in names else name
        names.add(key)
        found.append(Field(key, kind, is_bytes))
    return found


_FRACTION = re.compile(r"\.(\d+)$")


def moment(text):
    """Return a date with its time as ISO 8601 writes it; one with zeros is none, and stays."""
    if "-00" in text or text.startswith("0000"):
        return text
    found = _FRACTION.search(text)
    if found:
        digits = found.group(1)
        text = text[: found.start()] + (".%s" % digits.ljust(6, "0") if int(digits) else "")
    return text.replace(" ", "T", 1)


def _as_is(text):
    return text


READERS = {
    0: _as_is,  # decimals are exact only as texts
    246: _as_is,
    1: int,
    2: int,
    3: int,
    8: int,
    9: int,
    13: int,  # a year
    4: float,
    5: float,
    7: moment,
    12: moment,
    10: _as_is,  # a date
    11: _as_is,  # a time, which may be negative or longer than a day
}
"""Types of columns, by their numbers in the protocol → what reads their texts. Others are texts."""


def plain(value):
    """Return a value as JSON can have it. Bytes become a text; Ansible refuses those not UTF-8."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def identifier(name):
    """Return a name as SQL takes it, whatever is in it. Raises ValueError for a NUL."""
    if "\0" in name:
        raise ValueError("a name cannot hold a NUL: %r" % name)
    return "`%s`" % name.replace("`", "``")


_ESCAPES = str.maketrans(
    {
        "\0": "\\0",
        "\n": "\\n",
        "\r": "\\r",
        "\x1a": "\\Z",
        '"': '\\"',
        "'": "\\'",
        "\\": "\\\\",
    }
)
NO_BACKSLASH_ESCAPES = 0x200
"""The bit of a session's state by which a backslash in a text is only a backslash."""


def text_literal(text, status):
    """Return a text in quotes, with what would end it or mean something else escaped."""
    if status & NO_BACKSLASH_ESCAPES:
        return "'%s'" % text.replace("'", "''")
    return "'%s'" % text.translate(_ESCAPES)


def literal(value, status):
    """Return a value of a playbook as SQL takes it. Raises TypeError, ValueError for others."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "(%s)" % ",".join(literal(one, status) for one in value)
    if isinstance(value, dict):
        raise TypeError("dict can not be used as parameter")
    return text_literal(str(value), status)


def _float(value):
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        raise ValueError("%s can not be used with MySQL" % text)
    return text if "e" in text else text + "e0"


def filled(sql, values, status):
    """Return a statement with `%s` and `%(name)s` replaced; one without values stays as it is."""
    if not values:
        return sql
    if isinstance(values, dict):
        return sql % {name: literal(value, status) for name, value in values.items()}
    return sql % tuple(literal(value, status) for value in values)


def tls_context(ca, cert, key, check_hostname):
    """Return how TLS is done. Who the server is is checked with `ca`, or where that is asked."""
    import ssl  # costs milliseconds, and most servers are on this machine

    context = ssl.create_default_context(cafile=ca)
    checked = bool(ca) or bool(check_hostname)
    context.check_hostname = checked and check_hostname is not False
    context.verify_mode = ssl.CERT_REQUIRED if checked else ssl.CERT_NONE
    if cert:
        context.load_cert_chain(cert, keyfile=key)
    return context
