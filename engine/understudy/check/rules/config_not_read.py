"""A setting of Ansible that understudy does not read.

What: keys of ansible.cfg that Ansible knows and that change nothing here.

Why: a run by understudy may look or work otherwise than one by Ansible, and nobody would look for
the reason here. `understudy config` shows what is read.

Example:
    # ansible.cfg
    [defaults]
    forks = 20
    cow_selection = moose

Instead:

    # ansible.cfg
    [defaults]
    forks = 20
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from understudy.check.files import File, Kind
from understudy.check.rule import Rule
from understudy.check.targets import Target
from understudy.config.load import findings_in
from understudy.text.diagnostic import Diagnostic, Severity

RULE = Rule("config-not-read", Severity.INFO, frozenset({Target.UNDERSTUDY}))


def check_file(file: File) -> Iterator[Diagnostic]:
    """Yield a finding for each setting that has no effect here."""
    if file.kind is Kind.CONFIG:
        for found in findings_in(file.source, str(file.path.parent)):
            if found.code == "config" and found.severity is Severity.INFO:
                yield replace(found, code=RULE.slug)
