"""What all tests share: `async def` tests run on a loop of their own, the oracle may be absent."""

from __future__ import annotations

import asyncio
import inspect
import os

import pytest

from tests.parity.oracle import VARIABLE, VENV

REQUIRE_ALL = os.environ.get("UNDERSTUDY_REQUIRE") == "all"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test to its end."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 (pytest's only way to know them)
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs the oracle where there is none, unless every test is required."""
    if item.get_closest_marker("oracle") is None or REQUIRE_ALL:
        return
    if VARIABLE not in os.environ and not (VENV / "bin" / "ansible-playbook").exists():
        pytest.skip("needs the oracle: `python -m tests.parity --oracle`")
