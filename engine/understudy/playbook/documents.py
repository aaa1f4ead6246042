"""The files that plays, tasks and variables are read from, as trees."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from understudy.playbook.fields import Report
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.nodes import Node
from understudy.text.source import Span
from understudy.values.load import load_vars_file
from understudy.values.texts import Value
from understudy.values.vault import discreet, read_author_source

SEALED = "\0sealed"
"""Among the variables of a file: what is in it is not known, since it is encrypted."""


class Documents:
    """Reads files anew whenever they are asked for."""

    def root(self, path: Path, named_at: Span | None, report: Report) -> Node | None:
        """Return a file's tree; warnings go to `report`. Raises PlaybookInvalid."""
        source = read_author_source(path, named_at=named_at)
        try:
            return parse_document(source, report)
        except PlaybookInvalid as invalid:
            raise discreet(invalid) from None

    def variables(self, path: Path) -> Mapping[str, Value]:
        """Return the variables of a file. Raises PlaybookInvalid."""
        return load_vars_file(path)

    def refusal(self, path: Path, named_at: Span | None, depth: int) -> Diagnostic | None:
        """Return why one more import of a file is not followed, if it is not."""
        del path, named_at, depth
        return None
