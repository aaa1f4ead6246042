"""A module of the project's own: a program that is put on the target, run there, and removed.

It is not called by name. `source` is the program in base64, `args` are its arguments; how it takes
them, what runs it and what it prints follow the documented conventions of Ansible's modules.
"""

import base64
import json
import os
import shutil
import sys
import tempfile
from shlex import quote

EMBEDDED = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
WANTS_JSON = b"WANT_JSON"
FAILURE = "Module result deserialization failed: No start of json char found"


def run(args, target):
    """Run the program and return what it prints as JSON."""
    source = base64.b64decode(args["source"])
    given = dict(args["args"], **_told(args["name"], target))
    folder = tempfile.mkdtemp(prefix="understudy-")
    try:
        done = _run(args, source, given, folder, target)
    except OSError as error:
        target.fail("the module %s cannot be run: %s" % (args["name"], error.strerror))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _result(done, target)


def _told(name, target):
    """Return what a module is told besides its arguments."""
    return {
        "_ansible_check_mode": target.check_mode,
        "_ansible_diff": target.diff,
        "_ansible_module_name": name,
        "_ansible_no_log": target.no_log,
        "_ansible_verbosity": target.verbosity,
    }


def _run(args, source, given, folder, target):
    program = os.path.join(folder, "ansible_module_" + args["name"])
    command = [*_interpreter(args, source, target), program]
    if EMBEDDED in source:
        source = source.replace(EMBEDDED, json.dumps(given).encode())
    else:
        path = os.path.join(folder, "args")
        _write(path, _as_file(source, given), 0o600)
        command.append(path)
    _write(program, source, 0o700)
    return target.command(command)


def _as_file(source, given):
    """Return the arguments as the program wants them: JSON, or `k=v` for the oldest ones."""
    if WANTS_JSON in source or _is_binary(source):
        return json.dumps(given).encode()
    return " ".join("%s=%s" % (key, quote(_text(given[key]))) for key in sorted(given)).encode()


def _text(value):
    return value if isinstance(value, str) else str(value)


def _is_binary(source):
    return b"\0" in source[:1024]


def _interpreter(args, source, target):
    """Return what runs the program: by its first line, or by the host's variables."""
    first = source.split(b"\n", 1)[0].decode("utf-8", "replace")
    if not first.startswith("#!"):
        if _is_binary(source):
            return []
        target.fail("Task failed: module (%s) is missing interpreter line" % args["name"])
    words = first[2:].split()
    if os.path.basename(words[0]) == "env" and len(words) > 1:
        words = words[1:]
    name = os.path.basename(words[0])
    chosen = args["interpreters"].get(name)
    if name.startswith("python"):
        return [sys.executable, *words[1:]]
    return (chosen.split() if chosen else words[:1]) + words[1:]


def _write(path, data, mode):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _result(done, target):
    """Return what the program printed as JSON; other lines around it are passed over."""
    text, after = _json_of(done.stdout)
    try:
        result = json.loads(text)
    except ValueError:
        result = None
    if not isinstance(result, dict):
        target.fail(FAILURE, rc=done.rc, module_stdout=done.stdout, module_stderr=done.stderr)
    if after.strip():
        target.warn("Module invocation had junk after the JSON data: %s" % after.strip())
    if done.rc and "failed" not in result and "rc" not in result:
        result.update(failed=True, rc=done.rc)
    return result


def _json_of(text):
    """Return the lines of a mapping, from its first to its last, and those after it."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.strip().startswith("{")), len(lines))
    end = next(
        (n for n in range(len(lines), start, -1) if lines[n - 1].strip().endswith("}")), start
    )
    return "\n".join(lines[start:end]), "\n".join(lines[end:])
