"""`python -m tests.values.record`: ask the oracle what the texts of expressions.json give.

Every text is the message of a `debug` task, every condition the `when` of one, and every loop its
`with_<lookup>`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.parity.oracle import oracle

TABLE = Path(__file__).with_name("expressions.json")
Table = dict[str, Any]
BEFORE_MESSAGE = (
    "Task failed: Finalization of task args for 'ansible.builtin.debug' failed: "
    "Error while resolving value for 'msg': "
)


def main() -> None:
    """Write the oracle's answers into the table, or only compare with `--check`."""
    table = json.loads(TABLE.read_text())
    recorded = {**table, **answers(table)}
    if "--check" in sys.argv:
        sys.exit(report_changes(table, recorded))
    TABLE.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


def report_changes(before: Table, after: Table) -> int:
    """Print every case whose answer has changed, and return how many there are."""
    pairs = [*zip(before["cases"], after["cases"], strict=True)]
    for kind in ("conditions", "loops"):
        pairs += zip(before[kind], after[kind], strict=True)
    changed = [(old, new) for old, new in pairs if old != new]
    for old, new in changed:
        print(f"recorded: {old}\noracle:   {new}")
    return len(changed)


def answers(table: Table) -> Table:
    """Return the `cases`, `conditions` and `loops` of a table with what the oracle gives."""
    results = _run(table)
    conditions = [_judged(one, results[f"c{n}"]) for n, one in enumerate(table["conditions"])]
    cases = [_answer(case, results[f"t{n}"]) for n, case in enumerate(table["cases"])]
    loops = [_looped(one, results[f"l{n}"]) for n, one in enumerate(table["loops"])]
    return {"cases": cases, "conditions": conditions, "loops": loops}


def _run(table: Table) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "play.json").write_text(json.dumps([_play(table)]))
        command = [str(oracle()), "-i", "localhost,", "-c", "local", "play.json"]
        python = oracle().with_name("python")
        command += ["-e", f"ansible_python_interpreter={python}"]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        answered = directory / "answers.json"
        if not answered.exists():
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
        results: dict[str, Any] = json.loads(answered.read_text())
    return results


def _play(table: Table) -> dict[str, Any]:
    tasks = [_task(f"t{n}", msg=case["text"]) for n, case in enumerate(table["cases"])]
    tasks += [_task(f"c{n}", when=one["when"]) for n, one in enumerate(table["conditions"])]
    tasks += [_loop(f"l{n}", one) for n, one in enumerate(table["loops"])]
    pairs = ", ".join(f"'{task['register']}': {task['register']}" for task in tasks)
    content = f"{{{{ {{{pairs}}} | to_json }}}}"
    return {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": table["variables"],
        "tasks": [
            *tasks,
            {"copy": {"dest": "{{ playbook_dir }}/answers.json", "content": content}},
        ],
    }


def _task(name: str, *, msg: str = "ran", when: Any = True) -> dict[str, Any]:
    return {"debug": {"msg": msg}, "when": when, "register": name, "ignore_errors": True}


def _loop(name: str, case: dict[str, Any]) -> dict[str, Any]:
    return {**_task(name), f"with_{case['with']}": case["value"]}


def _looped(case: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    asked = {"with": case["with"], "value": case["value"]}
    if "results" not in result:
        return {**asked, "error": result["msg"].removeprefix("Task failed: ")}
    return {**asked, "items": [one["item"] for one in result["results"]]}


def _answer(case: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    if result.get("failed"):
        return {"text": case["text"], "error": result["msg"].removeprefix(BEFORE_MESSAGE)}
    return {"text": case["text"], "value": result["msg"]}


def _judged(case: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    if result.get("failed"):
        message = result["msg"].removeprefix("Task failed: ")
        return {"when": case["when"], "error": without_place(message)}
    return {"when": case["when"], "held": not result.get("skipped", False)}


def without_place(message: str) -> str:
    """Return a message without the place where a condition's value comes from."""
    return re.sub(r" at '[^']*'\.", " at '<place>'.", message)


if __name__ == "__main__":
    main()
