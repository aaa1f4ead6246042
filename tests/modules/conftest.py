"""Hosts for the module tests: this process, an agent here, an agent under each other Python."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modules.runner import PYTHONS, Host, host_inside
from tests.sandbox import Sandbox
from understudy.connections.local import LocalConnection

_EVERYWHERE = [
    pytest.param("in process", id="in-process"),
    pytest.param("agent", id="agent"),
    *(pytest.param(name, id=f"python{name}", marks=pytest.mark.pythons) for name in PYTHONS),
]


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Make new files' permissions the same wherever the tests run."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def _no_git_settings() -> Iterator[None]:
    """Let git do what it does without the settings of this user and this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for place in ("GLOBAL", "SYSTEM"):
            patch.setenv(f"GIT_CONFIG_{place}", os.devnull)
        yield


@pytest.fixture
def here() -> Iterator[Host]:
    """Give a host whose modules run in this process."""
    host = Host()
    yield host
    host.close()


@pytest.fixture(scope="session", params=_EVERYWHERE)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Give every kind of host, one after another."""
    if request.param == "in process":
        one = Host()
    elif request.param == "agent":
        one = Host(LocalConnection(host="here"))
    else:
        one = Host(LocalConnection(host="here", interpreter=str(PYTHONS[request.param])))
    yield one
    one.close()


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no program to be found, on the path or beside it."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("os.path.isfile", lambda _: False)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Give a throw-away copy of this machine that shares the test's folder; needs root."""
    with Sandbox(tmp_path) as one:
        yield one


@pytest.fixture
def inside(sandbox: Sandbox, tmp_path: Path) -> Iterator[Host]:
    """Give a host whose modules run by an agent in the sandbox."""
    with host_inside(sandbox, tmp_path) as one:
        yield one


@pytest.fixture
def booted(tmp_path: Path) -> Iterator[Sandbox]:
    """Give a throw-away copy of this machine whose first process is systemd; needs root."""
    with Sandbox(tmp_path, boots=True) as one:
        yield one


@pytest.fixture
def booted_host(booted: Sandbox, tmp_path: Path) -> Iterator[Host]:
    """Give a host whose modules run by an agent in the booted sandbox."""
    with host_inside(booted, tmp_path) as one:
        yield one
