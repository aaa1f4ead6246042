"""`unarchive` on the controller: which archive goes to the target, and what it is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.fleet import Played, play
from understudy.values.vault import KEYRING, Key, encrypt


@pytest.fixture(autouse=True)
def _ring() -> Iterator[None]:
    KEYRING.keys[:] = [Key("default", b"password")]
    yield
    KEYRING.keys.clear()
    KEYRING.opened.clear()
    KEYRING.files.clear()


def run(folder: Path, args: str) -> Played:
    """Let a task run that takes one of these archives."""
    (folder / "files").mkdir()
    (folder / "files/a.tar").write_bytes(b"archive")
    (folder / "files/v.tar").write_text(encrypt(b"archive", Key("default", b"password")))
    (folder / "files/w.tar").write_text(encrypt(b"archive", Key("default", b"another")))
    return play(folder, f"    - {{name: x, unarchive: {{dest: /d, {args}}}}}\n")


@pytest.mark.parametrize(
    ("args", "modules"),
    [
        ("src: a.tar", ["unarchive"]),
        ("src: v.tar", ["unarchive"]),
        ("src: w.tar, decrypt: false", ["unarchive"]),
        ("src: /there.tar, remote_src: true", ["unarchive"]),
        ("src: /there.tar, copy: false", ["unarchive"]),
        ("src: a.tar, creates: /x", ["stat", "unarchive"]),
        ("src: none.tar", []),
        ("src: ., creates: /x", ["stat"]),
        ("src: w.tar", []),
    ],
)
def test_what_runs_on_the_host(tmp_path: Path, args: str, modules: list[str]) -> None:
    """An archive that is not there, or cannot be read, gets no further."""
    played = run(tmp_path, args)
    assert [call.module for call in played.machines["web1"].calls] == modules
    assert ("unarchive" in modules) != bool(played.result("x").get("failed"))


def test_an_encrypted_archive_arrives_decrypted(tmp_path: Path) -> None:
    """The target has no key; the name of an upload tells its size here."""
    (call,) = run(tmp_path, "src: v.tar").machines["web1"].calls
    assert call.args["src"] == f"/memory/upload-{len(b'archive')}"
