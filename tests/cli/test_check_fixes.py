"""`understudy check --fix` and `--diff` on files on disk."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.check.mending.mend import Mended
from understudy.cli import check_fixes
from understudy.cli.exits import Exit
from understudy.cli.main import main
from understudy.text.diagnostic import Diagnostic

TWICE = "- hosts: all\n  tasks:\n    - ping:  # \u00fc\n      when: a\n      when: a\n"
ONCE = "- hosts: all\n  tasks:\n    - ping:  # \u00fc\n      when: a\n"
SHORT = """\
- hosts: all
  tasks:
    - command: sleep 60
      async: 60
      poll: 0
      register: job
    - async_status:
        jid: "{{ job.ansible_job_id }}"
      register: status
      until: status is finished
      retries: 5
      delay: 5
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a playbook with a mistake that is mended safely."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "site.yml"
    path.write_text(TWICE, "utf-8")
    return path


def test_a_file_is_mended(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left is told, and the exit code follows it."""
    assert main(["check", "site.yml"]) == Exit.FINDINGS
    assert "--fix" in capsys.readouterr().out
    assert main(["check", "--fix", "site.yml"]) == Exit.OK
    assert path.read_text("utf-8") == ONCE
    assert capsys.readouterr().out == "1 mended\n"
    assert main(["check", "--fix", "--exit-on-fix", "site.yml"]) == Exit.OK


def test_a_fix_can_be_a_failure(path: Path) -> None:
    """For a hook before a commit: the files that are to be committed have changed."""
    assert main(["check", "--fix", "--exit-on-fix", "site.yml"]) == Exit.FINDINGS
    assert path.read_text("utf-8") == ONCE


def test_unsafe_fixes_are_asked_for(path: Path) -> None:
    """Without, the file stays."""
    path.write_text(SHORT, "utf-8")
    assert main(["check", "--fix", "site.yml"]) == Exit.FINDINGS
    assert path.read_text("utf-8") == SHORT
    assert main(["check", "--fix", "--unsafe", "site.yml"]) == Exit.OK
    assert path.read_text("utf-8") == SHORT.replace("retries: 5", "retries: 12")


def test_the_diff_is_a_patch(path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """It stands alone on standard output, fits byte by byte, and nothing is written."""
    data = b"\xef\xbb\xbf" + f"{TWICE}    - ping:".replace("\n", "\r\n").encode()
    path.write_bytes(data)
    assert main(["check", "--diff", "site.yml"]) == Exit.FINDINGS
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"--- site.yml\n+++ site.yml\n@@ ")
    assert b"duplicate-key" in err
    assert path.read_bytes() == data
    subprocess.run(["git", "apply", "-p0", "-"], input=out, check=True, cwd=path.parent)
    patched = path.read_bytes()
    path.write_bytes(data)
    assert main(["check", "--diff", "--fix", "site.yml"]) == Exit.OK
    assert capfdbinary.readouterr().out == out
    assert path.read_bytes() == patched != data
    assert patched.startswith(b"\xef\xbb\xbf- hosts: all\r\n")


@pytest.mark.parametrize("name", ['new\n+++ "line.yml', "no\udcfftext.yml", "tab\t\\.yml"])
def test_a_patch_fits_a_file_of_any_name(
    path: Path, name: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A name neither ends its line nor fails to be written."""
    odd = path.rename(path.parent / name)
    assert main(["check", "--diff", name]) == Exit.FINDINGS
    patch = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "-p0", "-"], input=patch, check=True, cwd=path.parent)
    assert odd.read_text("utf-8") == ONCE


@pytest.mark.parametrize(
    "options",
    [
        ["--unsafe"],
        ["--exit-on-fix"],
        ["--diff", "--format", "json"],
        ["--fix", "-"],
        ["--fix", "--write-baseline", "known.json"],
    ],
)
def test_options_that_do_not_go_together(
    path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a usage error, which says what is missing."""
    with pytest.raises(SystemExit) as ended:
        main(["check", *options, str(path)])
    assert ended.value.code == Exit.ERROR
    assert "error: `" in capsys.readouterr().err


def test_mode_and_links_stay(path: Path) -> None:
    """A file that a symbolic link names is mended in its place, with its mode."""
    path.chmod(0o751)
    link = path.parent / "link.yml"
    link.symlink_to("site.yml")
    assert main(["check", "--fix", "link.yml"]) == Exit.OK
    assert link.is_symlink()
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o7777) == (ONCE, 0o751)
    assert sorted(one.name for one in path.parent.iterdir()) == ["link.yml", "site.yml"]


def test_a_second_name_of_a_file_stays_one(path: Path) -> None:
    """Of a hard link both names have the new text."""
    (path.parent / "other.yml").hardlink_to(path)
    assert main(["check", "--fix", "site.yml"]) == Exit.OK
    assert (path.parent / "other.yml").read_text("utf-8") == ONCE


def test_an_owner_that_cannot_be_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the file is written in its place, instead of being put away for a new one."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    number = path.stat().st_ino
    assert main(["check", "--fix", "site.yml"]) == Exit.OK
    assert (path.read_text("utf-8"), path.stat().st_ino) == (ONCE, number)
    assert [one.name for one in path.parent.iterdir()] == ["site.yml"]


def test_a_file_that_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is told, with what is found in it, and is an error of the command."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert main(["check", "--fix", "site.yml"]) == Exit.ERROR
    out = capsys.readouterr().out
    assert "cannot write `site.yml`: permission denied" in out
    assert " mended\n" not in out
    assert "duplicate-key" in out
    assert path.read_text("utf-8") == TWICE


def test_the_standard_input_has_a_diff(
    path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """It is read once, and shown as a patch of the file that it stands for."""
    with path.open("rb") as stdin, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(stdin))
        assert main(["check", "--diff", "--filename", "new.yml", "-"]) == Exit.FINDINGS
    assert capfdbinary.readouterr().out.startswith(b"--- new.yml\n+++ new.yml\n")


def test_an_encrypted_file_is_left_alone(path: Path) -> None:
    """Its text cannot be read, so nothing of it is mended."""
    secret = path.parent / "secret.yml"
    secret.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "utf-8")
    path.write_text(f"{TWICE}  vars_files: [secret.yml]\n", "utf-8")
    main(["check", "--fix", "--unsafe", "."])
    assert secret.read_text("utf-8") == "$ANSIBLE_VAULT;1.1;AES256\n6162\n"
    assert path.read_text("utf-8") == f"{ONCE}  vars_files: [secret.yml]\n"


@pytest.mark.parametrize("folder", ["../others/roles", ".ansible/roles"])
def test_what_is_installed_is_left_alone(path: Path, folder: str) -> None:
    """A role from elsewhere is read, and what is found there told, but it is not the project's."""
    project = path.parent / "project"
    tasks = project / folder / "one" / "tasks" / "main.yml"
    tasks.parent.mkdir(parents=True)
    tasks.write_text("- ping:\n  when: a\n  when: a\n", "utf-8")
    (project / "ansible.cfg").write_text(f"[defaults]\nroles_path = {folder}\n", "utf-8")
    (project / "site.yml").write_text("- hosts: all\n  roles: [one]\n", "utf-8")
    os.chdir(project)
    assert main(["check", "--fix", "site.yml"]) == Exit.FINDINGS
    assert tasks.read_text("utf-8") == "- ping:\n  when: a\n  when: a\n"


def test_a_file_that_changes_meanwhile_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody else's text is not lost."""
    real = check_fixes.save

    def save_late(mended: Mended) -> list[Diagnostic]:
        path.write_text("[]\n", "utf-8")
        return real(mended)

    monkeypatch.setattr(check_fixes, "save", save_late)
    assert main(["check", "--fix", "site.yml"]) == Exit.ERROR
    assert "it changed while it was checked" in capsys.readouterr().out
    assert path.read_text("utf-8") == "[]\n"
