"""Hosts in memory on a virtual clock: `command: sleep N` takes N seconds of it, also as a job."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from understudy.connections.address import Address
from understudy.connections.base import JsonObject, ModuleCall, Unreachable
from understudy.connections.memory import MemoryConnection
from understudy.events import Event, HostEnded, RunEnded, Stamp
from understudy.execution.emitter import Emitter
from understudy.execution.pool import Connections
from understudy.execution.prompts import Enter
from understudy.execution.run import Run, RunExit
from understudy.execution.services import Services
from understudy.execution.settings import Settings
from understudy.execution.slots import Slots
from understudy.execution.world import RunWorld
from understudy.inventory.fact_cache import FactCache
from understudy.inventory.model import Inventory
from understudy.playbook.files import Loader
from understudy.simulate.virtual_loop import run_virtual

E = TypeVar("E")
_DIRECTORY = "/jobs"


def seconds_of(command: str) -> float:
    """Return how long a command takes: what follows `sleep`, else nothing."""
    words = command.split()
    return float(words[1]) if words[:1] == ["sleep"] else 0.0


@dataclass
class Machine:
    """One host: what it was asked, and its jobs by id with the time of their end."""

    name: str
    calls: list[ModuleCall] = field(default_factory=list)
    jobs: dict[str, tuple[float, JsonObject]] = field(default_factory=dict)
    lost: Callable[[float], bool] = lambda _: False
    """Tells whether the host cannot be reached at a time."""
    boots: Sequence[float] = ()
    """When it has booted anew."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What `setup` finds."""
    replies: Mapping[str, JsonObject] = field(default_factory=dict)
    """What a command gives besides the usual, by a text that is in it."""
    pushes: bool = True
    cuts: float | None = None
    """When the connection breaks."""
    connection: MemoryConnection = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.connection = self._connection()

    def _connection(self) -> MemoryConnection:
        return MemoryConnection(self.name, self.answer, opened=self._opened)

    def _opened(self) -> None:
        if self.lost(asyncio.get_running_loop().time()):
            raise Unreachable(self.name, "no route to host")

    def connected(self) -> MemoryConnection:
        """Return the connection, a new one when the last was cut."""
        if self.connection.lost:
            self.connection = self._connection()
        return self.connection

    def cut_at(self, moment: float) -> None:
        """Break the connection at a time; call it on the loop."""
        loop = asyncio.get_running_loop()
        loop.call_at(moment, lambda: self.connection.cut("the line was cut"))

    async def answer(self, call: ModuleCall) -> JsonObject:
        """Answer a call as a host would."""
        now = asyncio.get_running_loop().time()
        if self.lost(now):
            raise Unreachable(self.name, "no route to host")
        self.calls.append(call)
        if call.module == "async_status":
            return self._status(call.args["jid"], now)
        if call.module == "setup":
            return {"changed": False, "ansible_facts": dict(self.facts)}
        if self.cuts is not None and now < self.cuts:
            self.cut_at(self.cuts)
        command = str(call.args.get("_raw_params", ""))
        for text, reply in self.replies.items():
            if text in command:
                return {**finished(command), **reply}
        if command.endswith("boot_id"):
            return {**finished(command), "stdout": str(sum(boot <= now for boot in self.boots))}
        if call.job is not None:
            return self._launch(command, call.job.limit_s, now)
        await asyncio.sleep(seconds_of(command))
        return finished(command)

    def _launch(self, command: str, limit_s: int, now: float) -> JsonObject:
        jid = f"j{next(self._numbers)}.1"
        takes = seconds_of(command)
        result = finished(command)
        if takes > limit_s:
            takes, result = limit_s, {"msg": "Timeout exceeded", "failed": True, "child_pid": 7}
        self.jobs[jid] = now + takes, result
        path = f"{_DIRECTORY}/{jid}"
        if self.pushes:
            loop = asyncio.get_running_loop()
            loop.call_at(now + takes, lambda: self.connection.end_job(path))
        launch = {"ansible_job_id": jid, "results_file": path, "changed": True}
        return {**launch, "started": True, "finished": False}

    def _status(self, jid: str, now: float) -> JsonObject:
        path = f"{_DIRECTORY}/{jid}"
        ids = {"ansible_job_id": jid, "results_file": path, "started": True}
        if jid not in self.jobs:
            return {**ids, "finished": True, "failed": True, "msg": "could not find job"}
        ends, result = self.jobs[jid]
        return {**ids, "finished": False} if now < ends else {**result, **ids, "finished": True}


def finished(command: str) -> JsonObject:
    """Return the result of a command; the command `false` fails."""
    rc = int(command == "false")
    result = {"changed": True, "rc": rc, "stdout": command, "stderr": "", "msg": ""}
    return {**result, "failed": True} if rc else result


@dataclass
class Played:
    """What a run gave."""

    code: RunExit
    events: list[tuple[Stamp, Event]]
    machines: dict[str, Machine]

    def all(self, kind: type[E]) -> list[E]:
        """Return every event of a kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def ends(self, task: str) -> dict[str, HostEnded]:
        """Return how a task ended, by host."""
        return {e.host: e for e in self.all(HostEnded) if e.task.name == task}

    def result(self, task: str) -> Mapping[str, Any]:
        """Return the result of a task that one host did."""
        (end,) = self.ends(task).values()
        return end.result

    @property
    def elapsed_s(self) -> float:
        """How long the run took, in virtual seconds."""
        return self.all(RunEnded)[0].elapsed_s


def play(
    folder: Path,
    tasks: str,
    *,
    hosts: Sequence[str] = ("web1",),
    machines: Mapping[str, Machine] | None = None,
    more: str = "",
    enter: Enter | None = None,
    **settings: Any,
) -> Played:
    """Run the tasks of one play on hosts in memory; `more` are further lines of the play.

    `enter` answers its prompts, as on a terminal.
    """
    path = folder / "play.yml"
    path.write_text(f"- hosts: all\n  gather_facts: false\n{more}  tasks:\n{tasks}", "utf-8")
    known = dict(machines) if machines else {name: Machine(name) for name in hosts}
    return run_virtual(_play([path], known, Settings(**settings), enter))


def play_file(
    *paths: Path, machines: Mapping[str, Machine] | None = None, **settings: Any
) -> Played:
    """Run playbooks on hosts in memory."""
    known = dict(machines) if machines else {"web1": Machine("web1")}
    return run_virtual(_play(paths, known, Settings(**settings), None))


async def _play(
    paths: Sequence[Path], machines: dict[str, Machine], settings: Settings, enter: Enter | None
) -> Played:
    inventory = Inventory()
    for name in machines:
        inventory.enlist(name, "all")
    inventory.settle()
    events: list[tuple[Stamp, Event]] = []
    emit = Emitter([lambda stamp, event: events.append((stamp, event))])
    world = RunWorld(inventory, lambda host: (host.values,), emit, settings.extra_vars)
    world.inject_facts, kept = settings.inject_facts, settings.fact_cache
    if kept is not None:
        world.cache = FactCache(kept.directory, kept.prefix, kept.timeout_s, emit.wall)

    def connect(address: Address, _below: object) -> MemoryConnection:
        return machines.setdefault(address.host, Machine(address.host)).connected()

    services = Services(settings, world, emit, Slots(settings.forks), Connections(connect))
    services.enter = enter
    loader = Loader()
    code = await Run(services, loader).run([loader.load_playbook(path) for path in paths])
    return Played(code, events, machines)
