"""From a task's `login_*` arguments to a session with a MySQL or MariaDB server.

PyMySQL is used where the target has it, else a connection of our own. Option files are read here,
by the rules of the client programs, so that both ways and the programs log in as the same user.
"""

import getpass
import os
import sys

from understudy.connections.target_files import expand
from understudy.modules.shared import mysql_values, mysql_wire

DEFAULT_HOST, DEFAULT_PORT = "localhost", 3306
_PORTS = 1 << 16
_QUOTES = ("'", '"')
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "r": "\r", "s": " ", "\\": "\\", '"': '"', "'": "'"}


class Settings:
    """Where a server is and who logs in. `tls` is an SSLContext, or None where it is not asked for.

    `socket` wins over `host` and `port`; without one, localhost is reached over TCP, as in Ansible.
    """

    def __init__(self, args, database=None):
        self.config_file = expand(args.get("config_file")) or ""
        found = read_options(self.config_file)
        self.user = args.get("login_user") or found.get("user") or getpass.getuser()
        self.password = args.get("login_password")
        if self.password is None:
            self.password = found.get("password", "")
        self.host = args.get("login_host") or DEFAULT_HOST
        self.port = args.get("login_port") or DEFAULT_PORT
        if args.get("config_overrides_defaults"):
            self._override(found)
        self.socket = args.get("login_unix_socket") or found.get("socket") or ""
        self.database = database
        self.timeout_s = args.get("connect_timeout") or None
        self.check_hostname = args.get("check_hostname")
        self.ca = expand(args.get("ca_cert")) or found.get("ssl-ca")
        self.cert = expand(args.get("client_cert")) or found.get("ssl-cert")
        self.key = expand(args.get("client_key")) or found.get("ssl-key")
        self.tls = None

    def _override(self, found):
        if self.host == DEFAULT_HOST:
            self.host = found.get("host") or self.host
        if self.port == DEFAULT_PORT and found.get("port"):
            self.port = int(found["port"])

    @property
    def wants_tls(self):
        """Whether anything that is said of TLS asks for it."""
        return bool(self.ca or self.cert or self.key) or self.check_hostname is not None


def connect(settings, autocommit=True):
    """Return a session: `execute(sql)`, `status`, `version`, `close()`.

    Statements are committed one by one, or by a COMMIT. Raises SqlError, OSError, ValueError.
    """
    if "\0" in settings.user + settings.password + (settings.database or ""):
        raise ValueError("a login cannot hold a NUL")
    if not settings.socket and not 0 < settings.port < _PORTS:
        raise mysql_values.unreachable(settings.host, "%d is no port" % settings.port)
    if settings.wants_tls and settings.tls is None:
        settings.tls = mysql_values.tls_context(
            settings.ca, settings.cert, settings.key, settings.check_hostname
        )
    library = _library()
    session = mysql_wire.Connection(settings) if library is None else _Borrowed(library, settings)
    session.execute("SET AUTOCOMMIT = %d" % autocommit)
    return session


class _Borrowed:
    """A session by PyMySQL: only its login and its reading of packets are used."""

    def __init__(self, library, settings):
        self._library = library
        conversions = dict(library.converters.encoders)
        conversions.update(mysql_values.READERS)
        self._connection = self._guarded(
            lambda: library.connect(
                host=settings.host,
                port=settings.port,
                user=settings.user,
                # what the library sends is the text in Latin 1, and shall be UTF-8
                password=settings.password.encode("utf-8").decode("latin-1"),
                database=settings.database,
                unix_socket=settings.socket or None,
                ssl=settings.tls,
                connect_timeout=settings.timeout_s or 10,
                charset="utf8mb4",
                conv=conversions,
                cursorclass=library.cursors.DictCursor,
            )
        )
        self.version = self._connection.get_server_info()

    @property
    def status(self):
        """The state of the session, as bits."""
        return self._connection.server_status

    def execute(self, sql):
        """Run one statement; return its first result as `mysql_values.Answer`."""
        return self._guarded(lambda: self._execute(sql))

    def _execute(self, sql):
        cursor = self._connection.cursor()
        cursor.execute(sql)
        answer = mysql_values.Answer(list(cursor.fetchall()), cursor.rowcount)
        cursor.close()  # reads what further results there are
        return answer

    def close(self):
        """End the session; what was not committed is undone by the server."""
        self._connection.close()

    def _guarded(self, work):
        try:
            return work()
        except self._library.MySQLError as error:
            code, text = error.args if len(error.args) == 2 else (2000, str(error))  # noqa: PLR2004
            raise mysql_values.SqlError(code, text) from error
        except RuntimeError as error:  # it lacks a library for a login
            raise mysql_values.SqlError(2059, str(error)) from error


def _library():
    """Return PyMySQL, or None. The agent runs without site-packages: they are added if need be."""
    for look_further in (_nowhere, _add_site_packages):
        look_further()
        try:
            import pymysql
            import pymysql.converters
            import pymysql.cursors
        except ImportError:
            continue
        return pymysql
    return None


def _nowhere():
    pass


def _add_site_packages():
    import site

    site.main()
    site.addsitedir(site.getusersitepackages())
    sys.path[:] = [path for path in sys.path if path]


def read_options(path):
    """Return what the group `client` of an option file says; nothing for no file.

    The rules are those of the client programs: `_` is `-`, values may be in quotes, `#` begins a
    comment, a backslash begins an escape. Includes are left to the programs.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            return _client_group(lines)
    except OSError:  # none, or none for this user: what is missing is told by the login
        return {}


def _client_group(lines):
    found, group = {}, None
    for line in lines:
        text = line.strip()
        if text.startswith("["):
            group = text.partition("]")[0][1:].strip()
        elif group == "client" and text and text[0] not in "#;!":
            name, _, value = text.partition("=")
            found[name.strip().replace("_", "-")] = _option_value(value.strip())
    return found


def _option_value(text):
    quote, place, kept = "", 0, []
    while place < len(text):
        one = text[place]
        if one == "\\" and place + 1 < len(text):
            kept.append(_ESCAPES.get(text[place + 1], text[place : place + 2]))
            place += 1
        elif one == "#" and not quote:
            break
        elif one == quote:
            quote = ""
        elif one in _QUOTES and not quote and not kept:
            quote = one
        else:
            kept.append(one)
        place += 1
    return "".join(kept).rstrip() if not text.startswith(_QUOTES) else "".join(kept)


def option_line(name, value):
    """Return a line of an option file that gives a value, whatever is in it."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    for plain, code in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(plain, code)
    return '%s="%s"\n' % (name, escaped)


def why_not(settings, error, is_query=False):
    """Return the message of a login that failed, as Ansible words it."""
    if is_query or os.path.exists(settings.config_file):
        text = "unable to connect to database, check login_user and login_password are correct"
        return "%s or %s has the credentials. Exception message: %s" % (
            text,
            settings.config_file,
            error,
        )
    return "unable to find %s. Exception message: %s" % (settings.config_file, error)
