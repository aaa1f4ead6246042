"""The loader that every command reads playbooks with."""

from __future__ import annotations

from understudy.playbook.files import Loader
from understudy.text.diagnostic import Diagnostic
from understudy.values.scope import Scope
from understudy.values.texts import Text


def loader_of(
    scope: Scope, deferred: frozenset[str] = frozenset()
) -> tuple[Loader, list[Diagnostic]]:
    """Return a loader that renders names in a scope, and the list that its warnings go to.

    Findings with a code in `deferred` are left to the run.
    """
    warnings: list[Diagnostic] = []

    def render(text: Text) -> str:
        from understudy.values.template import render_text

        return str(text) if isinstance(text, str) else render_text(text, scope)

    return Loader(render, warnings.append, deferred), warnings
