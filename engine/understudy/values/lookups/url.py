"""The lookup `url`: what a web server answers, on the controller."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from understudy.values.argument_types import to_bool, to_float, to_list
from understudy.values.lazy import finalise
from understudy.values.lookups.base import Request
from understudy.values.missing import NOTHING
from understudy.values.texts import Value

if TYPE_CHECKING:
    from http.client import HTTPMessage

_AUTHORIZATION = "Authorization"
_NEVER = frozenset({"no", "none", "None", "False", "false"})
_NOT_HERE = ("use_gssapi", "ciphers")
_VARIABLES: Mapping[str, str] = {
    "split_lines": "ansible_lookup_url_split_lines",
    "use_proxy": "ansible_lookup_url_use_proxy",
    "username": "ansible_lookup_url_username",
    "password": "ansible_lookup_url_password",
    "headers": "ansible_lookup_url_headers",
    "force": "ansible_lookup_url_force",
    "timeout": "ansible_lookup_url_timeout",
    "http_agent": "ansible_lookup_url_agent",
    "follow_redirects": "ansible_lookup_url_follow_redirects",
    "unix_socket": "ansible_lookup_url_unix_socket",
    "ca_path": "ansible_lookup_url_ca_path",
}
"""Each option, and the variable that gives it where the call does not."""


class _Redirect(urllib.request.HTTPRedirectHandler):
    """Follows a redirection; a password goes along on the same host only, and never less safely."""

    def redirect_request(
        self,
        request: urllib.request.Request,
        file: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        url: str,
    ) -> urllib.request.Request | None:
        made = super().redirect_request(request, file, code, msg, headers, url)
        given = request.unredirected_hdrs.get(_AUTHORIZATION)
        if made is None or given is None or made.host != request.host:
            return made
        if made.type in (request.type, "https"):
            made.add_unredirected_header(_AUTHORIZATION, given)
        return made


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirection for the answer."""

    def redirect_request(
        self, _request: Any, _file: Any, _code: int, _msg: str, _headers: HTTPMessage, _url: str
    ) -> None:
        return None


class _OverSocket(urllib.request.HTTPHandler):
    """Speaks HTTP through a socket of this machine."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        path = self.path

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.settimeout(self.timeout)
                self.sock.connect(path)

        return self.do_open(Connection, request)


@dataclass(frozen=True, slots=True)
class _Options:
    """What a call says, by Ansible's names."""

    request: Request

    def get(self, name: str, default: Value = None) -> Value:
        """Return an option: of the call, of its variable, the default."""
        if name in self.request.options:
            return finalise(self.request.options[name])
        variable = _VARIABLES.get(name)
        found = self.request.variable(variable) if variable else NOTHING
        return default if found is NOTHING else found

    def flag(self, name: str, *, default: bool) -> bool:
        """Return an option that says yes or no."""
        return to_bool(self.get(name, default))


def url(request: Request) -> list[Value]:
    """Return the lines of what each address answers, or the whole of it."""
    options = _Options(request)
    refused = [name for name in _NOT_HERE if options.get(name)]
    if refused:
        raise ValueError(f"`{refused[0]}` is not supported")
    found: list[Value] = []
    for term in request.terms:
        text = _fetched(str(term), options)
        found += text.splitlines() if options.flag("split_lines", default=True) else [text]
    return found


def _fetched(address: str, options: _Options) -> str:
    opener = urllib.request.build_opener(*_handlers(options))
    asked = _request(address, options)
    address = _bare(address)
    try:
        with opener.open(asked, timeout=to_float(options.get("timeout", 10))) as answer:
            return bytes(answer.read()).decode("utf-8", "surrogateescape")
    except urllib.error.HTTPError as error:
        raise OSError(f"Received HTTP error for {address}: {error}") from None
    except urllib.error.URLError as error:
        raise OSError(_why(address, error)) from None
    except (OSError, http.client.HTTPException) as error:
        raise OSError(f"Error connecting to {address}: {error}") from None


def _why(address: str, error: urllib.error.URLError) -> str:
    if isinstance(error.reason, ssl.SSLError):
        return f"Error validating the server's certificate for {address}: {error.reason}"
    return f"Failed lookup url for {address}: {error}"


def _handlers(options: _Options) -> list[urllib.request.BaseHandler]:
    handlers: list[urllib.request.BaseHandler] = []
    if not options.flag("use_proxy", default=True):
        handlers.append(urllib.request.ProxyHandler({}))
    if str(options.get("follow_redirects", "urllib2")) in _NEVER:
        handlers.append(_NoRedirect())
    else:
        handlers.append(_Redirect())
    if path := options.get("unix_socket"):
        handlers.append(_OverSocket(str(path)))
    context = ssl.create_default_context(cafile=options.get("ca_path"))
    if not options.flag("validate_certs", default=True):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return [*handlers, urllib.request.HTTPSHandler(context=context)]


def _request(address: str, options: _Options) -> urllib.request.Request:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https", "ftp"):
        raise ValueError(f"Failed lookup url for {_bare(address)}: it is no web address")
    made = urllib.request.Request(_bare(address))  # noqa: S310 (its scheme has been looked at)
    made.add_header("User-agent", str(options.get("http_agent", "ansible-httpget")))
    for name, value in dict(options.get("headers") or {}).items():
        made.add_header(str(name), str(value))
    for name in to_list(options.get("unredirected_headers") or []):
        if made.has_header(name.capitalize()):
            made.add_unredirected_header(name, str(made.headers.pop(name.capitalize())))
    if options.flag("force", default=False):
        made.add_header("cache-control", "no-cache")
    user = options.get("username") or parts.username
    if user:
        given = f"{user}:{options.get('password') or parts.password or ''}"
        encoded = base64.b64encode(given.encode()).decode()
        made.add_unredirected_header(_AUTHORIZATION, f"Basic {encoded}")
    return made


def _bare(address: str) -> str:
    """Return an address without its user and password, as it is sent and may be shown."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
