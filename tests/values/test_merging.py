"""`hash_behaviour = merge`: mappings of the same name are merged, layer by layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.cli.main import main
from understudy.values.merging import layered, merged_hashes

PLAYBOOK = """\
- hosts: h
  gather_facts: false
  connection: local
  vars: {d: {play: 1, who: play, deep: {a: 1}}, l: [1]}
  roles: [r]
  tasks:
    - set_fact: {d: {fact: 1, who: fact, deep: {c: 3}}}
    - assert:
        that:
          - d == expected
          - l == [1]
          - e == expected_extra
      vars:
        d: {task: 1, who: task}
        expected_extra: {one: 1, two: 2}
        expected: {inv: 1, role: 1, play: 1, fact: 1, task: 1, who: fact, deep: {a: 1, b: 2, c: 3}}
"""


def test_hashes_are_merged_at_every_depth() -> None:
    """A value that is no mapping takes the place of one, and the other way round."""
    low, high = {"a": {"x": {"p": 1}}, "b": {"k": 1}, "c": 1}, {"a": {"x": {"q": 2}}, "b": 2}
    assert merged_hashes(low, high) == {"a": {"x": {"p": 1, "q": 2}}, "b": 2, "c": 1}
    assert low["a"] == {"x": {"p": 1}}


def test_without_the_wish_the_last_one_stands() -> None:
    """That is Ansible's default."""
    assert layered([{"a": {"x": 1}}, {"a": {"y": 2}}]) == {"a": {"y": 2}}
    assert layered([{"a": {"x": 1}}, {"a": {"y": 2}}], deep=True) == {"a": {"x": 1, "y": 2}}


@pytest.mark.slow
def test_every_source_of_variables_is_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inventory, role, play, task, facts and `-e`; lists are replaced as ever."""
    (tmp_path / "hosts").write_text("[g]\nh\n[g:vars]\nd={'inv': 1, 'who': 'inv'}\nl=[2, 3]\n")
    (tmp_path / "roles/r/vars").mkdir(parents=True)
    (tmp_path / "roles/r/vars/main.yml").write_text("d: {role: 1, who: role, deep: {b: 2}}\n")
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSIBLE_HASH_BEHAVIOUR", "merge")
    extra = ["-e", '{"e": {"one": 1}}', "-e", '{"e": {"two": 2}}']
    assert main(["run", "-i", "hosts", "site.yml", *extra]) == 0
