"""`--list-vars HOST`: every variable that a host sees before a play's first task, and whence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.execution.origins import WORDS, file_of, place_of
from understudy.execution.play import PlayRun
from understudy.execution.prompts import answers_of
from understudy.execution.run import Run, folder_of
from understudy.inventory.variables import HostVariables
from understudy.playbook.model import Play, Playbook
from understudy.report.results import to_json
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.texts import Template, Value

_UNSEEN = frozenset({"groups", "hostvars", "omit", "vars"})
"""Variables that hold all others, or nothing to show."""
_PASSWORD = re.compile(r"ansible_(.*_)?pass(word)?")
_WORDS = {**WORDS, "facts": "the fact cache"}
"""Before the first task, all known facts are of the cache."""


async def variables_of(run: Run, playbooks: Iterable[Playbook], host: str) -> str:
    """Return the variables of a host in each play that is for it; raise PlaybookInvalid."""
    if run.services.world.inventory.find(host) is None:
        message = f"there is no host `{host}` for `--list-vars`"
        raise PlaybookInvalid([Diagnostic(code="no-hosts", message=message)])
    out: list[str] = []
    for playbook in playbooks:
        out.append(f"\nplaybook: {playbook.path}")
        for number, play in enumerate(playbook.plays, 1):
            out += await _of_play(run, play, number, host)
    return "\n".join(out)


def _passwords(scope: Scope) -> Iterator[Value]:
    """Yield the passwords that a host sees, and what hides behind those as it is written."""
    for name in filter(_PASSWORD.fullmatch, scope.names()):
        yield from (layer[name] for layer in scope.layers if name in layer)
        try:
            yield scope.get(name)
        except TemplateFailed:
            continue


async def _of_play(run: Run, play: Play, number: int, host: str) -> list[str]:
    services = run.services
    folder = folder_of(play)
    services.world.enter(folder)
    answers = await answers_of(play, services)
    asked = replace(play, vars={**play.vars, **answers})
    begun = PlayRun(services, asked, number, folder, run.loader)
    scope = begun.before(host)
    title = f"\n  play #{number} ({begun.ref.name})"
    if scope is None:
        return [f"{title}: not for {host}"]
    services.secrets.add(list(_passwords(scope)))
    listed = _Listed(run, host, scope, frozenset(answers), folder)
    return [f"{title}: variables of {host}", *listed.lines()]


@dataclass(frozen=True, slots=True)
class _Listed:
    """What a host sees, with the names of the layers."""

    run: Run
    host: str
    scope: Scope
    prompted: frozenset[str]
    folder: Path

    def lines(self) -> Iterator[str]:
        levels = self._levels()
        for name in sorted(set(self.scope.names()) - _UNSEEN):
            layer = next(layer for layer in self.scope.layers if name in layer)
            level = levels.get(id(layer), "vars_files")
            level = "vars_prompt" if level == "play" and name in self.prompted else level
            place = place_of(layer[name]) or file_of(layer)
            whence = _WORDS[level] + (f", {place}" if place else "")
            yield f"    {name} = {self._shown(name, layer[name])}\n        {whence}"

    def _levels(self) -> dict[int, str]:
        world = self.run.services.world
        state = world.state(self.host)
        found = world.levels(state)
        host = world.inventory.find(self.host)
        if host is not None:
            of_inventory = HostVariables(world.inventory).of(host, str(self.folder))
            named = zip(state.inventory_layers, of_inventory, strict=True)
            found |= {id(layer): known.level for layer, known in named}
        return found

    def _shown(self, name: str, raw: Value) -> str:
        masked = self.run.services.secrets.masked
        if _PASSWORD.fullmatch(name):
            return "********"
        try:
            return to_json(masked(self.scope.get(name)), indented=False)
        except TemplateFailed as failure:
            written = raw.text if isinstance(raw, Template) else "!vault"
            return f"{masked(written)}  ({masked(str(failure))})"
