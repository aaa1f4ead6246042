"""Where apt looks for packages: lines, files with fields, keys; in a copy of the machine."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modules.runner import PYTHONS, Host, host_inside
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.root, pytest.mark.slow]

LINE = "deb http://a.example.org/debian stable main"
NAMES = (
    ("deb http://archive.example.com/ubuntu hardy partner", "archive_example_com_ubuntu"),
    ("deb https://user:pw@x.example.com:80/q/ ./", "x_example_com_80_q"),
    ("deb cdrom:[Debian GNU/Linux 7.0]/ wheezy main", "cdrom"),
    ("deb [arch=amd64] mirror+http://a@x.example.com/q?r=1 sid main", "x_example_com_q_r_1"),
    ("ppa:git-core/ppa", "ppa_git_core_ppa_jammy"),
    ("ppa:deadsnakes", "ppa_deadsnakes_jammy"),
)


@pytest.fixture
def etc(sandbox: Sandbox) -> Path:
    """Give apt's settings, with no sources at all."""
    path = sandbox.root / "etc/apt"
    for old in (path / "sources.list.d").iterdir():
        old.unlink()
    (path / "sources.list").write_text("# nothing here\n")
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Give a new key, with armour and, beside it, without."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "-q", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "t@example.org", "ed25519"], check=True)
    path = tmp_path / "key.asc"
    path.write_bytes(subprocess.check_output([*gpg, "--armor", "--export"]))
    path.with_suffix(".gpg").write_bytes(subprocess.check_output([*gpg, "--export"]))
    return path


@pytest.fixture
def web(tmp_path: Path, sandbox: Sandbox) -> Iterator[str]:
    """Give the address of the test's folder as the sandbox sees it."""
    folder = str(tmp_path)
    program = f"cd {folder} && exec python3 -m http.server 8765 --bind 127.0.0.1"
    server = subprocess.Popen(
        sandbox.words(["sh", "-c", program]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    ready = "until python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 8765))'"
    sandbox.run(["sh", "-c", f"{ready} 2>/dev/null; do sleep 0.05; done"])
    yield "http://127.0.0.1:8765"
    server.kill()
    server.wait()


def test_a_line_is_added_and_removed(inside: Host, etc: Path) -> None:
    """Other lines stay as they are; a file without lines goes."""
    args = {"repo": LINE.replace(" ", "  "), "update_cache": False, "filename": "own"}
    path = etc / "sources.list.d/own.list"
    shown = "/etc/apt/sources.list.d/own.list"
    foretold = inside.run("apt_repository", args, check=True, diff=True)
    assert (foretold["changed"], foretold["sources_added"]) == (True, [shown])
    assert foretold["diff"][0]["after"] == LINE + "\n"
    assert not path.exists()
    assert [inside.run("apt_repository", args)["changed"] for _ in range(2)] == [True, False]
    assert path.stat().st_mode & 0o777 == 0o644
    path.write_text(f"## a comment\n{LINE} contrib\n#{LINE} # why\n")
    assert inside.run("apt_repository", args)["changed"]
    assert path.read_text() == f"## a comment\n{LINE} contrib\n{LINE} # why\n"
    gone = {**args, "state": "absent"}
    assert [inside.run("apt_repository", gone)["changed"] for _ in range(2)] == [True, False]
    assert path.read_text() == f"## a comment\n{LINE} contrib\n"
    path.write_text(LINE)
    assert inside.run("apt_repository", gone)["sources_removed"] == [shown]
    assert not path.exists()
    assert (etc / "sources.list").read_text() == "# nothing here\n"


@pytest.mark.usefixtures("etc")
def test_files_are_named_by_the_address(inside: Host) -> None:
    """The address without credentials, in words, as Ansible calls them."""
    for repo, name in NAMES:
        args = {"repo": repo, "codename": "jammy", "update_cache": False}
        added = inside.run("apt_repository", args, check=True)["sources_added"]
        assert added == [f"/etc/apt/sources.list.d/{name}.list"]
    wrong = ("nonsense", f"# {LINE}", "")
    messages = [inside.run("apt_repository", {"repo": repo})["msg"] for repo in wrong]
    assert messages == [
        "Invalid repository string: nonsense",
        f"Invalid repository string:  {LINE}",
        "Please set argument 'repo' to a non-empty value",
    ]


def test_sources_that_apt_cannot_read_are_taken_back(inside: Host, etc: Path) -> None:
    """Whatever goes wrong after a change, the files are as before."""
    main = etc / "sources.list"
    before = main.read_text()
    for repo in ("deb http://x", "deb [trusted=yes] file:/nowhere stable main"):
        result = inside.run("apt_repository", {"repo": repo, "update_cache_retries": 1})
        assert result["msg"].startswith("Failed to update apt cache after 1 retries: E:")
        assert list((etc / "sources.list.d").iterdir()) == []
    assert main.read_text() == before
    ppa = inside.run("apt_repository", {"repo": "ppa:git-core/ppa", "codename": "jammy"})
    assert ppa["msg"].startswith("failed to fetch PPA information, error was: ")
    assert list((etc / "sources.list.d").iterdir()) == []


def test_links_full_disks_and_what_cannot_be_written(
    inside: Host, sandbox: Sandbox, etc: Path
) -> None:
    """A link stays one; the old file stays whole; the message tells the file."""
    parts = etc / "sources.list.d"
    (etc / "elsewhere").write_text(LINE + "\n")
    (parts / "own.list").symlink_to("/etc/apt/elsewhere")
    args = {"repo": LINE + " contrib", "filename": "own", "update_cache": False}
    assert inside.run("apt_repository", args)["changed"]
    assert (parts / "own.list").is_symlink()
    assert (etc / "elsewhere").read_text() == f"{LINE}\n{LINE} contrib\n"
    sandbox.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", "/etc/apt/sources.list.d"])
    (parts / "own.list").write_text(LINE + "\n")
    full = inside.run("apt_repository", {**args, "repo": LINE + " x" * 3000})
    assert full["msg"].startswith("Could not write /etc/apt/sources.list.d/own.list: ")
    assert "No space left" in full["msg"]
    fields = {"name": "big", "uris": "http://a", "suites": ["x" * 6000]}
    assert "No space left" in inside.run("deb822_repository", fields)["msg"]
    assert [(path.name, path.read_text()) for path in parts.iterdir()] == [
        ("own.list", LINE + "\n")
    ]
    sandbox.run(["mount", "-o", "remount,ro", "/etc/apt/sources.list.d"])
    assert "Read-only" in inside.run("apt_repository", args)["msg"]
    assert "Read-only" in inside.run("deb822_repository", {"name": "x"})["msg"]


def test_fields_of_a_source(inside: Host, etc: Path) -> None:
    """In the order of the arguments' names; a key with its lines, nothing slips into a field."""
    args = {
        "name": "A test_1/X",
        "uris": ["http://a", "http://b\nTrusted: yes"],
        "suites": "stable",
        "components": ["main"],
        "by_hash": False,
        "date_max_future": 3,
        "signed_by": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n----- the end -----\n",
    }
    path = etc / "sources.list.d/a-test-1x.sources"
    assert inside.run("deb822_repository", args, check=True)["changed"]
    assert not path.exists()
    results = [inside.run("deb822_repository", args) for _ in range(2)]
    assert [result["changed"] for result in results] == [True, False]
    assert results[1]["dest"] == "/etc/apt/sources.list.d/a-test-1x.sources"
    assert path.read_text() == (
        "By-Hash: no\nComponents: main\nDate-Max-Future: 3\nX-Repolib-Name: A test_1/X\n"
        "Signed-By:\n"
        "    -----BEGIN PGP PUBLIC KEY BLOCK-----\n    .\n    abc\n"
        "    ----- the end -----\nSuites: stable\nTypes: deb\n"
        "URIs: http://a http://b Trusted: yes\n"
    )
    assert inside.run("deb822_repository", {**args, "mode": "0600"})["changed"]
    assert path.stat().st_mode & 0o777 == 0o600
    gone = {"name": args["name"], "state": "absent"}
    assert inside.run("deb822_repository", gone, check=True)["changed"]
    assert path.exists()
    assert [inside.run("deb822_repository", gone)["changed"] for _ in range(2)] == [True, False]
    assert "gives no name" in inside.run("deb822_repository", {"name": "/../"})["msg"]


def test_the_key_of_a_source_is_fetched(inside: Host, etc: Path, key: Path, web: str) -> None:
    """It goes with the source, and is called after it; a server's refusal leaves all as it was."""
    args = {"name": "own", "uris": "http://a", "suites": "x", "signed_by": f"{web}/key.gpg"}
    results = [inside.run("deb822_repository", args) for _ in range(2)]
    assert [result["changed"] for result in results] == [True, False]
    assert results[0]["key_filename"] == "/etc/apt/keyrings/own.gpg"
    stored = etc / "keyrings/own.gpg"
    assert stored.read_bytes() == key.with_suffix(".gpg").read_bytes()
    armoured = inside.run("deb822_repository", {**args, "signed_by": f"{web}/key.asc"})
    assert armoured["key_filename"] == "/etc/apt/keyrings/own.asc"
    named = inside.run("deb822_repository", {**args, "signed_by": armoured["key_filename"]})
    assert named["key_filename"] == armoured["key_filename"]
    before = (etc / "sources.list.d/own.sources").read_text()
    missing = inside.run("deb822_repository", {**args, "signed_by": f"{web}/nothing"})
    assert missing["msg"] == "Could not fetch signed_by key: HTTP Error 404: File not found"
    assert (etc / "sources.list.d/own.sources").read_text() == before
    assert inside.run("deb822_repository", {"name": "own", "state": "absent"})["changed"]
    assert not stored.exists()


def test_keys_that_apt_trusts(inside: Host, etc: Path, key: Path, web: str) -> None:
    """A key gets a file of its own or goes into a ring; by its identifier it goes again."""
    foretold = inside.run("apt_key", {"file": str(key)}, check=True)
    ring = etc / f"trusted.gpg.d/{foretold['fp']}.gpg"
    assert foretold["changed"]
    assert not ring.exists()
    added = [inside.run("apt_key", {"data": key.read_text()}) for _ in range(2)]
    assert [one["changed"] for one in added] == [True, False]
    assert added[0]["fp"] in added[0]["after"]
    assert ring.stat().st_mode & 0o777 == 0o644
    other = {"keyring": "/etc/apt/other.gpg", "id": "0x" + foretold["id"][-8:].lower()}
    results = [inside.run("apt_key", {**other, "url": f"{web}/key.gpg"}) for _ in range(2)]
    assert [one["changed"] for one in results] == [True, False]
    assert results[0]["after"] == [foretold["short_id"]]
    gone = {"id": foretold["id"], "state": "absent"}
    assert inside.run("apt_key", gone, check=True)["changed"]
    assert [inside.run("apt_key", gone)["changed"] for _ in range(2)] == [True, False]
    assert not ring.exists()
    assert inside.run("apt_key", {**other, "state": "absent"})["after"] == []


def test_keys_that_are_none(inside: Host, etc: Path, key: Path, web: str) -> None:
    """Whatever is wrong with one is told, and nothing is written."""
    before = sorted((etc / "trusted.gpg.d").iterdir())
    for args, message in (
        ({}, "Invalid key_id"),
        ({"id": "xyz"}, "Invalid key_id"),
        ({"id": "0xAAAABBBBCCCCDDDD"}, "No key to add ... how did i get here?!?!"),
        ({"data": "rubbish"}, "Unable to extract key from 'inline data'"),
        ({"file": "/nonexist"}, "Unable to extract key from '/nonexist'"),
        (
            {"url": f"{web}/no"},
            f"Failed to download key at {web}/no: HTTP Error 404: File not found",
        ),
        ({"file": str(key), "id": "DEADBEEF"}, "apt-key did not return an error, but failed"),
        (
            {"id": "AAAABBBBCCCCDDDD", "keyserver": "127.0.0.1"},
            "Error fetching key AAAABBBBCCCCDDDD",
        ),
    ):
        result = inside.run("apt_key", args)
        assert result["failed"], args
        assert result["msg"].startswith(message), result
    assert sorted((etc / "trusted.gpg.d").iterdir()) == before


@pytest.mark.pythons
def test_the_oldest_python_will_do(sandbox: Sandbox, etc: Path, key: Path, tmp_path: Path) -> None:
    """All modules of apt run under it."""
    oldest = min(PYTHONS, key=lambda version: [int(part) for part in version.split(".")])
    tasks = (
        ("apt", {"name": "dpkg"}, False),
        ("apt_repository", {"repo": LINE, "update_cache": False}, True),
        ("apt_key", {"file": str(key)}, True),
        ("deb822_repository", {"name": "x", "uris": "http://a"}, True),
        ("debconf", {"name": "x", "question": "x/y", "vtype": "string", "value": "z"}, True),
        ("dpkg_selections", {"name": "dpkg", "selection": "hold"}, True),
    )
    with host_inside(sandbox, tmp_path, PYTHONS[oldest]) as host:
        for module, args, changed in tasks:
            result = host.run(module, args)
            assert result.get("changed") == changed, (module, result)
    assert (etc / "sources.list.d/x.sources").exists()


LAUNCHPAD = """\
import http.server, json, pathlib, ssl
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        about = {"signing_key_fingerprint": "FINGERPRINT"}
        key = pathlib.Path("key.asc").read_bytes()
        known = {"/1.0/~git-core/+archive/ppa": json.dumps(about).encode(),
                 "/pks/lookup?op=get&options=mr&search=0xFINGERPRINT": key,
                 "/1.0/~git-core/+archive/none": b"{}"}
        self.send_response(200 if self.path in known else 404)
        self.end_headers()
        self.wfile.write(known.get(self.path, b""))
server = http.server.HTTPServer(("127.0.0.1", 443), Answers)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
"""


def test_the_key_of_a_personal_archive(
    inside: Host, sandbox: Sandbox, etc: Path, key: Path, tmp_path: Path
) -> None:
    """Launchpad tells it, and a server of keys has it; a certificate that is none is refused."""
    fingerprint = "0123456789ABCDEF0123456789ABCDEF01234567"
    pem = ["-keyout", "server.pem", "-out", "cert.pem", "-subj", "/CN=x", "-days", "2"]
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *pem]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    with (tmp_path / "server.pem").open("a") as file:
        file.write((tmp_path / "cert.pem").read_text())
    hosts = sandbox.root / "etc/hosts"
    hosts.write_text("127.0.0.1 localhost api.launchpad.net keyserver.ubuntu.com\n")
    program = LAUNCHPAD.replace("FINGERPRINT", fingerprint)
    words = sandbox.words(["python3", "-c", program], tmp_path)
    args = {"repo": "ppa:git-core", "codename": "jammy", "update_cache": False}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        server.stdout.readline()
        refused = inside.run("apt_repository", args)
        assert "CERTIFICATE_VERIFY_FAILED" in refused["msg"]
        args["validate_certs"] = False
        none = inside.run("apt_repository", {**args, "repo": "ppa:git-core/none"})
        assert none["msg"].endswith("the archive has no key")
        results = [inside.run("apt_repository", args) for _ in range(2)]
        server.kill()
    assert [result["changed"] for result in results] == [True, False]
    assert (etc / f"trusted.gpg.d/{fingerprint}.asc").read_bytes() == key.read_bytes()
    line = "deb https://ppa.launchpadcontent.net/git-core/ppa/ubuntu jammy main\n"
    assert (etc / "sources.list.d/ppa_git_core_jammy.list").read_text() == line
