"""`expect`: run a program at a terminal of its own, and answer what it asks.

A question is a regular expression, searched in the bytes that came since the last answer: the
earliest match wins, then the first in the order of writing. Only the newest WINDOW bytes before a
new piece are searched again. `timeout` is for each wait, not for all of them together.
"""

import fcntl
import glob
import os
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import termios
import time
from datetime import datetime

from understudy.connections import target_files as files
from understudy.connections.commands import Completed, Stream

WINDOW = 2000
PIECE = 1 << 16
KEPT = 1 << 17
"""Bytes that are kept for questions that span pieces."""
TURN_S = 0.2
"""How often it is looked whether the program has ended: a child of it may keep the terminal."""
PAUSE_S = 0.05
"""Before an answer: who asks for a password may still have to switch the echo off."""
GRACE_S = 1.0


def run(args, target):
    """Run the program unless `creates` or `removes` say that there is nothing to do."""
    if target.check_mode:
        msg = "remote module (expect) does not support check mode"
        return {"changed": False, "skipped": True, "msg": msg}
    if not args["command"].strip():
        target.fail("no command given", rc=256)
    timeout_s = _timeout(args, target)
    questions = [_Question(key, answer, target) for key, answer in args["responses"].items()]
    directory = _directory(args, target)
    needless = _needless(args, directory)
    if needless:
        return {"cmd": args["command"], "stdout": needless, "changed": False, "rc": 0}
    words = _words(args["command"], directory, target)
    talk = _Talk(questions, timeout_s)
    start = datetime.now()  # noqa: DTZ005 (Ansible tells the local time)
    try:
        talk.begin(words, directory, bool(args.get("echo")))
    except OSError as error:
        target.fail("%s: %s" % (error.strerror, words[0]))
    try:
        talk.go_on()
        code = talk.wait()
    except _NoAnswerError as missing:
        target.fail(str(missing))
    finally:
        talk.end()
    done = Completed(code, talk.output, Stream(), start)
    target.note_cuts(done)
    return _result(args["command"], done)


def _timeout(args, target):
    wanted = args.get("timeout", 30)
    if wanted is None:
        return None
    try:
        return int(wanted)
    except (TypeError, ValueError):
        text = "argument 'timeout' is of type %s and we were unable to convert to int: \"%r\""
        return target.fail((text + " cannot be converted to an int") % (type(wanted), wanted))


def _directory(args, target):
    here = target.cwd or os.getcwd()
    path = os.path.abspath(os.path.join(here, files.expand(args.get("chdir")) or ""))
    try:
        os.listdir(path)
    except OSError as error:
        if not os.path.isdir(path) or not os.access(path, os.X_OK):
            target.fail(str(error))
    return path


def _needless(args, directory):
    """Return why the program need not run; None if it has to."""
    for name, unless, fact in (("creates", True, "exists"), ("removes", False, "does not exist")):
        path = files.expand(args.get(name))
        if path and bool(glob.glob(os.path.join(directory, path))) == unless:
            return "skipped, since %s %s" % (path, fact)
    return None


def _words(command, directory, target):
    try:
        words = shlex.split(command)
    except ValueError as error:
        target.fail("%s: %s" % (error, command))
    path = os.path.join(directory, words[0]) if "/" in words[0] else words[0]
    found = shutil.which(path)
    if found is None:
        target.fail("The command was not found or was not executable: %s." % words[0])
    return [found, *words[1:]]


def _result(command, done):
    result = {
        "cmd": command,
        "stdout": done.stdout.rstrip("\r\n"),
        "rc": done.rc,
        "start": str(done.start),
        "end": str(done.end),
        "delta": str(done.end - done.start),
        "changed": True,
    }
    if done.rc is None:
        result.update(failed=True, msg="command exceeded timeout")
    elif done.rc:
        result.update(failed=True, msg="non-zero return code")
    return result


class _NoAnswerError(Exception):
    """A question comes once more than there are answers."""


class _Question:
    """A regular expression, and the answers that are left for it."""

    def __init__(self, key, answer, target):
        self.key = str(key)
        try:
            self.pattern = re.compile(_bytes(self.key), re.DOTALL)
        except re.error as error:
            target.fail("%s: %s" % (error, self.key))
        self._again = not isinstance(answer, list)
        self._answers = [answer] if self._again else list(answer)

    def answer(self, output):
        """Return the next answer; `output` is what came since the one before."""
        if not self._answers:
            msg = "No remaining responses for '%s', output was '%s'" % (self.key, output)
            raise _NoAnswerError(msg)
        answer = self._answers[0] if self._again else self._answers.pop(0)
        return _bytes(str(answer)).rstrip(b"\n") + b"\n"


class _Talk:
    """A program at a terminal, and what has been said."""

    def __init__(self, questions, timeout_s):
        self._questions = questions
        self._timeout_s = timeout_s
        self._master = None
        self._process = None
        self._heard = b""
        self.output = Stream()

    def begin(self, words, directory, echo):
        """Start the program; raise OSError if that fails."""
        self._master, slave = os.openpty()
        os.set_blocking(self._master, False)
        try:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            if not echo:
                settings = termios.tcgetattr(slave)
                settings[3] &= ~termios.ECHO
                termios.tcsetattr(slave, termios.TCSANOW, settings)
            self._process = subprocess.Popen(
                [_bytes(word) for word in words],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=_bytes(directory),
                start_new_session=True,
                preexec_fn=_own_terminal,  # noqa: PLW1509 (a module has one thread)
            )
        finally:
            os.close(slave)

    def go_on(self):
        """Listen and answer until the program is silent for good, or for too long."""
        self._set_deadline()
        while True:
            piece = self._read()
            if not piece:
                return
            self.output.add(piece)
            self._heard = (self._heard + piece)[-KEPT:]
            while self._reply(len(piece) + WINDOW):
                self._set_deadline()

    def _set_deadline(self):
        wait_s = self._timeout_s
        self._deadline = None if wait_s is None else time.monotonic() + wait_s

    def _left_s(self):
        return TURN_S if self._deadline is None else self._deadline - time.monotonic()

    def _read(self):
        """Return the next piece; nothing at the end and when the time is over."""
        ready = select.poll()
        ready.register(self._master, select.POLLIN)
        while True:
            ended = self._process.poll() is not None
            left_s = self._left_s()
            if ready.poll(0 if ended else max(0, min(left_s, TURN_S)) * 1000):
                try:
                    return os.read(self._master, PIECE)
                except OSError:
                    return b""  # how the end of a terminal is told
            if ended or left_s <= 0:
                return b""

    def _reply(self, newest):
        """Answer the first question in what is left to hear; tell whether there was one."""
        begin = max(0, len(self._heard) - newest)
        found = [(one.pattern.search(self._heard, begin), one) for one in self._questions]
        found = [(match.start(), match, one) for match, one in found if match]
        if not found:
            return False
        _, match, question = min(found, key=lambda each: each[0])
        answer = question.answer(self._heard[: match.end()])
        self._heard = self._heard[match.end() :]
        time.sleep(PAUSE_S)
        try:
            os.write(self._master, answer)
        except OSError:
            pass  # it asked and ended, or does not read at all: what it said is still read
        return True

    def wait(self):
        """Return how the program ended; None if it has to be ended."""
        try:
            return self._process.wait(None if self._deadline is None else max(0, self._left_s()))
        except subprocess.TimeoutExpired:
            return None

    def end(self):
        """Let go of the terminal and, if it still runs, of the program."""
        if self._master is not None:
            os.close(self._master)
        if self._process is None or self._process.poll() is not None:
            return
        for number in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(GRACE_S)
            except (OSError, subprocess.TimeoutExpired):
                continue
            return


def _own_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")
