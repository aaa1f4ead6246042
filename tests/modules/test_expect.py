"""`expect` answers what a program asks at its terminal; results as Ansible's."""

import time
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.modules.case import filled
from tests.modules.runner import Host

CASES = YAML(typ="safe").load(Path(__file__).parent / "cases" / "expect.yml")
ASK = '#!/bin/sh\nfor q; do printf "%s" "$q"; read a; echo "got $a"; done\n'


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_expect(case: dict[str, Any], host: Host, tmp_path: Path) -> None:
    """The result tells what was said; a child that lives on costs no time."""
    ask = tmp_path / "ask"
    ask.write_text(ASK)
    ask.chmod(0o755)
    case = filled(case, tmp_path)
    case["args"]["command"] = case["args"]["command"].replace("{ask}", str(ask))
    start_s = time.monotonic()
    result = host.run("expect", case["args"])
    assert time.monotonic() - start_s < 3
    expected = case["result"]
    expected = {
        k: v.replace("{ask}", str(ask)) if isinstance(v, str) else v for k, v in expected.items()
    }
    assert {key: result.get(key) for key in expected} == expected
    assert result.get("changed", False) == case.get("changed", True)
    if "keys" in case:
        assert " ".join(sorted({"changed", *result} - {"stdout_lines"})) == case["keys"]


@pytest.mark.slow
def test_what_took_too_long_is_ended(here: Host, tmp_path: Path) -> None:
    """Its children too, and if it does not want to, by force."""
    mark = tmp_path / "mark"
    command = f"sh -c 'trap \"\" HUP; (sleep 1.5; touch {mark}) & sleep 9'"
    started_s = time.monotonic()
    result = here.run("expect", {"command": command, "responses": {}, "timeout": 0})
    assert result["msg"] == "command exceeded timeout"
    time.sleep(max(0, started_s + 1.7 - time.monotonic()))
    assert not mark.exists()


def test_a_question_in_a_flood_is_found(here: Host) -> None:
    """Much output is searched piece by piece, and all of it is kept."""
    command = "sh -c 'seq 20000; printf more?; read a; seq 20000'"
    result = here.run("expect", {"command": command, "responses": {"more": "yes", "never": "no"}})
    assert result["rc"] == 0
    assert result["stdout"].count("20000") == 2
    assert len(result["stdout"].splitlines()) == 40000


def test_check_mode_asks_nothing(here: Host) -> None:
    """It cannot be told what would happen."""
    msg = "remote module (expect) does not support check mode"
    result = here.run("expect", {"command": "true", "responses": {}}, check=True)
    assert result == {"changed": False, "skipped": True, "msg": msg}
