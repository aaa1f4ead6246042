"""`understudy inventory` prints what ansible-inventory prints: its recorded output is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.cli.main import main

SHOWN = Path(__file__).parent.parent / "inventory" / "shown"
"""An inventory with variables beside it, and what ansible-inventory 2.19.14 said of it."""


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ("list", "--list"),
        ("export", "--list --export"),
        ("list_limit", "--list -l web"),
        ("tree_export", "--list --yaml --export"),
        ("graph", "--graph"),
        ("graph_vars", "--graph --vars"),
        ("graph_site", "--graph site"),
        ("host", "--host w1"),
        ("host_yaml", "--host w2 --yaml"),
    ],
)
def test_it_is_what_ansible_prints(
    recorded: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every form, byte for byte."""
    monkeypatch.chdir(SHOWN)
    assert main(["inventory", "-i", "hosts.ini", *words.split()]) == 0
    assert capsys.readouterr().out == (SHOWN / f"{recorded}.txt").read_text()


def test_it_may_go_into_a_file(tmp_path: Path) -> None:
    """`--output` names it."""
    words = ["inventory", "-i", "a,b", "--list", "--output", str(tmp_path / "out")]
    assert main(words) == 0
    assert '"hosts": [\n            "a",\n            "b"' in (tmp_path / "out").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--host", "nope"), "there is no host `nope`"),
        (("--graph", "nope"), "there is no group `nope`"),
    ],
)
def test_what_is_not_there_is_told(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in Ansible the exit code is that of a wrong option."""
    assert main(["inventory", "-i", "a,", *words]) == 5
    assert message in capsys.readouterr().err
