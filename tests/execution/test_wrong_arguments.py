"""Arguments that turn out wrong when a task runs: the host is asked nothing, for any module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.execution.fleet import Machine, play
from understudy.resources import SCHEMAS

OTHER = {"int": "x", "float": "x", "bool": "perhaps", "dict": 5, "list": {"a": 1}}
"""What no conversion makes a value of that type of."""
BUT = ("command", "shell", "setup")
"""A template is the command line; facts are what is asked for by other modules, too."""


def _wrong() -> Iterator[Any]:
    """Give a module, an argument of it, and a value that it cannot have."""
    for path in sorted((SCHEMAS / "modules").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        if schema["x-runs-on"] != "target" or path.stem in BUT:
            continue
        for name, argument in schema["properties"].items():
            kind = argument.get("x-type", "str")
            value = OTHER.get(kind)
            if "enum" in argument and kind == "str":
                value = "no such choice"
            if value is not None and not argument.get("x-internal"):
                yield pytest.param(path.stem, name, value, id=f"{path.stem}-{name}")
                break
        yield pytest.param(path.stem, "no_such_argument", 1, id=f"{path.stem}-unknown")


def _asked(machine: Machine) -> list[str]:
    """Return what a host was asked but for facts, by which `service` and `package` choose."""
    return [call.module for call in machine.calls if call.module != "setup"]


@pytest.mark.parametrize("job", ["", ", async: 60, poll: 0"])
@pytest.mark.parametrize(("module", "name", "value"), list(_wrong()))
def test_a_wrong_value_reaches_no_host(
    tmp_path: Path, module: str, name: str, value: Any, job: str
) -> None:
    """A template gave them all, so that nothing was known before."""
    document = json.loads((SCHEMAS / "modules" / f"{module}.json").read_text("utf-8"))
    it = {**dict.fromkeys(document.get("required", []), "x"), name: value}
    task = f"{{name: t, {module}: '{{{{ it }}}}', vars: {{it: {json.dumps(it)}}}{job}}}"
    supports = document["x-supports"]["async"]
    played = play(tmp_path, f"    - {task if supports or not job else task.replace(job, '')}\n")
    result = played.result("t")
    assert result["failed"], result
    assert result["msg"]
    assert _asked(played.machines["web1"]) == []
