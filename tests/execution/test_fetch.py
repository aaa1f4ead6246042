"""`fetch` puts files below the directory that the author names, whatever a host says."""

from __future__ import annotations

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
