"""`vars_files` of a play: files of variables, or lists of which the first that is there counts.

A name with a template is rendered anew for every task: it may name a host's fact, which is not
known before it is gathered. Files are read once for each play.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from understudy.playbook.model import Play
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.load import load_vars_file
from understudy.values.merging import layered
from understudy.values.scope import Scope
from understudy.values.template import render
from understudy.values.texts import Template, Value

Layer = Mapping[str, Value]


@dataclass(slots=True)
class VarsFiles:
    """The files of a play and what they hold."""

    play: Play
    folder: Path
    _read: dict[Path, Layer] = field(default_factory=dict)
    _fixed: tuple[Layer, ...] | None = None
    """The layers, if no name depends on a host."""

    def check(self) -> None:
        """Read the files whose names say all; raise PlaybookInvalid, also if no task reads them."""
        if not any(map(_depends, self.play.vars_files)):
            self.layers(Scope(()))

    def layers(self, scope: Scope) -> tuple[Layer, ...]:
        """Return the variables of each file, the last one first, as a host sees them.

        A name with a variable that the host does not have, or not yet, is passed over. Raises
        PlaybookInvalid for a file that is not there.
        """
        if self._fixed is not None:
            return self._fixed
        found: tuple[Layer, ...] = ()
        for raw in self.play.vars_files:
            layer = self._one(raw, scope.with_fallback(layered(reversed(found))))
            found = (layer, *found) if layer else found
        if not any(map(_depends, self.play.vars_files)):
            self._fixed = found
        return found

    def _one(self, raw: Value, scope: Scope) -> Layer | None:
        parts = raw if isinstance(raw, list) else [raw]
        names: list[str] = []
        undefined = False
        for part in parts:
            try:
                value = render(part, scope, io_allowed=True)
            except TemplateFailed as failure:
                if failure.code != "undefined-variable":
                    raise PlaybookInvalid([_not_rendered(failure, part)]) from None
                undefined = True
                continue
            names += map(str, value if isinstance(value, list) else [value])
        path = self._first(names)
        if path is not None:
            return self._loaded(path)
        if undefined:
            return None
        raise PlaybookInvalid([self._missing(names, raw)])

    def _first(self, names: list[str]) -> Path | None:
        places = (self.folder / "vars", self.folder)
        found = (place / name for name in names for place in places if (place / name).is_file())
        return next(found, None)

    def _loaded(self, path: Path) -> Layer:
        if path not in self._read:
            self._read[path] = load_vars_file(path, may_be_list=True)
        return self._read[path]

    def _missing(self, names: list[str], raw: Value) -> Diagnostic:
        message = f"vars file `{'`, `'.join(names)}` was not found"
        place = getattr(raw, "span", None) or self.play.keyword_spans.get("vars_files")
        return Diagnostic(code="missing-file", message=message, span=place)


def _depends(raw: Value) -> bool:
    return any(isinstance(part, Template) for part in (raw if isinstance(raw, list) else [raw]))


def _not_rendered(failure: TemplateFailed, part: Value) -> Diagnostic:
    return Diagnostic(
        code=failure.code,
        message=f"a name in `vars_files` cannot be rendered: {failure.message}",
        span=failure.span or getattr(part, "span", None),
        help=failure.help,
    )
