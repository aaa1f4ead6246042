"""What an ansible.cfg is told beside its cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases import found_at
from understudy.check.files import Kind, Unit
from understudy.check.settings.settings import Settings
from understudy.check.targets import Target
from understudy.cli.check_paths import checked_units


def test_a_file_that_is_ignored_is_told(tmp_path: Path) -> None:
    """Where everybody may write into its directory, Ansible does not read it."""
    (tmp_path / "ansible.cfg").write_text("[defaults]\nforks = 3\n", "utf-8")
    tmp_path.chmod(0o777)
    found = found_at(tmp_path, "config-lint", Target.ANSIBLE_2_19)
    assert [one.message for one in found] == [
        f"this file is ignored: everybody may write into `{tmp_path}`"
    ]
    tmp_path.chmod(0o755)
    assert found_at(tmp_path, "config-lint", Target.ANSIBLE_2_19) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[defaults]\nforks = many\n", "`many` is not a whole number"),
        ("forks = 3\n", "a setting stands before the first section"),
        ("[defaults]\nforks\n", "`forks` is not a setting: write `key = value`"),
        ("[defaults]\nforks=1\nforks=2\n", "`forks` is set twice in `[defaults]`"),
        ("[defaults]\nhash_behaviour=mix\n", "`mix` is not one of `replace`, `merge`"),
    ],
)
def test_what_ends_a_run_is_told_as_a_run_does(tmp_path: Path, text: str, message: str) -> None:
    """It has the code of the reader, and nothing else is told beside it."""
    path = tmp_path / "ansible.cfg"
    path.write_text(text, "utf-8")
    found = checked_units([Unit(path, Kind.CONFIG)], Settings()).findings
    assert [(one.code, one.message) for one in found] == [("invalid-config", message)]
    assert all(one.span and one.span.source.line(one.span.start.line) for one in found)


def test_an_empty_file_is_fine(tmp_path: Path) -> None:
    """There is nothing wrong with it."""
    path = tmp_path / "ansible.cfg"
    path.write_text("", "utf-8")
    assert checked_units([Unit(path, Kind.CONFIG)], Settings()).findings == []
