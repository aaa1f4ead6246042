"""A module of the project's own: a program that is put on the target, run there, and removed.

It is not called by name. `source` is the program in base64, `args` are its arguments; how it takes
them, what runs it and what it prints follow the documented conventions of Ansible's modules.
A module in Python that imports `ansible.module_utils` is not put anywhere: `PROGRAM` is its text,
which runs in a fork of this process, where `CARRIED` stands for what it imports.
"""

import base64
import json
import os
import shutil
import sys
import tempfile
from importlib.machinery import ModuleSpec
from shlex import quote

EMBEDDED = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
WANTS_JSON = b"WANT_JSON"
FAILURE = "Module result deserialization failed: No start of json char found"
VERBOSITY_OF_TRACES = 3
PROGRAM = ""
CARRIED = {}
"""The sources of importable modules by their full names; a package's ends with a dot."""


def run(args, target):
    """Run the program and return what it prints as JSON."""
    given = dict(args["args"], **_told(args["name"], target))
    done = (_run_python if PROGRAM else _run_program)(args, given, target)
    os.write(2, done.stderr.encode("utf-8", "surrogateescape"))
    return _result(done, target)


def _run_program(args, given, target):
    source = base64.b64decode(args["source"])
    folder = tempfile.mkdtemp(prefix="understudy-")
    try:
        return _run(args, source, given, folder, target)
    except OSError as error:
        target.fail("the module %s cannot be run: %s" % (args["name"], error.strerror))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Carried:
    """Imports what came with the module; what it does not have is looked for elsewhere."""

    def find_spec(self, name, path=None, target=None):
        """Return how to import a module; None where it did not come."""
        package = name + "."
        if name in CARRIED or any(other.startswith(package) for other in CARRIED):
            return ModuleSpec(name, self, is_package=name not in CARRIED)
        return None

    def create_module(self, spec):
        """Leave it to Python."""

    def exec_module(self, module):
        """Run a module's source; a package is empty, unless it has an `__init__`."""
        name = module.__name__
        text = CARRIED.get(name) or CARRIED.get(name + ".__init__", "")
        exec(compile(text, "<%s>" % name, "exec"), module.__dict__)  # noqa: S102 (it is a module)


class _Ended:
    """A fork that has ended, and what it printed."""

    def __init__(self, status, out, err):
        self.rc = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        out.seek(0)
        err.seek(0)
        self.stdout = out.read().decode("utf-8", "surrogateescape")
        self.stderr = err.read().decode("utf-8", "surrogateescape")


def _run_python(args, given, target):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if not pid:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(_be_module(args["name"], given))
        return _Ended(os.waitpid(pid, 0)[1], out, err)


def _be_module(name, given):
    """Be the module, with the packages that this Python has; return the status to leave with."""
    import site
    import traceback

    sys.path += [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    site.main()
    own = site.getusersitepackages()
    if os.path.isdir(own):
        site.addsitedir(own)
    sys.argv[:] = ["ansible_module_" + name]
    sys.meta_path.insert(0, Carried())
    try:
        from ansible.module_utils import basic

        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode()  # noqa: SLF001
        names = {"__name__": "__main__", "__file__": sys.argv[0] + ".py"}
        exec(compile(PROGRAM, sys.argv[0] + ".py", "exec"), names)  # noqa: S102 (it is a module)
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException as error:
        told = {"failed": True, "msg": "Task failed: Module failed: %s" % error}
        if given["_ansible_verbosity"] >= VERBOSITY_OF_TRACES:
            told["exception"] = traceback.format_exc()
        basic = sys.modules.get("ansible.module_utils.basic")
        hide = getattr(basic, "without_secrets", dict)  # it may not have been imported
        sys.stdout.write("\n%s\n" % json.dumps(hide(told)))
        status = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status & 0xFF


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
        said = {"module_stdout": done.stdout, "module_stderr": done.stderr}
        target.fail(FAILURE, rc=done.rc, invocation=None, **said)
    if after.strip():
        target.warn("Module invocation had junk after the JSON data: %s" % after.strip())
    result.setdefault("invocation", None)
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
