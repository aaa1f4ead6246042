"""Five texts that teach `async`: what is wrong in each is found, and what is mended is right.

`UPDATE=1 python -m pytest tests/check/test_taught.py` writes what is found now: read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.check.cases import checked
from understudy.cli.main import main
from understudy.report.diagnostics import render

TAUGHT = Path(__file__).parent / "taught"
FOLDERS = sorted(path for path in TAUGHT.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_wrong_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every finding, of every rule, is the one beside the playbook."""
    monkeypatch.chdir(folder / "broken")
    text = "".join(render(found) + "\n\n" for found in checked(Path("site.yml")).findings)
    expected = folder / "broken.expected"
    if os.environ.get("UPDATE"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


def test_the_readme_shows_what_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The finding in it is one of those, word for word."""
    monkeypatch.chdir(TAUGHT / "sleep_and_go_on" / "broken")
    main(["check", "--no-cache", "--no-config", "site.yml"])
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    shown = readme.partition("```text\nwarning[")[2].partition("\n```")[0]
    assert f"warning[{shown}\n" in capsys.readouterr().out


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_mended_is_right(folder: Path) -> None:
    """No rule has anything to say, not even as information."""
    findings = checked(folder / "mended" / "site.yml").findings
    assert [render(found) for found in findings] == []
