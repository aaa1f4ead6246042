"""`async` on actions: what they do on the controller comes first, their last module is the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play

FORM = "body_format: form-multipart, body: {a: {filename: say.sh}, b: text}"
JOB = ", async: 60, poll: 0"


def lay_out(folder: Path) -> None:
    """Make the files of the controller that the tasks take."""
    for name in ("files/tree/a", "files/tree/sub/b", "files/say.sh", "templates/t"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, "utf-8")


@pytest.mark.parametrize(
    ("task", "module", "sent"),
    [
        ("copy: {content: x, dest: /d}", "copy", 1),
        ("copy: {src: say.sh, dest: /d}", "copy", 1),
        ("copy: {src: tree, dest: /d}", "copy", 2),
        ("copy: {src: /etc, dest: /d, remote_src: true}", "copy", 0),
        ("template: {src: t, dest: /d}", "copy", 1),
        ("assemble: {src: tree, dest: /d, remote_src: false}", "copy", 1),
        ("assemble: {src: /tree, dest: /d}", "assemble", 0),
        ("script: say.sh", "command", 1),
        ("unarchive: {src: say.sh, dest: /d}", "unarchive", 1),
        ("unarchive: {src: /a.tgz, dest: /d, remote_src: true}", "unarchive", 0),
        ("uri: {url: 'http://h'}", "uri", 0),
        ("uri: {url: 'http://h', method: PUT, src: say.sh}", "uri", 1),
        ("uri: {url: 'http://h', method: PUT, src: /a, remote_src: true}", "uri", 0),
        (f"uri: {{url: 'http://h', {FORM}}}", "uri", 1),
    ],
)
def test_the_last_module_is_the_job(tmp_path: Path, task: str, module: str, sent: int) -> None:
    """The last call on the host launches it; the files that were put go with it.

    Only the directories of a tree are made before.
    """
    lay_out(tmp_path)
    played = play(tmp_path, f"    - {{name: x, {task}{JOB}}}\n")
    *before, call = played.machines["web1"].calls
    assert [one.module for one in before if not one.job] == ["file"] * (
        task == "copy: {src: tree, dest: /d}"
    )
    assert call.module == module
    assert call.job is not None
    assert len(call.job.files) == sent
    assert played.result("x")["ansible_job_id"] == "j1.1"


def test_a_polled_action_gives_its_jobs_result(tmp_path: Path) -> None:
    """What the action makes of a result in the foreground is not made of a launch."""
    lay_out(tmp_path)
    played = play(tmp_path, "    - {name: x, script: say.sh, async: 60, poll: 5}\n")
    result = played.result("x")
    assert (result["rc"], result["finished"]) == (0, True)


def test_a_first_half_that_fails_starts_no_job(tmp_path: Path) -> None:
    """Its failure is the task's."""
    played = play(tmp_path, f"    - {{name: x, copy: {{src: none, dest: /d}}{JOB}}}\n")
    assert "Could not find" in played.result("x")["msg"]
    assert played.machines["web1"].calls == []


def test_an_action_without_a_last_module_is_refused(tmp_path: Path) -> None:
    """What it does last is done here."""
    played = play(tmp_path, f"    - {{name: x, fetch: {{src: /a, dest: /b}}{JOB}}}\n")
    assert played.result("x")["msg"] == "This action (fetch) does not support async."
