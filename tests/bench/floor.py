"""The floor: what a run over SSH costs when nothing is done but what cannot be left out.

`python -m tests.bench.floor FIELD.json` opens one bare connection for each host with asyncssh, all
at once; starts a loop of a few lines in the target's Python; and sends it one command after the
other, each as soon as the one before is answered.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from pathlib import Path
from typing import TypedDict

import asyncssh

LOOP = """\
import json, subprocess, sys
for line in sys.stdin:
    done = subprocess.run(json.loads(line), stdout=-1, stderr=-1, universal_newlines=True)
    answer = {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    print(json.dumps(answer), flush=True)
"""


class Field(TypedDict):
    """Where the hosts are, and what runs on each of them."""

    hosts: list[str]
    port: int
    user: str
    key_file: str
    known_hosts: str
    python: str
    commands: list[list[str]]


async def serve(field: Field, host: str) -> None:
    """Run the commands on one host."""
    async with asyncssh.connect(
        host,
        field["port"],
        username=field["user"],
        client_keys=[field["key_file"]],
        known_hosts=field["known_hosts"],
        agent_path=None,
        config=None,
    ) as connection:
        loop = f"exec {field['python']} -c {shlex.quote(LOOP)}"
        async with connection.create_process(loop) as process:
            for command in field["commands"]:
                process.stdin.write(json.dumps(command) + "\n")
                answer = json.loads(await process.stdout.readline())
                if answer["rc"]:
                    raise SystemExit(f"{host}: {answer}")


async def serve_all(field: Field) -> None:
    """Run the commands on all hosts at once."""
    async with asyncio.TaskGroup() as group:
        for host in field["hosts"]:
            group.create_task(serve(field, host))


def main() -> None:
    """Read the field and run."""
    asyncio.run(serve_all(json.loads(Path(sys.argv[1]).read_text())))


if __name__ == "__main__":
    main()
