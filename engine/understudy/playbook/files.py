"""Playbooks and files of tasks: found, read and parsed, with everything they import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.playbook.fields import Report
from understudy.playbook.inherit import inherit
from understudy.playbook.model import Inherited, Playbook, Step, Task
from understudy.playbook.reading import Reading, Render
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.texts import Text, Value

FAIL_WHEN_RUN = frozenset(
    "argument-choice argument-conflict argument-type argument-value keyword-value missing-argument"
    " unexpected-text unknown-argument".split()
)
"""What Ansible finds only when a task runs, so that `when`, `ignore_errors` and `rescue` apply."""


def render_without_variables(text: Text) -> str:
    """Render a name as far as that needs no variable."""
    from understudy.values.template import render_text

    return str(text) if isinstance(text, str) else render_text(text, Scope(()))


def _ignore(_warning: Diagnostic) -> None:
    """Drop a warning."""


@dataclass(frozen=True, slots=True)
class Loader:
    """Reads playbooks. Warnings go to `warn`; errors are raised all at once."""

    render: Render = render_without_variables
    warn: Report = _ignore
    deferred: frozenset[str] = frozenset()
    """Codes of findings that are no errors here, since the task fails when it is run."""

    def load_playbook(self, path: Path | str) -> Playbook:
        """Return a playbook with all it imports. Raises PlaybookInvalid with every finding."""
        reading = self._reading(Path(path).parent)
        plays = reading.playbook(Path(path), Inherited(), None, ())
        reading.finish()
        return Playbook(str(path), plays)

    def load_tasks(
        self,
        path: Path,
        include: Task,
        apply: Mapping[str, Value],
        playbook_dir: Path | None = None,
    ) -> tuple[Step, ...]:
        """Return the tasks of a file for an `include_tasks` and the values of its `apply`.

        The include's own `vars` are not in them: those lie above all, and the cursor brings them.
        Raises PlaybookInvalid with every finding.
        """
        reading = self._reading(playbook_dir or path.parent)
        try:
            inherited = inherit(include.enclosing or Inherited(), apply)
        except TemplateFailed as failure:
            message = f"`apply` of `{include.action.written}`: {failure.message}"
            wrong = Diagnostic(code="keyword-type", message=message, span=include.action.span)
            raise PlaybookInvalid([wrong]) from None
        level = reading.level(inherited, path, ())
        level = replace(level, handlers=include.is_handler)
        steps = reading.tasks(path, include.action.span, level)
        reading.finish()
        return steps

    def _reading(self, playbook_dir: Path) -> Reading:
        return Reading(self.render, self.warn, playbook_dir, self.deferred)
