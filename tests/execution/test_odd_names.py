"""Names of files here that cannot be files: the task fails, and the run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play

LONG = "x" * 300


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (f"copy: {{src: {LONG}, dest: /d}}", "Could not find or access"),
        (f"template: {{src: {LONG}, dest: /d}}", "Could not find or access"),
        (f"script: {{cmd: {LONG}}}", "Could not find or access"),
        (f"include_vars: {{file: {LONG}}}", None),
        ('copy: {src: "a\\0b", dest: /d}', "Could not find or access"),
        ("copy: {src: ~nobody-of-this-name/x, dest: /d}", "Could not find or access"),
        ('copy: {src: "", dest: /d}', "src (or content) is required"),
        ('template: {src: "", dest: /d}', "Could not find or access"),
        ('script: {cmd: "say.sh it\'s"}', "Task failed: No closing quotation"),
        ("script: {cmd: /etc}", "Task failed: [Errno 21] Is a directory: '/etc'"),
    ],
)
def test_a_name_that_cannot_be_a_file(tmp_path: Path, task: str, told: str | None) -> None:
    """It fails as a file that is not there, and nothing is asked of the host."""
    played = play(
        tmp_path, f"    - {{name: x, ignore_errors: true, {task}}}\n    - {{name: y, debug: }}\n"
    )
    result = played.result("x")
    assert result["failed"]
    assert told is None or str(result["msg"]).startswith(told)
    assert played.machines["web1"].calls == []
    assert played.result("y")["msg"] == "Hello world!"


def test_a_name_too_long_to_be_included(tmp_path: Path) -> None:
    """It fails as any file of tasks that is not there."""
    played = play(tmp_path, f"    - {{name: x, include_tasks: '{{{{ \"{LONG}\" }}}}'}}\n")
    assert played.code


@pytest.mark.parametrize(
    ("given", "arguments"),
    [(r"my\ s.sh x", " x"), ("'my s.sh' 'a b'", " 'a b'"), ('"my s".sh\tx', "\tx"), ("a.sh", "")],
)
def test_what_follows_a_script_is_its_arguments(tmp_path: Path, given: str, arguments: str) -> None:
    """However the space in its name is written, the shell gets the rest as it is."""
    for name in ("my s.sh", "a.sh"):
        (tmp_path / name).write_text("true\n")
    played = play(tmp_path, f"    - name: x\n      script:\n        cmd: >-\n          {given}\n")
    (call,) = played.machines["web1"].calls
    quoted = "'my s.sh'" if "my" in given else "a.sh"
    assert f'"$d"/{quoted}{arguments});' in str(call.args["_raw_params"])
