"""A line of ansible.cfg that does not do what it seems to.

What: keys and sections that no release reads any more or ever did, keys in the wrong section, words
that are no boolean, and a file that is not read at all since everybody may write into its
directory. What ends a run at once, such as a number that is none, is `invalid-config`.

Why: nothing is said about most of it when a playbook runs: the setting just has no effect.

Fix: unsafe; it writes the near or the newer name of a key, where there is one.

Example:
    # ansible.cfg
    [defaults]
    callback_whitelist = timer
    force_handlers = True  # also for those that failed

Instead:

    # ansible.cfg
    [defaults]
    callbacks_enabled = timer
    # also for those that failed
    force_handlers = True
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace

from understudy.check.files import File, Kind
from understudy.check.rule import Rule
from understudy.check.targets import SINCE_2_19
from understudy.config.load import findings_in
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Position, span_at

RULE = Rule("config-lint", Severity.WARNING, SINCE_2_19, proof=("config_odd_values",))
"""What settings there are is known of the newest release."""


def check_file(file: File) -> Iterator[Diagnostic]:
    """Yield a finding for each odd line, and those of the reader for what ends a run."""
    if file.kind is not Kind.CONFIG:
        return
    for found in findings_in(file.source, str(file.path.parent)):
        if found.code == "invalid-config":
            yield found
        elif found.severity is not Severity.INFO:
            yield replace(found, code=RULE.slug)
    if _is_ignored(file):
        yield RULE.finding(
            span_at(file.source, Position(1, 1), len(file.source.line(1)) or 1),
            f"this file is ignored: everybody may write into `{file.path.parent}`",
            help="take that right away, or name the file in `ANSIBLE_CONFIG`",
        )


def _is_ignored(file: File) -> bool:
    try:
        return bool(file.path.parent.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return False
