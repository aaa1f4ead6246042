"""A web server for the cases; no answer of it tells the time."""

import base64
import gzip
import json
import os
import socketserver
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

SHOWN = (
    "Accept",
    "Authorization",
    "Cache-Control",
    "Content-Type",
    "Cookie",
    "If-Modified-Since",
    "User-Agent",
    "X-One",
    "X-Two",
)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"

    def answer(self, code=200, body=b"", reason=None, length=None, **headers):
        self.send_response_only(code, reason)
        headers.setdefault("content_type", "text/plain")
        for name, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
                if value is not None:
                    self.send_header(name.replace("_", "-").title(), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self):
        self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        name, _, self.rest = unquote(parts.path).strip("/").partition("/")
        getattr(self, "serve_" + (name or "text"), self.serve_missing)()

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = do_ODD = serve  # noqa: N815

    def serve_missing(self):
        self.answer(404, b"nothing here\n")

    def serve_text(self):
        if self.headers.get("If-Modified-Since") and not self.query.get("new"):
            self.answer(304)
        else:
            self.answer(body=b"hello\n", last_modified="Fri, 03 Jan 2020 00:00:00 GMT")

    def serve_echo(self):
        body = self.sent.decode("utf-8", "replace")
        headers = {key: self.headers[key] for key in SHOWN if self.headers.get(key)}
        boundary = self.headers.get_param("boundary")
        if boundary:
            body = body.replace(boundary, "BOUNDARY")
            headers["Content-Type"] = headers["Content-Type"].replace(boundary, "BOUNDARY")
        told = {"method": self.command, "path": self.path, "body": body, "headers": headers}
        self.answer(body=json.dumps(told).encode(), content_type="application/json")

    def serve_kind(self):
        self.answer(body=self.query.get("body", "").encode(), content_type=self.query.get("type"))

    def serve_status(self):
        self.answer(int(self.rest), b'{"error": "yes"}', content_type="application/json")

    def serve_redirect(self):
        self.answer(int(self.rest), b"elsewhere\n", location=self.query["to"])

    def serve_loop(self):
        self.answer(302, b"again\n", location="/loop")

    def serve_encodings(self):
        self.answer(body=str(self.headers.get("Accept-Encoding")).encode())

    def serve_cookies(self):
        self.answer(body=b"x", set_cookie=["a=1; Path=/", "b=two; Path=/; HttpOnly"])

    def serve_twice(self):
        self.answer(body=b"x", x_many=["a", "b"], x_long="c")

    def serve_gzip(self):
        self.answer(body=gzip.compress(b"unpacked\n", mtime=0), content_encoding="gzip")

    def serve_named(self):
        self.answer(body=b"named\n", content_disposition=self.query["as"])

    def serve_short(self):
        self.answer(body=b"only this", length=100)
        self.close_connection = True

    def serve_nothing(self):
        self.close_connection = True

    def serve_slow(self):
        time.sleep(3)
        self.answer(body=b"late")

    def serve_auth(self):
        expected = "Basic " + base64.b64encode(b"user:secret").decode()
        if self.headers.get("Authorization") != expected:
            self.answer(401, b"who?\n", www_authenticate='Basic realm="here"')
        else:
            self.answer(body=b"welcome\n")

    def serve_file(self):
        self.answer(body=self.query["body"].encode().decode("unicode_escape").encode())

    def serve_blob(self):
        self.answer(body=Path(self.rest).read_bytes(), content_type="application/octet-stream")


class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    pass


for port in (18081, 18082):
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if os.fork() == 0:
        server.serve_forever()
local = Local("socket", Handler)
if os.fork() == 0:
    local.serve_forever()
os.close(1)
