"""What all tests share: `async def` tests run on a loop of their own; tiers that must be asked for.

A test marked with a tier runs when `-m` names the tier, or when `UNDERSTUDY_REQUIRE=all`; then a
missing prerequisite is a failure, not a skip. What is `nightly` runs only when `-m` names it.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mariadb import Server
from tests.parity.oracle import VARIABLE, VENV

NIGHTLY = "nightly"
TIERS = ("oracle", "sshd", "root", "mysql", "browser", "pip", "pythons")
REQUIRE_ALL = os.environ.get("UNDERSTUDY_REQUIRE") == "all"

# Programs that tests start keep what they compile, as installed ones do: it is most of their start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure() -> None:
    """Let no proxy of the user's stand between a test and its own server."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the user's cache alone, also in programs that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the tests themselves: there are many, and they stay."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test to its end."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tiers that nobody asked for."""
    asked = str(config.getoption("markexpr"))
    for tier in (*TIERS, NIGHTLY):
        if tier in asked or (REQUIRE_ALL and tier != NIGHTLY):
            continue
        for item in items:
            if item.get_closest_marker(tier):
                item.add_marker(pytest.mark.skip(reason=f"run it with `-m {tier}`"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs the oracle where there is none, unless every test is required."""
    if item.get_closest_marker("oracle") is None or REQUIRE_ALL:
        return
    if VARIABLE not in os.environ and not (VENV / "bin" / "ansible-playbook").exists():
        pytest.skip("needs the oracle: `python -m tests.parity --oracle`")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a certificate of 127.0.0.1, which is its own authority, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    names = ("-subj", "/CN=understudy", "-addext", "subjectAltName=IP:127.0.0.1")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"))
    subprocess.run(["openssl", "req", "-x509", *kind, *names, *files], check=True)
    return folder


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Server]:
    """Give a MariaDB server that all tests share; mark them `mysql`."""
    with Server(tmp_path_factory.mktemp("mariadb"), tls=certificates) as server:
        yield server
