"""A value of `async`, `poll`, `retries` or `delay` that is no number of seconds or times.

What: a text such as `10m`, a fraction where a whole number is wanted, `true`, or a negative
`async`. The value of a variable counts as the text gives it.

Why: a task with such a text or fraction fails when it is reached. `true` is taken for 1, so that a
job with `async: true` may run for one second. A job with a negative `async` is never waited
for.

Example:
    - command: /opt/backup
      async: 10m
      poll: 30

Instead:

    - command: /opt/backup
      async: 600
      poll: 30
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.check.flow.known import UNKNOWN, number
from understudy.check.flow.visits import Visit
from understudy.check.rule import Rule
from understudy.playbook.keywords import KEYWORDS
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.texts import Template, Value

RULE = Rule(
    "async-bad-value",
    Severity.ERROR,
    proof=("keyword_types", "keyword_negative_async", "keyword_booleans_as_numbers"),
)
_WRITTEN = {"async": "async_s", "poll": "poll_s", "retries": "retries", "delay": "delay_s"}
_WHOLE = frozenset({"async", "poll", "retries"})


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each value that the reader of playbooks has not refused."""
    for keyword, field in _WRITTEN.items():
        raw = getattr(visit.task, field)
        value = visit.known(raw)
        if value is UNKNOWN or value is None or value == "":
            continue
        if isinstance(value, bool):
            yield _boolean(visit, keyword, value)
        elif isinstance(raw, Template) and not _fits(keyword, value):
            yield _no_number(visit, keyword, value)
        elif keyword == "async" and (number(value) or 0) < 0:
            yield _negative(visit)


def _fits(keyword: str, value: Value) -> bool:
    found = number(value)
    return found is not None and (keyword not in _WHOLE or found == int(found))


def _no_number(visit: Visit, keyword: str, value: Value) -> Diagnostic:
    kind = "a whole number" if keyword in _WHOLE else "a number"
    what = "a list" if isinstance(value, list) else "a mapping"
    shown = what if isinstance(value, list | dict) else f"`{value}`"
    return RULE.finding(
        visit.span(keyword),
        f"`{keyword}` must be {kind}, not {shown}",
        label=f"this gives {shown}",
        notes=(
            "the task fails when it is reached",
            f"`{keyword}`: {KEYWORDS[keyword].meaning.rstrip('.').lower()}",
        ),
    )


def _boolean(visit: Visit, keyword: str, value: bool) -> Diagnostic:  # noqa: FBT001 (what was written)
    is_short_job = keyword == "async" and value
    kills = ("the job may run 1 s",) if is_short_job else ()
    unit = "of times" if keyword == "retries" else "of seconds"
    return RULE.finding(
        visit.span(keyword),
        f"`{keyword}` is a number {unit}, and `{str(value).lower()}` counts as {int(value)}",
        notes=kills,
        help=f"write how many seconds the job may take: `{keyword}: 3600`"
        if is_short_job
        else f"write `{keyword}: {int(value)}` if this is meant",
        severity=Severity.ERROR if is_short_job else Severity.WARNING,
    )


def _negative(visit: Visit) -> Diagnostic:
    return RULE.finding(
        visit.span("async"),
        "`async` is negative: the job is launched, and never waited for",
        notes=("`poll` counts only with an `async` above 0",),
        help="write how many seconds the job may take, and `poll: 0` to launch it only",
    )
