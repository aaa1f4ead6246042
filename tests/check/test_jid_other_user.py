"""What a configuration says of users and of the directory of jobs counts for `jid-other-user`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases import CASES, checked

_CASE = CASES / "jid-other-user" / "fail_become.yml"


@pytest.mark.parametrize(
    ("setting", "is_told"),
    [
        ("forks = 3", True),
        ("async_dir = ~/.jobs", True),
        ("async_dir = /var/tmp/jobs", False),
        ("async_dir = ~backup/jobs", False),
        ("remote_user = backup", False),
        ("[privilege_escalation]\nbecome = true", False),
        ("[privilege_escalation]\nbecome_user = backup", False),
    ],
)
def test_a_configuration_may_say_where_jobs_lie(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    """In one directory for all users, a job is found by each of them."""
    (tmp_path / "ansible.cfg").write_text(f"[defaults]\n{setting}\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert _is_told() == is_told


@pytest.mark.parametrize(("directory", "is_told"), [("$HOME/jobs", True), ("/srv/jobs", False)])
def test_so_may_the_environment(
    directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    """As the configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSIBLE_ASYNC_DIR", directory)
    assert _is_told() == is_told


def _is_told() -> bool:
    return any(one.code == "jid-other-user" for one in checked(_CASE).findings)
