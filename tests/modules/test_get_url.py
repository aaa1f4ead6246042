"""`get_url` downloads what is not there as it should be; what breaks off changes nothing."""

import gzip
import json
import socket
import socketserver
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host, harvest, plant
from tests.modules.site import Page, Site, make_certificate
from tests.sandbox import Sandbox

SHA1 = b"f572d396fae9206628714fb2ce00f72e94f2258f"
PRIVATE = f"Basic {b64encode(b'user:secret').decode()}"
PAGES = {
    "/text": Page(body=b"hello\n"),
    "/dated": Page(body=b"hello\n", since="long ago"),
    "/gnu": Page(body=b"00  other\n" + SHA1 + b" *text\n"),
    "/bsd": Page(body=b"SHA1 (other) = 00\nSHA1 (text) = " + SHA1 + b"\n"),
    "/bare": Page(body=SHA1 + b"\n"),
    "/named": Page(body=b"named\n", headers={"Content-Disposition": 'x; filename="given"'}),
    "/out": Page(body=b"named\n", headers={"Content-Disposition": 'x; filename="/a/../given"'}),
    "/short": Page(body=b"only this", length=100),
    "/packed": Page(body=gzip.compress(b"text" * 100)[:-12], headers={"Content-Encoding": "gzip"}),
    "/private": Page(body=b"welcome\n", user=PRIVATE),
    "/slow": Page(body=b"late", pause_s=1.5),
}
CASES = read_cases("get_url", {"url": "{u}/text", "dest": "{w}/x"})


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Give a server with pages of many kinds."""
    with Site(PAGES) as one:
        yield one


def at(value: Any, site: Site) -> Any:
    """Put the server's address in the place of `{u}`, and host and port of `{h}`."""
    if isinstance(value, dict):
        return {key: at(item, site) for key, item in value.items()}
    if isinstance(value, str):
        return value.replace("{u}", site.url).replace("{h}", site.url.rpartition("/")[2])
    return value


@pytest.mark.parametrize("case", CASES, ids=str)
def test_get_url(case: Case, host: Host, site: Site, tmp_path: Path) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    placed = replace(case, args=at(case.args, site), result=at(case.result, site))
    verify(placed, host, tmp_path, tmp_path)


def test_the_old_file_is_kept_on_request(here: Host, site: Site, tmp_path: Path) -> None:
    """Its path is in the result."""
    plant(tmp_path, {"x": "file 640 old"})
    args = {"url": f"{site.url}/text", "dest": f"{tmp_path}/x", "backup": True}
    assert Path(here.run("get_url", args)["backup_file"]).read_text() == "old"


def test_check_mode_asks_only_for_the_headers_of_a_new_file(
    here: Host, site: Site, tmp_path: Path
) -> None:
    """Nothing is downloaded to tell that it would be."""
    site.asked.clear()
    args = {"url": f"{site.url}/text", "dest": f"{tmp_path}/x"}
    assert here.run("get_url", args, check=True)["changed"]
    assert [asked.method for asked in site.asked] == ["HEAD"]


def test_nothing_is_left_of_a_broken_download(here: Host, site: Site, tmp_path: Path) -> None:
    """The temporary file is gone from the directory that was named for it."""
    plant(tmp_path, {"x": "file 644 old"})
    args = {"url": f"{site.url}/short", "dest": f"{tmp_path}/x", "tmp_dest": str(tmp_path)}
    assert here.run("get_url", args)["failed"]
    assert harvest(tmp_path) == {"x": "file 644 old"}


@pytest.mark.slow
def test_a_server_that_is_silent_is_given_up(here: Host, site: Site, tmp_path: Path) -> None:
    """`timeout` is the time without a word."""
    args = {"url": f"{site.url}/slow", "dest": f"{tmp_path}/x", "timeout": 1}
    result = here.run("get_url", args)
    assert (result["failed"], result["elapsed"]) == (True, 1)
    assert result["msg"] == "Connection failure: timed out"


def test_a_server_that_hangs_up(here: Host, tmp_path: Path) -> None:
    """The failure says so; the file stays."""
    plant(tmp_path, {"x": "file 644 old"})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        hanging_up = threading.Thread(target=_hang_up, args=(listening,))
        hanging_up.start()
        result = here.run("get_url", {"url": f"http://127.0.0.1:{port}/", "dest": f"{tmp_path}/x"})
        hanging_up.join()
    assert result["failed"]
    assert result["msg"].startswith("Connection failure: ")
    assert harvest(tmp_path) == {"x": "file 644 old"}


def _hang_up(listening: socket.socket) -> None:
    listening.accept()[0].close()


def test_credentials_do_not_follow_to_another_host(here: Host, site: Site, tmp_path: Path) -> None:
    """What was given for one host is sent to it, and not where it points to."""
    to = {"/away": Page(status=302, headers={"Location": f"{site.url}/text"})}
    headers = {"Authorization": "Bearer secret", "Cookie": "a=secret", "X-One": "1"}
    with Site(to) as other:
        site.asked.clear()
        args = {"url": f"{other.url}/away", "dest": f"{tmp_path}/x", "headers": headers}
        assert here.run("get_url", args)["changed"]
        assert other.asked[0].headers["Authorization"] == "Bearer secret"
    sent = site.asked[0].headers
    assert "secret" not in str(sent)
    assert sent["X-One"] == "1"


def test_readers_see_the_old_or_the_new_file(here: Host, site: Site, tmp_path: Path) -> None:
    """Who has the old file open goes on reading it."""
    plant(tmp_path, {"x": "file 644 old"})
    with (tmp_path / "x").open() as reader:
        here.run("get_url", {"url": f"{site.url}/text", "dest": f"{tmp_path}/x"})
        assert reader.read() == "old"
    assert (tmp_path / "x").read_text() == "hello\n"


def test_a_password_in_a_broken_address_is_not_shown(here: Host, tmp_path: Path) -> None:
    """Nor in one that cannot be reached."""
    for url in ("http://user:secret@[::1/x", "http://user:secret@127.0.0.1:1/x", "x://u:secret@h"):
        told = here.run("get_url", {"url": url, "dest": f"{tmp_path}/x"})
        assert told["failed"]
        assert "secret" not in str(told)


FTP = {"USER": "230 in", "TYPE": "200 ok", "SIZE": "213 4", "CWD": "250 ok", "QUIT": "221 x"}


class _Ftp(socketserver.StreamRequestHandler):
    """An FTP server that has one file."""

    def handle(self) -> None:
        self._say("220 ready")
        data = socket.create_server(("127.0.0.1", 0))
        for line in self.rfile:
            word = line.split()[0].decode().upper()
            if word == "EPSV":
                self._say(f"229 here (|||{data.getsockname()[1]}|)")
            elif word == "PASV":
                high, low = divmod(data.getsockname()[1], 256)
                self._say(f"227 here (127,0,0,1,{high},{low})")
            elif word == "RETR":
                self._say("150 coming")
                with data.accept()[0] as connection:
                    connection.sendall(b"ftp\n")
                self._say("226 done")
            else:
                self._say(FTP.get(word, "502 what"))
        data.close()

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def test_ftp(here: Host, tmp_path: Path) -> None:
    """A file of an FTP server is a file."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Ftp) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"ftp://127.0.0.1:{server.server_address[1]}/x"
        result = here.run("get_url", {"url": url, "dest": f"{tmp_path}/x"})
        server.shutdown()
    assert result["changed"], result
    assert (tmp_path / "x").read_text() == "ftp\n"


def test_netrc(here: Host, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its credentials are used where none are given, and not with `use_netrc: false`."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    args = {"url": f"{site.url}/private", "dest": f"{tmp_path}/x"}
    assert here.run("get_url", args)["changed"]
    assert here.run("get_url", {**args, "force": True, "use_netrc": False})["failed"]
    site.asked.clear()
    here.run("get_url", {**args, "force": True, "headers": {"authorization": "Bearer mine"}})
    assert site.asked[0].headers["Authorization"] == "Bearer mine"


def test_proxies(here: Host, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy is asked, unless `use_proxy` says otherwise."""
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.delenv("no_proxy", raising=False)
    site.pages["http://elsewhere.invalid/x"] = Page(body=b"by proxy")
    args = {"url": "http://elsewhere.invalid/x", "dest": f"{tmp_path}/x"}
    assert here.run("get_url", args)["changed"]
    assert (tmp_path / "x").read_text() == "by proxy"
    assert here.run("get_url", {**args, "use_proxy": False})["failed"]


@pytest.mark.slow
def test_certificates_are_verified(here: Host, tmp_path: Path) -> None:
    """One that nobody vouches for is refused, unless that does not matter."""
    certificate = make_certificate(tmp_path / "pem")
    with Site(PAGES, certificate) as site:
        args = {"url": f"{site.url}/text", "dest": f"{tmp_path}/x"}
        refused = here.run("get_url", args)
        assert "certificate verify failed" in refused["msg"]
        assert here.run("get_url", {**args, "validate_certs": False})["changed"]
        wrong = here.run("get_url", {**args, "ciphers": ["NONSENSE"], "force": True})
        assert wrong["msg"].startswith("ciphers cannot be used: NONSENSE: ")


@pytest.mark.root
@pytest.mark.slow
def test_full_and_read_only_file_systems(inside: Host, sandbox: Sandbox) -> None:
    """The message says what is wrong, the old file is whole, and nothing else is left."""
    program = (
        "mkdir /full /ro && mount -t tmpfs -o size=64k none /full && echo old > /full/x"
        " && head -c 200000 /dev/zero > /big && mount -t tmpfs none /ro && echo old > /ro/x"
        " && mount -o remount,ro /ro"
    )
    sandbox.run(["sh", "-c", program])
    full = inside.run("get_url", {"url": "file:///big", "dest": "/full/x", "force": True})
    assert "No space left on device" in full["msg"]
    there = {"url": "file:///big", "dest": "/full/x", "tmp_dest": "/full"}
    assert inside.run("get_url", there)["msg"].startswith("failed to create temporary content")
    read_only = inside.run("get_url", {"url": "file:///big", "dest": "/ro/x"})
    assert read_only["msg"] == "Destination /ro/x is not writable"
    assert sandbox.run(["sh", "-c", "cat /full/* /ro/*; ls -A /full /ro"]) == (
        "old\nold\n/full:\nx\n\n/ro:\nx\n"
    )


@pytest.mark.parametrize("password", ["secret", "sec@ret"])
def test_no_password_of_an_address_is_told(here: Host, tmp_path: Path, password: str) -> None:
    """Neither that of the file nor that of its checksums, whatever is in it."""
    site = f"http://user:{password}@127.0.0.1:9"
    for args in ({"url": f"{site}/x"}, {"checksum": f"sha1:{site}/sums", "url": "http://h/x"}):
        result = here.run("get_url", {**args, "dest": str(tmp_path / "x")})
        assert result["failed"]
        assert "ret" not in json.dumps(result)
