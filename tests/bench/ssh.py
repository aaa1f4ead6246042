"""`python -m tests.bench.ssh`: what a run over SSH takes, beside other programs and the floor.

Real sshd processes listen on addresses of the loopback device; server and client share the
machine. Every run is a whole process that starts without connections. The peers run in turn.
Nothing is asserted. As root a user with a plain login shell is made for it, who is removed at the
end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict

from tests.bench import ssh_scenarios
from tests.bench.cold import measure_cold, servers
from tests.bench.peers import PEERS, PYTHON, Peer, Work
from tests.bench.usage import Summary, Usage, summarise

Results = dict[str, Summary]
"""What each peer has cost, by its name."""

ROUNDS = 3


def compare(hosts: int, options: argparse.Namespace) -> Results:
    """Measure the peers in turn, round by round."""
    peers: Sequence[Peer] = options.peers
    runs: dict[str, list[Usage]] = {peer.name: [] for peer in peers}
    with servers(hosts) as server:
        work = Work(server, options.tasks, python=PYTHON if options.tell_python else None)
        for number in range(options.rounds):
            for peer in peers:
                if number == 0 or hosts <= peer.most_hosts_in_rounds:
                    runs[peer.name].append(measure_cold(peer, work))
    return {name: summarise(found) for name, found in runs.items()}


_BASES = {"floor": "x floor", "understudy": "x understudy"}
"""Whose time is what the others' are compared with, and the words over that column."""


def head(peers: Sequence[Peer]) -> str:
    """Return the first two lines of the table."""
    ratios = [words for name, words in _BASES.items() if PEERS[name] in peers]
    titles = ["hosts", "peer", "rounds", "least", "median", *ratios, "CPU", "memory"]
    rules = ["---" if title == "peer" else "--:" for title in titles]
    return f"| {' | '.join(titles)} |\n|{'|'.join(rules)}|"


def row(hosts: int, name: str, results: Results) -> str:
    """Return what a peer has cost as a line of the table."""
    found = results[name]
    bases = [results[base] for base in _BASES if base in results]
    cells = (
        str(hosts),
        name,
        str(found.rounds),
        f"{found.least_s:.2f} s",
        f"{found.median_s:.2f} s",
        *(f"{found.median_s / base.median_s:.1f}" for base in bases),
        f"{found.cpu_s:.2f} s",
        f"{found.peak_mib:.0f} MiB",
    )
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    """Return what the figures depend on."""
    load = os.getloadavg()[0]
    parts = (
        f"{os.cpu_count()} cores ({platform.machine()})",
        f"Linux {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}",
        f"load {load:.1f} before the start",
    )
    return ", ".join(parts)


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _peers(text: str) -> list[Peer]:
    return [PEERS[name] for name in PEERS if name in text.split(",")]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ssh", description=__doc__)
    parser.add_argument("--hosts", type=_numbers, default=[1, 10, 50])
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--peers", type=_peers, default=list(PEERS.values()))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--tell-python", action="store_true", help="let the inventory say where Python is"
    )
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    parser.add_argument(
        "--scenario",
        choices=sorted(ssh_scenarios.SCENARIOS),
        action="append",
        default=[],
        help="measure this instead of the table",
    )
    return parser.parse_args()


def print_table(options: argparse.Namespace) -> None:
    """Measure the peers with every number of hosts."""
    if not options.json:
        print(head(options.peers))
    for hosts in options.hosts:
        results = compare(hosts, options)
        if options.json:
            print(json.dumps({"hosts": hosts, **{n: asdict(s) for n, s in results.items()}}))
        for name in () if options.json else results:
            print(row(hosts, name, results), flush=True)


def main() -> None:
    """Measure what was asked for and print it."""
    options = arguments()
    if not options.json:
        print(f"{machine()}\n")
        print("".join(f"- {peer.name}: {peer.release()}\n" for peer in options.peers), flush=True)
    if not options.scenario:
        print_table(options)
    for name in options.scenario:
        for line in ssh_scenarios.SCENARIOS[name](options.peers):
            print(f"- {line}", flush=True)


if __name__ == "__main__":
    main()
