"""SQL over a connection of our own: the text protocol of MySQL and MariaDB, for want of a library.

The client programs do not tell the types of columns, so they cannot give what a library gives. The
protocol is described at dev.mysql.com (Client/Server Protocol) and mariadb.com/kb. Not here: what
needs more cryptography than the standard library has (RSA, ed25519); that is refused.
"""

import hashlib
import socket
import struct

from understudy.modules.shared import mysql_values

LONGEST = 0xFFFFFF
"""Bytes of a packet's content; one that is exactly as long goes on in the next."""
UTF8MB4 = 45
BINARY = 63
_CONNECT_WITH_DB, _SSL, _PLUGINS = 0x8, 0x800, 0x80000
_CAPABILITIES = 0x1 | 0x4 | 0x200 | 0x2000 | 0x8000 | 0x20000 | _PLUGINS
"""Long passwords and flags, protocol 4.1, transactions, secure login, several results, plug-ins.

Without local files: a server may not ask for any.
"""
_MORE_RESULTS = 0x8
_OK, _MORE_DATA, _LOCAL_FILE, _END, _ERROR = 0x00, 0x01, 0xFB, 0xFE, 0xFF
_SHORT_END = 9
_MALFORMED = (struct.error, IndexError, KeyError, ValueError)
"""What comes of reading a packet that is not one."""
_FAST, _FULL = b"\x03", b"\x04"


class Connection:
    """A session with a server. `settings` are those of `mysql`; raises `mysql_values.SqlError`."""

    def __init__(self, settings):
        self.status = 0
        self.version = ""
        self._number = 0
        self._settings = settings
        self._private = bool(settings.socket)
        self._socket = self._open()
        try:
            self._log_in()
        except OSError as error:
            raise mysql_values.unreachable(settings.host, error) from error
        except _MALFORMED as error:
            raise mysql_values.SqlError(2027, "Malformed packet") from error
        self._socket.settimeout(None)
        self.execute("SET NAMES utf8mb4")

    def execute(self, sql):
        """Run one statement; return its first result as `mysql_values.Answer`."""
        try:
            self._number = 0
            self._send(b"\x03" + sql.encode("utf-8", "surrogateescape"))
            answer = self._result()
            while self.status & _MORE_RESULTS:
                self._result()
        except OSError as error:
            lost = "Lost connection to MySQL server during query (%s)" % error
            raise mysql_values.SqlError(2013, lost) from error
        except _MALFORMED as error:
            raise mysql_values.SqlError(2027, "Malformed packet") from error
        return answer

    def close(self):
        """End the session; what was not committed is undone by the server."""
        self._socket.close()

    def _open(self):
        settings = self._settings
        try:
            if settings.socket:
                opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                opened.settimeout(settings.timeout_s)
                opened.connect(settings.socket)
                return opened
            return socket.create_connection((settings.host, settings.port), settings.timeout_s)
        except OSError as error:
            raise mysql_values.unreachable(settings.host, error) from error

    def _log_in(self):
        greeting = self._receive()
        self.version, offers, scramble, plugin = _greeting(greeting)
        capabilities = _CAPABILITIES | (_CONNECT_WITH_DB if self._settings.database else 0)
        capabilities = self._encrypt(capabilities, offers)
        answer = self._proof(plugin, scramble)
        packet = struct.pack("<IIB23x", capabilities, LONGEST, UTF8MB4)
        packet += self._settings.user.encode("utf-8") + b"\0" + bytes((len(answer),)) + answer
        if self._settings.database:
            packet += self._settings.database.encode("utf-8") + b"\0"
        self._send(packet + plugin.encode("ascii") + b"\0")
        self._finish_login(plugin, scramble)

    def _finish_login(self, plugin, scramble):
        """Do what the server asks for until it lets us in."""
        while True:
            packet = self._receive()
            if packet[0] == _OK:
                self._note_end(packet)
                return
            if packet[0] == _END:
                name, _, scramble = packet[1:].partition(b"\0")
                plugin, scramble = name.decode("ascii"), scramble[:20]
                self._send(self._proof(plugin, scramble))
            elif packet[:2] == bytes((_MORE_DATA,)) + _FULL:
                self._send(self._plain_password(plugin))
            elif packet[:2] != bytes((_MORE_DATA,)) + _FAST:
                raise mysql_values.SqlError(2027, "the server's login is not understood")

    def _encrypt(self, capabilities, offers):
        """Go on under TLS: where it is asked for, and over a network wherever it is offered."""
        context = self._settings.tls
        if not offers & _SSL:
            if context is not None:
                raise mysql_values.SqlError(
                    2026, "SSL is required but the server doesn't support it"
                )
            return capabilities
        if context is None and self._private:
            return capabilities
        context = context or mysql_values.tls_context(None, None, None, False)
        capabilities |= _SSL
        self._send(struct.pack("<IIB23x", capabilities, LONGEST, UTF8MB4))
        self._socket = context.wrap_socket(
            self._socket, server_hostname=self._settings.host or "localhost"
        )
        self._private = True
        return capabilities

    def _proof(self, plugin, scramble):
        """Return what shows the server that we know the password."""
        password = self._settings.password.encode("utf-8")
        if plugin in ("unix_socket", "auth_socket"):
            return b""
        if plugin == "mysql_native_password":
            return _mixed("sha1", password, scramble, False) if password else b""
        if plugin == "caching_sha2_password":
            return _mixed("sha256", password, scramble, True) if password else b""
        if plugin == "mysql_clear_password":
            return self._plain_password(plugin)
        raise mysql_values.SqlError(
            2059, "the login `%s` of this server needs PyMySQL on the target" % plugin
        )

    def _plain_password(self, plugin):
        if not self._private:
            raise mysql_values.SqlError(
                2061,
                "the login `%s` needs a socket, TLS (`ca_cert`) or PyMySQL on the target" % plugin,
            )
        return self._settings.password.encode("utf-8") + b"\0"

    def _result(self):
        packet = self._receive()
        if packet[0] == _OK:
            return mysql_values.Answer([], self._note_end(packet))
        if packet[0] == _LOCAL_FILE:
            raise mysql_values.SqlError(2068, "the server asks for a file, and does not get it")
        count, _ = _length(packet, 0)
        fields = mysql_values.fields([_column(self._receive()) for _ in range(count)])
        self._note_end(self._receive())
        rows = []
        while True:
            packet = self._receive()
            if packet[0] == _END and len(packet) < _SHORT_END:
                self._note_end(packet)
                return mysql_values.Answer(rows, len(rows))
            rows.append(_row(packet, fields))

    def _note_end(self, packet):
        """Take over the session's state from a packet that ends something; return rows affected."""
        if packet[0] == _END:
            (self.status,) = struct.unpack_from("<H", packet, 3)
            return 0
        affected, place = _length(packet, 1)
        _, place = _length(packet, place)
        (self.status,) = struct.unpack_from("<H", packet, place)
        return affected

    def _send(self, content):
        while True:
            part, content = content[:LONGEST], content[LONGEST:]
            head = struct.pack("<I", len(part))[:3] + bytes((self._number & 0xFF,))
            self._socket.sendall(head + part)
            self._number += 1
            if len(part) < LONGEST:
                return

    def _receive(self):
        content = b""
        while True:
            head = self._read(4)
            part = self._read(struct.unpack("<I", head[:3] + b"\0")[0])
            self._number = head[3] + 1
            content += part
            if len(part) < LONGEST:
                break
        if not content:
            raise OSError("an empty packet")
        if content[0] == _ERROR:
            raise _told(content)
        return content

    def _read(self, size):
        parts = []
        while size:
            part = self._socket.recv(min(size, 1 << 20))
            if not part:
                raise OSError("the server closed the connection")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _greeting(packet):
    """Return the server's version, what it offers, its random bytes and its way to log in."""
    if packet[0] != 10:  # noqa: PLR2004 (the version of the protocol since 1998)
        raise mysql_values.SqlError(2007, "protocol %d is not supported" % packet[0])
    end = packet.index(b"\0", 1)
    version = packet[1:end].decode("ascii", "replace")
    place = end + 5
    scramble = packet[place : place + 8]
    low, _, _, high, size = struct.unpack_from("<HBHHB", packet, place + 9)
    place += 27
    more = max(13, size - 8)
    scramble += packet[place : place + more][:12]
    plugin = packet[place + more :].split(b"\0")[0].decode("ascii")
    return version, low | high << 16, scramble, plugin or "mysql_native_password"


def _mixed(name, password, scramble, is_new):
    """Return the password's hash under the server's random bytes; the two ways mix differently."""

    def hashed(data):
        return hashlib.new(name, data).digest()

    once = hashed(password)
    twice = hashed(once)
    mask = hashed(twice + scramble if is_new else scramble + twice)
    return bytes(a ^ b for a, b in zip(once, mask))


def _told(packet):
    """Return the error that a packet tells of."""
    (code,) = struct.unpack_from("<H", packet, 1)
    text = packet[9:] if packet[3:4] == b"#" else packet[3:]
    return mysql_values.SqlError(code, text.decode("utf-8", "replace"))


def _length(packet, place):
    """Return a number in its packed form and the place behind it; None stands for NULL."""
    first = packet[place]
    if first < _LOCAL_FILE:
        return first, place + 1
    if first == _LOCAL_FILE:
        return None, place + 1
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[first]
    return int.from_bytes(_part(packet, place + 1, size), "little"), place + 1 + size


def _bytes(packet, place):
    size, place = _length(packet, place)
    return (None, place) if size is None else (_part(packet, place, size), place + size)


def _part(packet, place, size):
    part = packet[place : place + size]
    if len(part) < size:
        raise ValueError("the packet is too short")
    return part


def _column(packet):
    """Return the name of a column, of its table, its type and whether it holds bytes."""
    texts, place = [], 0
    for _ in range(6):
        text, place = _bytes(packet, place)
        texts.append(text.decode("utf-8", "replace"))
    charset, _, kind = struct.unpack_from("<HIB", packet, place + 1)
    return texts[4], texts[2], kind, charset == BINARY


def _row(packet, fields):
    row, place = {}, 0
    for field in fields:
        data, place = _bytes(packet, place)
        row[field.name] = None if data is None else field.value(data)
    return row
