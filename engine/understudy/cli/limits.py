"""The limit of open files: raised as far as a run needs it, and told before it bites."""

from __future__ import annotations

import resource

from understudy.text.diagnostic import Diagnostic, Severity

_OF_THE_PROGRAM = 64
_OF_A_HOST = 4
"""Descriptors that a connection may take: an agent on this machine has three pipes."""


def allow_open_files(hosts: int) -> Diagnostic | None:
    """Raise the soft limit if so many hosts need it; return a warning where that is not enough."""
    needed = _OF_THE_PROGRAM + _OF_A_HOST * hosts
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or needed <= soft:
        return None
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed >= needed:
        return None
    return Diagnostic(
        code="open-files",
        message=f"{hosts} hosts may need {needed} open files, and only {allowed} are allowed",
        severity=Severity.WARNING,
        help="raise the hard limit (`ulimit -Hn`), or take fewer hosts at once with `serial`",
    )
