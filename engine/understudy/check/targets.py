"""Whose behaviour a check is about: this program's, or that of one release of Ansible."""

from __future__ import annotations

from enum import Enum


class Target(Enum):
    """What will run the playbook."""

    UNDERSTUDY = "understudy"
    ANSIBLE_2_16 = "ansible-2.16"
    ANSIBLE_2_17 = "ansible-2.17"
    ANSIBLE_2_18 = "ansible-2.18"
    ANSIBLE_2_19 = "ansible-2.19"


EVERYWHERE = frozenset(Target)
ANSIBLE = EVERYWHERE - {Target.UNDERSTUDY}
SINCE_2_17 = EVERYWHERE - {Target.ANSIBLE_2_16}
SINCE_2_18 = SINCE_2_17 - {Target.ANSIBLE_2_17}
SINCE_2_19 = SINCE_2_18 - {Target.ANSIBLE_2_18}
"""understudy behaves as the newest release does."""

OURS_ALONE = frozenset(
    "not-supported unknown-plugin unsupported-argument unsupported-module unsupported-role".split()
)
"""Codes of the reader that tell what only this program has not: no mistake to Ansible."""


def holds_for(code: str, target: Target) -> bool:
    """Tell whether what the reader finds is a mistake to who will run the playbook."""
    return target is Target.UNDERSTUDY or code.removeprefix("import-") not in OURS_ALONE
