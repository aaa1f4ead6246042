"""A task that is tried again to wait for a host that cannot be reached.

What: `until` asks whether its own result is reachable, or `ping` is tried again.

Why: a host that cannot be reached ends the task at once. `until` is not asked, and what is left of
the retries is not used.

Example:
    - ping:
      register: answer
      until: answer is reachable
      retries: 30

Instead:

    - wait_for_connection:
        timeout: 150
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.visits import Visit
from understudy.check.meaning.attempts import is_retried, own_result
from understudy.check.meaning.jobs import shown
from understudy.check.meaning.places import written
from understudy.check.rule import Rule
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Span

RULE = Rule("unreachable-not-retried", Severity.INFO, proof=("unreachable_not_retried",))
_TESTS = frozenset({"reachable", "unreachable"})
_LOCAL = frozenset({"localhost", "127.0.0.1"})


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding if retries are to bring back a host that was lost."""
    if not is_retried(visit):
        return
    place = _asked(visit)
    if place is not None:
        yield _finding(visit, place, "this is never asked of a host that cannot be reached")
    elif visit.task.action.name == "ping" and not _is_local(visit):
        place = written(visit, "until") or written(visit, "retries") or visit.task.span
        yield _finding(visit, place, "a `ping` of a host that cannot be reached is not tried again")


def _asked(visit: Visit) -> Span | None:
    """Return where `until` asks whether the host was reached."""
    for read in own_result(visit):
        if read.chain.test in _TESTS or read.chain.path == ("unreachable",):
            return read.span
    return None


def _is_local(visit: Visit) -> bool:
    """Tell whether a task may run where no connection can be lost."""
    inherited = visit.task.inherited
    hosts = visit.play.hosts
    names = hosts if isinstance(hosts, list | tuple) else [hosts]
    return (
        inherited.delegate_to is not None
        or inherited.connection is not None
        or any(name in _LOCAL for name in names)
    )


def _finding(visit: Visit, place: Span, message: str) -> Diagnostic:
    delay_s, retries = visit.delay_s, visit.retries
    wait_s = None if delay_s is None or retries is None else delay_s * retries
    timeout = f" with `timeout: {shown(wait_s)}`" if wait_s else ""
    return RULE.finding(
        place,
        message,
        notes=("a host that cannot be reached ends the task at once, whatever `retries` says",),
        help=f"use `wait_for_connection`{timeout}",
    )
