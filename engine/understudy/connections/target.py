"""What a module gets on the target: how it is to run, and what it can ask of the machine.

A module is one file with `run(args, target) -> dict`. `args` are complete: validated, coerced, with
defaults. What it returns must be JSON; what it prints is shown only if it dies. Runs on the target:
standard library and Python 3.6 only; this file travels with the agent.
"""

import os

from understudy.connections.commands import OUTPUT_LIMIT, Call, Completed, run_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn


NO_ERRNO = 257
"""What `rc` is where the system gave no number, as in Ansible."""


class ModuleFailed(Exception):  # noqa: N818 (it is how a module ends)
    """A module gives up: `result` is what it returns."""

    def __init__(self, msg: str, **more: "Any") -> None:
        super().__init__(msg)
        self.result = dict(more, failed=True, msg=msg)


class Target:
    """The host that a module runs on, and how it is asked to run.

    `cwd` is the directory in which commands run: the playbook's on this machine, else home.
    """

    def __init__(
        self,
        check_mode: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        no_log: bool = False,
        cwd: "str | None" = None,
    ) -> None:
        self.check_mode = check_mode
        self.diff = diff
        self.verbosity = verbosity
        self.no_log = no_log
        self.cwd = cwd
        self.warnings = []  # type: list[str]
        self._temporary = []  # type: list[str]
        self._not_started = (None, None)  # type: tuple[Exception | None, Call | None]

    def fail(self, msg: str, **more: "Any") -> "NoReturn":
        """End the module with a failure; `more` are further keys of its result."""
        raise ModuleFailed(msg, **more)

    def warn(self, text: str) -> None:
        """Add a warning to the result."""
        self.warnings.append(text)

    def temporary(self, suffix: str = "", directory: "str | None" = None) -> str:
        """Return the path of a new empty file that is removed when the module has ended."""
        import tempfile  # costs milliseconds, and few modules need it

        handle, path = tempfile.mkstemp(prefix=".understudy-", suffix=suffix, dir=directory)
        os.close(handle)
        self._temporary.append(path)
        return path

    def clean_up(self) -> None:
        """Remove the temporary files that are still there."""
        for path in self._temporary:
            try:
                os.unlink(path)
            except OSError:
                pass

    def command(
        self,
        args: "Sequence[str] | str",
        stdin: "bytes | None" = None,
        cwd: "str | None" = None,
        environment: "Mapping[str, str] | None" = None,
        executable: "str | None" = None,
    ) -> Completed:
        """Run a program and return it Completed; raise OSError when it cannot be started.

        A list is a program and its arguments; a text goes to `/bin/sh`, or to `executable`. Output
        beyond OUTPUT_LIMIT bytes of a stream is cut, with a warning that tells how much.
        """
        return self.completed(Call(args, stdin, cwd or self.cwd, environment, executable))

    def completed(self, call: Call) -> Completed:
        """Run a program, as `command` does."""
        try:
            done = run_command(call)
        except (OSError, ValueError) as error:  # ValueError: a null byte among its words
            self._not_started = (error, call)
            raise
        self.note_cuts(done)
        return done

    def told_of_start(self, error: Exception) -> "dict[str, Any] | None":
        """Return a result if it is a program that could not be started; only its name is told.

        Its arguments may hold secrets.
        """
        refused, call = self._not_started
        if call is None or error is not refused:
            return None
        program = (call.executable or "/bin/sh") if isinstance(call.args, str) else call.args[0]
        result = {"failed": True, "changed": False, "msg": "Error executing command."}
        code = getattr(error, "errno", None) or NO_ERRNO
        return dict(result, rc=code, cmd=program, stdout="", stderr="")

    def note_cuts(self, done: Completed) -> None:
        """Warn of output that was not kept."""
        for name in sorted(done.cut):
            if done.cut[name]:
                text = "%s was cut after %d of %d bytes"
                self.warn(text % (name, OUTPUT_LIMIT, OUTPUT_LIMIT + done.cut[name]))
