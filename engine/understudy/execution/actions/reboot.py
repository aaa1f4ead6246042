"""`reboot`: the machine is told to boot, and waited for until it has: its boot has another id."""

from __future__ import annotations

import asyncio

from understudy.connections.base import BecomeFailed, Unreachable
from understudy.execution.actions.base import Answer, Call, Result

_LOCAL = "Running reboot with local connection would reboot the control node."
_BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
_LONGEST_PAUSE_S = 12.0
_MINUTE_S = 60


async def reboot(call: Call) -> Answer:
    """Boot the machine and return when it answers again; fail when it does not in time."""
    if call.target.connection_kind == "local":
        return Answer(_result(_LOCAL))
    if call.check_mode:
        return Answer({"changed": True, "elapsed": 0, "rebooted": True})
    started = _now()
    before = await _said(call, str(call.args.get("boot_time_command") or _BOOT_ID))
    problem = await _boot(call)
    if problem is not None:
        return Answer(_result(f"Reboot command failed. Error was: {problem}"))
    await asyncio.sleep(float(call.args["post_reboot_delay"]))
    due = _now() + float(call.args["reboot_timeout"])
    back = await _until(call, due, before) and await _until(call, due, None)
    elapsed = int(_now() - started)
    if not back:
        what = f"Timed out waiting for last boot time check (timeout={call.args['reboot_timeout']})"
        return Answer({**_result(what), "rebooted": True, "elapsed": elapsed})
    return Answer({"changed": True, "rebooted": True, "elapsed": elapsed})


def _result(msg: str) -> Result:
    return {"failed": True, "changed": False, "rebooted": False, "elapsed": 0, "msg": msg}


async def _boot(call: Call) -> str | None:
    """Tell the machine to boot; return why it does not. A connection that breaks is a good sign."""
    minutes = max(0, int(call.args["pre_reboot_delay"])) // _MINUTE_S
    places = ":".join(str(place) for place in call.args["search_paths"])
    shutdown = f"PATH=\"{places}:$PATH\" shutdown -r {minutes or 'now'} '{_quoted(call)}'"
    line = str(call.args.get("reboot_command") or shutdown)
    try:
        result = await call.target.module("command", {"_raw_params": line, "_uses_shell": True})
    except Unreachable:
        return None
    return str(result.get("stderr") or result.get("msg")) if result.get("failed") else None


def _quoted(call: Call) -> str:
    return str(call.args["msg"]).replace("'", "'\\''")


async def _said(call: Call, line: str) -> str | None:
    """Return what a command says, None when the host is not there or it fails."""
    limit_s = float(call.args.get("connect_timeout") or call.args["reboot_timeout"])
    try:
        async with asyncio.timeout(limit_s):
            asked = {"_raw_params": line, "_uses_shell": True}
            result = await call.target.module("command", asked)
    except (TimeoutError, Unreachable, BecomeFailed):
        return None
    return None if result.get("failed") else str(result.get("stdout"))


async def _until(call: Call, due: float, before: str | None) -> bool:
    """Wait until the boot is another one than `before`; None waits for the test command."""
    boot = str(call.args.get("boot_time_command") or _BOOT_ID)
    line = str(call.args["test_command"]) if before is None else boot
    pause = 1.0
    while _now() < due:
        if before is not None:
            await call.target.reset()
        said = await _said(call, line)
        if said is not None and said != before:
            return True
        await asyncio.sleep(min(pause, max(0.0, due - _now())))
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    return False


def _now() -> float:
    return asyncio.get_running_loop().time()
