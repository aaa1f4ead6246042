"""The output of `adhoc`: one block, or one line, for each host, and nothing around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TextIO

from understudy.events import Event, HostEnded, Included, ItemEnded, Stamp, Status, Warned
from understudy.report import colour
from understudy.report.results import shown, to_json
from understudy.report.wording import Classic, End

COMMANDS = frozenset({"command", "raw", "script", "shell"})
"""Actions whose result is above all what a program has written."""

_WORDS: Mapping[Status, tuple[str, str]] = {
    Status.OK: ("SUCCESS", colour.OK),
    Status.CHANGED: ("CHANGED", colour.CHANGED),
    Status.FAILED: ("FAILED!", colour.ERROR),
    Status.UNREACHABLE: ("UNREACHABLE!", colour.UNREACHABLE),
}


class Minimal:
    """A report that writes what became of each host, as `ansible` does."""

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        paint: Callable[[str, str], str],
        *,
        one_line: bool = False,
        verbosity: int = 0,
    ) -> None:
        self._out, self._err, self._paint = out, err, paint
        self._one_line = one_line
        self._verbosity = verbosity
        self._wording = Classic()

    def __call__(self, _stamp: Stamp, event: Event) -> None:
        """Write an event's lines."""
        if (isinstance(event, HostEnded) and event.items is None) or isinstance(event, ItemEnded):
            self._ended(event)
        elif isinstance(event, Included):
            self._included(event)
        elif isinstance(event, Warned):
            self._warn(event.message)

    def flush(self) -> None:
        """Hand over what was written."""
        self._out.flush()

    def _warn(self, text: str) -> None:
        self._err.write(f"{self._paint(f'[WARNING]: {text}', colour.WARNING)}\n")

    def _ended(self, event: End) -> None:
        for warning in event.result.get("warnings", ()):
            self._warn(str(warning))
        if event.status is Status.SKIPPED:
            self._write(f"{event.host} | SKIPPED", colour.SKIPPED)
            return
        if event.status in (Status.FAILED, Status.UNREACHABLE):
            self._explain(event)
        word, shade = _WORDS[event.status]
        if self._has_output(event):
            self._write(self._output(event, word.rstrip("!")), shade)
        else:
            self._write(f"{event.host} | {word} => {self._json(event)}", shade)

    def _explain(self, event: End) -> None:
        """Write the message of a failure to standard error, in Ansible's words."""
        said = self._wording.failure(event)
        if said is not None and not self._one_line:
            first = said.splitlines()[0]
            self._out.flush()
            self._err.write(f"{self._paint(first, colour.ERROR)}\n")

    def _included(self, event: Included) -> None:
        for host in event.hosts:
            result = {"changed": False, "include_args": {"name": event.path}}
            self._write(f"{host} | SUCCESS => {to_json(result, indented=True)}", colour.OK)

    def _has_output(self, event: End) -> bool:
        if event.task.action not in COMMANDS or event.status is Status.UNREACHABLE:
            return False
        return "ansible_job_id" not in event.result

    def _output(self, event: End, word: str) -> str:
        result = event.result
        head = f"{event.host} | {word} | rc={result.get('rc', -1)}"
        stdout, stderr = str(result.get("stdout", "")), str(result.get("stderr", ""))
        if not self._one_line:
            return f"{head} >>\n{stdout}{stderr}{result.get('msg') or ''}"
        line = f"{head} | (stdout) {_on_one_line(stdout)}"
        return f"{line} (stderr) {_on_one_line(stderr)}" if stderr else line

    def _json(self, event: End) -> str:
        keys = shown(event.result, action="", verbosity=self._verbosity)
        text = to_json(_of_action(event, keys), indented=True)
        return text.replace("\n", "") if self._one_line else text

    def _write(self, text: str, shade: str) -> None:
        self._out.write(f"{self._paint(text, shade)}\n")


def _of_action(event: End, keys: dict[str, Any]) -> dict[str, Any]:
    hidden = {"changed"} if event.task.action == "debug" else set()
    return {key: value for key, value in keys.items() if key not in hidden}


def _on_one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "\\n")
