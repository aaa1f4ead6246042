"""`python -m tests.values.record`: ask the oracle what every text of expressions.json renders as."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.parity.oracle import oracle

TABLE = Path(__file__).with_name("expressions.json")
BEFORE_MESSAGE = (
    "Task failed: Finalization of task args for 'ansible.builtin.debug' failed: "
    "Error while resolving value for 'msg': "
)


def main() -> None:
    """Write the oracle's answers into the table, or only compare with `--check`."""
    table = json.loads(TABLE.read_text())
    recorded = {**table, "cases": answers(table)}
    if "--check" in sys.argv:
        sys.exit(report_changes(table["cases"], recorded["cases"]))
    TABLE.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


def report_changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> int:
    """Print every case whose answer has changed, and return how many there are."""
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    for old, new in changed:
        print(f"{old['text']}\n  recorded: {old}\n  oracle:   {new}")
    return len(changed)


def answers(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every case with the `value` or the `error` that the oracle gives for its text."""
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
        results = json.loads(answered.read_text())
    return [_answer(case, results[str(n)]) for n, case in enumerate(table["cases"])]


def _play(table: dict[str, Any]) -> dict[str, Any]:
    tasks: list[dict[str, Any]] = [
        {"debug": {"msg": case["text"]}, "register": f"answer_{n}", "ignore_errors": True}
        for n, case in enumerate(table["cases"])
    ]
    pairs = ", ".join(f"'{n}': answer_{n}" for n in range(len(table["cases"])))
    written = {
        "dest": "{{ playbook_dir }}/answers.json",
        "content": f"{{{{ {{{pairs}}} | to_json }}}}",
    }
    return {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": table["variables"],
        "tasks": [*tasks, {"copy": written}],
    }


def _answer(case: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    if result.get("failed"):
        return {"text": case["text"], "error": result["msg"].removeprefix(BEFORE_MESSAGE)}
    return {"text": case["text"], "value": result["msg"]}


if __name__ == "__main__":
    main()
