"""Asks git which lines have changed since a revision. It is called the same few times, always."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from understudy.check.settings.settings import SettingsInvalid
from understudy.check.sieve.since import Changes, changes_of

_CONFIG = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
"""Names as they are; and no program is run that a repository names."""
_DIFF = (
    "diff --no-color --no-ext-diff --no-textconv --no-relative --find-renames --unified=0"
    " --inter-hunk-context=0 --ignore-submodules=all"
    " --src-prefix=a/ --dst-prefix=b/ --end-of-options"
).split()
_OF_REPOSITORY = frozenset(
    "GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_COMMON_DIR GIT_OBJECT_DIRECTORY".split()
)
_Done: TypeAlias = subprocess.CompletedProcess[bytes]
_Ask: TypeAlias = Callable[..., _Done]
_HASH = 40
"""How many digits the name of a commit has at least."""
_UNTRACKED = "ls-files --others --exclude-standard --full-name -z -- :/".split()


def changes_since(revision: str, folders: Iterable[Path]) -> Changes:
    """Return what has changed in the repositories of some folders, also what is not committed yet.

    A revision of another branch counts from where that branch was left. Raises SettingsInvalid.
    """
    found = [one for folder in _of_each_repository(folders) for one in _changes(revision, folder)]
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


def _changes(revision: str, folder: Path) -> Iterator[Changes]:
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
    yield changes_of(diff.stdout, _names(untracked), top)
    yield from _of_submodules(top, start, _git)


def _of_submodules(top: Path, start: str, ask: _Ask) -> Iterator[Changes]:
    """Yield what has changed in each submodule since the commit that a tree names for it.

    They are asked one by one: git itself would run there what their configuration names.
    """
    now = _submodules(ask(top, "ls-files", "--stage", "-z"))
    before = _submodules(ask(top, "ls-tree", "-r", "-z", start)) if now else {}
    for name in now:
        folder = top / os.fsdecode(name)
        if not os.path.lexists(folder / ".git"):
            continue  # it is not checked out
        old = before.get(name, "")
        diff = _git_inside(folder, *_DIFF, old)
        new = _names(_git_inside(folder, *_UNTRACKED))
        if diff.returncode:
            # a commit that there is not, as in a shallow clone: then every line may be new
            new += _names(_git_inside(folder, "ls-files", "-z"))
        yield changes_of(diff.stdout, new, folder)
        yield from _of_submodules(folder, old, _git_inside)


def _submodules(listing: _Done) -> dict[bytes, str]:
    """Return the commits of the submodules in an index or a tree, by their paths."""
    rows = (row.partition(b"\t") for row in listing.stdout.split(b"\0"))
    return {
        name: next(word for word in about.decode().split() if len(word) >= _HASH)
        for about, _, name in rows
        if about.startswith(b"160000 ")
    }


def _names(listing: _Done) -> list[bytes]:
    return listing.stdout.split(b"\0")[:-1]


def _top(folder: Path, revision: str) -> Path:
    top = _git(folder, "rev-parse", "--show-toplevel")
    if b"not a git repository" in top.stderr:
        raise SettingsInvalid(
            f"--since {revision}: `{folder}` lies in no git repository; check without `--since`"
        )
    if top.returncode:
        raise SettingsInvalid(f"--since {revision}: {_reason(top)}")
    return Path(os.fsdecode(top.stdout.removesuffix(b"\n")))


def _reason(done: _Done) -> str:
    """Return the first thing that git says of its failure."""
    lines = done.stderr.decode("utf-8", "replace").splitlines() or ["git fails"]
    return lines[0].removeprefix("fatal: ")


def _git_inside(folder: Path, *arguments: str) -> _Done:
    """Ask about a submodule: a hook of git's names the repository around it in its environment."""
    environ = {name: value for name, value in os.environ.items() if name not in _OF_REPOSITORY}
    return _git(folder, *arguments, environ=environ)


def _git(folder: Path, *arguments: str, environ: Mapping[str, str] = os.environ) -> _Done:
    command = ["git", "-C", str(folder), *_CONFIG, *arguments]
    environ = {**environ, "LC_ALL": "C"}
    try:
        return subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, check=False, env=environ
        )
    except FileNotFoundError:
        raise SettingsInvalid("--since: there is no `git` on this machine") from None
