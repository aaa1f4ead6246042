from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.check.findings import finding
from understudy.check.settings.settings import SettingsInvalid
from understudy.check.sieve.baseline import baseline_of, read_baseline, to_text
from understudy.text.source import Source


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Through its file, it knows the same findings, however the files are named then."""
    text = "retries: 3\nx\nretries: 3\n"
    there = Source(str(tmp_path / "site.yml"), text)
    written = baseline_of([finding(there, 1), finding(there, 3), finding(there, 2)], tmp_path)
    (tmp_path / "known.json").write_text(to_text(written))
    read = read_baseline(tmp_path / "known.json")
    assert read == written
    moved = Source(str(tmp_path / "site.yml"), "new\n" + text + "retries: 3\n")
    findings = [finding(moved, line) for line in (2, 3, 4, 5)]
    assert read.new(findings) == findings[-1:]


def test_the_file_is_sorted_with_a_line_for_each_finding() -> None:
    """A finding more or less is one line more or less; nothing of the text is in it."""
    a, b = (Source(name, "password: hunter2\nb\n") for name in ("a.yml", "b.yml"))
    findings = [finding(a, 1), finding(a, 2), finding(b, 1), finding(b, 1)]
    one, other = (to_text(baseline_of(all_, Path.cwd())) for all_ in (findings, findings[::-1]))
    assert one == other
    assert "hunter2" not in one
    assert sum(1 for line in one.splitlines() if '": 1' in line or '": 2' in line) == 3 + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        '{"version": 1}',
        '{"version": 1, "findings": []}',
        '{"version": 1, "findings": {"a": {"b": 3}}}',
        '{"version": 1, "findings": {"a": {"b": {"c": "x"}}}}',
        "[" * 100_000,
        "\xff",
    ],
)
def test_what_is_no_baseline_is_told(tmp_path: Path, text: str) -> None:
    """Whatever is in the file, it is a mistake of use."""
    (tmp_path / "known.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsInvalid, match="is not a baseline"):
        read_baseline(tmp_path / "known.json")


def test_another_version_and_a_missing_file_are_told(tmp_path: Path) -> None:
    """The first says what to do."""
    (tmp_path / "known.json").write_text(json.dumps({"version": 99}))
    with pytest.raises(SettingsInvalid, match="write it again"):
        read_baseline(tmp_path / "known.json")
    with pytest.raises(SettingsInvalid, match="there is no such baseline"):
        read_baseline(tmp_path / "none.json")
