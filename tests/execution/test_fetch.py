"""`fetch` puts files below the directory that the author names, whatever a host says."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

fetch = import_module("understudy.execution.actions.fetch")


def call(**args: Any) -> Any:
    """Return what the action looks at."""
    given = {"dest": "got", "flat": False, **args}
    host = SimpleNamespace(name="web1")
    return SimpleNamespace(args=given, host=host, search_path=(Path("/play"),))


@pytest.mark.parametrize("told", ["/home/me/x", "/../../home/me/x", "../../home/me/x"])
def test_what_a_host_says_of_a_home_leads_nowhere_else(told: str) -> None:
    """`~` is the host's to expand; the result is taken as a path of that host."""
    assert fetch._destination(call(), "~/x", told) == Path("/play/got/web1/home/me/x")


def test_what_a_host_says_of_a_path_counts_for_nothing() -> None:
    """The author's own words are the place, a `..` in them included."""
    dest = fetch._destination(call(), "/a/../b/x", "/../../../etc/passwd")
    assert dest == Path("/play/got/web1/b/x")


def test_what_may_not_be_looked_at_is_not_readable() -> None:
    """It is no missing file."""
    assert fetch._refusal("/a", {"readable": False}) == "File is not readable: /a"


@pytest.mark.parametrize("becomes", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_what_may_not_be_looked_at_is_told(*, becomes: bool, fails: bool) -> None:
    """In Ansible's words, which differ with the way that it looks."""
    asked = call(fail_on_missing=fails)
    asked.target = SimpleNamespace(becomes=becomes)
    about = {"readable": False, "failure": "Permission denied"}
    result = fetch._not_fetched(asked, "/a", about).result
    looked = "Failed to get information on remote file (/a): Permission denied"
    words = {
        (False, False): f"{looked}, ignored",
        (False, True): looked,
        (True, False): None,
        (True, True): "File is not readable: /a",
    }
    assert result.get("msg") == words[becomes, fails]
    assert bool(result.get("failed")) == fails


def test_a_place_that_cannot_be_looked_at_is_a_failure() -> None:
    """A name that no file system takes, for one."""
    asked = call(src="/" + "x" * 300, flat=True, dest="/tmp/" + "y" * 300)

    async def module(*_: Any) -> Any:
        return {"stat": {"exists": True, "path": "/x", "readable": True}}

    asked.target = SimpleNamespace(module=module, becomes=False)
    asked.check_mode = False
    asked.args["fail_on_missing"] = True
    result = asyncio.run(fetch.fetch(asked)).result
    assert result["msg"].startswith("cannot write /tmp/yyy")
    assert result["msg"].endswith("File name too long")


def test_several_hosts_may_fetch_into_one_file(tmp_path: Path) -> None:
    """It holds what one of them has, whole."""

    async def get(source: str, destination: Path) -> str:
        with destination.open("w") as file:
            for _ in range(3):
                file.write(source)
                file.flush()
                await asyncio.sleep(0)
        return ""

    asked = SimpleNamespace(target=SimpleNamespace(get=get))

    async def both() -> None:
        await asyncio.gather(*(fetch._streamed(asked, name, tmp_path / "x") for name in "ab"))

    asyncio.run(both())
    assert (tmp_path / "x").read_text() in {"aaa", "bbb"}
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
