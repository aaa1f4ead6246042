"""Every example runs and prints what stands beside it in `expected.txt`.

`UPDATE=1 python -m pytest tests/test_examples.py` writes the expected texts anew: read the diff.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

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


def run(folder: Path) -> tuple[str, int]:
    """Run an example; return what it printed and its exit code."""
    extra = folder / "arguments"
    words = shlex.split(extra.read_text()) if extra.exists() else []
    done = subprocess.run(
        [sys.executable, "-m", "understudy", "run", "-i", "hosts.ini", *words, "playbook.yml"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
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
    specs = (getattr(item, "callspec", None) for item in request.session.items)
    asked = {spec.params.get("folder") for spec in specs if spec}
    chosen = [folder for folder in FOLDERS if folder in asked]
    with ThreadPoolExecutor(6) as pool:
        return dict(zip((f.name for f in chosen), pool.map(run, chosen), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_example_prints_what_it_promises(folder: Path, outputs: dict[str, tuple[str, int]]) -> None:
    """An example is a promise: its output and exit code are the expected ones."""
    text, code = outputs[folder.name]
    expected = folder / "expected.txt"
    promised = f"{text}exit code {code}\n"
    if os.environ.get("UPDATE"):
        expected.write_text(promised, "utf-8")
    assert promised == expected.read_text("utf-8")
