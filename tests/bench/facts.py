"""`python -m tests.bench.facts [PYTHON]`: what facts take on the target, by subset.

A real agent is started once and asked again and again, as a play asks it; the first answer, for
which the module is compiled, is told too.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from understudy.connections.base import ModuleCall
from understudy.connections.local import LocalConnection

GOAL_S = 0.150
ROUNDS = 9
SUBSETS = (
    "all",
    "!all",
    "!all,!min,hardware",
    "!all,!min,network",
    "!all,!min,lsb",
    "!all,!min,caps",
    "!all,!min,systemd",
    "!all,!min,virtual",
)


async def answer_s(agent: LocalConnection, subset: str) -> float:
    """Return the seconds that one answer takes."""
    call = ModuleCall(module="setup", args={"gather_subset": subset.split(",")})
    started = time.perf_counter()
    result = (await agent.call(call)).result
    took = time.perf_counter() - started
    if "ansible_facts" not in result:
        raise SystemExit(str(result))
    return took


async def print_table(python: str) -> None:
    """Measure every subset and print a line for each."""
    agent = LocalConnection(host="here", interpreter=python)
    await agent.open()
    print(f"{'subset':24}{'first':>10}{'median':>10}{'goal':>10}")
    for subset in SUBSETS:
        first = await answer_s(agent, subset)
        median = statistics.median([await answer_s(agent, subset) for _ in range(ROUNDS)])
        goal = f"{GOAL_S * 1000:.0f} ms" if subset == "all" else ""
        print(f"{subset:24}{first * 1000:7.0f} ms{median * 1000:7.0f} ms{goal:>10}")
    await agent.close()


if __name__ == "__main__":
    asyncio.run(print_table(sys.argv[1] if len(sys.argv) > 1 else sys.executable))
