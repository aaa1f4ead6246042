"""What is asked for when no command is."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.cli.exits import Exit
from understudy.cli.main import main


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("chek", "did you mean `understudy check`?"),
        ("--check", "did you mean `understudy check`?"),
        ("site.yml", "did you mean `understudy run site.yml`?"),
        (".", "did you mean `understudy check .`?"),
        ("qqq", "one of: run, check, "),
        ("\0", "one of: run, check, "),
    ],
)
def test_a_slip_is_told_with_what_is_near(
    word: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command, or what may be meant by a path in its place."""
    assert main([word]) == Exit.ERROR
    assert f"is not a command of understudy; {hint}" in capsys.readouterr().err


def test_help_is_where_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of all commands, and of one of them, with the word before or the option after it."""
    monkeypatch.chdir(tmp_path)
    assert main(["help"]) == Exit.OK
    assert "understudy check" in capsys.readouterr().out
    for words in (["help", "check"], ["check", "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(words)
        assert capsys.readouterr().out.startswith("usage: understudy check [OPTION]…")
