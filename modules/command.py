"""`command`: run a program without a shell; `shell` comes here too, with `_uses_shell`."""

import datetime
import glob
import os
import shlex


def run(args, target):
    """Run the command unless `creates` or `removes` say that there is nothing to do."""
    command = _command_line(args, target)
    shown = _shown(command, args)
    directory = _directory(args, target)
    result = {"changed": False, "cmd": shown, "rc": 0, "stdout": "", "stderr": "", "msg": ""}
    result.update(start=None, end=None, delta=None)
    needless = _needless(args, directory, target)
    if needless:
        result.update(needless)
        return result
    if target.check_mode:
        result.update(_checked(args))
        return result
    return _run(command, args, directory, target, result)


def _command_line(args, target):
    """Return the command: a text for a shell, else a list."""
    given = [args.get(name) for name in ("_raw_params", "cmd", "argv") if args.get(name)]
    if not given or (isinstance(given[0], str) and not given[0].strip()):
        target.fail("no command given", rc=256)
    if args.get("_uses_shell"):
        return given[0] if isinstance(given[0], str) else " ".join(given[0])
    if isinstance(given[0], str):
        return shlex.split(given[0])
    return [str(word) for word in given[0]]


def _shown(command, args):
    return command


def _directory(args, target):
    directory = args.get("chdir")
    if not directory:
        return target.cwd or os.getcwd()
    path = os.path.join(target.cwd or os.getcwd(), os.path.expanduser(os.path.expandvars(directory)))
    if not os.path.isdir(path):
        target.fail("Unable to change directory before execution: [Errno 2] No such file or"
                    " directory: %r" % directory.encode(), rc=257)
    return os.path.abspath(path)


def _needless(args, directory, target):
    """Return what the result says when `creates` is there, or `removes` is not."""
    did = "Would not" if target.check_mode else "Did not"
    creates, removes = args.get("creates"), args.get("removes")
    if creates and glob.glob(os.path.join(directory, os.path.expanduser(creates))):
        text = "%s run command since '%s' exists" % (did, creates)
        return {"msg": text, "stdout": "skipped, since %s exists" % creates}
    if removes and not glob.glob(os.path.join(directory, os.path.expanduser(removes))):
        text = "%s run command since '%s' does not exist" % (did, removes)
        return {"msg": text, "stdout": "skipped, since %s does not exist" % removes}
    return None


def _checked(args):
    """Return what check mode can say: with `creates` or `removes` that it would run."""
    if args.get("creates") or args.get("removes"):
        return {"changed": True}
    return {"skipped": True, "msg": "Command would have run if not in check mode"}


def _run(command, args, directory, target, result):
    start = datetime.datetime.now()
    try:
        done = target.command(
            _expanded(command, args),
            stdin=_stdin(args),
            cwd=directory,
            shell=bool(args.get("_uses_shell")),
            executable=args.get("executable"),
        )
    except (OSError, ValueError) as error:
        _cannot_start(error, command, target)
    end = datetime.datetime.now()
    strip = args.get("strip_empty_ends", True)
    result.update(
        changed=True,
        rc=done.rc,
        stdout=_ends_stripped(done.stdout, strip),
        stderr=_ends_stripped(done.stderr, strip),
        start=str(start),
        end=str(end),
        delta=str(end - start),
    )
    if done.rc:
        result.update(failed=True, msg="non-zero return code")
    return result


def _expanded(command, args):
    if isinstance(command, str) or not args.get("expand_argument_vars", True):
        return command
    return [os.path.expanduser(os.path.expandvars(word)) for word in command]


def _stdin(args):
    text = args.get("stdin")
    if text is None:
        return None
    if args.get("stdin_add_newline", True):
        text += "\n"
    return text.encode("utf-8", "surrogateescape")


def _ends_stripped(text, strip):
    return text.rstrip("\r\n") if strip else text


def _cannot_start(error, command, target):
    shown = command if isinstance(command, str) else " ".join(command)
    code = getattr(error, "errno", None) or 257
    target.fail("Error executing command.", rc=code, cmd=shown, stdout="", stderr="", changed=False)
