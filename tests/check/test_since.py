from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.check.findings import finding
from understudy.check.settings.settings import SettingsInvalid
from understudy.check.sieve.since import Changes, changes_of
from understudy.cli.changed_lines import changes_since
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Position, Source, Span

TOP = Path("/nowhere/top")


def lines(diff: str) -> dict[str, list[int]]:
    """Return the changed lines of each file of a diff."""
    changes = changes_of(diff.encode(), [], TOP)
    return {os.path.relpath(name, TOP): sorted(all_) for name, all_ in changes.lines.items()}


@pytest.mark.parametrize(
    ("diff", "expected"),
    [
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", {"x": [1]}),
        ("--- a/x\n+++ b/x\n@@ -1,0 +2,3 @@ tasks:\n+a\n+b\n+c\n", {"x": [2, 3, 4]}),
        ("--- a/x\n+++ b/x\n@@ -4,2 +3,0 @@\n-a\n-b\n", {"x": []}),
        ("--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", {}),
        ("--- a/x\n+++ b/y z\t\n@@ -1 +1 @@\n-a\n+b\n", {"y z": [1]}),
        ('--- a/x\n+++ "b/\\303\\244\\"\\n"\n@@ -1 +1 @@\n-a\n+b\n', {'ä"\n': [1]}),
        (
            "+++ b/x\n@@ -1 +1,2 @@\n--- a/q\n+++ b/q\n+@@ -1 +9 @@\n@@ -8 +9 @@\n-a\n+b\n",
            {"x": [1, 2, 9]},
        ),
        (
            "+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline\n+b\n+++ b/y\n@@ -3 +3 @@\n-a\n+b\n",
            {"x": [1], "y": [3]},
        ),
    ],
)
def test_a_diff_tells_lines(diff: str, expected: dict[str, list[int]]) -> None:
    """Every hunk counts, whatever its lines look like; names are as the file's are."""
    assert lines(diff) == expected


def over(text: str, start: Position, end: Position) -> Diagnostic:
    """Return a finding in a file."""
    return Diagnostic(code="x", message="y", span=Span(Source("site.yml", text), start, end))


@pytest.mark.parametrize(
    ("found", "is_touched"),
    [
        (over("a\nb\nc\n", Position(2, 1), Position(2, 2)), True),
        (over("a\nb\nc\n", Position(1, 1), Position(3, 1)), True),
        (over("a\nb\nc\n", Position(1, 1), Position(2, 1)), False),
        (over("a\nb\nc\n", Position(3, 1), Position(3, 2)), False),
        (over("a\x85b\nc\n", Position(3, 1), Position(3, 2)), True),
        (over("a\r\nb\r\n", Position(2, 1), Position(2, 2)), True),
        (Diagnostic(code="x", message="y"), True),
    ],
)
def test_a_finding_counts_where_its_place_has_changed(
    found: Diagnostic,
    is_touched: bool,  # noqa: FBT001
) -> None:
    """Any line of its place will do; lines are those that git counts."""
    assert Changes({os.path.realpath("site.yml"): frozenset({2})}).touch(found) is is_touched


def test_a_secret_file_counts_as_a_whole() -> None:
    """The lines of what was encrypted are not those of its file."""
    found = finding(Source("site.yml", "a\nb\n", secret=True), 1)
    assert Changes({os.path.realpath("site.yml"): frozenset({9})}).touch(found)
    assert not Changes({}).touch(found)


def git(folder: Path, *words: str) -> None:
    """Run git in a repository."""
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two files and one commit; its name has a space."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    top = tmp_path / "a project"
    (top / "roles").mkdir(parents=True)
    (top / "site.yml").write_text("a\nb\nc\nd\ne\nf\n")
    (top / "roles" / "x.yml").write_text("a\n")
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-qm", "first")
    return top


def touched(changes: Changes, file: Path) -> list[int]:
    """Return the lines of a file on which a finding would count."""
    source = Source(str(file), file.read_text())
    count = len(source.text.splitlines())
    return [line for line in range(1, count + 1) if changes.touch(finding(source, line))]


@pytest.mark.slow
def test_what_is_not_committed_counts(repository: Path) -> None:
    """Changes of the working tree, staged ones, and files that git does not know yet."""
    (repository / "site.yml").write_text("a\nB\nc\nd\ne\nf\ng\n")
    (repository / "roles" / "new.yml").write_text("a\nb\n")
    (repository / "roles" / "x.yml").write_text("a\nb\n")
    git(repository, "add", "roles/x.yml")
    changes = changes_since("HEAD", [repository / "roles"])
    assert touched(changes, repository / "site.yml") == [2, 7]
    assert touched(changes, repository / "roles" / "x.yml") == [2]
    assert touched(changes, repository / "roles" / "new.yml") == [1, 2]


@pytest.mark.slow
def test_a_renamed_file_has_only_its_changes(repository: Path) -> None:
    """Its old lines are not new; and a name that git would quote is found."""
    git(repository, "mv", "site.yml", 'sité "x".yml')
    path = repository / 'sité "x".yml'
    path.write_text("a\nb\nC\nd\ne\nf\n")
    git(repository, "commit", "-qam", "second")
    assert touched(changes_since("HEAD~1", [repository]), path) == [3]


@pytest.mark.slow
def test_what_others_have_changed_does_not_count(repository: Path) -> None:
    """A branch that went on elsewhere counts from where it was left."""
    git(repository, "checkout", "-qb", "other")
    (repository / "site.yml").write_text("a\nb\nc\nd\ne\nF\n")
    git(repository, "commit", "-qam", "theirs")
    git(repository, "checkout", "-q", "-")
    (repository / "site.yml").write_text("A\nb\nc\nd\ne\nf\n")
    assert touched(changes_since("other", [repository]), repository / "site.yml") == [1]


@pytest.mark.slow
@pytest.mark.parametrize("revision", ["nope", "--output=pwned", "HEAD:site.yml", ""])
def test_a_revision_that_there_is_not_is_told(repository: Path, revision: str) -> None:
    """It is never an option of git."""
    with pytest.raises(SettingsInvalid, match="knows no revision"):
        changes_since(revision, [repository])
    assert not list(repository.glob("**/pwned"))


@pytest.mark.slow
def test_what_git_says_is_told(repository: Path) -> None:
    """A repository that git will not look at is not said to be none."""
    (repository / ".git" / "config").write_text("[core\n")
    with pytest.raises(SettingsInvalid, match="bad config line 1"):
        changes_since("HEAD", [repository])


@pytest.mark.slow
def test_each_path_may_lie_in_a_repository_of_its_own(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in one that is part of another, wherever the check begins."""
    inner = repository / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "tasks.yml").write_text("a\nb\n")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "first")
    git(repository, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
    git(repository, "commit", "-qm", "with a part")
    (inner / "tasks.yml").write_text("a\nB\n")
    (inner / "new.yml").write_text("a\n")
    (inner / ".git" / "config").open("a").write("[core]\n\tfsmonitor = touch pwned; false\n")
    (repository / "site.yml").write_text("A\nb\nc\nd\ne\nf\n")
    for folders in ([inner, repository], [repository]):
        changes = changes_since("HEAD", folders)
        assert touched(changes, inner / "tasks.yml") == [2]
        assert str(inner / "new.yml") in changes.new
        assert not list(repository.glob("**/pwned"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(repository / ".git" / "index"))  # as in a hook
        assert touched(changes, repository / "site.yml") == [1]


def test_without_a_repository_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so it is without git."""
    with pytest.raises(SettingsInvalid, match="lies in no git repository"):
        changes_since("HEAD", [tmp_path])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SettingsInvalid, match="no `git` on this machine"):
        changes_since("HEAD", [tmp_path])
