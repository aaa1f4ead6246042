"""One request to a server of the web, as `get_url`, `uri` and `unarchive` make it.

A server that cannot be reached, or that refuses, is an answer too, with a text that says why: what
that means is the module's business. Credentials are sent to the host that they were given for, and
no further; they stand in no text. Runs on the target: standard library and Python 3.6 only.
"""

import base64
import gzip
import http.client
import netrc
import os
import re
import shutil
import socket
import ssl
import urllib.error
import urllib.request
from email.utils import formatdate
from http.cookiejar import CookieJar
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

CHUNK = 1 << 16
NOT_MODIFIED = 304
_MOVED = 301
_SAFE = ("GET", "HEAD")
_PRIVATE = ("Authorization", "Cookie")
_OF_BODY = ("content-length", "content-type", "transfer-encoding")


class Question:
    """What is asked of a server. `args` are the module's, as far as they speak of the web."""

    def __init__(self, args, url, method="GET", body=None):
        self.args = args
        self.method = method
        self.body = body
        self.headers = {str(name): value for name, value in (args.get("headers") or {}).items()}
        self.newer_than = None
        self.url, self.credentials = _without_credentials(url)

    def has_header(self, name):
        """Tell whether the user gives this header, however he writes it."""
        return name.lower() in [one.lower() for one in self.headers]

    def unless_newer_than(self, path):
        """Ask only for what has changed since a file was written."""
        self.newer_than = os.path.getmtime(path)


class Answer:
    """What came back. `status` is -1 where nothing did, and None where there is no such thing."""

    def __init__(self, url, status=-1, msg="", stream=None):
        self.url = url
        self.status = status
        self.msg = msg
        self.message = stream.headers if hasattr(stream, "headers") else None
        self.cookies = []
        self.is_error = True
        self.has_body = True
        self._stream = stream
        self._is_packed = False

    @property
    def headers(self):
        """Return the headers with small letters; those given several times are joined."""
        found = {}
        for name, value in self.message.items() if self.message else ():
            known = found.get(name.lower())
            found[name.lower()] = value if known is None else "%s, %s" % (known, value)
        if "location" in found:
            found["location"] = urljoin(self.url, found["location"])
        return found

    def unpack(self):
        """Let the body be read as it was before the server packed it."""
        self._is_packed = self._stream and self.headers.get("content-encoding", "") == "gzip"

    def save(self, path):
        """Write the body to a file; raise OSError, HTTPException or EOFError if it breaks off."""
        with open(path, "wb") as file:
            if self._stream is None:
                return
            with self._stream:
                counted = _Counted(self._stream)
                source = gzip.GzipFile(fileobj=counted) if self._is_packed else counted
                shutil.copyfileobj(source, file, CHUNK)
        self._check_length(counted.size)

    def _check_length(self, size):
        told = self.headers.get("content-length", "")
        if self.has_body and told.isdigit() and not self._is_packed and size < int(told):
            text = "Incomplete read, (rsp.length=%d, cl=%s, st.st_size=%d)"
            text += " failed to read remaining %d bytes"
            left = int(told) - size
            raise ShortBodyError(text % (left, told, size, left))


class ShortBodyError(OSError):
    """The connection ended before the body did."""


class _Counted:
    """A stream that knows how much was read from it."""

    def __init__(self, stream):
        self._stream = stream
        self.size = 0

    def read(self, size=-1):
        """Read on."""
        data = self._stream.read(size)
        self.size += len(data)
        return data


def shown(url):
    """Return an address without user and password."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1****:****@", url)


def ask(target, question):
    """Put a question; return the answer. Fails for an address that is none, and wrong settings."""
    jar = CookieJar()
    opener = urllib.request.build_opener(*_handlers(target, question, jar))
    opener.addheaders = []
    url = question.url
    try:
        stream = opener.open(_request(question), timeout=question.args.get("timeout") or 10)
    except urllib.error.HTTPError as error:
        answer = Answer(error.geturl() or url, error.code, str(error), error)
    except urllib.error.URLError as error:
        return Answer(url, msg="Request failed: %s" % error)
    except ssl.CertificateError as error:  # a ValueError until Python 3.7
        return Answer(url, msg="Request failed: <urlopen error %s>" % error)
    except (OSError, http.client.BadStatusLine) as error:
        return Answer(url, msg="Connection failure: %s" % error)
    except ValueError as error:
        # What the library says of a header quotes it: that may be a password.
        why = re.sub(r"^(Invalid header \w+).*", r"\1 (a line break?)", str(error), flags=re.DOTALL)
        target.fail(why, url=shown(url), status=-1)
    except (http.client.HTTPException, TypeError) as error:
        return Answer(url, msg="An unknown error occurred: %s" % error)
    else:
        answer = Answer(stream.geturl(), getattr(stream, "code", None), stream=stream)
        answer.msg = "OK (%s bytes)" % stream.headers.get("Content-Length", "unknown")
        answer.cookies = [(cookie.name, cookie.value) for cookie in jar]
        answer.is_error = False
    answer.has_body = question.method != "HEAD" and answer.status not in (204, NOT_MODIFIED)
    if answer.has_body and question.args.get("decompress", True):
        answer.unpack()
    return answer


def _request(question):
    args = question.args
    request = urllib.request.Request(  # noqa: S310 (files are wanted too)
        question.url, question.body, method=question.method
    )
    request.add_header("User-agent", args.get("http_agent") or "ansible-httpget")
    if args.get("force"):
        request.add_header("Cache-control", "no-cache")
    elif question.newer_than is not None:
        request.add_header("If-modified-since", formatdate(question.newer_than, usegmt=True))
    unredirected = [name.lower() for name in args.get("unredirected_headers") or ()]
    for name, value in question.headers.items():
        if name.lower() in unredirected:
            request.headers.pop(name.capitalize(), None)
            request.add_unredirected_header(name, value)
        else:
            request.add_header(name, value)
    basic = _basic(question)
    if basic:
        request.add_header("Authorization", basic)
    return request


def _without_credentials(url):
    """Return an address as it is sent and may be shown, and the user and password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, None
    if parts.scheme not in ("http", "https") or "@" not in parts.netloc:
        return url, None
    given, _, host = parts.netloc.rpartition("@")
    user, _, password = given.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user), unquote(password))


def _known_pair(question):
    """Return the user and password that are sent when the server asks; None without any."""
    args = question.args
    if args.get("url_username"):
        return args["url_username"], args.get("url_password") or ""
    return question.credentials


def _basic(question):
    """Return the header that is sent at once: what is forced, or netrc's; None without any."""
    pair = _known_pair(question)
    if pair is None and not question.has_header("authorization"):
        pair = _from_netrc(question)
    elif not question.args.get("force_basic_auth"):
        pair = None
    return _basic_header(pair) if pair else None


def _basic_header(pair):
    return "Basic " + base64.b64encode(("%s:%s" % pair).encode("utf-8")).decode("ascii")


def _from_netrc(question):
    if not question.args.get("use_netrc", True):
        return None
    try:
        known = netrc.netrc(os.environ.get("NETRC"))
        found = known.authenticators(urlsplit(question.url).hostname or "")
    except (OSError, ValueError, netrc.NetrcParseError):
        return None
    return (found[0] or "", found[2] or "") if found else None


def _handlers(target, question, jar):
    args = question.args
    context = _tls(target, args)
    path = args.get("unix_socket")
    handlers = [
        urllib.request.HTTPCookieProcessor(jar),
        _Redirect(str(args.get("follow_redirects") or "urllib2")),
    ]
    if path:
        handlers += [_LocalHTTP(path), _LocalHTTPS(path, context)]
    else:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    if path or not args.get("use_proxy", True):
        handlers.append(urllib.request.ProxyHandler({}))
    pair = _known_pair(question)
    if pair:
        keys = _Keys(question.url)
        keys.add_password(None, urlsplit(question.url).netloc, *pair)
        handlers.append(urllib.request.HTTPBasicAuthHandler(keys))
        handlers.append(urllib.request.HTTPDigestAuthHandler(keys))
    return handlers


def _tls(target, args):
    """Return how a connection is secured; fail for files and ciphers that cannot be used."""
    context = ssl.create_default_context()
    steps = [
        ("ciphers", lambda value: context.set_ciphers(":".join(value))),
        ("ca_path", context.load_verify_locations),
        ("client_cert", lambda value: context.load_cert_chain(value, args.get("client_key"))),
    ]
    for name, use in steps:
        value = args.get(name)
        if value:
            try:
                use(value)
            except OSError as error:  # ssl.SSLError is one
                shown = ":".join(value) if isinstance(value, list) else value
                target.fail("%s cannot be used: %s: %s" % (name, shown, error))
    if not args.get("validate_certs", True):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Keys(urllib.request.HTTPPasswordMgrWithDefaultRealm):
    """Gives a password for where it was given only: not where a redirection leads without TLS."""

    def __init__(self, url):
        super().__init__()
        self._url = url

    def find_user_password(self, realm, authuri):
        """Return the user and password for an address; none for another place."""
        if not _is_same_place(self._url, authuri):
            return None, None
        return super().find_user_password(realm, authuri)


class _Redirect(urllib.request.HTTPRedirectHandler):
    """Follows a redirection if that is wanted, with what may be known where it leads."""

    def __init__(self, policy):
        self._policy = policy

    def http_error_308(self, request, stream, code, msg, headers):
        """Do as for 307; before Python 3.11 the library does not know it."""
        return self.http_error_302(request, stream, code, msg, headers)

    def redirect_request(self, request, stream, code, msg, headers, newurl):
        """Return the next request; None if the redirection is the answer."""
        method = request.get_method()
        if self._policy in ("none", "no") or (self._policy == "safe" and method not in _SAFE):
            return None
        if self._policy == "urllib2" and not _follows_by_default(method, code):
            raise urllib.error.HTTPError(request.full_url, code, msg, headers, stream)
        followed = _method_after(method, code)
        kept = dict(request.headers)
        if followed != method:
            kept = {name: kept[name] for name in kept if name.lower() not in _OF_BODY}
        newurl, credentials = _without_credentials(newurl.replace(" ", "%20"))
        if not _is_same_place(request.full_url, newurl):
            kept = {name: kept[name] for name in kept if name not in _PRIVATE}
        made = urllib.request.Request(  # noqa: S310 (the library has looked at its scheme)
            newurl,
            request.data if followed == method else None,
            kept,
            request.origin_req_host,
            unverifiable=True,
            method=followed,
        )
        if credentials:
            made.add_header("Authorization", _basic_header(credentials))
        return made


def _follows_by_default(method, code):
    return method in _SAFE or (method == "POST" and code in (301, 302, 303))


def _method_after(method, code):
    """Return how the next address is asked, by RFC 9110 and as browsers do it."""
    if method == "HEAD" or code in (307, 308) or (code == _MOVED and method != "POST"):
        return method
    return "GET"


def _is_same_place(before, after):
    """Tell whether an address may know what the other one knew: the same host, no less safe."""
    first, second = urlsplit(before), urlsplit(after)
    if (first.hostname, _port(first)) == (second.hostname, _port(second)):
        return first.scheme == second.scheme
    return first.hostname == second.hostname and (first.scheme, second.scheme) == ("http", "https")


def _port(parts):
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _local_socket(path, timeout):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(timeout)
    try:
        made.connect(path)
    except OSError as error:
        made.close()
        raise OSError("Invalid Socket File (%s): %s" % (path, error)) from None
    return made


class _LocalHTTP(urllib.request.HTTPHandler):
    """Speaks HTTP through a socket of this machine."""

    def __init__(self, path):
        super().__init__()
        self._path = path

    def http_open(self, request):
        """Open the connection."""
        path = self._path

        class Connection(http.client.HTTPConnection):
            def connect(self):
                self.sock = _local_socket(path, self.timeout)

        return self.do_open(Connection, request)


class _LocalHTTPS(urllib.request.HTTPSHandler):
    """Speaks HTTPS through a socket of this machine."""

    def __init__(self, path, context):
        super().__init__(context=context)
        self._path = path
        self._secured = context

    def https_open(self, request):
        """Open the connection."""
        path, context = self._path, self._secured

        class Connection(http.client.HTTPSConnection):
            def connect(self):
                plain = _local_socket(path, self.timeout)
                self.sock = context.wrap_socket(plain, server_hostname=self.host)

        return self.do_open(Connection, request, context=context)
