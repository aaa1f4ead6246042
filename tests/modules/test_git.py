"""`git` brings a working copy to a version; results as Ansible's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.modules.case import filled
from tests.modules.runner import Host, harvest
from understudy.connections.base import ModuleCall

ALWAYS_THE_SAME = {
    "HOME": "/nowhere",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}
HISTORY = """\
git init -q . && git checkout -q -b main
echo one >f && git add f && git commit -qm 1 && git tag v1
echo two >f && git commit -qam 2 && git tag -am 2 v2
git checkout -q -b dev && echo three >f && git commit -qam 3
git checkout -q -b gone && echo four >f && git commit -qam 4 && git update-ref refs/hidden/4 gone
git checkout -q main && git branch -qD gone
git config uploadpack.allowFilter true
"""
CASES = YAML(typ="safe").load(Path(__file__).parent / "cases" / "git.yml")
pytestmark = pytest.mark.slow


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, as nobody in particular."""
    environment = {**os.environ, **ALWAYS_THE_SAME}
    run = ["git", *words]
    return subprocess.check_output(run, cwd=folder, env=environment, text=True).strip()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with two commits on main, and one on dev."""
    folder = tmp_path_factory.mktemp("history")
    environment = {**os.environ, **ALWAYS_THE_SAME}
    subprocess.run(["sh", "-ec", HISTORY], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture
def up(history: Path, tmp_path: Path) -> Path:
    """Give a repository to clone, `up`; `other` is the same."""
    for name in ("up", "other"):
        shutil.copytree(history, tmp_path / name, symlinks=True)
    return tmp_path / "up"


def commits(up: Path) -> dict[str, str]:
    """Return the commits by the names that the cases have for them."""
    names = {"one": "v1", "two": "main", "three": "dev", "four": "refs/hidden/4"}
    return {name: git(up, "rev-parse", f"{what}^{{commit}}") for name, what in names.items()}


def named(value: Any, known: Mapping[str, str]) -> Any:
    """Put commits in the place of their names, at any depth."""
    if isinstance(value, str):
        for name, commit in known.items():
            value = value.replace(f"{{{name}}}", commit).replace(f"{{{name}:.8}}", commit[:8])
        return value
    if isinstance(value, dict):
        return {key: named(item, known) for key, item in value.items()}
    return [named(item, known) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_git(case: dict[str, Any], here: Host, up: Path, tmp_path: Path) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    known = commits(up)
    case = filled(named(case, known), tmp_path)
    copy = tmp_path / "copy"
    usual = {"repo": str(up), "dest": str(copy)}
    args = {**usual, **case.get("args", {})}
    args = {key: value for key, value in args.items() if value != ""}
    if "given" in case:
        assert here.run("git", {**usual, **case["given"]})["changed"]
    for name, text in case.get("edit", {}).items():
        (copy / name).write_text(text)
    changed = case.get("changed", True)
    before = git_tree(tmp_path)
    predicted = here.run("git", args, check=True, diff=True)
    assert git_tree(tmp_path) == before, "check mode changed something"
    assert predicted.get("changed", False) == case.get("foretold", changed), predicted
    result = here.run("git", args, diff="keys" in case)
    assert result.get("changed", False) == changed, result
    expected = case.get("result", {})
    assert {key: result.get(key) for key in expected} == expected
    if not result.get("failed"):
        assert predicted.get("after") == result["after"]
        assert here.run("git", args)["changed"] == case.get("again", False)
    if "keys" in case:
        assert " ".join(sorted(result)) in {case["keys"], case["keys"].replace(" diff", "")}
    if "diff" in case:
        assert result["diff"] == predicted["diff"] == case["diff"]
    check_copy(case, copy)


def check_copy(case: Mapping[str, Any], copy: Path) -> None:
    """Compare the working copy with what the case wants."""
    if "files" in case:
        found = {path.name: path.read_text() for path in copy.glob("[!.]*")}
        assert found == case["files"]
    if "count" in case:
        assert git(copy, "rev-list", "--count", "HEAD") == str(case["count"])
    if "mode" in case:
        assert copy.stat().st_mode & 0o777 == case["mode"]


def git_tree(root: Path) -> dict[str, bytes | str]:
    """Return all files below a folder, but for the time stamps that `git status` refreshes."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        if path.name != "index":
            found[str(path)] = path.read_bytes() if path.is_file() else "dir"
    return found


def test_under_every_python(host: Host, up: Path, tmp_path: Path) -> None:
    """A copy is made, updated and archived; the archive holds what the commit has."""
    known = commits(up)
    args = {"repo": str(up), "dest": str(tmp_path / "deep" / "copy"), "version": "v1"}
    assert host.run("git", args)["after"] == known["one"]
    args |= {"version": "dev", "archive": str(tmp_path / "a.tgz"), "archive_prefix": "p/"}
    result = host.run("git", args, diff=True)
    assert (result["before"], result["after"]) == (known["one"], known["three"])
    assert "+three" in result["diff"]["prepared"]
    with tarfile.open(tmp_path / "a.tgz") as archive:
        assert archive.getnames()[-1] == "p/f"
    assert host.run("git", args)["changed"] is False
    failed = host.run("git", args | {"version": "nope"})
    assert failed["msg"] == "Failed to checkout nope"


def test_a_password_in_a_url_is_not_shown(here: Host, up: Path, tmp_path: Path) -> None:
    """Neither when it cannot be reached, nor when it replaces another."""
    url = "http://me:hunter2@127.0.0.1:1/x"
    args = {"repo": url, "dest": str(tmp_path / "copy")}
    new = here.run("git", args)
    assert new["failed"]
    assert "http://me:********@127.0.0.1:1/x" in new["cmd"]
    assert here.run("git", args | {"repo": str(up)})["changed"]
    changed = here.run("git", args)
    assert changed["failed"]
    assert "hunter2" not in str((new, changed))
    shown = here.ask(ModuleCall(module="git", args={**args, "clone": True}))["invocation"]
    assert shown["module_args"]["repo"] == "http://me:********@127.0.0.1:1/x"


def test_nothing_asks(here: Host, tmp_path: Path) -> None:
    """Git has no terminal, and ssh is told not to ask; the key and the options reach it."""
    program = tmp_path / "git"
    told = 'echo "$GIT_TERMINAL_PROMPT $GIT_SSH_COMMAND" >&2; exit 3'
    program.write_text(f"#!/bin/sh\n{told}\n")
    program.chmod(0o755)
    usual = {"repo": "ssh://host/x", "dest": str(tmp_path / "copy"), "executable": str(program)}

    def ssh(**args: object) -> str:
        return str(here.run("git", {**usual, **args})["stderr"]).strip()

    assert ssh() == "0 ssh -o BatchMode=yes"
    assert ssh(key_file="/a b", ssh_opts="-v", accept_hostkey=True) == (
        "0 ssh -v -o StrictHostKeyChecking=no -o BatchMode=yes -i '/a b' -o IdentitiesOnly=yes"
    )
    assert "=accept-new " in ssh(accept_newhostkey=True)
    own = "-o StrictHostKeyChecking=yes -o BatchMode=no"
    assert ssh(ssh_opts=own, accept_hostkey=True) == f"0 ssh {own}"


def test_a_clone_that_was_killed_is_finished(here: Host, up: Path, tmp_path: Path) -> None:
    """A repository without a commit, and even without a remote, gets what it lacks."""
    copy = tmp_path / "copy"
    copy.mkdir()
    git(copy, "init", "-q")
    args = {"repo": str(up), "dest": str(copy)}
    assert here.run("git", args, check=True)["changed"]
    result = here.run("git", args)
    assert (result["before"], result["after"]) == (None, commits(up)["two"])
    assert here.run("git", args)["changed"] is False


def test_new_commits_are_fetched(here: Host, up: Path, tmp_path: Path) -> None:
    """Those of the branch, even where it was rewritten; tags that moved only by force."""
    args = {"repo": str(up), "dest": str(tmp_path / "copy")}
    here.run("git", args)
    git(up, "commit", "-q", "--amend", "-m", "anew", "--allow-empty")
    new = git(up, "rev-parse", "HEAD")
    assert here.run("git", args, check=True, diff=True)["after"] == new
    assert here.run("git", args)["after"] == new
    git(up, "tag", "-f", "v1", "HEAD")
    moved = here.run("git", args)
    assert moved["msg"].startswith("Failed to download remote objects and refs: ")
    assert moved["cmd"][1:] == ["fetch", "--tags", "origin"]
    assert here.run("git", args | {"force": True, "version": "v1"})["after"] == new


def test_submodules(here: Host, up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come with the copy unless that is not wanted, and follow their branch if it is."""
    for key, value in (("COUNT", "1"), ("KEY_0", "protocol.file.allow"), ("VALUE_0", "always")):
        monkeypatch.setenv(f"GIT_CONFIG_{key}", value)
    whole = tmp_path / "whole"
    whole.mkdir()
    git(whole, "init", "-q")
    git(whole, "submodule", "--quiet", "add", "-b", "main", str(up), "sub")
    git(whole, "commit", "-qm", "1")
    args = {"repo": str(whole), "dest": str(tmp_path / "copy")}
    assert "submodules_changed" not in here.run("git", args | {"recursive": False})
    assert not harvest(tmp_path / "copy" / "sub")
    assert here.run("git", args, check=True)["changed"]
    assert here.run("git", args)["submodules_changed"] is True
    assert (tmp_path / "copy" / "sub" / "f").read_text() == "two\n"
    assert here.run("git", args)["changed"] is False
    git(up, "commit", "-q", "--allow-empty", "-m", "new")
    assert here.run("git", args)["changed"] is False
    followed = here.run("git", args | {"track_submodules": True})
    assert followed["submodules_changed"] is True


def test_a_signature_of_a_known_key(
    here: Host, up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is enough, unless the list of keys does not have it."""
    if shutil.which("gpg") is None:
        pytest.skip("needs gpg")
    home = Path(subprocess.check_output(["mktemp", "-d", "/tmp/gpg.XXXX"], text=True).strip())
    monkeypatch.setenv("GNUPGHOME", str(home))
    try:
        make = [
            "gpg",
            "--batch",
            "-q",
            "--passphrase",
            "",
            "--quick-generate-key",
            "a@b",
            "ed25519",
        ]
        subprocess.run(make, check=True, capture_output=True)
        listed = subprocess.check_output(["gpg", "--with-colons", "-K"], text=True)
        key = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
        git(up, "-c", f"user.signingkey={key}", "commit", "-qS", "--allow-empty", "-m", "signed")
        args = {"repo": str(up), "dest": str(tmp_path / "copy"), "verify_commit": True}
        assert here.run("git", args | {"gpg_allowlist": [key]})["changed"]
        assert here.run("git", args)["changed"] is False
        other = here.run("git", args | {"gpg_allowlist": ["ABC"]})
        text = 'The gpg_allowlist does not include the public key "%s" for this commit'
        assert other["msg"] == text % key
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], check=False)
        shutil.rmtree(home)
