"""What follows from one try of a task: pure decisions in Ansible's order.

The order per attempt is: the action's result, `failed` from `rc`, `attempts`, `changed`, the
registered variable, `changed_when`, `failed_when`, `until`. So `until` sees what the overrides made
of the result, and exhaustion is known to `failed_when` only through the result itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from understudy.values.errors import TemplateFailed
from understudy.values.texts import Condition

NO_TRACEBACK = "(traceback unavailable)"
"""What every failed result holds under `exception`."""

Evaluate: TypeAlias = Callable[[Condition, dict[str, Any]], bool]
"""Evaluates a condition with the attempt's result registered; raises TemplateFailed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a task says about its result. `retries` counts the tries after the first."""

    changed_when: tuple[Condition, ...] = ()
    failed_when: tuple[Condition, ...] = ()
    until: tuple[Condition, ...] = ()
    retries: int = 0
    delay_s: float = 5.0

    @property
    def repeats(self) -> bool:
        """Whether more than one attempt may be made."""
        return self.retries > 0


@dataclass(frozen=True, slots=True)
class Done:
    """The result stands."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt follows after `delay_s` seconds."""

    result: dict[str, Any]
    delay_s: float


Verdict: TypeAlias = Done | Retry


class UntilFailed(Exception):  # noqa: N818 (names what happened)
    """An error in `until`: it ends the task at once, and nothing of the result is kept."""

    def __init__(self, cause: TemplateFailed) -> None:
        super().__init__(str(cause))
        self.cause = cause


def retries_of(retries: int | None, until: tuple[Condition, ...]) -> int:
    """Return how many tries may follow the first: 3 when only `until` is given, never negative."""
    if retries is None:
        return 3 if until else 0
    return max(0, retries)


def judge(result: dict[str, Any], rules: Rules, attempt: int, evaluate: Evaluate) -> Verdict:
    """Decide what follows from the result of try number `attempt` (from 1); change it in place."""
    _complete(result, rules, attempt)
    if "skipped" not in result:
        _override_changed(result, rules, evaluate)
        _override_failed(result, rules, evaluate)
    if not rules.repeats or _ends(result, rules, evaluate):
        return Done(result)
    if attempt <= rules.retries:
        return Retry({**result, "retries": rules.retries + 1}, rules.delay_s)
    result["failed"] = True
    result["attempts"] = rules.retries
    return Done(result)


def failed(result: dict[str, Any]) -> bool:
    """Tell whether a task with this result counts as failed.

    Where `failed_when` spoke, it has the last word, even over an exhausted `until` (A#17117).
    """
    return bool(result.get("failed_when_result", result.get("failed", False)))


def _complete(result: dict[str, Any], rules: Rules, attempt: int) -> None:
    if "failed" not in result:
        result["failed"] = result.get("rc") not in (None, 0, "0")
    if rules.repeats:
        result["attempts"] = attempt
    result.setdefault("changed", False)


def _override_changed(result: dict[str, Any], rules: Rules, evaluate: Evaluate) -> None:
    if not rules.changed_when:
        return
    try:
        result["changed"] = _all(rules.changed_when, result, evaluate)
    except TemplateFailed as error:
        result["failed"] = True
        result["changed_when_result"] = str(error)


def _override_failed(result: dict[str, Any], rules: Rules, evaluate: Evaluate) -> None:
    if not rules.failed_when:
        return
    try:
        verdict = _all(rules.failed_when, result, evaluate)
    except TemplateFailed as error:
        result["failed"] = True
        result["failed_when_result"] = str(error)
        return
    if result.get("failed") and not verdict and "exception" in result:
        result["failed_when_suppressed_exception"] = result.pop("exception")
    result["failed"] = result["failed_when_result"] = verdict


def _ends(result: dict[str, Any], rules: Rules, evaluate: Evaluate) -> bool:
    if not rules.until:
        return not result["failed"]
    try:
        return _all(rules.until, result, evaluate)
    except TemplateFailed as error:
        raise UntilFailed(error) from error


def _all(conditions: tuple[Condition, ...], result: dict[str, Any], evaluate: Evaluate) -> bool:
    return all(evaluate(condition, result) for condition in conditions)
