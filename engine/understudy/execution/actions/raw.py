"""`raw`: a command line for the target's login shell, where not even a Python is needed."""

from __future__ import annotations

import shlex

from understudy.connections.base import ShellReply
from understudy.execution.actions.base import Answer, Call, Result


async def raw(call: Call) -> Answer:
    """Run the command line as it is; `environment` does not reach it, as in Ansible."""
    if call.check_mode:
        return Answer({"changed": False, "skipped": True})
    shell = call.args.get("executable") or call.settings.executable
    line = f"{shell} -c {shlex.quote(str(call.args['_raw_params']))}"
    result = result_of(await call.target.shell(line))
    if call.task.inherited.environment:
        result["warnings"] = ["raw module does not support the environment keyword"]
    return Answer(result)


def result_of(reply: ShellReply) -> Result:
    """Return what a task yields whose command line has ended."""
    stdout, stderr = _text(reply.stdout), _text(reply.stderr)
    result: Result = {
        "changed": True,
        "rc": reply.rc,
        "stdout": stdout,
        "stdout_lines": stdout.splitlines(),
        "stderr": stderr,
        "stderr_lines": stderr.splitlines(),
    }
    if reply.rc:
        result |= {"failed": True, "msg": "non-zero return code"}
    return result


def _text(output: bytes) -> str:
    """Return output as text; what is no UTF-8 is a question mark."""
    return output.decode("utf-8", "replace").replace("\ufffd", "?")
