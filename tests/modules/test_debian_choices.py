"""`debconf` and `dpkg_selections`, in a copy of the machine."""

from typing import Any

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox
from understudy.connections.base import ModuleCall

pytestmark = [pytest.mark.root, pytest.mark.slow]


def _question(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"name": "nothing", "question": "nothing/q", "vtype": kind, "value": value, **more}


def test_an_answer_is_set_once(inside: Host, sandbox: Sandbox) -> None:
    """Check mode foretells it; every kind of value is compared as debconf has it."""
    args = _question("string", "a b")
    expected = {
        "changed": True,
        "current": {"nothing/q": "a b"},
        "msg": "",
        "previous": {"nothing/q": ""},
        "diff": {},
    }
    assert inside.run("debconf", args, check=True) == expected
    assert sandbox.run(["debconf-show", "nothing"]) == ""
    assert inside.run("debconf", args) == expected
    assert inside.run("debconf", args) == {
        "changed": False,
        "current": {"nothing/q": "a b"},
        "msg": "",
    }
    for kind, value, again in (
        ("select", 3, "3"),
        ("boolean", True, "TRUE"),
        ("multiselect", ["a", "b"], ["b", "a"]),
        ("seen", False, "false"),
    ):
        assert inside.run("debconf", _question(kind, value))["changed"], kind
        assert not inside.run("debconf", _question(kind, again))["changed"], kind
    assert inside.run("debconf", {"name": "nothing"})["current"] == {"nothing/q": "a, b"}


def test_a_password_is_never_shown(inside: Host, sandbox: Sandbox) -> None:
    """It is set and compared, an empty one too; nothing that is told has it."""
    for value in ("s3cr:et ", "oth er", ""):
        results = [inside.run("debconf", _question("password", value)) for _ in range(2)]
        assert [result["changed"] for result in results] == [True, False], value
        assert not value or value not in str(results)
        told = inside.ask(ModuleCall(module="debconf", args=_question("password", value)))
        assert told["invocation"]["module_args"]["value"] == "(password omitted)"
        asked = sandbox.run(["sh", "-c", "echo GET nothing/q | debconf-communicate nothing"])
        assert asked == f"0 {value}\n"


def test_answers_that_are_none(inside: Host, sandbox: Sandbox) -> None:
    """One with several lines could answer another question; programs may be missing."""
    before = sandbox.run(["debconf-show", "nothing"])
    for args, message in (
        (_question("string", "a\nother other/q string b"), "it has more than one line"),
        (_question("string", ["a"]), "a list of texts goes with multiselect"),
        (_question("multiselect", ["a", 1]), "a list of texts goes with multiselect"),
    ):
        result = inside.run("debconf", args)
        assert result["msg"] == f"Invalid value provided for '{args['vtype']}': {message}"
    assert sandbox.run(["debconf-show", "nothing"]) == before
    for name in ("debconf-show", "dpkg"):
        (sandbox.root / "usr/bin" / name).unlink()
    missing = 'Failed to find required executable "%s" in paths: '
    shown = inside.run("debconf", {"name": "nothing"})["msg"]
    assert shown.startswith(missing % "debconf-show")
    selected = inside.run("dpkg_selections", {"name": "dpkg", "selection": "hold"})["msg"]
    assert selected.startswith(missing % "dpkg")


def test_a_selection_is_set_once(inside: Host, sandbox: Sandbox) -> None:
    """Check mode foretells it; a package that nobody knows is a failure."""
    args = {"name": "dpkg", "selection": "hold"}
    changed = {"changed": True, "before": "install", "after": "hold"}
    assert inside.run("dpkg_selections", args, check=True) == changed
    assert sandbox.run(["apt-mark", "showhold", "dpkg"]) == ""
    assert inside.run("dpkg_selections", args) == changed
    assert inside.run("dpkg_selections", args) == {**changed, "changed": False, "before": "hold"}
    assert sandbox.run(["apt-mark", "showhold", "dpkg"]) == "dpkg\n"
    unknown = inside.run("dpkg_selections", {"name": "no-such", "selection": "hold"})
    assert unknown["msg"] == "Failed to find package 'no-such' to perform selection 'hold'."
