"""Modules of the project's own are found in `library/`, and refused when they need Ansible."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.playbook.files import Loader
from understudy.playbook.model import Block, Task
from understudy.playbook.user_modules import UserModule, find_user_module, user_module
from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.source import Position, Source, span_at

START = Position(1, 1)


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
    """The playbook's comes first, then roles in the order of reading; the full name is ours."""
    own = _file(tmp_path / "library/ping")
    _file(tmp_path / "roles/r/library/ping")
    of_role = _file(tmp_path / "roles/r/library/more")
    _file(tmp_path / "roles/s/library/more")
    for name in "rs":
        _file(tmp_path / f"roles/{name}/tasks/main.yml", "- ping:\n- more:\n")
    play = _file(
        tmp_path / "site.yml",
        "- hosts: all\n  tasks:\n    - ping:\n    - ansible.legacy.ping:\n"
        "    - ansible.builtin.ping:\n"
        "    - import_role: {name: r}\n    - import_role: {name: s}\n",
    )
    steps = Loader().load_playbook(play).plays[0].tasks
    owned = [task.action.own for task in steps if isinstance(task, Task)]
    assert owned == [UserModule(own), UserModule(own), None]
    blocks = [role for role in steps if isinstance(role, Block)]
    brought = [task.action.own for role in blocks for task in role.body[:2]]  # type: ignore[union-attr]
    assert brought == [UserModule(own), UserModule(of_role)] * 2


def test_parts_of_ansible_are_carried_with_what_they_import(tmp_path: Path) -> None:
    """Ours stand in for Ansible's; what lies in `module_utils/` comes from there, packages too."""
    module = _file(
        tmp_path / "library/mine.py",
        "from ansible.module_utils.basic import AnsibleModule\n"
        "from ansible.module_utils import shared\n"
        "import ansible.module_utils.deep.inner\n",
    )
    _file(tmp_path / "module_utils/shared.py", "")
    _file(tmp_path / "module_utils/deep/__init__.py", "from .other import x\n")
    _file(tmp_path / "module_utils/deep/inner.py", "")
    _file(tmp_path / "module_utils/deep/other.py", "x = 1\n")
    found = user_module(module, [tmp_path / "module_utils"], span_at(Source("", ""), START, 0))
    assert isinstance(found, UserModule)
    names = {name.removeprefix("ansible.module_utils.") for name, _ in found.carried}
    assert names >= {"basic", "shared", "deep.inner", "common.text.converters"}
    assert {"understudy.playbook.argument_spec", "understudy.values.argument_types"} <= names


def test_one_that_needs_ansible_is_refused_with_its_import(tmp_path: Path) -> None:
    """The finding has the place of the task and that of the import."""
    text = "#!/usr/bin/python\nfrom ansible.module_utils.network import thing\n"
    _file(tmp_path / "library/mine.py", text)
    play = _file(tmp_path / "site.yml", "- hosts: all\n  tasks:\n    - mine: {x: 1}\n")
    with pytest.raises(
        PlaybookInvalid, match=r"imports `ansible\.module_utils\.network`"
    ) as caught:
        Loader().load_playbook(play)
    (found,) = caught.value.diagnostics
    assert str(found.others[0].span).endswith("mine.py:2:6")
