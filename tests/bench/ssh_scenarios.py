"""What is measured over SSH beside the table: a slow link, waiting jobs, memory, and a role."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.bench import web_role
from tests.bench.cold import measure_cold, servers
from tests.bench.peers import PEERS, Peer, Work
from tests.bench.usage import summarise
from tests.ssh import netem

ROUND_TRIP_S = 0.1
_TASKS = 20
_ROUNDS = 3
_JOBS = """\
- hosts: all
  gather_facts: false
  tasks:
    - {command: sleep 20, async: 60, poll: 5}
"""


def slow_link(peers: Sequence[Peer]) -> Iterator[str]:
    """Tell how many round trips a task takes, and a run with one task."""
    if why_not := netem.missing():
        yield f"slow link: {why_not}"
        return
    with netem.link(ROUND_TRIP_S / 2) as link, servers(1, link) as server:
        yield f"one host behind {ROUND_TRIP_S * 1000:g} ms of round trip, made by {link.by}:"
        for peer in peers:
            one, more = (
                measure_cold(peer, Work(server, tasks), link.in_near).wall_s
                for tasks in (1, 1 + _TASKS)
            )
            a_task = (more - one) / _TASKS / ROUND_TRIP_S
            words = f"1 task takes {one:.2f} s, {1 + _TASKS} tasks {more:.2f} s"
            yield f"{peer.name}: {words}: {a_task:.2f} round trips for each task after the first"


def jobs(_: Sequence[Peer]) -> Iterator[str]:
    """Tell how long 50 hosts with a job of 20 s each take under 5 forks."""
    with servers(50) as server:
        used = measure_cold(PEERS["understudy"], Work(server, playbook=_JOBS, forks=5))
    words = "50 hosts, each one job of 20 s with `async: 60, poll: 5`, 5 forks"
    yield f"{words}: {used.wall_s:.2f} s, {used.cpu_s:.2f} s of CPU (goal: <= 22 s)"


def memory(_: Sequence[Peer]) -> Iterator[str]:
    """Tell the memory that a run on 200 hosts takes."""
    with servers(200) as server:
        used = measure_cold(PEERS["understudy"], Work(server, _TASKS))
    words = f"200 hosts, {_TASKS} tasks, 200 forks: {used.peak_mib:.0f} MiB"
    yield f"{words}, {used.wall_s:.2f} s, {used.cpu_s:.2f} s of CPU (goal: <= 150 MB)"


def role(peers: Sequence[Peer]) -> Iterator[str]:
    """Tell how long a role of 40 tasks takes on a host where all of it is done already."""
    if os.geteuid():
        yield "a role: it needs root, for it marks packages as wanted"
        return
    yield "a role of 40 tasks for a web server, one host, as root, nothing to change:"
    with servers(1, plain=False) as server, tempfile.TemporaryDirectory() as name:
        play = partial(web_role.play, Path(name))
        first = Work(server, playbook=play(steady=False), files=web_role.files())
        measure_cold(PEERS["understudy"], first)
        again = replace(first, playbook=play(steady=True))
        for peer in peers:
            used = summarise([measure_cold(peer, again) for _ in range(_ROUNDS)])
            yield f"{peer.name}: {used.median_s:.2f} s, {used.cpu_s:.2f} s of CPU"


SCENARIOS: dict[str, Callable[[Sequence[Peer]], Iterator[str]]] = {
    "slow-link": slow_link,
    "jobs": jobs,
    "memory": memory,
    "role": role,
}
