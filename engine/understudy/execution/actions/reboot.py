"""`reboot`: the machine is told to boot, and waited for until it has: its boot has another id."""

from __future__ import annotations

import asyncio
import shlex

from understudy.connections.base import BecomeFailed, Unreachable
from understudy.execution.actions.base import Answer, Call, Result

_LOCAL = "Running {} with local connection would reboot the control node."
_LONGEST_PAUSE_S = 12.0
_MINUTE_S = 60
_NOT_FOUND = "Unable to find command"
_SEARCH = """\
{choice}
for place in {places}; do
  program=$place/$1
  [ ! -x "$program" ] || break
  program=
done
if [ -z "$program" ]; then
  printf '%s' '{not_found} "'"$1"'"'{told} >&2
  exit 127
fi
shift
{use}
"""
_SHUTDOWN = """\
if [ -e /etc/alpine-release ]; then set -- reboot; else set -- shutdown -r {} {}; fi"""
"""Alpine's `shutdown` boots nothing."""


async def reboot(call: Call) -> Answer:
    """Boot the machine and return when it answers again; fail when it does not in time."""
    if call.target.connection_kind == "local":
        return Answer(_result(_LOCAL.format(call.task.action.written)))
    if call.check_mode:
        return Answer({"changed": True, "elapsed": 0, "rebooted": True})
    started = _now()
    told = await _command(call, _boot_command(call))
    if told.get("failed"):
        return Answer(_result(_no_boot_time(call, told)))
    before = str(told.get("stdout"))
    problem = await _boot(call)
    if problem is not None:
        return Answer(_result(problem))
    await asyncio.sleep(float(call.args["post_reboot_delay"]))
    limit_s = int(call.args["reboot_timeout"])
    for awaited, old in (("last boot time check", before), ("post-reboot test command", None)):
        if not await _until(call, _now() + limit_s, old):
            text = f"Timed out waiting for {awaited} (timeout={limit_s})"
            return Answer({**_result(text), "rebooted": True, "elapsed": int(_now() - started)})
    return Answer({"changed": True, "rebooted": True, "elapsed": int(_now() - started)})


def _result(msg: str) -> Result:
    return {"failed": True, "changed": False, "rebooted": False, "elapsed": 0, "msg": msg}


async def _boot(call: Call) -> str | None:
    """Tell the machine to boot; return why it does not. A connection that breaks is a good sign."""
    own = call.args.get("reboot_command")
    line = _with_path(call, str(own)) if str(own or "").strip() else _shutdown(call)
    try:
        result = await _command(call, line)
    except Unreachable:
        return None
    if not result.get("failed"):
        return None
    stdout, stderr = (str(result.get(name, "")).strip() for name in ("stdout", "stderr"))
    if stderr.startswith(_NOT_FOUND):
        return f"Task failed: {stderr}"
    said = f"'{stdout}, {stderr}'" if result.get("rc") else result.get("msg")
    return f"Reboot command failed. Error was: {said}"


def _shutdown(call: Call) -> str:
    """Return a command line that boots."""
    minutes = max(0, int(call.args["pre_reboot_delay"])) // _MINUTE_S
    choice = _SHUTDOWN.format(minutes, shlex.quote(str(call.args["msg"])))
    return _search(call, choice, 'exec "$program" "$@"')


def _with_path(call: Call, line: str) -> str:
    """Return a command line whose program is looked for, unless it has a path."""
    name, *rest = line.split(None, 1)
    if name.startswith("/"):
        return line
    return _search(call, f"set -- {shlex.quote(name)}", f'"$program" {"".join(rest)}')


def _search(call: Call, choice: str, use: str) -> str:
    """Return a command line that finds `$1` in the directories alone, and uses it."""
    places = [str(place) for place in call.args["search_paths"]]
    return _SEARCH.format(
        choice=choice,
        use=use,
        places=shlex.join(places),
        told=shlex.quote(f" in search paths: {places}"),
        not_found=_NOT_FOUND,
    )


def _boot_command(call: Call) -> str:
    return str(call.args["boot_time_command"])


def _no_boot_time(call: Call, told: Result) -> str:
    """Return what is wrong with the command that tells one boot from another."""
    listed = ", ".join(f"{name}: {told.get(name, '')}" for name in ("rc", "stdout", "stderr"))
    return f"{call.task.action.written}: failed to get host boot time info, {listed}"


async def _command(call: Call, line: str) -> Result:
    return await call.target.module("command", {"_raw_params": line, "_uses_shell": True})


async def _said(call: Call, line: str) -> str | None:
    """Return what a command says, None when the host is not there or it fails."""
    limit_s = float(call.args.get("connect_timeout") or call.args["reboot_timeout"])
    try:
        async with asyncio.timeout(limit_s):
            result = await _command(call, line)
    except (TimeoutError, Unreachable, BecomeFailed):
        return None
    return None if result.get("failed") else str(result.get("stdout"))


async def _until(call: Call, due: float, before: str | None) -> bool:
    """Wait until the boot is another one than `before`; None waits for the test command."""
    line = str(call.args["test_command"]) if before is None else _boot_command(call)
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
