"""5,000 hosts in memory: the whole engine, with console, events and frames, but no processes.

Run as a program of its own, so that its memory is its own: `python -m tests.bench.fleet [HOSTS]`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from understudy.connections.base import JsonObject, ModuleCall
from understudy.connections.memory import MemoryConnection
from understudy.execution.emitter import Emitter
from understudy.execution.pool import Connections
from understudy.execution.run import Run
from understudy.execution.services import Services
from understudy.execution.settings import Settings
from understudy.execution.slots import Slots
from understudy.execution.world import RunWorld
from understudy.inventory.model import Inventory
from understudy.playbook.files import Loader
from understudy.report.console import Console
from understudy.report.jsonl import JsonLines
from understudy.report.settings import ConsoleSettings

TASKS = 20
_TASK = """\
    - name: task {n}
      command: echo {{{{ greeting }}}} {{{{ site }}}}
      when: enabled
      register: r{n}
"""


def answer(call: ModuleCall) -> JsonObject:
    """Answer as `command` would."""
    words = str(call.args["_raw_params"]).split()
    times = {"start": "2026-01-01 00:00:00", "end": "2026-01-01 00:00:00", "delta": "0:00:00.001"}
    output = {"stdout": " ".join(words[1:]), "stderr": "", "msg": ""}
    return {"changed": True, "cmd": words, "rc": 0, **output, **times}


def inventory_of(hosts: int) -> Inventory:
    """Return hosts with variables of their own."""
    inventory = Inventory()
    for number in range(hosts):
        values = inventory.enlist(f"host{number:04}", "all").values
        values.update(site=f"site {number}", enabled=True)
    inventory.settle()
    return inventory


async def measure(hosts: int, folder: Path) -> dict[str, float]:
    """Run the fleet once; return results per second, seconds, and memory in MiB."""
    path = folder / "fleet.yml"
    head = "- hosts: all\n  gather_facts: false\n  vars: {greeting: hello}\n  tasks:\n"
    path.write_text(head + "".join(_TASK.format(n=n) for n in range(TASKS)), "utf-8")
    loader = Loader()
    playbook = loader.load_playbook(path)
    with (folder / "out").open("w") as out, (folder / "events").open("w") as events:
        console = Console(ConsoleSettings(), out, out)
        emit = Emitter([console, JsonLines(events)])
        world = RunWorld(inventory_of(hosts), lambda host: (host.values,), emit)
        connections = Connections(lambda address, _: MemoryConnection(address.host, answer))
        services = Services(Settings(forks=50), world, emit, Slots(50), connections)
        started = time.perf_counter()
        await Run(services, loader).run([playbook])
        console.flush()
        seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"per_s": hosts * TASKS / seconds, "seconds": seconds, "mib": memory}


def main() -> None:
    """Print the figures as JSON."""
    hosts = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(asyncio.run(measure(hosts, Path(name)))))


if __name__ == "__main__":
    main()
