"""Modules of the project's own are found in `library/`, and refused when they need Ansible."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.playbook.files import Loader
from understudy.playbook.model import Task
from understudy.playbook.user_modules import find_user_module
from understudy.text.diagnostic import PlaybookInvalid


def _file(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_name_means_a_program_with_any_ending(tmp_path: Path) -> None:
    """Python first; what is no program is passed over; the first folder wins."""
    shell = _file(tmp_path / "a/one.sh")
    python = _file(tmp_path / "b/two.py")
    _file(tmp_path / "b/two")
    _file(tmp_path / "a/three.md")
    folders = (tmp_path / "a", tmp_path / "b", tmp_path / "none")
    found = [find_user_module(name, folders) for name in ("one", "two", "three")]
    assert found == [shell, python, None]


def test_it_wins_over_ours_by_its_short_name(tmp_path: Path) -> None:
    """A role's comes before the playbook's; the full name of ours is ours."""
    own = _file(tmp_path / "library/ping")
    of_role = _file(tmp_path / "roles/r/library/ping")
    _file(tmp_path / "roles/r/tasks/main.yml", "- ping:\n")
    play = _file(
        tmp_path / "site.yml",
        "- hosts: all\n  tasks:\n    - ping:\n    - ansible.legacy.ping:\n"
        "    - ansible.builtin.ping:\n    - import_role: {name: r}\n",
    )
    *tasks, role = Loader().load_playbook(play).plays[0].tasks
    sources = [task.action.own.path for task in tasks if isinstance(task, Task)]
    assert sources == [own, own, None]
    assert role.body[0].action.source == of_role  # type: ignore[union-attr]


def test_one_that_needs_ansible_is_refused_with_its_import(tmp_path: Path) -> None:
    """The finding has the place of the task and that of the import."""
    text = "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"
    _file(tmp_path / "library/mine.py", text)
    play = _file(tmp_path / "site.yml", "- hosts: all\n  tasks:\n    - mine: {x: 1}\n")
    with pytest.raises(PlaybookInvalid, match=r"imports `ansible\.module_utils\.basic`") as caught:
        Loader().load_playbook(play)
    (found,) = caught.value.diagnostics
    assert str(found.others[0].span).endswith("mine.py:2:6")
