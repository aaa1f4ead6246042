"""Starts understudy by forking a process that has imported it: a start takes a fifth of the time.

The server is asked by lines of JSON on its standard input, and answers each with the exit code when
the run has ended. It imports, and that is all: nothing that a run keeps is there before it starts.

    python -m tests.parity.forking     is the server
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

_IMPORTED = (
    "understudy.cli.main understudy.cli.run understudy.execution.run understudy.report.console"
    " understudy.connections.local asyncio jsonschema"
).split()


class ForkServer:
    """The side of who asks. It may be asked from several threads at once."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "tests.parity.forking"]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lock = threading.Lock()
        self.waiting: dict[int, Future[int]] = {}
        self.number = 0
        threading.Thread(target=self._answers, daemon=True).start()

    def run(
        self, words: Sequence[str], folder: Path, env: Mapping[str, str], timeout_s: float
    ) -> tuple[int, str, str]:
        """Run understudy with some arguments; return exit code and output.

        Raises TimeoutError; the run's process group is killed then.
        """
        out, err = folder.parent / "stdout", folder.parent / "stderr"
        ended: Future[int] = Future()
        request = {"words": list(words), "folder": str(folder), "env": dict(env)}
        with self.lock:
            self.number += 1
            number = self.number
            self.waiting[number] = ended
            self._ask(number=number, out=str(out), err=str(err), **request)
        try:
            code = ended.result(timeout_s)
        except TimeoutError:
            self._ask(kill=number)
            raise
        return code, *(path.read_text("utf-8", "backslashreplace") for path in (out, err))

    def close(self) -> None:
        """End the server."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()

    def _ask(self, **request: Any) -> None:
        if self.process.stdin:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()

    def _answers(self) -> None:
        for line in self.process.stdout or ():
            number, code = json.loads(line)
            self.waiting.pop(number).set_result(code)


def serve() -> None:
    """Fork for every request until the input ends."""
    for name in _IMPORTED:
        __import__(name)
    children: dict[int, int] = {}
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(reading, selectors.EVENT_READ)
        buffer = b""
        while True:
            for key, _ in selector.select():
                if key.fd == reading:
                    os.read(reading, 4096)
                    _reap(children)
                    continue
                data = os.read(0, 1 << 20)
                if not data:
                    return
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    _serve_one(json.loads(line), children)


def _serve_one(request: Mapping[str, Any], children: dict[int, int]) -> None:
    if "kill" in request:
        for pid, number in children.items():
            if number == request["kill"]:
                os.killpg(pid, signal.SIGKILL)
        return
    pid = os.fork()
    if pid == 0:
        _become(request)
    children[pid] = request["number"]


def _reap(children: dict[int, int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps([children.pop(pid), code]) + "\n")
        sys.stdout.flush()


def _become(request: Mapping[str, Any]) -> None:
    """Be the run that is asked for, as if it had been started in its folder."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(request["folder"])
    os.umask(0o022)
    os.environ.clear()
    os.environ.update(request["env"])
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    places = ((os.devnull, os.O_RDONLY), (request["out"], flags), (request["err"], flags))
    for number, (path, flag) in enumerate(places):
        os.dup2(os.open(path, flag, 0o600), number)
    sys.argv = ["understudy", *request["words"]]
    from understudy.cli.main import main

    code = 250
    try:
        code = int(main(request["words"]))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except Exception:  # noqa: BLE001 (the program would show its traceback, too)
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
