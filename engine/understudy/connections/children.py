"""Module runs on the target: a forked child in a process group of its own, its result on a pipe.

The agent forks, so a module's source is compiled once and every run inherits it. Nothing that a
module prints can reach the agent's own stream: descriptors 0, 1 and 2 are /dev/null. Runs on the
target: standard library and Python 3.6 only.
"""

import json
import os
import signal
import time
import traceback

from understudy.connections.target import ModuleFailed, Target

SECRET = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Program(object):
    """A module's source, compiled on first use."""

    def __init__(self, name, source):
        self.name = name
        self._source = source
        self._run = None

    def load(self):
        """Compile and execute the source, so that later forks inherit it. What fails, fails again."""
        if self._run is None:
            namespace = {"__name__": "understudy.modules." + self.name}
            code = compile(self._source, "<%s>" % self.name, "exec")
            exec(code, namespace)
            self._run = namespace["run"]

    def run(self, args, target):
        """Call the module's `run`."""
        self.load()
        return self._run(args, target)


def start(program, request, inherited, group=True):
    """Fork a child that runs a module; return its pid and the descriptor that its result comes on.

    `inherited` are descriptors of the parent that the child must not keep.
    """
    reader, writer = os.pipe()
    started = time.time()
    pid = os.fork()
    if pid:
        os.close(writer)
        os.set_blocking(reader, False)
        return pid, reader
    status = 1
    try:
        os.close(reader)
        _become_child(inherited, group)
        _write_all(writer, result_bytes(program, request, started))
        status = 0
    finally:
        os._exit(status)


def _become_child(inherited, group):
    """Undo what the agent set up for itself."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if group:
        os.setpgid(0, 0)
    for descriptor in inherited:
        os.close(descriptor)


def result_bytes(program, request, started):
    """Run a module here; return its result as JSON, whatever happens to it."""
    result = run(program, request)
    result["_module_s"] = time.time() - started
    try:
        return json.dumps(result).encode("ascii")
    except (TypeError, ValueError) as error:
        broken = _crashed("the module's result cannot be written as JSON: %s" % error, "")
        return json.dumps(broken).encode("ascii")


def run(program, request):
    """Run a module in this process and return its result."""
    cwd = request.get("cwd")
    os.environ.update(request.get("environment") or {})
    args = request["args"]
    target = Target(
        check_mode=request.get("check_mode", False),
        diff=request.get("diff", False),
        verbosity=request.get("verbosity", 0),
        no_log=request.get("no_log", False),
        cwd=cwd,
    )
    try:
        if cwd:
            os.chdir(cwd)
        result = program.run(dict(args), target)
        if not isinstance(result, dict):
            result = _crashed("the module returned %s, not a dict" % type(result).__name__, "")
    except ModuleFailed as failed:
        result = failed.result
    except SystemExit as left:
        result = _crashed("the module called sys.exit(%s) instead of returning" % left.code, "")
    except BaseException as error:
        trace = traceback.format_exc()
        result = _crashed("%s: %s" % (type(error).__name__, error), trace)
    target.clean_up()
    if target.warnings:
        result["warnings"] = list(result.get("warnings", ())) + target.warnings
    if request.get("job") and not request.get("no_log"):
        result.setdefault("invocation", {"module_args": _shown(args, request)})
    return result


def _shown(args, request):
    hidden = request.get("secret_args") or ()
    return {name: SECRET if name in hidden else args[name] for name in args}


def _crashed(why, trace):
    return {
        "failed": True,
        "changed": False,
        "msg": "MODULE FAILURE: %s" % why,
        "module_stdout": "",
        "module_stderr": trace,
        "rc": 1,
        "exception": trace or why,
    }


def died(status, output):
    """Return the result of a child that ended, from its wait status and the bytes it left."""
    try:
        result = json.loads(output.decode("ascii"))
    except ValueError:
        result = None
    if isinstance(result, dict):
        return result
    if os.WIFSIGNALED(status):
        return _crashed("the module was killed by signal %d" % os.WTERMSIG(status), "")
    return _crashed("the module's process ended with %d" % os.WEXITSTATUS(status), "")


def kill(pid):
    """Kill a child's process group, or the child where it has none yet."""
    for killer in (os.killpg, os.kill):
        try:
            killer(pid, signal.SIGKILL)
            return
        except OSError:
            continue


def _write_all(descriptor, data):
    view = memoryview(data)
    while len(view):
        view = view[os.write(descriptor, view[: 1 << 20]) :]

