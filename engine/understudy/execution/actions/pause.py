"""`pause`: wait some time, or for a key on the controller's terminal."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from understudy.execution.actions.base import Answer, Call, Result, failure


async def pause(call: Call) -> Answer:
    """Wait `minutes` and `seconds`, or ask when neither is given."""
    seconds = _seconds(call)
    start = call.wall()
    result: Result = {"user_input": "", "echo": call.args["echo"], "rc": 0, "stderr": ""}
    if isinstance(seconds, str):
        return failure(seconds)
    if seconds is None:
        result["user_input"] = await _answer(call)
        unit, waited = "minutes", (call.wall() - start) / 60
    else:
        await _wait(call, seconds)
        unit = "minutes" if call.args.get("minutes") is not None else "seconds"
        waited = seconds / 60 if unit == "minutes" else seconds
    stop = call.wall()
    waited = round(waited, 2)
    result |= {"start": _text(start), "stop": _text(stop), "delta": int(stop - start)}
    result |= {"changed": False, "stdout": f"Paused for {float(waited)} {unit}"}
    return Answer(result)


def _seconds(call: Call) -> float | str | None:
    """Return the seconds to wait, None to ask, or what is wrong with the arguments."""
    minutes, seconds = call.args.get("minutes"), call.args.get("seconds")
    if minutes is None and seconds is None:
        return None
    for name, given, factor in (("minutes", minutes, 60), ("seconds", seconds, 1)):
        if given is not None:
            try:
                return max(1.0, float(int(given) * factor))
            except ValueError:
                return f"non-integer value given for prompt duration:\n{name}: {given}"
    return None


async def _wait(call: Call, seconds: float) -> None:
    prompt = call.args.get("prompt")
    call.tell(
        f"[{call.task.action.name}]\n{prompt}:" if prompt else f"Pausing for {seconds:g} seconds"
    )
    await asyncio.sleep(seconds)


async def _answer(call: Call) -> str:
    prompt = call.args.get("prompt") or "Press enter to continue, Ctrl+C to interrupt"
    if not sys.stdin.isatty():
        call.tell("[WARNING]: Not waiting for response to prompt as stdin is not interactive")
        return ""
    call.tell(f"[{call.task.action.name}]\n{prompt}:")
    line: str = await asyncio.to_thread(sys.stdin.readline)
    return line.rstrip("\n")


def _text(seconds: float) -> str:
    return str(datetime.fromtimestamp(seconds))  # noqa: DTZ006 (Ansible gives local time)
