"""`vars_files` of a play: files of variables, or lists of which the first that is there counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from understudy.playbook.model import Play
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.load import load_vars_file
from understudy.values.scope import Scope
from understudy.values.template import render
from understudy.values.texts import Value


def vars_files_of(play: Play, scope: Scope, playbook_dir: Path) -> tuple[Mapping[str, Value], ...]:
    """Return the variables of each file, the last one first; raise PlaybookInvalid."""
    layers = [_first_found(play, raw, scope, playbook_dir) for raw in play.vars_files]
    return tuple(reversed(layers))


def _first_found(play: Play, raw: Value, scope: Scope, playbook_dir: Path) -> Mapping[str, Value]:
    value = render(raw, scope)
    names = [str(name) for name in (value if isinstance(value, list) else [value])]
    for name in names:
        for path in (playbook_dir / "vars" / name, playbook_dir / name):
            if path.is_file():
                return load_vars_file(path)
    message = f"vars file `{'`, `'.join(names)}` was not found"
    place = getattr(raw, "span", None) or play.keyword_spans.get("vars_files")
    raise PlaybookInvalid([Diagnostic(code="missing-file", message=message, span=place)])
