"""Values that a spec marks `no_log` are never told: not in a fault, a trace or an invocation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.fleet import play
from understudy.cli.main import main

CRASHES = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule(
    argument_spec=dict(pw=dict(no_log=True), many=dict(type='list', no_log=True), end=dict())
)
if module.params['end']:
    module.exit_json()
raise ValueError('bad ' + module.params['pw'])
"""


def test_the_faults_of_a_validation_quote_no_secret(tmp_path: Path) -> None:
    """Neither where it cannot be converted nor where it is no choice."""
    spec = "{pw: {type: int, no_log: true}, q: {choices: [a, b], no_log: true}}"
    played = play(
        tmp_path,
        f"    - name: it\n      validate_argument_spec:\n        argument_spec: {spec}\n"
        "        provided_arguments: {pw: hunter2secret, q: hunter3secret}\n",
    )
    told = str(played.result("it"))
    assert "Validation of arguments failed" in told
    assert "hunter2" not in told
    assert "hunter3" not in told


@pytest.mark.parametrize("spec", ["{a: 5}", "{a: {options: 7, type: dict}}"])
def test_a_wrong_spec_fails_the_task(tmp_path: Path, spec: str) -> None:
    """With the way to what is wrong."""
    task = f"    - {{name: it, validate_argument_spec: {{argument_spec: {spec}}}}}\n"
    msg = play(tmp_path, task).result("it")["msg"]
    assert msg.startswith("Task failed: The argument spec is wrong:\na")


@pytest.mark.parametrize("end", ["{pw: hunter2}", "{pw: x, many: 'hunter2,hunter2b', end: 1}"])
def test_a_module_that_breaks_off_tells_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], end: str
) -> None:
    """In its exception and the trace; a list that came as a text is hidden in its invocation."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "crashes.py").write_text(CRASHES, "utf-8")
    path = tmp_path / "play.yml"
    head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
    path.write_text(f"{head}    - {{crashes: {end}, ignore_errors: true}}\n", "utf-8")
    assert main(["run", str(path), "-vvv"]) == 0
    told = capsys.readouterr()
    assert "crashes" in told.out
    assert "hunter2" not in told.out + told.err
