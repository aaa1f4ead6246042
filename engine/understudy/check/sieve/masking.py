"""What is secret in a text is read nowhere: not where it is found, nor in a finding beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from understudy.text.diagnostic import Diagnostic, Label
from understudy.text.source import Source, Span

_SLUG = "secret-in-clear-text"
_SHORTEST = 6
"""How many characters a secret has at least that is hidden where it stands again."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text without its secrets, and these, as they may be repeated in what is said of it."""

    text: str
    secrets: tuple[str, ...]

    def said(self, text: str) -> str:
        """Return what is said, without the secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "*" * len(secret))
        return text


def masked(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings by which no secret can be read that one of them is about.

    Places stay where they are, and so do fixes: these need the texts as they are.
    """
    findings = list(findings)
    places: dict[str, list[Span]] = {}
    for found in findings:
        if found.code == _SLUG and found.span:
            places.setdefault(_file(found.span), []).append(found.span)
    texts = {file: _without(spans) for file, spans in places.items()}
    return [_masked(found, texts) for found in findings] if texts else findings


def _file(span: Span) -> str:
    return os.path.abspath(span.source.name)  # noqa: PTH100 (Path's keeps `..`)


def _without(places: Iterable[Span]) -> _Text:
    """Return a text with stars in some places, and where it repeats what stands there."""
    places = list(places)
    source = places[0].source
    text = source.text
    stretches = [(source.offset(place.start), source.offset(place.end)) for place in places]
    for start, end in stretches:
        text = text[:start] + re.sub(r"\S", "*", text[start:end]) + text[end:]
    values = {source.text[start:end].strip("\"'") for start, end in stretches}
    secrets = sorted((one for one in values if len(one) >= _SHORTEST), key=len, reverse=True)
    found = _Text(text, tuple(one for one in secrets if "\n" not in one))
    return replace(found, text=found.said(text))


def _masked(found: Diagnostic, texts: Mapping[str, _Text]) -> Diagnostic:
    spans = [span for span in (found.span, *(other.span for other in found.others)) if span]
    files = {_file(span) for span in spans} & texts.keys()
    if not files:
        return found

    def said(text: str) -> str:
        for file in files:
            text = texts[file].said(text)
        return text

    return replace(
        found,
        message=said(found.message),
        label=said(found.label),
        notes=tuple(map(said, found.notes)),
        help=said(found.help) if found.help else found.help,
        span=_place(found.span, texts) if found.span else None,
        others=tuple(Label(_place(one.span, texts), said(one.text)) for one in found.others),
    )


def _place(span: Span, texts: Mapping[str, _Text]) -> Span:
    text = texts.get(_file(span))
    if text is None:
        return span
    return span._replace(source=Source(span.source.name, text.text, span.source.secret))
