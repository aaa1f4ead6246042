"""`command`: run a program without a shell; `shell` comes here too, with `_uses_shell`.

The action `script` comes with a line of its own making (`_script`): the result tells nothing of it.
"""

import glob
import os
import shlex

from understudy.connections.commands import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import NoReturn

    from understudy.connections.base import JsonObject
    from understudy.connections.commands import Completed
    from understudy.connections.target import Target

_NO_LONGER = (
    "As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command'"
    " module. Not using '%s'."
)
_TOLD_OF_SCRIPTS = ("failed", "msg")
_NOT_EXECUTABLE = 126
_NOEXEC = (
    "the script may not be executed there: its directory is mounted with `noexec`, perhaps; name"
    " what runs it (`executable: /bin/sh`), or another directory (`ansible_remote_tmp`)"
)


def run(args: "JsonObject", target: "Target") -> "JsonObject":
    """Run the command to its end."""
    going = steps(args, target)
    try:
        call = next(going)
        try:
            completed = target.completed(call)
        except (OSError, ValueError) as error:
            going.throw(error)
        else:
            going.send(completed)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("a command is one program")


def blocks(args: "JsonObject") -> bool:
    """Tell whether more is asked for than to start a program: then a child has to run this."""
    return any(args.get(name) is not None for name in ("chdir", "creates", "removes", "stdin"))


def steps(args: "JsonObject", target: "Target") -> "Generator[Call, Completed, JsonObject]":
    """Yield the program, unless `creates` or `removes` say that there is nothing to do.

    Is sent how it ended, or why it cannot be started; returns the result.
    """
    command = _command_line(args, target)
    result = dict.fromkeys(("rc", "start", "end", "delta"))  # type: JsonObject
    result.update(changed=False, cmd=command, stdout="", stderr="", msg="")
    directory = _directory(args, target, result)
    result["rc"] = 0
    needless = _needless(args, directory, target)
    if needless:
        result.update(needless)
    elif target.check_mode:
        result.update(_foretold(args))
    else:
        words, executable = _program(command, args, target)
        try:
            completed = yield Call(words, _stdin(args), directory, None, executable)
        except (OSError, ValueError) as error:
            _cannot_start(error, words, executable, target)
        result.update(_done(completed, args))
    return _of_script(result) if args.get("_script") else result


def _of_script(result: "JsonObject") -> "JsonObject":
    """Return what is told of a script: how it ended, and its output."""
    told = {key: result[key] for key in _TOLD_OF_SCRIPTS if result.get(key)}
    told.update(changed=result["changed"], rc=result["rc"], invocation=None)
    told.update(stdout=result["stdout"], stderr=result["stderr"])
    if told["rc"] == _NOT_EXECUTABLE and "ermission denied" in told["stderr"]:
        told["msg"] = _NOEXEC
    return told


def _command_line(args: "JsonObject", target: "Target") -> "str | list[str]":
    """Return the command as it is shown: a text for a shell, else a list."""
    if args.get("argv") is not None:
        return [str(word) for word in args["argv"]]
    text = args.get("_raw_params") or args.get("cmd") or ""  # type: str
    if args.get("_uses_shell") and args.get("expand_argument_vars") is False:
        target.fail("Unsupported parameters for (shell) module: expand_argument_vars")
    if args.get("_uses_shell") and text:
        return text
    words = shlex.split(text)
    if not words:
        target.fail("no command given", rc=257, cmd=None, changed=False)
    return words


def _expanded(path: str) -> str:
    return os.path.expanduser(os.path.expandvars(path))


def _directory(args: "JsonObject", target: "Target", result: "JsonObject") -> str:
    here = target.cwd or os.getcwd()
    if not args.get("chdir"):
        return here
    path = os.path.abspath(os.path.join(here, _expanded(args["chdir"])))
    if not os.path.isdir(path) or not os.access(path, os.X_OK):
        failure = dict(result, msg="Unable to change directory before execution.")
        target.fail(**failure)
    return path


def _needless(args: "JsonObject", directory: str, target: "Target") -> "JsonObject | None":
    """Return what the result says when `creates` is there, or `removes` is not."""
    did = "Would not" if target.check_mode else "Did not"
    for name, unless, fact in (("creates", True, "exists"), ("removes", False, "does not exist")):
        if args.get(name):
            path = _expanded(args[name])
            if bool(glob.glob(os.path.join(directory, path))) == unless:
                msg = "%s run command since '%s' %s" % (did, path, fact)
                return {"msg": msg, "stdout": "skipped, since %s %s" % (path, fact)}
    return None


def _foretold(args: "JsonObject") -> "JsonObject":
    """Return what check mode can say: with `creates` or `removes` that something would change."""
    msg = "Command would have run if not in check mode"
    if args.get("creates") or args.get("removes"):
        return {"changed": True, "msg": msg}
    return {"skipped": True, "msg": msg}


def _program(
    command: "str | list[str]", args: "JsonObject", target: "Target"
) -> "tuple[str | list[str], str | None]":
    """Return what is to be started: a text for a shell or a list, and the shell."""
    words, executable = command, args.get("executable")
    uses_shell = bool(args.get("_uses_shell"))
    if executable and not uses_shell:
        target.warn(_NO_LONGER % executable)
        executable = None
    if uses_shell:
        words = command if isinstance(command, str) else _quoted(command)
    elif args.get("expand_argument_vars", True):
        words = [_expanded(word) for word in command]
    if not words:
        _cannot_start(IndexError("no program"), words, executable, target)
    return words, executable


def _quoted(words: "list[str]") -> str:
    return " ".join(shlex.quote(word) for word in words)


def _stdin(args: "JsonObject") -> "bytes | None":
    text = args.get("stdin")  # type: str | None
    if text is None:
        return None
    if args.get("stdin_add_newline", True):
        text += "\n"
    return text.encode("utf-8", "surrogateescape")


def _cannot_start(
    error: Exception, words: "str | list[str]", executable: "str | None", target: "Target"
) -> "NoReturn":
    shown = words if isinstance(words, str) else _quoted(words)
    if executable:
        shown = _quoted([executable, "-c", shown])
    code = getattr(error, "errno", None) or 257
    msg = "Error executing command."
    target.fail(msg, rc=code, cmd=shown, stdout="", stderr="", changed=False)


def _done(completed: "Completed", args: "JsonObject") -> "JsonObject":
    """Return what the result says of a command that ran."""
    ends = "\r\n" if args.get("strip_empty_ends", True) else ""
    result = {
        "changed": True,
        "rc": completed.rc,
        "stdout": completed.stdout.rstrip(ends),
        "stderr": completed.stderr.rstrip(ends),
        "start": str(completed.start),
        "end": str(completed.end),
        "delta": str(completed.end - completed.start),
    }  # type: JsonObject
    if completed.rc:
        result.update(failed=True, msg="non-zero return code")
    return result
