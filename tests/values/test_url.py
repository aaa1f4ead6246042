"""The lookup `url`, against a server of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.template import condition, render
from understudy.values.texts import Expression, Template


class Answers(BaseHTTPRequestHandler):
    """Tells what it was asked; `/gone` is not there, `/moved` is elsewhere."""

    def do_GET(self) -> None:
        status = {"/gone": 404, "/moved": 302, "/away": 302}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            port = self.server.server_address[1]
            away = f"http://localhost:{port}/text"
            self.send_header("Location", away if self.path == "/away" else "/text")
        self.end_headers()
        told = [self.headers.get("Authorization", "-"), self.headers.get("X-Mine", "-")]
        self.wfile.write(f"{self.path}\n{{{{ 1 + 1 }}}}\n{' '.join(told)}".encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()


def look(text: str, server: str, **more: object) -> object:
    return render(Template(text), Scope(({"at": server, **more},)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ query('url', at ~ '/a') }}", ["/a", "{{ 1 + 1 }}", "- -"]),
        ("{{ lookup('url', at ~ '/a', split_lines=false) }}", "/a\n{{ 1 + 1 }}\n- -"),
        ("{{ query('url', at ~ '/moved') | first }}", "/text"),
        ("{{ query('url', at ~ '/moved', username='u', password='p') | last }}", "Basic dTpw -"),
        ("{{ query('url', at ~ '/away', username='u', password='p') | last }}", "- -"),
        ("{{ query('url', at ~ '/a', username='u', password='p') | last }}", "Basic dTpw -"),
        ("{{ query('url', at ~ '/a', headers={'X-Mine': 'yes'}) | last }}", "- yes"),
    ],
)
def test_what_a_server_answers_is_data(text: str, expected: object, server: str) -> None:
    """Its text is never evaluated, however it looks."""
    assert look(text, server) == expected


def test_an_option_may_come_from_a_variable(server: str) -> None:
    """By the names that Ansible's documentation has for it."""
    text = "{{ lookup('url', at ~ '/a') }}"
    assert look(text, server, ansible_lookup_url_split_lines=False) == "/a\n{{ 1 + 1 }}\n- -"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ lookup('url', at ~ '/gone') }}", "Received HTTP error for .*/gone: HTTP Error 404"),
        ("{{ lookup('url', at ~ '/moved', follow_redirects='none') }}", "HTTP Error 302"),
        ("{{ lookup('url', 'http://127.0.0.1:1/') }}", "Failed lookup url .* Connection refused"),
        ("{{ lookup('url', 'file:///etc/passwd') }}", "it is no web address"),
        ("{{ lookup('url', at, use_gssapi=true) }}", "`use_gssapi` is not supported"),
    ],
)
def test_what_fails_is_told(text: str, message: str, server: str) -> None:
    """With the address; a file of this machine is none."""
    with pytest.raises(TemplateFailed, match=message):
        look(text, server)


def test_an_answer_is_no_condition(server: str) -> None:
    """What a server sends can never decide by being evaluated."""
    with pytest.raises(TemplateFailed, match="untrusted"):
        condition(Template("{{ query('url', at ~ '/a')[1] }}"), Scope(({"at": server},)))
    assert condition(Expression("query('url', at ~ '/a') | length == 3"), Scope(({"at": server},)))


@pytest.mark.parametrize("place", ["@127.0.0.1:1/", "@nowhere.invalid/", "@127.0.0.1:{port}/gone"])
def test_a_password_in_an_address_is_not_told(server: str, place: str) -> None:
    """Whatever is wrong."""
    place = place.format(port=server.rpartition(":")[2])
    for scheme in ("http", "gopher"):
        with pytest.raises(TemplateFailed) as raised:
            look("{{ lookup('url', at) }}", f"{scheme}://user:hunter22{place}")
        assert place[1:] in str(raised.value)
        assert "hunter22" not in str(raised.value)
