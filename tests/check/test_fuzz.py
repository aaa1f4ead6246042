"""A check of any text ends with findings that point into it, and with fixes that keep it YAML."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.check.mutations import ODD, PLAYBOOKS, VALUES, mutated
from understudy.check.engine import Checked
from understudy.check.settings.settings import Settings
from understudy.check.targets import Target
from understudy.cli.check_paths import checked_paths
from understudy.report.diagnostics import render
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.edits import apply_edits
from understudy.text.source import Position, Source, Span

WITHIN = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True
)
TARGETS = tuple(Target)
WORDS = (
    *("- hosts: all\n", "  tasks:\n", "    - ", "command: x\n", "      async: ", "      poll: 0\n"),
    *("      register: r\n", "      until: r is ", "finished\n", "      retries: ", "block:\n"),
    *("    - async_status: {jid: '{{ r.ansible_job_id }}'}\n", "      loop: ", "      when: "),
    *("      notify: h\n", "  handlers:\n", "  vars:\n", "  roles:\n", "include_tasks: x.yml\n"),
    *ODD,
    *VALUES,
    *("\n", " ", "a", "0"),
)


def check_text(text: str, path: Path, target: Target) -> Checked:
    """Return what is found in a text that stands for a file; hold it to what is promised."""
    source = Source(str(path), text)
    checked = checked_paths([str(path)], Settings(target=target), sources=[source])
    for found in (*checked.findings, *checked.unchecked):
        for span in spans_of(found):
            assert is_inside(span), (found.code, span.start, span.end, text)
        render(found)
        if found.fix is not None and is_yaml(source):
            by_name = {edit.span.source.name: edit.span.source for edit in found.fix.edits}
            for name, of_fix in by_name.items():
                edits = [edit for edit in found.fix.edits if edit.span.source.name == name]
                fixed = Source(name, apply_edits(of_fix, edits))
                assert is_yaml(fixed), (found.code, text, fixed.text)
    return checked


def spans_of(found: Diagnostic) -> Iterator[Span]:
    """Yield every place that a finding names."""
    yield from [found.span] if found.span else ()
    yield from (label.span for label in found.others)
    yield from (edit.span for edit in (found.fix.edits if found.fix else ()))


def is_inside(span: Span) -> bool:
    """Tell whether a place is one of its text; one behind the last character is."""
    source, start, end = span
    if source.text == "":
        return start == Position(1, 1)
    ends = start.column <= len(source.line(start.line)) + 1 and (
        end.column <= len(source.line(end.line)) + 2
    )
    last = source.text.count("\n") + source.text.count("\r") + 40
    return ends and 1 <= start.line <= end.line <= last and start <= end and start.column >= 1


def is_yaml(source: Source) -> bool:
    """Tell whether a text can be read."""
    try:
        parse_document(source, lambda _warning: None)
    except PlaybookInvalid:
        return False
    return True


def check_mutated(path: Path, seed: int, times: int) -> None:
    """Check a mutated playbook, for a target that the seed says."""
    target = TARGETS[random.Random(seed).randrange(len(TARGETS))]
    check_text(mutated(path, seed, times), path, target)


@settings(WITHIN, max_examples=100)
@given(words=st.lists(st.sampled_from(WORDS), max_size=30), target=st.sampled_from(TARGETS))
@pytest.mark.slow
def test_texts_of_words(words: list[str], target: Target) -> None:
    """Texts made of what playbooks are made of, in any order."""
    check_text("".join(words), Path("site.yml"), target)


@settings(WITHIN, max_examples=50)
@given(text=st.text(max_size=200))
@pytest.mark.slow
def test_texts_of_characters(text: str) -> None:
    """Any text at all, but halves of characters, which no file holds."""
    check_text(text.encode("utf-8", "replace").decode(), Path("site.yml"), Target.UNDERSTUDY)


@settings(WITHIN, max_examples=350)
@given(path=st.sampled_from(PLAYBOOKS), seed=st.integers(0, 2**32), times=st.integers(1, 6))
@pytest.mark.slow
def test_playbooks_after_mutations(path: Path, seed: int, times: int) -> None:
    """Playbooks of ours as they are while somebody writes them."""
    check_mutated(path, seed, times)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(20))
def test_ten_thousand_mutations(part: int) -> None:
    """The same, for other seeds each time; the one that fails is told."""
    chance = random.Random(os.environ.get("UNDERSTUDY_SEED"))
    for _ in range(500):
        path, seed, times = chance.choice(PLAYBOOKS), chance.getrandbits(32), 1 + part % 6
        try:
            check_mutated(path, seed, times)
        except BaseException as error:
            error.add_note(f"check_mutated({str(path)!r}, {seed}, {times})")
            raise
