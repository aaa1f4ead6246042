"""Golden pairs: a playbook that is wrong, and everything that is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.playbook.files import Loader
from understudy.report.diagnostics import render
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid

CASES = Path(__file__).parent.parent / "cases" / "invalid"
SLUGS = sorted(path.stem for path in CASES.glob("*.yml"))


def findings(slug: str) -> list[Diagnostic]:
    """Load a playbook that must be refused; return the errors, then the warnings."""
    warnings: list[Diagnostic] = []
    with pytest.raises(PlaybookInvalid) as invalid:
        Loader(warn=warnings.append).load_playbook(f"{slug}.yml")
    return [*invalid.value.diagnostics, *warnings]


@pytest.mark.parametrize("slug", SLUGS)
def test_invalid_playbook_is_explained(
    slug: str, *, update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong playbook is refused with every finding, each as the golden file shows it."""
    monkeypatch.chdir(CASES)
    expected = CASES / f"{slug}.expected"
    said = "\n\n".join(map(render, findings(slug))) + "\n"
    if update:
        expected.write_text(said, "utf-8")
    assert said == expected.read_text("utf-8")


@pytest.mark.parametrize("slug", SLUGS)
def test_findings_have_a_place_and_a_plain_message(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every finding has a place, and a message in lower case without a final period."""
    monkeypatch.chdir(CASES)
    for found in findings(slug):
        assert found.span is not None
        assert not found.message.endswith(".")
        assert found.message[0] == "`" or found.message[0].islower()
        assert found.help is None or not found.help.endswith(".")
