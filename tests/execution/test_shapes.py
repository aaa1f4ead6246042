"""A result of a wrong shape is one of the task's: it never ends the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import Machine, Played, play
from understudy.connections.base import JsonObject, ModuleCall
from understudy.events import Status

CRUDE: JsonObject = {"changed": False, "warnings": 5, "deprecations": "x"}
TOLD = [
    "Task result `warnings` was <class 'int'> instead of <class 'list'>.",
    "Task result `deprecations` was <class 'str'> instead of <class 'list'>.",
]
FACTS = "`ansible_facts` must be a mapping, and it is <class 'str'>"


class Crude(Machine):
    """A host whose answers are of a wrong shape."""

    async def answer(self, call: ModuleCall) -> JsonObject:
        """Answer with texts and numbers where lists and mappings belong."""
        return {**CRUDE, **({"ansible_facts": "text"} if call.module == "setup" else {})}


def crude(folder: Path, tasks: str) -> Played:
    """Run tasks on the host."""
    return play(folder, tasks, machines={"web1": Crude("web1")})


@pytest.mark.parametrize("loop", ["", ", loop: [1]"])
def test_warnings_that_are_no_list_are_told(tmp_path: Path, loop: str) -> None:
    """With one warning for each, as Ansible does; they are not in the result."""
    played = crude(tmp_path, f"    - {{name: it, command: x{loop}}}\n")
    assert played.result("it")["warnings"] == TOLD
    assert "deprecations" not in played.result("it")


@pytest.mark.parametrize("module", ["setup", "gather_facts"])
def test_facts_that_are_no_mapping_fail_the_task(tmp_path: Path, module: str) -> None:
    """The play goes on where errors are ignored."""
    tasks = f"    - {{name: it, {module}: , ignore_errors: true}}\n    - {{name: n, debug: }}\n"
    played = crude(tmp_path, tasks)
    assert played.ends("it")["web1"].status is Status.FAILED
    assert FACTS in str(played.result("it"))
    assert played.ends("n")["web1"].status is Status.OK


def test_an_action_of_the_project_is_held_to_the_same_shape(tmp_path: Path) -> None:
    """What it returns passes the same way."""
    own = tmp_path / "action_plugins" / "crude.py"
    own.parent.mkdir()
    own.write_text(
        "from ansible.plugins.action import ActionBase\n"
        "class ActionModule(ActionBase):\n"
        "    def run(self, tmp=None, task_vars=None):\n"
        f"        return {CRUDE!r}\n",
        "utf-8",
    )
    played = crude(tmp_path, "    - {name: it, crude: }\n")
    assert played.result("it")["warnings"] == TOLD


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("ansible_facts_modules: 5", "Invalid value provided for 'list': 5"),
        ("ansible_facts_parallel: maybe", "'maybe' could not be converted to 'bool'"),
    ],
)
def test_wrong_variables_of_gather_facts_fail_the_task(
    tmp_path: Path, variable: str, said: str
) -> None:
    """The message names the variable."""
    played = play(tmp_path, f"    - {{name: it, gather_facts: , vars: {{{variable}}}}}\n")
    msg = played.result("it")["msg"]
    assert said in msg
    assert variable.split(":", maxsplit=1)[0] in msg
