"""`mysql_db` and `mysql_query` with a real server, by PyMySQL and without: both give the same."""

import gzip
import multiprocessing
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.mariadb import Server
from tests.modules.runner import Host, Result

CASES = YAML(typ="safe").load(Path(__file__).parent / "cases" / "mysql.yml")
PASSWORD = "a \"b\" 'c' #d \\e\\n;é%s$X"
Run = Callable[..., Result]

server_test = pytest.mark.mysql


@pytest.fixture(params=["own", "pymysql"])
def sql_host(request, here: Host, monkeypatch) -> Host:
    """Give a host that has PyMySQL, and one that has not."""
    if request.param == "own":
        monkeypatch.setitem(sys.modules, "pymysql", None)
    else:
        import pymysql  # noqa: F401  (it is a tier: what is missing is a failure)
    return here


@pytest.fixture
def server(mariadb: Server) -> Iterator[Server]:
    """Give the server as it was in the beginning."""
    yield mariadb
    mariadb.clean()


@pytest.fixture
def run(sql_host: Host, server: Server) -> Run:
    """Give a call of a module that logs in as root by the server's socket."""

    def call(module: str, *, check: bool = False, **args: Any) -> Result:
        given = {"login_unix_socket": str(server.socket), "login_user": "root", **args}
        return sql_host.run(module, given, check=check)

    return call


@server_test
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_case(case: dict[str, Any], run: Run, server: Server) -> None:
    """It is predicted, done, and done again; the server has then what it should have."""
    for sql in case.get("before", []):
        server.sql(f"DELIMITER //\n{sql} //")
    changed = case.get("changed", True)
    if case["module"] == "mysql_db":
        before = server.sql("SHOW DATABASES")
        predicted = run("mysql_db", check=True, **case["args"])
        assert predicted.get("changed", False) == case.get("foretold", changed), predicted
        assert server.sql("SHOW DATABASES") == before
    result = run(case["module"], **case["args"])
    assert result.get("changed", False) == changed, result
    assert {key: result.get(key) for key in case.get("result", {})} == case.get("result", {})
    if "keys" in case:
        assert " ".join(sorted(result)) == case["keys"]
    for query, rows in case.get("after", {}).items():
        assert server.sql(query) == rows
    if changed and case["module"] == "mysql_db":
        assert run(case["module"], **case["args"])["changed"] is False


@pytest.fixture
def shop(server: Server) -> Server:
    """Give a server with a database `shop` and an account with a password that hurts."""
    escaped = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    server.sql(
        "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, b BLOB);"
        "INSERT INTO shop.t VALUES (1, 'one'), (2, x'00ff');"
        f"CREATE USER admin@localhost IDENTIFIED BY '{escaped}';"
        f"CREATE USER admin@`127.0.0.1` IDENTIFIED BY '{escaped}';"
        "GRANT ALL ON *.* TO admin@localhost; GRANT ALL ON *.* TO admin@`127.0.0.1`;"
    )
    return server


ADMIN = {"login_user": "admin", "login_password": PASSWORD}


@server_test
@pytest.mark.parametrize("ending", ["", ".gz", ".bz2", ".xz", ".zst"])
def test_a_dump_is_read_again(ending: str, run: Run, shop: Server, tmp_path: Path) -> None:
    """What is dumped and read again is the same; the password is in no result."""
    path = str(tmp_path / f"a b.sql{ending}")
    assert run("mysql_db", name="shop", state="dump", target=path, check=True, **ADMIN) == {
        "changed": True,
        "db": "shop",
        "db_list": ["shop"],
    }
    assert not Path(path).exists()
    dumped = run("mysql_db", name="shop", state="dump", target=path, hex_blob=True, **ADMIN)
    assert dumped["changed"], dumped
    assert PASSWORD not in str(dumped)
    assert "--user=admin --password=******** " in dumped["executed_commands"][0]
    run("mysql_db", name="copy", state="import", target=path, check=True, **ADMIN)
    assert "copy" not in shop.sql("SHOW DATABASES")
    loaded = run("mysql_db", name="copy", state="import", target=path, **ADMIN)
    assert loaded["executed_commands"][0] == "CREATE DATABASE `copy`"
    assert PASSWORD not in str(loaded)
    assert shop.sql("SELECT id, HEX(b) FROM copy.t") == ["1\t6F6E65", "2\t00FF"]


@server_test
def test_options_of_a_dump_reach_the_program(run: Run, shop: Server, tmp_path: Path) -> None:
    """What is shown is the line that a person would type."""
    shop.sql("CREATE TABLE shop.log (id INT); CREATE DATABASE two; CREATE TABLE two.x (id INT)")
    path = tmp_path / "x.sql"
    result = run(
        "mysql_db",
        name=["shop", "two"],
        state="dump",
        target="x.sql",
        chdir=str(tmp_path),
        single_transaction=True,
        skip_lock_tables=True,
        ignore_tables=["shop.log"],
        encoding="utf8",
        hex_blob=True,
        force=True,
        dump_extra_args="--skip-comments --where='id > 1'",
    )
    line = result["executed_commands"][0].replace(str(shop.socket), "S")
    assert line == (
        "/usr/bin/mariadb-dump --user=root --force --socket=S --databases shop two"
        " --skip-lock-tables --default-character-set=utf8 --single-transaction=true --quick"
        " --ignore-table=shop.log --hex-blob --skip-comments '--where=id > 1' > x.sql"
    )
    text = path.read_text()
    assert "(2,0x00FF)" in text
    assert "(1," not in text
    assert "`log`" not in text
    assert "CREATE TABLE `x`" in text


@server_test
def test_everything_is_dumped_and_read(run: Run, shop: Server, tmp_path: Path) -> None:
    """`all` is every database; an import of it goes where the dump says."""
    path = str(tmp_path / "all.sql")
    assert run("mysql_db", name="all", state="dump", target=path)["changed"]
    (tmp_path / "more.sql").write_text("CREATE DATABASE more; USE more; CREATE TABLE t (i INT);")
    assert "CREATE TABLE `t`" in Path(path).read_text("utf-8", "replace")
    done = run("mysql_db", name="all", state="import", target=str(tmp_path / "more.sql"))
    assert done["executed_commands"][0].endswith(f".sock < {tmp_path}/more.sql")
    assert shop.sql("SHOW TABLES FROM more") == ["t"]


@server_test
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_failed_dump_leaves_the_old_one(ending: str, run: Run, tmp_path: Path) -> None:
    """Neither half a dump nor a packed nothing takes its place, and no rest is left."""
    path = tmp_path / f"x.sql{ending}"
    path.write_text("old")
    result = run(
        "mysql_db", name="shop", state="dump", target=str(path), dump_extra_args="--nonsense"
    )
    assert result["failed"]
    assert "unknown option '--nonsense'" in result["msg"]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@server_test
@pytest.mark.usefixtures("shop")
def test_a_dump_follows_a_link_and_keeps_the_mode(run: Run, tmp_path: Path) -> None:
    """What the link leads to is replaced; a device is written to, and may be full."""
    (tmp_path / "real.sql").write_text("old")
    (tmp_path / "real.sql").chmod(0o600)
    (tmp_path / "link.sql").symlink_to("real.sql")
    assert run("mysql_db", name="shop", state="dump", target=str(tmp_path / "link.sql"))["changed"]
    assert (tmp_path / "link.sql").is_symlink()
    assert "CREATE TABLE" in (tmp_path / "real.sql").read_text("utf-8", "replace")
    assert (tmp_path / "real.sql").stat().st_mode & 0o777 == 0o600
    full = run("mysql_db", name="shop", state="dump", target="/dev/full")
    assert full["failed"]
    assert Path("/dev/full").is_char_device()
    quoted = run("mysql_db", name="shop", state="dump", target="/x", dump_extra_args="'a")
    assert quoted["msg"] == "dump_extra_args: No closing quotation: 'a"
    nowhere = run("mysql_db", name="shop", state="dump", target="/nowhere/x.sql")
    assert nowhere["msg"] == "cannot write /nowhere/x.sql: No such file or directory"


@server_test
@pytest.mark.slow
def test_a_killed_dump_leaves_the_old_one(shop: Server, tmp_path: Path) -> None:
    """Whoever reads the file has a whole dump, whenever the module ends."""
    path = tmp_path / "x.sql"
    path.write_text("old")
    slow = tmp_path / "mariadb-dump"
    slow.write_text(f"#!/bin/sh\necho half; echo $PPID >{tmp_path}/pid; exec sleep 5\n")
    slow.chmod(0o755)
    module = multiprocessing.get_context("fork").Process(
        target=_dump_with, args=(f"{tmp_path}:{os.environ['PATH']}", str(shop.socket), str(path))
    )
    module.start()
    while not (tmp_path / "pid").exists() and module.is_alive():
        module.join(0.02)
    module.kill()
    module.join()
    assert (tmp_path / "pid").exists()
    assert path.read_text() == "old"


def _dump_with(path: str, server: str, target: str) -> None:
    os.environ["PATH"] = path
    login = {"login_user": "root", "login_unix_socket": server}
    Host().run("mysql_db", {"name": "shop", "state": "dump", "target": target, **login})


@server_test
def test_a_broken_import_fails(run: Run, shop: Server, tmp_path: Path) -> None:
    """Wrong SQL is told unless it is forced; a broken archive always is."""
    wrong = tmp_path / "wrong.sql"
    wrong.write_text("CREATE TABLE one (i INT);\nnonsense;\nCREATE TABLE two (i INT);\n")
    args = {"name": "new", "state": "import", "target": str(wrong)}
    result = run("mysql_db", **args)
    assert "ERROR 1064 (42000) at line 2" in result["msg"]
    assert run("mysql_db", force=True, **args | {"name": "newer"})["changed"]
    assert shop.sql("SHOW TABLES FROM newer") == ["one", "two"]
    broken = tmp_path / "x.sql.gz"
    broken.write_bytes(gzip.compress(b"CREATE TABLE t (i INT);" + os.urandom(9999))[:-2000])
    assert run("mysql_db", **args | {"name": "half", "target": str(broken)})["failed"]
    folder = run("mysql_db", **args | {"target": str(tmp_path)})
    assert folder["msg"] == f"cannot read {tmp_path}: Is a directory"


@server_test
@pytest.mark.usefixtures("shop")
def test_missing_programs_are_named(run: Run, tmp_path: Path, monkeypatch) -> None:
    """The message says which program there is not."""
    monkeypatch.setenv("PATH", str(tmp_path))
    args = {"name": "shop", "state": "dump", "target": str(tmp_path / "x.sql")}
    neither = "neither `mariadb-dump` nor `mysqldump` is on the path of the target"
    assert run("mysql_db", **args)["msg"] == neither
    (tmp_path / "mysqldump").symlink_to("/usr/bin/mariadb-dump")
    packed = run("mysql_db", **args | {"target": str(tmp_path / "x.sql.zst")})
    text = f"`zstd` is not on the path of the target, and {tmp_path}/x.sql.zst needs it"
    assert packed["msg"] == text


@server_test
@pytest.mark.usefixtures("shop")
def test_the_password_is_in_no_argument_and_in_no_file(
    run: Run, tmp_path: Path, monkeypatch
) -> None:
    """A program reads it from a file without a name, which nothing else can open."""
    spy = tmp_path / "mariadb-dump"
    spy.write_text(
        '#!/bin/sh\necho "$@" >arguments\nenv >environment\n'
        'grep -rls "#d" "${TMPDIR:-/tmp}"/.understudy* >files\n'
        'readlink "${1#*=}" >link\ncat "${1#*=}"\n'
    )
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    target = tmp_path / "x.sql"
    run("mysql_db", name="shop", state="dump", target=str(target), chdir=str(tmp_path), **ADMIN)
    for name in ("arguments", "environment"):
        assert "#d" not in (tmp_path / name).read_text()
    assert (tmp_path / "files").read_text() == ""
    assert (tmp_path / "link").read_text().endswith("(deleted)\n")
    assert r'password="a \"b\" ' in target.read_text()


@server_test
def test_logins_of_option_files(run: Run, shop: Server, tmp_path: Path) -> None:
    """What the group `client` says counts where no argument does, for statements and programs."""
    escaped = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    config = tmp_path / "my.cnf"
    config.write_text(
        "!includedir /nowhere\n[mysqld]\nuser=x\n"
        f'[client]\nuser = admin # him\npassword="{escaped}"\n'
        f"socket={shop.socket}\nssl_ca=\n"
    )
    args = {"login_unix_socket": None, "login_user": None, "config_file": str(config)}
    told = run("mysql_query", query="SELECT USER() AS u", **args)
    assert told["query_result"] == [[{"u": "admin@localhost"}]], told
    target = str(tmp_path / "x.sql")
    dumped = run("mysql_db", name="shop", state="dump", target=target, **args)
    assert f"--defaults-extra-file={config} --user=admin" in dumped["executed_commands"][0]
    only = run(
        "mysql_db", name="shop", state="dump", target=target, restrict_config_file=True, **args
    )
    assert f"--defaults-file={config} --user=admin" in only["executed_commands"][0]
    config.write_text(f"[client]\nuser=admin\npassword='wrong'\nport={shop.port}\nhost=127.0.0.1\n")
    right = run(
        "mysql_db",
        name="shop",
        state="dump",
        target=target,
        **args | ADMIN | {"config_overrides_defaults": True},
    )
    assert f"--host=127.0.0.1 --port={shop.port}" in right["executed_commands"][0]
    wrong = run("mysql_query", query="SELECT 1", **args | {"login_host": "127.0.0.1"})
    assert f"or {config} has the credentials" in wrong["msg"]


@server_test
def test_tls_is_checked(run: Run, shop: Server, certificates: Path, tmp_path: Path) -> None:
    """With a certificate of an authority the server must have one of it, for its name."""
    args = {
        **ADMIN,
        "login_unix_socket": None,
        "login_host": "127.0.0.1",
        "login_port": shop.port,
        "ca_cert": str(certificates / "cert.pem"),
    }
    query = "SHOW STATUS LIKE 'Ssl_version'"
    told = run("mysql_query", query=query, **args)
    assert told["query_result"][0][0]["Value"].startswith("TLS"), told
    target = str(tmp_path / "x.sql")
    assert run("mysql_db", name="shop", state="dump", target=target, **args)["changed"]
    named = run("mysql_query", query=query, **args | {"login_host": "localhost"})
    assert "certificate verify failed" in named["msg"]
    trusting = {"login_host": "localhost", "check_hostname": False}
    assert "query_result" in run("mysql_query", query=query, **args | trusting)
    unknown = run("mysql_query", query=query, **args | {"ca_cert": None, "check_hostname": True})
    assert "certificate verify failed" in unknown["msg"]


@server_test
def test_statements_are_not_run_in_check_mode(run: Run) -> None:
    """Nobody can tell what they would do."""
    told = run("mysql_query", query="CREATE DATABASE shop", check=True)
    assert told["skipped"]
    assert run("mysql_db", name="shop")["changed"]


@server_test
def test_on_every_host(host: Host, server: Server, tmp_path: Path) -> None:
    """An agent runs without site-packages: it finds PyMySQL there, or does without it."""
    login = {"login_user": "root", "login_unix_socket": str(server.socket)}
    target = str(tmp_path / "x.sql.gz")
    assert host.run("mysql_db", {"name": "shop", **login})["changed"]
    told = host.run("mysql_query", {"query": "SELECT 1.5e0 AS a, 'é' AS b", **login})
    assert told["query_result"] == [[{"a": 1.5, "b": "é"}]]
    dump = {"name": "shop", "state": "dump", "target": target, **login}
    assert host.run("mysql_db", dump)["changed"]
    assert host.run("mysql_db", dump | {"state": "import"})["changed"]


@server_test
@pytest.mark.slow
def test_long_packets_are_put_together(run: Run, shop: Server) -> None:
    """Beyond 16 MiB a value comes and goes in several packets."""
    shop.sql("SET GLOBAL max_allowed_packet = 64 * 1024 * 1024")
    length = (1 << 24) + 5
    asked = run(
        "mysql_query",
        query="SELECT REPEAT('x', %s) AS x, LENGTH(%s) AS n",
        positional_args=[length, "y" * length],
    )
    shop.sql("SET GLOBAL max_allowed_packet = DEFAULT")
    (row,) = asked["query_result"][0]
    assert (len(row["x"]), row["n"]) == (length, length)


class FakeServer:
    """A server that plays a script: what it sends, and what it got. `login` is its plug-in."""

    def __init__(self, folder: Path, login: bytes, script: list[bytes]) -> None:
        self.path = str(folder / "fake.sock")
        self.got: list[bytes] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        head = b"\x0a8.0.30\0" + struct.pack("<I", 7) + b"12345678\0"
        flags = struct.pack("<HBHHB10x", 0xF7FF, 45, 2, 0x80FF, 21)
        greeting = head + flags + b"abcdefghijkl\0" + login + b"\0"
        self._thread = threading.Thread(target=self._play, args=([greeting, *script],))
        self._thread.start()

    def _play(self, script: list[bytes]) -> None:
        talk, _ = self._listener.accept()
        with talk, self._listener:
            number = 0
            for left, packet in zip(reversed(range(len(script))), script, strict=True):
                talk.sendall(struct.pack("<I", len(packet))[:3] + bytes((number,)) + packet)
                if not left:
                    talk.shutdown(socket.SHUT_WR)
                head = talk.recv(4, socket.MSG_WAITALL)
                if len(head) < 4:
                    break
                number = head[3] + 1
                self.got.append(talk.recv(int.from_bytes(head[:3], "little"), socket.MSG_WAITALL))

    def close(self) -> None:
        self._thread.join(5)


OK = b"\0\0\0\x02\0\0\0"


@pytest.fixture
def no_library(monkeypatch) -> None:
    """Take PyMySQL away."""
    monkeypatch.setitem(sys.modules, "pymysql", None)


def played(
    here: Host, folder: Path, login: bytes, script: list[bytes]
) -> tuple[Result, list[bytes]]:
    """Ask a scripted server; return the result and what the server got."""
    fake = FakeServer(folder, login, script)
    args = {"login_unix_socket": fake.path, "login_user": "u", "login_password": "secret"}
    result = here.run("mysql_query", args | {"query": "DO 1", "connect_timeout": 5})
    fake.close()
    return result, fake.got


@pytest.mark.usefixtures("no_library")
def test_the_login_of_mysql_8(here: Host, tmp_path: Path) -> None:
    """The password is mixed with the server's bytes; over a socket it may be asked for as it is."""
    script = [b"\x01\x04", OK, OK, OK, OK]
    result, got = played(here, tmp_path, b"caching_sha2_password", script)
    once = sha256(b"secret").digest()
    mask = sha256(sha256(once).digest() + b"12345678abcdefghijkl").digest()
    assert bytes(a ^ b for a, b in zip(once, mask, strict=True)) in got[0]
    assert got[1] == b"secret\0"
    assert got[-1] == b"\x03DO 1"
    assert result["rowcount"] == [0]


@pytest.mark.usefixtures("no_library")
@pytest.mark.parametrize(
    ("login", "script", "complaint"),
    [
        (b"client_ed25519", [], "the login `client_ed25519` of this server needs PyMySQL"),
        (b"mysql_native_password", [b"\xff\x15\x04#28000no"], "(1045, 'no')"),
        (b"mysql_native_password", [OK, OK, OK, b"\xfb/etc/shadow"], "the server asks for a file"),
        (b"mysql_native_password", [OK, OK, OK], "Lost connection to MySQL server"),
        (b"mysql_native_password", [b"\xfeodd\0xx"], "the login `odd` of this server"),
        (b"mysql_native_password", [OK, OK, OK, b"\x01"], "Lost connection to MySQL server"),
        (b"mysql_native_password", [OK, OK, OK, b"\xfd\x01"], "(2027, 'Malformed packet')"),
        (b"mysql_native_password", [b"\x01\x09"], "the server's login is not understood"),
    ],
)
def test_servers_that_want_too_much(
    login: bytes, script: list[bytes], complaint: str, here: Host, tmp_path: Path
) -> None:
    """A server gets neither files nor the password, and its errors are told."""
    result, got = played(here, tmp_path, login, script)
    assert result["failed"]
    assert complaint in result["msg"]
    assert b"secret" not in b"".join(got)
