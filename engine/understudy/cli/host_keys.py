"""Keys of servers that nobody knows yet: asked about on a terminal, all together, before a run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from understudy.connections.address import Address, SshAddress
from understudy.connections.base import BecomeFailed
from understudy.execution.addressing import address_of
from understudy.execution.keywords import KeywordInvalid
from understudy.execution.services import Services
from understudy.execution.world import PlayLayers
from understudy.playbook.model import Play, Playbook
from understudy.values.errors import TemplateFailed
from understudy.values.scope import Scope
from understudy.values.template import render

if TYPE_CHECKING:
    from understudy.connections.host_keys import NewKey

_AT_ONCE = 50


async def confirm(services: Services, playbooks: Sequence[Playbook]) -> None:
    """Ask about every new key of the hosts that plays name, if there is a terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    plays = [play for playbook in playbooks for play in playbook.plays]
    wanted = {address.ssh: address.host for address in _addresses(services, plays) if address.ssh}
    if wanted:
        found = [(wanted[ssh], new) for ssh, new in await _new_keys(wanted)]
        _ask(sorted(found, key=itemgetter(0)))


def _addresses(services: Services, plays: Iterable[Play]) -> Iterator[Address]:
    """Yield how the hosts of plays are reached, as far as that can be said before the run."""
    world, settings = services.world, services.settings
    for play in plays:
        shared = Scope((world.extra_vars, play.vars), world)
        world.play = PlayLayers((world.extra_vars,), (play.vars,))
        try:
            names, _ = world.selected(render(play.hosts, shared), settings.limit)
            for name in names:
                scope = world.play_scope(world.state(name))
                yield address_of(name, scope, play.inherited, settings)
        except (TemplateFailed, KeywordInvalid, BecomeFailed):
            continue


async def _new_keys(wanted: Iterable[SshAddress]) -> list[tuple[SshAddress, NewKey]]:
    from understudy.connections.ssh import unknown_key

    slots = asyncio.Semaphore(_AT_ONCE)

    async def look(address: SshAddress) -> tuple[SshAddress, NewKey | None]:
        async with slots:
            return address, await unknown_key(address)

    found = await asyncio.gather(*map(look, wanted))
    return [(address, key) for address, key in found if key is not None]


def _ask(found: Sequence[tuple[str, NewKey]]) -> None:
    """Ask about each key; `all` answers for the rest, and what is not trusted fails in the run."""
    if found:
        print("Not known yet; compare these keys with the machines' own before you trust them:")
    answer = ""
    for host, new in found:
        line = f"{host} ({new.host} port {new.port}): {new.name}"
        if answer == "all":
            print(line)
        else:
            answer = _answer(f"{line}\n  trust it? (yes/no/all) ")
        if answer != "no":
            new.trust()


def _answer(question: str) -> str:
    while True:
        try:
            answer = input(question).strip().lower()
        except EOFError:
            return "no"
        if answer in ("yes", "no", "all"):
            return answer
