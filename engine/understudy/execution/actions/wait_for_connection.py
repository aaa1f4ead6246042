"""`wait_for_connection`: until the host is reached and a module runs there."""

from __future__ import annotations

import asyncio

from understudy.connections.base import BecomeFailed, Unreachable
from understudy.execution.actions.base import Answer, Call, Target


async def wait_for_connection(call: Call) -> Answer:
    """Try again and again, with a new connection; nothing is held while it sleeps."""
    if call.check_mode:
        return Answer({"changed": False, "skipped": True})
    args = call.args
    started = _now()
    await asyncio.sleep(float(args["delay"]))
    due = started + float(args["timeout"])
    why = "nothing was tried"
    while _now() < due:
        await call.target.reset()
        problem = await ping(call.target, float(args["connect_timeout"]))
        if problem is None:
            return Answer({"changed": False, "elapsed": int(_now() - started)})
        why = problem
        await asyncio.sleep(float(args["sleep"]))
    msg = f"timed out waiting for ping module test: {why}"
    elapsed = int(_now() - started)
    return Answer({"failed": True, "changed": False, "elapsed": elapsed, "msg": msg})


async def ping(target: Target, limit_s: float) -> str | None:
    """Return None if a module runs there, else why not."""
    try:
        async with asyncio.timeout(limit_s):
            result = await target.module("ping", {"data": "pong"})
    except TimeoutError:
        return f"no answer within {limit_s:g} s"
    except Unreachable as lost:
        return lost.why
    except BecomeFailed as failed:
        return str(failed)
    return str(result.get("msg")) if result.get("failed") else None


def _now() -> float:
    return asyncio.get_running_loop().time()
