"""Asks git which lines have changed since a revision. It is called the same few times, always."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from understudy.check.settings import SettingsInvalid
from understudy.check.since import Changes, changes_of

_CONFIG = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
"""Names as they are; and no program is run that a repository names."""
_DIFF = (
    "diff --no-color --no-ext-diff --no-textconv --no-relative --find-renames --unified=0"
    " --submodule=diff --inter-hunk-context=0 --src-prefix=a/ --dst-prefix=b/ --end-of-options"
).split()
_UNTRACKED = "ls-files --others --exclude-standard --full-name -z -- :/".split()


def changes_since(revision: str, folders: Iterable[Path]) -> Changes:
    """Return what has changed in the repositories of some folders, also what is not committed yet.

    A revision of another branch counts from where that branch was left. Raises SettingsInvalid.
    """
    found = [_changes(revision, folder) for folder in _of_each_repository(folders)]
    lines = {file: changed for one in found for file, changed in one.lines.items()}
    return Changes(lines, frozenset().union(*(one.new for one in found)))


def _of_each_repository(folders: Iterable[Path]) -> Iterable[Path]:
    """Return one of the folders of each repository: git is slow to ask."""
    by_top: dict[Path, Path] = {}
    for folder in folders:
        here = folder.absolute()
        # not the method of Path, which raises where a directory may not be entered
        tops = (one for one in (here, *here.parents) if os.path.lexists(one / ".git"))
        by_top.setdefault(next(tops, here), folder)
    return by_top.values()


def _changes(revision: str, folder: Path) -> Changes:
    top = _top(folder, revision)
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if commit.returncode:
        raise SettingsInvalid(
            f"--since: git knows no revision `{revision}` here; a shallow clone has only a few"
        )
    named = commit.stdout.decode().strip()
    base = _git(folder, "merge-base", "--end-of-options", named, "HEAD")
    start = named if base.returncode else base.stdout.decode().strip()
    diff, untracked = _git(folder, *_DIFF, start), _git(folder, *_UNTRACKED)
    for done in (diff, untracked):
        if done.returncode:
            raise SettingsInvalid(f"--since {revision}: {_reason(done)}")
    return changes_of(diff.stdout, untracked.stdout.split(b"\0")[:-1], top)


def _top(folder: Path, revision: str) -> Path:
    top = _git(folder, "rev-parse", "--show-toplevel")
    if b"not a git repository" in top.stderr:
        raise SettingsInvalid(
            f"--since {revision}: `{folder}` lies in no git repository; check without `--since`"
        )
    if top.returncode:
        raise SettingsInvalid(f"--since {revision}: {_reason(top)}")
    return Path(os.fsdecode(top.stdout.removesuffix(b"\n")))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the first thing that git says of its failure."""
    lines = done.stderr.decode("utf-8", "replace").splitlines() or ["git fails"]
    return lines[0].removeprefix("fatal: ")


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *_CONFIG, *arguments]
    environ = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, check=False, env=environ
        )
    except FileNotFoundError:
        raise SettingsInvalid("--since: there is no `git` on this machine") from None
