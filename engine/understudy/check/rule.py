"""What a rule is: a file of its own in `rules/`, named as its slug.

The file has a docstring (`doc.py` says of what form), a `RULE`, and one or more of three functions,
each yielding findings:

    check_task(visit: Visit)    for each way in which a host can come to a task
    check_flow(flow: Flow)      once, when everything that a playbook does has been gone through
    check_file(file: File)      for each file of a project, as its text stands

A rule without a function describes what the reader of playbooks finds by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from understudy.check.targets import EVERYWHERE, Target
from understudy.text.diagnostic import Diagnostic, Fix, Label, Severity
from understudy.text.source import Span

if TYPE_CHECKING:
    from understudy.check.files import File
    from understudy.check.flow.visits import Flow, Visit


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule's name, how bad what it finds is, and where it holds."""

    slug: str
    severity: Severity
    targets: frozenset[Target] = EVERYWHERE
    proof: tuple[str, ...] = ()
    """Parity cases that show, with the real Ansible, what the rule says of its behaviour."""

    def finding(
        self,
        span: Span | None,
        message: str,
        *,
        label: str = "",
        others: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str | None = None,  # noqa: A002 (the field's name)
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Diagnostic:
        """Return a finding of this rule, as bad as the rule says if nothing else is said."""
        return Diagnostic(
            code=self.slug,
            severity=severity or self.severity,
            message=message,
            span=span,
            label=label,
            others=others,
            notes=notes,
            help=help,
            fix=fix,
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule with what its file has."""

    rule: Rule
    text: str
    """The docstring."""
    check_task: Callable[[Visit], Iterator[Diagnostic]] | None
    check_flow: Callable[[Flow], Iterator[Diagnostic]] | None
    check_file: Callable[[File], Iterator[Diagnostic]] | None


@cache
def rules() -> Mapping[str, Loaded]:
    """Return every rule by its slug, sorted."""
    from understudy.check import rules as folder

    names = sorted(module.name for module in iter_modules(folder.__path__))
    return {name.replace("_", "-"): load_rule(name) for name in names}


def load_rule(name: str) -> Loaded:
    """Return the rule in a file of `rules/`."""
    module = import_module(f"understudy.check.rules.{name}")
    return Loaded(
        module.RULE,
        (module.__doc__ or "").strip(),
        getattr(module, "check_task", None),
        getattr(module, "check_flow", None),
        getattr(module, "check_file", None),
    )
