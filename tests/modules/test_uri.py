"""`uri` asks, and tells all that was answered; any status that is not wanted is a failure."""

import json
import socket
import socketserver
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host, harvest, plant
from tests.modules.site import Page, Site, make_certificate

PRIVATE = f"Basic {b64encode(b'user:secret').decode()}"
JSON = {"Content-Type": "application/json"}
PAGES = {
    "/text": Page(body=b"hello\n", headers={"Content-Type": "text/plain"}),
    "/json": Page(body=b'{"a": 1}', headers=JSON),
    "/broken": Page(body=b"{", headers=JSON),
    "/odd": Page(body=b"\xff", headers={"Content-Type": "text/plain; charset=nonsense"}),
    "/failing": Page(status=500, body=b'{"why": "x"}', headers=JSON),
    "/moved": Page(status=302, headers={"Location": "/json"}),
    "/moved-private": Page(status=302, headers={"Location": "/private"}),
    "/kept": Page(status=308, headers={"Location": "/json"}),
    "/dated": Page(body=b"x", since="long ago"),
    "/cookie": Page(headers={"Set-Cookie": "a=1; Path=/", "X-Some-Thing": "b"}),
    "/private": Page(body=b"welcome", user=PRIVATE),
    "/digest": Page(body=b"welcome", digest=True),
    "/short": Page(body=b"only this", length=100),
}
OK = {"changed": False, "elapsed": 0, "redirected": False, "status": 200}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Give a server with pages of many kinds."""
    with Site(PAGES) as one:
        yield one


def test_what_is_told_of_an_answer(host: Host, site: Site) -> None:
    """The headers are keys, in small letters and with underscores."""
    url = f"{site.url}/json"
    assert host.run("uri", {"url": url, "return_content": True}) == {
        **OK,
        "content": '{"a": 1}',
        "content_length": "8",
        "content_type": "application/json",
        "cookies": {},
        "cookies_string": "",
        "json": {"a": 1},
        "msg": "OK (8 bytes)",
        "url": url,
    }


def test_cookies_are_told_twice(host: Host, site: Site) -> None:
    """As a mapping, and as the header that would send them back."""
    told = host.run("uri", {"url": f"{site.url}/cookie"})
    assert (told["cookies"], told["cookies_string"]) == ({"a": "1"}, "a=1")
    assert (told["set_cookie"], told["x_some_thing"]) == ("a=1; Path=/", "b")


@pytest.mark.parametrize("status", [[200], [500]])
def test_only_a_wanted_status_is_a_success(host: Host, site: Site, status: list[int]) -> None:
    """The body is told in both cases."""
    told = host.run("uri", {"url": f"{site.url}/failing", "status_code": status})
    assert told["json"] == {"why": "x"}
    words = "HTTP Error 500: Internal Server Error"
    if status == [500]:
        assert (told["msg"], told.get("failed")) == (words, None)
    else:
        failing = f"Status code was 500 and not [200]: {words}"
        assert (told["msg"], told["failed"]) == (failing, True)


@pytest.mark.parametrize(
    ("args", "body", "kind"),
    [
        ({"body": {"a": [1, None]}, "body_format": "json"}, '{"a": [1, null]}', "application/json"),
        ({"body": '{"a":1}', "body_format": "json"}, '{"a":1}', "application/json"),
        (
            {"body": {"a": "b c", "d": [1, 2]}, "body_format": "form-urlencoded"},
            "a=b+c&d=1&d=2",
            "",
        ),
        ({"body": [["a", 1]], "body_format": "form-urlencoded"}, "a=1", ""),
        ({"body": "as it is ä"}, "as it is ä", ""),
        ({"body": "x", "headers": {"content-type": "text/x"}}, "x", "text/x"),
    ],
)
def test_bodies(host: Host, site: Site, args: Mapping[str, Any], body: str, kind: str) -> None:
    """Data becomes text of the format, and the header says which; the user's own header wins."""
    site.asked.clear()
    host.run("uri", {"url": f"{site.url}/json", "method": "post", **args})
    asked = site.asked[-1]
    assert (asked.method, asked.body.decode()) == ("POST", body)
    assert asked.headers["Content-Type"] == (kind or "application/x-www-form-urlencoded")


def test_a_form_with_a_file(host: Host, site: Site, tmp_path: Path) -> None:
    """A file goes as base64 or as it is; nothing in a name ends its quotes."""
    (tmp_path / "f.txt").write_bytes(b"\x00\xff")
    fields = {
        'a"b': "text",
        "f": {"filename": f"{tmp_path}/f.txt"},
        "g": {"filename": f"{tmp_path}/f.txt", "multipart_encoding": "7or8bit", "mime_type": "x/y"},
    }
    asked = {"method": "POST", "body_format": "form-multipart", "body": fields}
    host.run("uri", {"url": f"{site.url}/json", **asked})
    sent = site.asked[-1]
    boundary = sent.headers["Content-Type"].partition('boundary="')[2].rstrip('"').encode()
    assert sent.body.replace(boundary, b"B").split(b"\r\n") == [
        b"--B",
        b"Content-Type: text/plain",
        b'Content-Disposition: form-data; name="a\\"b"',
        b"",
        b"text",
        b"--B",
        b"Content-Transfer-Encoding: base64",
        b"Content-Type: text/plain",
        b'Content-Disposition: form-data; name="f"; filename="f.txt"',
        b"",
        b"AP8=",
        b"",
        b"--B",
        b"Content-Transfer-Encoding: 8bit",
        b"Content-Type: x/y",
        b'Content-Disposition: form-data; name="g"; filename="f.txt"',
        b"",
        b"\x00\xff",
        b"--B--",
        b"",
    ]


def test_what_the_controller_sent_is_removed(here: Host, site: Site, tmp_path: Path) -> None:
    """The file of a body, and those of a form, which keep the names that the task gave them."""
    plant(tmp_path, {"1": "file 600 one", "2": "file 600 two"})
    sent = {"url": f"{site.url}/json", "method": "PUT"}
    here.run("uri", {**sent, "src": "a/b", "_uploaded": f"{tmp_path}/1"})
    assert site.asked[-1].body == b"one"
    form = {"body_format": "form-multipart", "body": {"f": {"filename": "a/b.txt"}}}
    here.run("uri", {**sent, **form, "_files": {"f": f"{tmp_path}/2"}})
    assert b'filename="b.txt"' in site.asked[-1].body
    assert harvest(tmp_path) == {}


@pytest.mark.parametrize(
    ("args", "msg"),
    [
        (
            {"body": [1], "body_format": "form-urlencoded"},
            "failed to parse body as form-urlencoded",
        ),
        (
            {"body": {"a": 1}, "body_format": "form-multipart"},
            "failed to parse body as form-multipar",
        ),
        (
            {"body": {"a": {}}, "body_format": "form-multipart"},
            "failed to parse body as form-multipa",
        ),
        ({"body": {"a": 1}}, "failed to parse body as raw"),
        ({"method": "G T"}, "Parameter 'method' needs to be a single word"),
        ({"src": "/none"}, "Unable to open source file /none"),
        ({"client_cert": "/none"}, "client_cert cannot be used: /none: "),
        ({"url": "http://127.0.0.1:x/"}, "Status code was -1 and not [200]: An unknown error"),
        (
            {"url": "http://127.0.0.1:1/"},
            "Status code was -1 and not [200]: Request failed: <urlopen",
        ),
        (
            {"unix_socket": "/none"},
            "Status code was -1 and not [200]: Request failed: <urlopen error",
        ),
    ],
)
def test_what_cannot_be_asked(here: Host, site: Site, args: Mapping[str, Any], msg: str) -> None:
    """The failure says why."""
    result = here.run("uri", {"url": f"{site.url}/text", **args})
    assert result["failed"]
    assert result["msg"].startswith(msg)


@pytest.mark.parametrize(
    ("follow", "method", "page", "status", "asked"),
    [
        ("safe", "GET", "/moved", 200, "GET"),
        ("safe", "POST", "/moved", 302, None),
        ("all", "POST", "/moved", 200, "GET"),
        ("all", "PUT", "/kept", 200, "PUT"),
        ("none", "GET", "/moved", 302, None),
        ("urllib2", "PUT", "/moved", 302, None),
    ],
)
def test_redirections(
    host: Host, site: Site, follow: str, method: str, page: str, status: int, asked: str | None
) -> None:
    """A redirection is followed as far as is chosen; another method has no body."""
    site.asked.clear()
    args = {"url": site.url + page, "method": method, "follow_redirects": follow}
    if method != "GET":
        args["body"] = "x"
    told = host.run("uri", {**args, "status_code": [200, 302]})
    assert (told["status"], told["redirected"]) == (status, asked is not None)
    assert [one.method for one in site.asked[1:]] == ([asked] if asked else [])
    assert [one.body for one in site.asked[1:]] == ([b"x" if asked == method != "GET" else b""])[
        : 1 if asked else 0
    ]


def test_a_password_is_sent_when_it_is_asked_for(host: Host, site: Site) -> None:
    """Or at once, if that is forced; it is nowhere in the result."""
    args = {"url": f"{site.url}/private", "url_username": "user", "url_password": "secret"}
    for forced, number in ((False, 2), (True, 1)):
        site.asked.clear()
        told = host.run("uri", {**args, "force_basic_auth": forced, "return_content": True})
        assert (told["content"], len(site.asked)) == ("welcome", number)
        assert "secret" not in json.dumps(told)
    assert host.run("uri", {**args, "url": f"{site.url}/moved-private"})["status"] == 200
    assert host.run("uri", {**args, "url_password": "wrong"})["status"] == 401


def test_a_forced_password_wins_over_a_header(here: Host, site: Site) -> None:
    """And the user of an address is sent only when the server asks."""
    args = {"url_username": "user", "url_password": "secret", "force_basic_auth": True}
    header = {"Authorization": "Bearer x"}
    here.run("uri", {"url": f"{site.url}/text", **args, "headers": header})
    assert site.asked[-1].headers["Authorization"] == PRIVATE
    site.asked.clear()
    told = here.run("uri", {"url": site.url.replace("//", "//user:secret@") + "/private"})
    assert [one.headers.get("Authorization") for one in site.asked] == [None, PRIVATE]
    assert (told["status"], told["url"]) == (200, f"{site.url}/private")


def test_a_digest_of_the_password(here: Host, site: Site) -> None:
    """Where the server asks for one; the password itself is not sent."""
    args = {"url": f"{site.url}/digest", "url_username": "user", "url_password": "secret"}
    site.asked.clear()
    assert here.run("uri", args)["status"] == 200
    sent = site.asked[-1].headers["Authorization"]
    assert 'username="user"' in sent
    assert "secret" not in sent


def test_a_header_with_a_line_break_is_not_quoted(here: Host, site: Site) -> None:
    """It may be a password that was read from a file."""
    headers = {"Authorization": "Bearer secret\n"}
    told = here.run("uri", {"url": f"{site.url}/text", "headers": headers})
    assert told["msg"] == "Invalid header value (a line break?)"
    assert "secret" not in str(told)


def test_an_answer_is_written_to_a_file(host: Host, site: Site, tmp_path: Path) -> None:
    """With the permissions asked for; a directory gets the name of the address."""
    args = {"url": f"{site.url}/json", "dest": f"{tmp_path}/", "mode": "0600"}
    told = host.run("uri", args)
    assert (told["changed"], told["path"], told["size"]) == (True, f"{tmp_path}/json", 8)
    assert harvest(tmp_path) == {"json": 'file 600 {"a": 1}'}


def test_an_old_answer_stays_if_the_server_has_no_newer(
    here: Host, site: Site, tmp_path: Path
) -> None:
    """The status 304 must be a wanted one for that."""
    plant(tmp_path, {"x": "file 644 old"})
    args = {"url": f"{site.url}/dated", "dest": f"{tmp_path}/x", "status_code": [200, 304]}
    assert here.run("uri", args)["changed"] is False
    assert harvest(tmp_path) == {"x": "file 644 old"}


def test_a_body_that_breaks_off_replaces_nothing(here: Host, site: Site, tmp_path: Path) -> None:
    """The old file is whole."""
    plant(tmp_path, {"x": "file 644 old"})
    told = here.run("uri", {"url": f"{site.url}/short", "dest": f"{tmp_path}/x"})
    assert told["msg"].startswith("HTTP Error while fetching")
    assert harvest(tmp_path) == {"x": "file 644 old"}


def test_bodies_that_are_not_what_they_say(here: Host, site: Site) -> None:
    """Broken JSON is no `json`; an unknown encoding is read as UTF-8."""
    assert "json" not in here.run("uri", {"url": f"{site.url}/broken"})
    told = here.run("uri", {"url": f"{site.url}/odd", "return_content": True})
    assert told["content"] == "\N{REPLACEMENT CHARACTER}"


def test_what_is_done_already_is_not_asked(here: Host, tmp_path: Path) -> None:
    """`creates` and `removes` look at the target's files; check mode asks nothing."""
    args = {"url": "http://127.0.0.1:1/"}
    there, missing = str(tmp_path), f"{tmp_path}/none"
    created = here.run("uri", {**args, "creates": there})
    assert created["stdout"] == f"skipped, since '{there}' exists"
    removed = here.run("uri", {**args, "removes": missing})
    assert removed["stdout"] == f"skipped, since '{missing}' does not exist"
    assert here.run("uri", args, check=True)["skipped"]


def test_tls_both_ways(here: Host, tmp_path: Path) -> None:
    """A certificate is verified by `ca_path`; a client's own is read."""
    pem = str(make_certificate(tmp_path / "pem"))
    with Site(PAGES, Path(pem)) as site:
        args = {"url": f"{site.url}/text"}
        assert "certificate verify failed" in here.run("uri", args)["msg"]
        assert here.run("uri", {**args, "ca_path": pem, "client_cert": pem})["status"] == 200


def test_a_socket_of_this_machine(here: Host, tmp_path: Path) -> None:
    """The host in the address is only a name then."""

    class Answering(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    path = str(tmp_path / "socket")
    with socketserver.UnixStreamServer(path, Answering) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        args = {"url": "http://any/x", "unix_socket": path, "return_content": True}
        told = here.run("uri", args)
        thread.join()
    assert (told["content"], told["url"]) == ("hi", "http://any/x")


def test_no_password_where_a_redirection_gives_up_tls(here: Host, tmp_path: Path) -> None:
    """The same host without TLS asks for the password in vain: who listens would read it."""
    pem = make_certificate(tmp_path / "pem")
    with Site({"/private": Page(user=PRIVATE)}) as site:
        _speak_tls_too(site, pem)
        site.pages["/away"] = Page(status=302, headers={"Location": f"{site.url}/private"})
        args = {"url_username": "user", "url_password": "secret", "ca_path": str(pem)}
        told = here.run("uri", {"url": site.url.replace("http:", "https:") + "/away", **args})
        assert told["status"] == 401
        assert [one.headers.get("Authorization") for one in site.asked] == [None, None]
        secured = site.url.replace("http:", "https:") + "/private"
        assert here.run("uri", {"url": secured, **args})["status"] == 200


def _speak_tls_too(site: Site, pem: Path) -> None:
    """Let a server speak TLS with who begins with it, at the same port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    plain = site._server.finish_request

    def finish(request: Any, address: Any) -> None:
        if request.recv(1, socket.MSG_PEEK) == b"\x16":
            request = context.wrap_socket(request, server_side=True)
        plain(request, address)

    site._server.finish_request = finish  # type: ignore[method-assign]
