"""What is sent to a target."""

import ast
import sys
from pathlib import Path

import pytest

from understudy.connections import bootstrap
from understudy.resources import MODULES

_HERE = Path(bootstrap.__file__).parent
PACKAGE = _HERE.parent
SHARED = {
    f"understudy.{room}.{name}": PACKAGE / room / f"{name}.py"
    for room, name in (
        ("playbook", "argument_relations"),
        ("playbook", "argument_spec"),
        ("values", "argument_types"),
    )
}
"""What modules of a project carry with them: they are checked by the same code there."""
SENT = [
    *(_HERE / f"{name}.py" for name in bootstrap.TRAVELS),
    *SHARED.values(),
    *sorted(MODULES.rglob("*.py")),
]


def for_types_only(node):
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def imported(node):
    """Yield the modules that are imported when the code runs, not when it is type-checked."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Import):
            yield from (alias.name for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom):
            yield from (f"{inner.module}.{alias.name}" for alias in inner.names)
        elif not for_types_only(inner):
            yield from imported(inner)


OPTIONAL = {"pymysql"}
"""What a module uses where the target has it."""


@pytest.mark.parametrize("path", SENT, ids=lambda path: path.name)
def test_what_runs_on_targets_is_python_3_6_and_needs_nothing_else(path):
    """Its syntax is that of 3.6, and it imports the standard library and what travels with it."""
    tree = ast.parse(path.read_text(), feature_version=(3, 6))
    for name in imported(tree):
        if name.startswith("understudy.connections."):
            assert name.split(".")[2] in bootstrap.TRAVELS, name
        elif name.startswith(("understudy.playbook", "understudy.values")):
            assert any(one.startswith(name) or name.startswith(one) for one in SHARED), name
        elif name.startswith("ansible.module_utils."):
            assert path.is_relative_to(MODULES), name
        else:
            top = name.split(".")[0]
            known = sys.stdlib_module_names | OPTIONAL
            assert top in known or name.startswith("understudy.modules."), name
            assert top != "typing", "it costs milliseconds on the target"


def test_the_starter_is_parsed_by_any_python():
    """It has to tell an old Python that it is too old, so its syntax is what all of them know."""
    tree = ast.parse(bootstrap.STARTER, feature_version=(3, 4))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]


def test_the_sources_are_small():
    """They cross every connection once: 32 KiB are one breath of a slow line, compiled 84."""
    assert len(bootstrap.sources(same_python=False)) < 1 << 15
    assert len(bootstrap.sources(same_python=True)) < 84 << 10


def test_docstrings_stay_here_and_lines_keep_their_numbers():
    """A trace from the target names the line of our file."""
    text = 'X = """\nno docstring"""\n\ndef f():\n    """Two\n\n    lines."""\n    return 1 / 0\n'
    bare = bootstrap.without_docstrings(text)
    assert bare == 'X = """\nno docstring"""\n\ndef f():\n    ""\n\n\n    return 1 / 0\n'
