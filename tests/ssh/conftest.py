"""Fixtures of the SSH tests: the same cases run on the embedded server and on OpenSSH's."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import REQUIRE_ALL
from tests.ssh import netem, openssh, users
from tests.ssh.embedded import EmbeddedSshd
from tests.ssh.netem import Link
from tests.ssh.openssh import OpenSshd
from tests.ssh.server import Setup, Sshd
from tests.ssh.users import Users

SHARED_HOSTS = 10
KINDS = [
    pytest.param("embedded", id="embedded"),
    pytest.param("openssh", id="openssh", marks=pytest.mark.sshd),
]


def need(why_not: str | None) -> None:
    """Skip with a reason, or fail with it when every test is required."""
    if why_not is None:
        return
    if REQUIRE_ALL:
        pytest.fail(why_not)
    pytest.skip(why_not)


@pytest.fixture(scope="session", params=KINDS)
def server_kind(request: pytest.FixtureRequest) -> str:
    """Name the program that serves: what uses it runs once on each."""
    if request.param == "openssh":
        need(openssh.missing())
    return request.param


def _start(kind: str, setup: Setup) -> Sshd:
    return EmbeddedSshd(setup) if kind == "embedded" else OpenSshd(setup)


@pytest.fixture(scope="session")
def ssh_server(server_kind: str) -> Iterator[Sshd]:
    """Give a server on 10 addresses that all tests share: it must not be harmed."""
    server = _start(server_kind, Setup(hosts=SHARED_HOSTS))
    yield server
    server.stop()


@pytest.fixture
def start_server(server_kind: str, request: pytest.FixtureRequest) -> Callable[..., Sshd]:
    """Give a function that starts a server of one's own from the fields of a Setup.

    OpenSSH's asks only users of the machine for a password, so there one is made.
    """

    def start(**fields: Any) -> Sshd:
        if "password" in fields and server_kind == "openssh":
            made = request.getfixturevalue("test_users").make("plain")
            fields.update(user=made.name, password=made.password)
        server = _start(server_kind, Setup(**fields))
        request.addfinalizer(server.stop)
        return server

    return start


@pytest.fixture
def start_sshd(request: pytest.FixtureRequest) -> Callable[..., OpenSshd]:
    """Give a function that starts OpenSSH's server from the fields of a Setup, where there is one.

    A test that uses it carries the mark `sshd`.
    """
    need(openssh.missing())

    def start(**fields: Any) -> OpenSshd:
        server = OpenSshd(Setup(**fields))
        request.addfinalizer(server.stop)
        return server

    return start


@pytest.fixture(scope="session")
def test_users() -> Iterator[Users]:
    """Give the maker of users on this machine; a test that uses it carries the mark `root`."""
    need(users.missing())
    with Users() as made:
        yield made


@pytest.fixture
def slow_server(request: pytest.FixtureRequest) -> Callable[..., tuple[OpenSshd, Link]]:
    """Give a function that starts OpenSSH's server behind a link with delay and loss.

    What runs there is started with `link.in_near`. A test that uses it carries `sshd` and `root`.
    Not every machine that runs every other test can make such links, so it may always be skipped.
    """
    need(openssh.missing())
    if why_not := netem.missing():
        pytest.skip(why_not)

    def start(delay_s: float, loss: float = 0.0, **fields: Any) -> tuple[OpenSshd, Link]:
        made = contextlib.ExitStack()
        request.addfinalizer(made.close)
        link = made.enter_context(netem.link(delay_s, loss))
        server = OpenSshd(Setup(**fields), [netem.FAR_ADDRESS], link.in_far)
        made.callback(server.stop)
        return server, link

    return start
