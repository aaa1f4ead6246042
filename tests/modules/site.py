"""A small web server in a thread of the test: pages by path, and what was asked of it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the server answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """The length that it tells, if that is not the body's."""
    user: str = ""
    """`user:secret`, as the header has it: without it the answer is 401."""
    digest: bool = False
    """Whether a digest of the password is asked for, whatever it is."""
    pause_s: float = 0.0
    """How long it takes before it says anything."""
    since: str = ""
    """When it was changed last: asked for news, it answers 304."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Site(AbstractContextManager["Site"]):
    """The server, while it is entered. With a certificate it speaks TLS."""

    def __init__(self, pages: Mapping[str, Page], certificate: Path | None = None) -> None:
        self.pages = dict(pages)
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.port = self._server.server_address[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site.asked.append(Asked(self.command, self.path, dict(self.headers), body))
                page = site.pages.get(self.path.partition("?")[0], Page(status=404, body=b"no\n"))
                time.sleep(page.pause_s)
                if page.user and self.headers.get("Authorization") != page.user:
                    page = Page(status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})
                given = self.headers.get("Authorization", "")
                if page.digest and not given.startswith("Digest "):
                    asking = {"WWW-Authenticate": 'Digest realm="x", nonce="n", qop="auth"'}
                    page = Page(status=401, headers=asking)
                if page.since and self.headers.get("If-Modified-Since"):
                    page = Page(status=304)
                self.send_response_only(page.status)
                length = len(page.body) if page.length is None else page.length
                for name, value in {"Content-Length": str(length), **page.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(page.body)

            do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815 (the library's names)

        return Handler


def make_certificate(path: Path) -> Path:
    """Write a key and a certificate of 127.0.0.1 that it has signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    built = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1)
    )
    built = built.add_extension(names, critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = built.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, form, plain) + signed.public_bytes(pem))
    return path
