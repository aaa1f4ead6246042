"""Asks git which lines have changed since a revision. It is called the same few times, always."""

from __future__ import annotations

import subprocess
from pathlib import Path

from understudy.check.settings import SettingsInvalid
from understudy.check.since import Changes, changes_of

_CONFIG = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
"""Names as they are; and no program is run that a repository names."""
_DIFF = (
    "diff --no-color --no-ext-diff --no-textconv --no-relative --find-renames --unified=0"
    " --inter-hunk-context=0 --src-prefix=a/ --dst-prefix=b/ --end-of-options"
).split()
_UNTRACKED = "ls-files --others --exclude-standard --full-name -z -- :/".split()


def changes_since(revision: str, folder: Path) -> Changes:
    """Return what has changed in a repository, also what is not committed yet.

    A revision of another branch counts from where that branch was left. Raises SettingsInvalid.
    """
    top = _top(folder, revision)
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise SettingsInvalid(f"--since: git knows no revision `{revision}` here")
    named = commit.decode().strip()
    base = _git(folder, "merge-base", "--end-of-options", named, "HEAD")
    start = base.decode().strip() if base else named
    diff, untracked = _git(folder, *_DIFF, start), _git(folder, *_UNTRACKED)
    if diff is None or untracked is None:
        raise SettingsInvalid(f"--since: git cannot compare with `{revision}`")
    return changes_of(diff, untracked.split(b"\0")[:-1], top)


def _top(folder: Path, revision: str) -> Path:
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise SettingsInvalid(
            f"--since {revision}: `{folder}` lies in no git repository; check without `--since`"
        )
    return Path(top.decode("utf-8", "surrogateescape").removesuffix("\n"))


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints, or None where it fails."""
    command = ["git", "-C", str(folder), *_CONFIG, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        raise SettingsInvalid("--since: there is no `git` on this machine") from None
    return done.stdout if done.returncode == 0 else None
