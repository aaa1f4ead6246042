"""`wait_for` waits for ports, files and time; it sleeps between looks and keeps to its limit."""

# ruff: noqa: E501 (a table of messages)

import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host, plant

KEYS = "changed elapsed match_groupdict match_groups path port search_regex state".split()
WHO = "gid group mode owner size uid".split()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


@pytest.fixture
def closed_port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    listener.close()
    return port


def wait(host: Host, **args: Any) -> dict[str, Any]:
    return host.run("wait_for", {"timeout": 1, **args})


def test_an_open_port(host: Host, listener: socket.socket) -> None:
    """A port that takes connections is started, and the result has Ansible's keys."""
    result = wait(host, port=listener.getsockname()[1])
    assert sorted(result) == KEYS
    assert (result["state"], result["elapsed"], result["changed"]) == ("started", 0, False)


@pytest.mark.slow
def test_a_closed_port_times_out(host: Host, closed_port: int) -> None:
    """The message names host and port, or is the one that was given."""
    result = wait(host, port=closed_port)
    assert result == {
        "failed": True,
        "elapsed": 1,
        "msg": f"Timeout when waiting for 127.0.0.1:{closed_port}",
    }
    assert wait(host, port=closed_port, timeout=0, msg="no server")["msg"] == "no server"


def test_a_closed_port_is_stopped(host: Host, closed_port: int) -> None:
    """`stopped` and `absent` are the same for a port."""
    assert wait(host, port=closed_port, state="stopped")["state"] == "stopped"
    assert wait(host, port=closed_port, state="absent")["state"] == "absent"


@pytest.mark.slow
def test_an_open_port_does_not_stop(here: Host, listener: socket.socket) -> None:
    """The limit holds for the end of a service too."""
    port = listener.getsockname()[1]
    msg = wait(here, port=port, state="stopped")["msg"]
    assert msg == f"Timeout when waiting for 127.0.0.1:{port} to stop."


def test_a_text_that_a_port_sends(host: Host, listener: socket.socket) -> None:
    """The text may come in pieces; its groups are returned."""

    def greet() -> None:
        peer, _ = listener.accept()
        with peer:
            for piece in (b"220 ma", b"il rea", b"dy\r\n"):
                peer.sendall(piece)
                time.sleep(0.02)

    greeter = threading.Thread(target=greet)
    greeter.start()
    result = wait(host, port=listener.getsockname()[1], search_regex=r"(\d+) (?P<who>\w+) ready")
    greeter.join()
    assert result["match_groups"] == ["220", "mail"]
    assert result["match_groupdict"] == {"who": "mail"}


@pytest.mark.slow
def test_a_port_that_sends_nothing(here: Host, listener: socket.socket) -> None:
    """A silent port does not hold the wait up beyond its limit."""
    port = listener.getsockname()[1]
    began = time.monotonic()
    msg = wait(here, port=port, search_regex="hello")["msg"]
    assert msg == f"Timeout when waiting for search string hello in 127.0.0.1:{port}"
    assert time.monotonic() - began < 1.5


def test_a_file_that_is_there(host: Host, tmp_path: Path) -> None:
    """The result describes the file; its state is what it is."""
    plant(tmp_path, {"x": "file 644 a"})
    result = wait(host, path=f"{tmp_path}/x")
    assert sorted(result) == sorted(KEYS + WHO)
    assert result["state"] == "file"


@pytest.mark.slow
def test_a_file_that_comes(here: Host, tmp_path: Path) -> None:
    """It is seen at the next look, one `sleep` later at most."""
    later = threading.Timer(0.3, lambda: plant(tmp_path, {"x": "file 644 ready 7"}))
    later.start()
    result = wait(here, path=f"{tmp_path}/x", search_regex="ready (.)", timeout=5)
    later.join()
    assert (result["elapsed"], result["match_groups"]) == (1, ["7"])


def test_a_group_that_takes_no_part_is_null(here: Host, tmp_path: Path) -> None:
    """Ansible returns null for it."""
    plant(tmp_path, {"x": "file 644 b"})
    assert wait(here, path=f"{tmp_path}/x", search_regex="(a)?b")["match_groups"] == [None]


@pytest.mark.parametrize("content", ["", "long " * 40_000 + "end"])
def test_a_text_in_files_of_any_length(here: Host, tmp_path: Path, content: str) -> None:
    """An empty file holds the empty text; a long one is searched to its end."""
    plant(tmp_path, {"x": f"file 644 {content}"})
    result = here.run("wait_for", {"path": f"{tmp_path}/x", "search_regex": "(end)?$"})
    assert result["match_groups"] == (["end"] if content else [None])
    gone = {"path": f"{tmp_path}/x", "search_regex": "nowhere", "state": "absent"}
    assert "failed" not in here.run("wait_for", gone)


def test_a_file_of_the_kernel_is_searched(here: Host) -> None:
    """It has no size, and cannot be mapped into memory."""
    args = {"path": "/proc/self/status", "search_regex": "^Name:"}
    assert "failed" not in here.run("wait_for", args)


def test_a_file_that_is_gone(host: Host, tmp_path: Path) -> None:
    """Gone is gone, and a file without the text is as good as gone."""
    plant(tmp_path, {"x": "file 644 a"})
    assert wait(host, path=f"{tmp_path}/y", state="absent")["elapsed"] == 0
    assert wait(host, path=f"{tmp_path}/x", state="absent", search_regex="b")["elapsed"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"path": "{w}/y"}, "Timeout when waiting for file {w}/y"),
        ({"path": "{w}/x", "search_regex": "b"}, "Timeout when waiting for search string b in {w}/x"),
        ({"path": "{w}/x", "state": "absent"}, "Timeout when waiting for {w}/x to be absent."),
        ({"path": "{w}", "state": "absent", "search_regex": "b"}, "Timeout when waiting for {w} to be absent."),
    ],
)  # fmt: skip
def test_a_file_times_out(here: Host, tmp_path: Path, args: dict[str, str], message: str) -> None:
    """Every kind of wait for a file has its message."""
    plant(tmp_path, {"x": "file 644 a"})
    args = {key: value.replace("{w}", str(tmp_path)) for key, value in args.items()}
    assert wait(here, **args)["msg"] == message.replace("{w}", str(tmp_path))


@pytest.mark.slow
def test_without_anything_it_sleeps(host: Host) -> None:
    """`timeout` alone is a pause, and it counts as success."""
    result = wait(host)
    assert (result["elapsed"], result["match_groups"]) == (1, [])


@pytest.mark.slow
def test_waiting_costs_no_processor_time(here: Host, tmp_path: Path) -> None:
    """Even `sleep: 0` does not spin."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    wait(here, path=f"{tmp_path}/x", sleep=0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 0.3


@pytest.mark.slow
def test_the_delay_counts_as_waiting(here: Host, listener: socket.socket) -> None:
    """A delay as long as the limit leaves no time to look."""
    result = wait(here, port=listener.getsockname()[1], delay=1)
    assert (result["failed"], result["elapsed"]) == (True, 1)


def test_a_port_without_connections_is_drained(host: Host, listener: socket.socket) -> None:
    """A listening socket is no connection."""
    assert wait(host, port=listener.getsockname()[1], state="drained")["state"] == "drained"


@pytest.mark.slow
def test_an_open_connection_holds_a_drain_up(host: Host, listener: socket.socket) -> None:
    """A connection counts unless its other end or its state is excluded."""
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        msg = wait(host, port=port, state="drained")["msg"]
        excluded = wait(host, port=port, state="drained", exclude_hosts="localhost")
        other_state = wait(host, port=port, state="drained", active_connection_states="TIME_WAIT")
    assert msg == f"Timeout when waiting for 127.0.0.1:{port} to drain"
    assert not excluded.get("failed")
    assert not other_state.get("failed")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"port": 1, "path": "/x"}, "port and path parameter can not both be passed to wait_for"),
        ({"path": "/x", "state": "stopped"}, "state=stopped should only be used for checking a port in the wait_for module"),
        ({"path": "/x", "state": "drained"}, "state=drained should only be used for checking a port in the wait_for module"),
        ({"port": 1, "exclude_hosts": "a"}, "exclude_hosts should only be with state=drained"),
        ({"port": 1, "state": "drained", "active_connection_states": "FOO"}, "unknown active_connection_state (FOO) defined"),
        ({"state": "drained"}, "port is required with state=drained"),
        ({"port": 1, "sleep": -1}, "sleep length must be non-negative"),
        ({"port": 1, "search_regex": "a("}, "Invalid regular expression: missing ), unterminated subpattern at position 1"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(here: Host, args: dict[str, Any], message: str) -> None:
    """Contradictions fail at once."""
    result = wait(here, **args)
    assert (result["failed"], result["msg"]) == (True, message)


def test_it_waits_for_nothing_in_check_mode(host: Host) -> None:
    """The wait is skipped."""
    result = host.run("wait_for", {"port": 1}, check=True)
    assert result == {
        "changed": False,
        "skipped": True,
        "msg": "remote module (wait_for) does not support check mode",
    }
