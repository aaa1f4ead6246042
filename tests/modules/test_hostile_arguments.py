"""Every module with arguments of the right types that hold what nobody writes, in check mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.modules.every import CALLS, PREPARE
from tests.modules.runner import Host, host_inside
from tests.sandbox import Sandbox
from understudy.connections.base import ModuleCall
from understudy.playbook.arguments import coerce_arguments, load_schema
from understudy.playbook.coercion import ArgumentsInvalid
from understudy.resources import MODULES, SCHEMAS

pytestmark = [pytest.mark.root, pytest.mark.slow]
AS_IN_ANSIBLE = (
    "ValueError: embedded null byte",
    "ValueError: empty separator",
    "LookupError: unknown encoding",
    "re.error",
    "OSError",
    "IsADirectoryError",
    "NotADirectoryError",
    "FileNotFoundError",
)
"""What the system or the library says of a path, an expression or an encoding stands for itself."""
WORDS = (
    "", " ", "\n", "a\nb", "a\0b", "\udcff", "é", "\U0001f600", "-", "--help", "x" * 5000, "..",
    "/", "/srv/parts", "/srv/parts/1", "/nowhere/x", "~nobody/x", "$HOME", "%s %d", "{}", "'", '"',
    "\\", "\\1", "(", "[", "*", "-1", "9" * 20, "1e400", "nan", "http://[", "http://127.0.0.1:1/",
    "a:b", "a=b", "#", ",", "\t", "\x1b[31m", "u+x", "EOF", "@", "root",
)  # fmt: skip
NUMBERS = (0, 1, -1, 65536, 2**31, 2**63, 2**64, 10**30)
SHORT = {"timeout": 1, "connect_timeout": 1, "delay": 0, "sleep": 0}
SLOW = {"dnf", "dnf5", "yum", "package", "script", "template", "shell", "copy", "find"}
"""dnf's are one program; two and the shell belong to the controller; two walk whole trees."""
MODULES_HERE = sorted(CALLS.keys() & {path.stem for path in MODULES.glob("*.py")} - SLOW)


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Give a host for all of them: check mode leaves it as it is."""
    folder = tmp_path_factory.mktemp("hostile")
    with Sandbox(folder) as sandbox:
        sandbox.run(PREPARE)
        with host_inside(sandbox, folder) as host:
            yield host


def _values(argument: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = argument.get("x-type", "str")
    words = st.sampled_from(WORDS)
    if "enum" in argument and kind == "str":
        return st.sampled_from(argument["enum"])
    if kind == "list":
        return st.lists(_values(argument.get("items", {})), max_size=3)
    if kind == "dict":
        return st.dictionaries(words, words | st.none() | st.lists(words), max_size=3)
    known = {"int": st.sampled_from(NUMBERS), "float": st.floats(), "bool": st.booleans()}
    if kind == "raw":
        return words | st.sampled_from(NUMBERS) | st.none() | st.lists(words, max_size=2)
    return known.get(kind, words)


def _arguments(module: str) -> st.SearchStrategy[dict[str, Any]]:
    """Give the usual call with some of its arguments, and others, replaced."""
    properties = json.loads((SCHEMAS / "modules" / f"{module}.json").read_text())["properties"]
    public = {name: _values(one) for name, one in properties.items() if "x-internal" not in one}
    short = {name: value for name, value in SHORT.items() if name in properties}
    chosen = st.lists(st.sampled_from(sorted(public)), max_size=3, unique=True) if public else None
    if chosen is None:
        return st.just({})
    odd = chosen.flatmap(lambda names: st.fixed_dictionaries({n: public[n] for n in names}))
    return odd.map(lambda some: {**CALLS[module], **some, **short})


@pytest.mark.parametrize("module", MODULES_HERE)
def test_a_module_never_breaks(inside: Host, module: str) -> None:
    """It returns a result, with a word about it if it failed."""
    schema = load_schema(module)
    assert schema is not None

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(_arguments(module))
    def holds(args: dict[str, Any]) -> None:
        try:
            complete = coerce_arguments(module, args, schema)
        except ArgumentsInvalid:
            return
        call = ModuleCall(module=module, args=complete, check_mode=True, diff=True, verbosity=3)
        result = inside.ask(call)
        assert result.get("msg") or not result.get("failed"), result
        broken = str(result.get("exception", "")).strip().splitlines()[-1:]
        assert not broken or broken[0].startswith(AS_IN_ANSIBLE), result["exception"]
        assert "without returning a result" not in str(result.get("msg")), result

    holds()
