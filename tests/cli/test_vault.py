"""`understudy vault` works on files as ansible-vault does, and the two read each other's."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.cli.main import main
from understudy.values.vault import KEYRING


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a directory with two passwords and a file; forget every key afterwards."""
    monkeypatch.chdir(tmp_path)
    Path("pw").write_text("open sesame\n")
    Path("other").write_text("other\n")
    Path("file").write_text("content\n")
    yield
    KEYRING.keys.clear()
    KEYRING.opened.clear()


def run(*words: str) -> int:
    """Run the command with a fresh ring."""
    KEYRING.keys.clear()
    return main(["vault", *words])


def test_a_file_goes_in_and_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Its permissions stay, and `view` changes nothing."""
    Path("file").chmod(0o640)
    assert run("encrypt", "--vault-password-file", "pw", "file") == 0
    assert Path("file").read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert run("view", "--vault-password-file", "pw", "file") == 0
    assert capsys.readouterr().out == "content\n"
    assert run("decrypt", "--vault-password-file", "pw", "file") == 0
    assert Path("file").read_text() == "content\n"
    assert Path("file").stat().st_mode & 0o777 == 0o640


def test_a_file_gets_another_password() -> None:
    """`rekey` needs the old one."""
    run("encrypt", "--vault-password-file", "pw", "file")
    words = ("rekey", "--new-vault-id", "dev@other", "file")
    assert run(*words, "--vault-password-file", "other") == 1
    assert run(*words, "--vault-password-file", "pw") == 0
    assert Path("file").read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;dev\n")
    assert run("view", "--vault-id", "dev@other", "file") == 0


def test_a_text_becomes_a_variable(capsys: pytest.CaptureFixture[str]) -> None:
    """It is YAML that can be pasted into a file of variables."""
    assert run("encrypt_string", "--vault-id", "dev@pw", "-n", "key", "text") == 0
    out = capsys.readouterr().out
    assert out.startswith("key: !vault |\n          $ANSIBLE_VAULT;1.2;AES256;dev\n          ")
    Path("vars.yml").write_text(out)
    Path("site.yml").write_text(
        "- hosts: localhost\n  gather_facts: false\n  vars_files: [vars.yml]\n"
        "  tasks: [{assert: {that: key == 'text'}}]\n"
    )
    assert main(["run", "site.yml", "--vault-id", "dev@pw"]) == 0


def test_an_editor_changes_what_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it leaves is encrypted with the same key; its own file is gone."""
    run("encrypt", "--vault-password-file", "pw", "file")
    Path("editor").write_text('#!/bin/sh\necho more >> "$1"\necho "$1" > seen\n')
    Path("editor").chmod(0o755)
    monkeypatch.setenv("EDITOR", str(Path("editor").resolve()))
    assert run("edit", "--vault-password-file", "pw", "file") == 0
    assert not Path(Path("seen").read_text().strip()).exists()
    run("decrypt", "--vault-password-file", "pw", "file")
    assert Path("file").read_text() == "content\nmore\n"
    assert run("create", "--vault-password-file", "pw", "new.yml") == 0
    assert Path("new.yml").read_text().startswith("$ANSIBLE_VAULT;")


def test_standard_input_and_output(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Without a file what comes in goes out."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    assert run("encrypt", "--vault-password-file", "pw") == 0
    text = capsysbinary.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert run("decrypt", "--vault-password-file", "pw", "--output", "-") == 0
    assert capsysbinary.readouterr().out == b"piped"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("view", "--vault-password-file", "pw", "file"), "is not a vault encrypted file"),
        (("view", "--vault-password-file", "none", "file"), "there is no such file"),
        (("view", "--vault-password-file", "empty", "file"), "it is empty"),
        (("view", "--vault-password-file", "pw", "nothing"), "No such file or directory"),
        (("encrypt", "--vault-id", "a@pw", "--vault-id", "b@pw", "file"), "--encrypt-vault-id"),
        (("encrypt", "--vault-id", "a@pw", "--encrypt-vault-id", "b", "file"), "find a match"),
        (("create", "--vault-password-file", "pw", "file"), "use 'edit' instead"),
        (("encrypt_string", "--vault-password-file", "pw", ""), "was empty"),
    ],
)
def test_mistakes_are_told(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each in words, with an exit code, and the file is as it was."""
    Path("empty").touch()
    assert run(*words) == (5 if message == "--encrypt-vault-id" else 1)
    assert message in capsys.readouterr().err
    assert Path("file").read_text() == "content\n"


def test_what_is_encrypted_is_not_encrypted_again(capsys: pytest.CaptureFixture[str]) -> None:
    """A second time would hide that it is."""
    run("encrypt", "--vault-password-file", "pw", "file")
    assert run("encrypt", "--vault-password-file", "pw", "file") == 1
    assert "already encrypted" in capsys.readouterr().err


def test_a_program_may_give_the_password() -> None:
    """One whose name ends with `-client` is told which id is wanted."""
    Path("my-client").write_text('#!/bin/sh\necho "pw of $2"\n')
    Path("my-client").chmod(0o755)
    Path("plain").write_text("pw of dev")
    assert run("encrypt", "--vault-id", "dev@my-client", "file") == 0
    assert run("view", "--vault-password-file", "plain", "file") == 0


@pytest.mark.oracle
@pytest.mark.slow
def test_ansible_reads_ours_and_we_read_its() -> None:
    """The format is the same in both directions, ids included."""
    theirs = str(Path(os.environ["UNDERSTUDY_ORACLE"]).with_name("ansible-vault"))
    run("encrypt", "--vault-id", "dev@pw", "file")
    view = [theirs, "view", "--vault-id", "dev@pw", "file"]
    assert subprocess.run(view, capture_output=True, check=True).stdout == b"content\n"
    rekey = [theirs, "rekey", "--vault-id", "dev@pw", "--new-vault-id", "x@other", "file"]
    subprocess.run(rekey, check=True, capture_output=True)
    assert run("decrypt", "--vault-id", "x@other", "file") == 0
    assert Path("file").read_text() == "content\n"
