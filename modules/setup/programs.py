"""Programs that facts are asked of: several run side by side, and none is waited for too long."""

import os
import subprocess

AT_ONCE = 8


def outputs(commands, patience_s=10):
    """Return what each command printed, in their order; "" for one that failed or took too long."""
    found = []
    for first in range(0, len(commands), AT_ONCE):
        started = [Running(command) for command in commands[first : first + AT_ONCE]]
        found.extend(running.output(patience_s) for running in started)
    return found


class Running:
    """A program that was started; what it prints is asked for later."""

    def __init__(self, command):
        environment = dict(os.environ, LC_ALL="C")
        streams = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        try:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, env=environment, **streams
            )
        except OSError:
            self._process = None

    def output(self, patience_s=10):
        """Return what it printed; "" if it was not there, failed or took too long."""
        if self._process is None:
            return ""
        try:
            text = self._process.communicate(timeout=patience_s)[0]
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.stdout.close()
            return ""
        return text.decode("utf-8", "surrogateescape") if self._process.returncode == 0 else ""
