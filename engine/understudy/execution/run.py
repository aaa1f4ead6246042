"""A run: playbooks in, events out, and at the end the recap and the exit code."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import zip_longest
from pathlib import Path

from understudy import __version__
from understudy.events import PlaybookEnded, PlaybookStarted, RunEnded, RunStarted, Tally
from understudy.execution.play import PlayRun
from understudy.execution.prompts import answers_of
from understudy.execution.services import Services
from understudy.playbook.files import Loader
from understudy.playbook.model import Play, Playbook
from understudy.values.plugin_warnings import warnings_go_to


class RunExit(IntEnum):
    """Ansible's exit codes of a run that was carried out."""

    SUCCESS = 0
    ERROR = 1
    HOST_FAILED = 2
    HOST_UNREACHABLE = 4
    INTERRUPTED = 99
    UNEXPECTED = 250


_REASONS = {
    RunExit.SUCCESS: "every host is through",
    RunExit.HOST_FAILED: "a task failed on at least one host",
    RunExit.HOST_UNREACHABLE: "at least one host could not be reached",
    RunExit.INTERRUPTED: "interrupted; what was running has been killed, jobs go on",
}


@dataclass(slots=True)
class Run:
    """Carries out playbooks, one after another."""

    services: Services
    loader: Loader
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    _plays: int = 0

    def __post_init__(self) -> None:
        self.services.own_module = self.loader.project.module

    async def run(self, playbooks: Sequence[Playbook]) -> RunExit:
        """Run playbooks to their end; every event has been emitted when this returns."""
        emit = self.services.emit
        paths = tuple(playbook.path for playbook in playbooks)
        emit(RunStarted(run_id=self.id, program_version=__version__, playbooks=paths))
        if self.services.settings.flush_cache:
            self.services.world.flush_cache()
        try:
            with warnings_go_to(self.services.plugin_warns):
                await self._playbooks(playbooks)
        finally:
            await self.services.connections.close()
        code = self._exit_code()
        self._end(code)
        return code

    async def _playbooks(self, playbooks: Sequence[Playbook]) -> None:
        for playbook, following in zip_longest(playbooks, playbooks[1:]):
            if not await self._playbook(playbook):
                break
            if following is not None:
                so_far = {name: replace(tally) for name, tally in self._recap().items()}
                self.services.emit(PlaybookEnded(path=playbook.path, recap=so_far))

    async def _playbook(self, playbook: Playbook) -> bool:
        self.services.emit(PlaybookStarted(path=playbook.path, plays=len(playbook.plays)))
        for play in playbook.plays:
            self._plays += 1
            folder = folder_of(play)
            self.services.world.enter(folder)
            self.services.connections.work_in(folder)
            asked = replace(play, vars={**play.vars, **await answers_of(play, self.services)})
            run = PlayRun(self.services, asked, self._plays, folder, self.loader)
            if not await run.run():
                return False
        return True

    def interrupted(self) -> RunExit:
        """End a run that was cancelled; its attached processes are gone already."""
        self._end(RunExit.INTERRUPTED)
        return RunExit.INTERRUPTED

    def _end(self, code: RunExit) -> None:
        waits = self.services.waits.totals()
        self.services.emit(
            RunEnded(
                recap=self._recap(),
                exit_code=code,
                reason=_REASONS[code],
                elapsed_s=self.services.emit.elapsed_s(),
                polling_s=waits[0] if waits else None,
                ansible_polling_s=waits[1] if waits else None,
                custom_stats=self.services.secrets.masked(self.services.world.stats.of),
            )
        )

    def _recap(self) -> Mapping[str, Tally]:
        states = self.services.world.states
        return {n: states[n].tally for n in sorted(states) if states[n].tally != Tally()}

    def _exit_code(self) -> RunExit:
        states = self.services.world.states.values()
        if any(state.unreachable for state in states):
            return RunExit.HOST_UNREACHABLE
        if any(state.failed for state in states):
            return RunExit.HOST_FAILED
        return RunExit.SUCCESS


def folder_of(play: Play) -> Path:
    """Return the directory of a play's file, which may be an imported one."""
    return Path(play.span.source.name).resolve().parent
