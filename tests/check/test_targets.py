"""What only this program has not is no mistake where Ansible will run the playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases import checked
from understudy.check.reader_rules import reader_rules
from understudy.check.targets import OURS_ALONE, Target

ELSEWHERE = """\
- hosts: all
  strategy: debug
  tasks:
    - community.general.ufw: {state: enabled}
      register: firewall
    - ansible.builtin.debug: {msg: "{{ firewall.commands }}"}
"""


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        (Target.UNDERSTUDY, {"not-supported", "unsupported-module"}),
        (Target.ANSIBLE_2_19, set()),
    ],
)
def test_a_module_of_a_collection(target: Target, codes: set[str], tmp_path: Path) -> None:
    """Here it is refused; Ansible may have it."""
    (tmp_path / "site.yml").write_text(ELSEWHERE, "utf-8")
    assert {one.code for one in checked(tmp_path / "site.yml", target).findings} == codes


def test_every_code_is_one_of_the_reader() -> None:
    """A code that is renamed does not stay here."""
    assert reader_rules().keys() >= OURS_ALONE
