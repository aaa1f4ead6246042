"""Every example runs and prints what stands beside it in `expected.txt`.

`UPDATE=1 python -m pytest tests/test_examples.py` writes the expected texts anew: read the diff.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.mariadb import Server

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/playbook.yml"))
_VOLATILE = [
    (re.compile(r"j\d+\.\d+"), "<job>"),
    (re.compile(r'"(delta|end|start)": "[^"]*"'), r'"\1": "<time>"'),
    (re.compile(r"(/[^\s\"]*)?/\.ansible_async"), "~/.ansible_async"),
    (re.compile(r"\d+\.\d s"), "<n> s"),
    (re.compile(r"\(\d+ s of"), "(<n> s of"),
    (re.compile(r"\] \d+/"), "] <k>/"),
]
_ENTRY = re.compile(
    r"^(?=(?:ok|changed|skipping|failed|fatal|ASYNC \w+|waiting|error\[))", re.MULTILINE
)


def normalised(text: str, folder: Path) -> str:
    """Return a console's text without what differs from run to run.

    Hosts that do a task side by side end in any order, so what is told of them is sorted.
    """
    text = text.replace(str(folder), "<example>")
    for pattern, token in _VOLATILE:
        text = pattern.sub(token, text)
    return "\n\n".join(_sorted(section) for section in text.split("\n\n")) + "\n"


def _sorted(section: str) -> str:
    """Sort what a section tells of each host; a waiting host may ask more or less often."""
    banner, *told = _ENTRY.split(section)
    return (banner + "".join(sorted(dict.fromkeys(f"{one.rstrip()}\n" for one in told)))).rstrip()


def needs(folder: Path) -> list[str]:
    """Return the tiers that an example belongs to, as its file `needs` names them."""
    file = folder / "needs"
    return file.read_text().split() if file.exists() else []


def run(folder: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    """Run an example; return what it printed and its exit code."""
    extra = folder / "arguments"
    words = shlex.split(extra.read_text()) if extra.exists() else []
    done = subprocess.run(
        [sys.executable, "-m", "understudy", "run", "-i", "hosts.ini", *words, "playbook.yml"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return normalised(done.stdout, folder), done.returncode


@pytest.fixture(scope="session")
def outputs(request: pytest.FixtureRequest) -> dict[str, tuple[str, int]]:
    """Run the chosen examples, several at a time, since they mostly wait."""
    items = (item for item in request.session.items if not item.get_closest_marker("skip"))
    specs = (getattr(item, "callspec", None) for item in items)
    asked = {spec.params.get("folder") for spec in specs if spec}
    chosen = [folder for folder in FOLDERS if folder in asked]
    environment = {}
    if any("mysql" in needs(folder) for folder in chosen):
        environment = _way_to(request.getfixturevalue("mariadb"))
    with ThreadPoolExecutor(6) as pool:
        told = pool.map(partial(run, environment=environment), chosen)
        return dict(zip((f.name for f in chosen), told, strict=True))


def _way_to(server: Server) -> dict[str, str]:
    """Return what leads an example to the server, which is made empty."""
    server.clean()
    return {"MYSQL_UNIX_PORT": str(server.socket)}


def _parameter(folder: Path) -> ParameterSet:
    marks = [getattr(pytest.mark, tier) for tier in needs(folder)]
    return pytest.param(folder, id=folder.name, marks=marks)


@pytest.mark.slow
@pytest.mark.parametrize("folder", [_parameter(folder) for folder in FOLDERS])
def test_example_prints_what_it_promises(folder: Path, outputs: dict[str, tuple[str, int]]) -> None:
    """An example is a promise: its output and exit code are the expected ones."""
    text, code = outputs[folder.name]
    expected = folder / "expected.txt"
    promised = f"{text}exit code {code}\n"
    if os.environ.get("UPDATE"):
        expected.write_text(promised, "utf-8")
    assert promised == expected.read_text("utf-8")


@pytest.mark.mysql
@pytest.mark.slow
def test_a_migration_that_fails_ends_its_play(mariadb: Server) -> None:
    """The example tells what the server complained of, and nothing is counted."""
    environment = _way_to(mariadb)
    mariadb.sql("CREATE DATABASE production_db; CREATE TABLE production_db.orders (id INT)")
    text, code = run(EXAMPLES / "database-migration", environment)
    assert code == 2
    assert "error[task-failed]: Database migration failed: " in text
    assert "ERROR 1050 (42S01) at line 1: Table 'orders' already exists" in text
    assert "Count what came through" not in text
