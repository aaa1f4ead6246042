"""`-e`: extra variables from the command line, in each of their forms."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from understudy.playbook.split import Unbalanced, split_pairs
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.nodes import Mapping
from understudy.text.source import Source
from understudy.values.load import author, load_mapping
from understudy.values.merging import layered
from understudy.values.texts import Value
from understudy.values.vault import read_author_source


def extra_vars(given: Iterable[str], *, deep: bool = False) -> dict[str, Value]:
    """Return the variables of all `-e`, later ones winning; raise PlaybookInvalid.

    With `deep` mappings of the same name are merged.
    """
    return layered(map(_one, given), deep=deep)


def _one(text: str) -> dict[str, Value]:
    if text.startswith("@"):
        return _mapping(read_author_source(Path(text[1:]).expanduser()))
    if text.lstrip().startswith(("{", "[")):
        return _mapping(Source("--extra-vars", text))
    return _pairs(text)


def _mapping(source: Source) -> dict[str, Value]:
    root = parse_document(source, lambda _: None)
    if not isinstance(root, Mapping):
        raise _invalid(f"the extra variables in `{source.name}` are not a mapping")
    return load_mapping(root)


def _pairs(text: str) -> dict[str, Value]:
    try:
        pairs, others = split_pairs(text)
    except Unbalanced:
        raise _invalid(f"`-e {text}` has a quote or brace without its end") from None
    if others or not pairs:
        raise _invalid(f"`-e {text}` is neither `name=value`, YAML, JSON nor `@FILE`")
    return {pair.name: author(pair.value) for pair in pairs}


def _invalid(message: str) -> PlaybookInvalid:
    return PlaybookInvalid([Diagnostic(code="invalid-extra-vars", message=message)])
