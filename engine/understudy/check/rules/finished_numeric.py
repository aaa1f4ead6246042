"""`finished` or `started` of a job's result taken for a number.

What: `== 1`, `== 0` or `| bool` behind `finished` or `started` of a job's result.

Why: they are booleans since ansible-core 2.19, and the tests `is finished` and `is started` say the
same in every release.

Fix: safe; it writes `is finished` or `is started`.

Example:
    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status.finished == 1
      retries: 360
      delay: 10

Instead:

    - command: /opt/backup
      async: 3600
      poll: 0
      register: backup
    - async_status:
        jid: "{{ backup.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 360
      delay: 10
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.check.flow.visits import Read, Registered, Visit
from understudy.check.meaning.jobs import is_async_status
from understudy.check.mending.fixes import fix_replacing
from understudy.check.rule import Rule
from understudy.check.targets import SINCE_2_19
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Span

RULE = Rule(
    "finished-numeric",
    Severity.INFO,
    targets=SINCE_2_19,
    proof=("status_until_finished", "finished_and_started_tests"),
)
_KEYS = frozenset({"finished", "started"})
_CHAIN = re.compile(r"(?P<of>.*?)\s*(?:\.\s*|\[\s*['\"])(?:finished|started)(?:['\"]\s*\])?")
_AS_NUMBER = re.compile(
    r"\s*(?:\|\s*bool\b|(?:\|\s*(?:bool|int)\s*)?(?P<sign>==|!=)\s*"
    r"(?P<quote>\\?['\"])?(?P<number>[01])(?(quote)(?P=quote)|\b))"
)
_BEGIN = re.compile(r"(?:[({%'\":,]|^\s*-|\b(?:and|or|not|if|elif|else))\s*$")
_END = re.compile(r"\s*(?:$|\)|\}|%\}|and\b|or\b|else\b|if\b|['\"]\s*$|#)")
"""What may stand behind a condition, as `_BEGIN` before it: nothing that would belong to it."""


def check_task(visit: Visit) -> Iterator[Diagnostic]:
    """Yield a finding for each place where a job's state is taken for a number."""
    for read in visit.reads:
        if not read.via and read.chain.path[-1:] and read.chain.path[-1] in _KEYS:
            found = _place(read) if _is_of_a_job(visit, read) else None
            if found is not None:
                yield _finding(read, *found)


def _is_of_a_job(visit: Visit, read: Read) -> bool:
    meant = visit.meaning(read)[0]
    return bool(meant.sources) and all(_gives_state(source) for source in meant.sources)


def _gives_state(source: object) -> bool:
    if not isinstance(source, Registered):
        return False
    is_job = (source.visit.async_s or 0) > 0
    return is_job or is_async_status(source.task)


def _place(read: Read) -> tuple[Span, str, bool] | None:
    """Return the stretch from the name to the number, and what to write in its place.

    Also whether the number is a text, to which a boolean is never equal.
    """
    span = read.span
    if span is None or span.start.line != span.end.line or span is read.text.span:
        return None
    line = span.source.line(span.start.line)
    start, end = span.start.column - 1, span.end.column - 1
    chain, number = _CHAIN.fullmatch(line, start, end), _AS_NUMBER.match(line, end)
    if chain is None or number is None or not _BEGIN.search(line[:start]):
        return None
    if not _END.match(line, number.end()):
        return None
    is_not = bool(number["sign"]) and (number["sign"] == "==") == (number["number"] == "0")
    test = f"is {'not ' if is_not else ''}{read.chain.path[-1]}"
    whole = span._replace(end=span.end._replace(column=number.end() + 1))
    return whole, f"{chain['of']} {test}", number["quote"] is not None


def _finding(read: Read, place: Span, test: str, is_text: bool) -> Diagnostic:  # noqa: FBT001 (as found)
    key = read.chain.path[-1]
    return RULE.finding(
        place,
        f"`{key}` is a boolean, and never equal to a text"
        if is_text
        else f"`{key}` is a boolean, not a number",
        notes=("it was 1 or 0 before ansible-core 2.19",),
        severity=Severity.ERROR if is_text else None,
        help=f"write `{test}`",
        fix=fix_replacing(place, test, is_safe=True),
    )
