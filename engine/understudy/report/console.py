"""The console: every event of a run becomes the lines that an Ansible user reads at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from understudy.events import (
    Connected,
    ConnectionLost,
    ConnectionRestored,
    Event,
    HostEnded,
    HostStarted,
    Included,
    ItemEnded,
    JobEnded,
    JobPolled,
    MetaEnded,
    NoMoreHosts,
    Notified,
    Output,
    PlaybookEnded,
    PlaybookStarted,
    PlayStarted,
    Retrying,
    RunEnded,
    Stamp,
    Status,
    TaskRef,
    TaskStarted,
    Told,
    VariablesRead,
    Warned,
)
from understudy.report import colour
from understudy.report.banner import banner
from understudy.report.diffs import render_diff
from understudy.report.origin import origin_path
from understudy.report.recap import recap_lines
from understudy.report.results import on_one_line, shown, to_json, without_copies
from understudy.report.settings import ConsoleSettings
from understudy.report.wording import Classic, End, Frank, Wording, host_label
from understudy.report.yaml_text import to_yaml

_FLUSH_AFTER_S = 0.05
_SHOWN_AS_IT_CAME = frozenset({"stdout", "stdout_lines", "stderr", "stderr_lines"})
_COLOURS = {Status.OK: colour.OK, Status.CHANGED: colour.CHANGED}


_FACTS = frozenset({"setup", "gather_facts"})
"""Actions whose results are too long to be shown at any verbosity."""


class Console:
    """A report that writes lines. Call `flush` now and then: lines of a burst are held back."""

    def __init__(self, settings: ConsoleSettings, out: TextIO, err: TextIO) -> None:
        self._settings = settings
        self._out, self._err = out, err
        self._paint = colour.paint if settings.coloured else colour.plain
        self._wording: Wording = Classic() if settings.classic else Frank()
        self._shown_task: str | None = None
        self._said: set[str] = set()
        self._streamed: set[tuple[str, str]] = set()
        """Tasks and hosts whose output was shown while it was written."""
        self._lines: list[str] = []
        self._flushed_s = 0.0
        self._dry_run = False
        self._lockstep = True
        self._write: Mapping[type, Callable[[Any], None]] = {
            PlaybookStarted: self._playbook,
            PlaybookEnded: self._recap,
            PlayStarted: self._play,
            TaskStarted: self._task,
            HostStarted: self._host_started,
            HostEnded: self._host_ended,
            ItemEnded: self._item_ended,
            Retrying: self._retrying,
            JobPolled: self._job_polled,
            JobEnded: self._job_ended,
            Output: self._output,
            ConnectionLost: self._connection,
            ConnectionRestored: self._connection,
            Included: self._included,
            Notified: self._notified,
            MetaEnded: self._meta_ended,
            Warned: self._warned,
            Told: self._told,
            Connected: self._connected,
            VariablesRead: self._variables_read,
            NoMoreHosts: self._no_more_hosts,
            RunEnded: self._run_ended,
        }

    def __call__(self, stamp: Stamp, event: Event) -> None:
        """Write an event's lines."""
        write = self._write.get(type(event))
        if write is None:
            return
        write(event)
        if stamp.t_s - self._flushed_s > _FLUSH_AFTER_S:
            self._flushed_s = stamp.t_s
            self.flush()

    def flush(self) -> None:
        """Hand over every line that was held back."""
        if self._lines:
            self._out.write("".join(self._lines))
            self._lines.clear()
            self._out.flush()

    def _line(self, text: str, shade: str = colour.NORMAL) -> None:
        self._lines.append(f"{self._paint(text, shade) if shade else text}\n")

    def _banner(self, text: str) -> None:
        self._line(banner(text, self._settings.width))

    def _playbook(self, event: PlaybookStarted) -> None:
        if self._settings.verbosity > 1:
            self._banner(f"PLAYBOOK: {Path(event.path).name}")
            self._line(f"{event.plays} plays in {event.path}", colour.VERBOSE)

    def _play(self, event: PlayStarted) -> None:
        marked = event.check_mode and self._settings.check_mode_markers
        if marked and not self._dry_run:
            self._dry_run = True
            self._banner("DRY RUN")
        name = f"PLAY [{event.play.name}]" if event.play.name else "PLAY"
        self._banner(f"{name} [CHECK MODE]" if marked else name)
        self._shown_task = None
        self._lockstep = event.lockstep
        if not event.hosts:
            self._line("skipping: no hosts matched", colour.SKIPPED)

    def _no_more_hosts(self, event: NoMoreHosts) -> None:
        if event.too_many_failed:
            self._banner("NO MORE HOSTS LEFT")

    def _task(self, event: TaskStarted) -> None:
        if not self._lockstep:
            return  # a task is named when a host has done it: others are elsewhere meanwhile
        self._shown_task = None
        if self._settings.display_ok and self._settings.display_skipped:
            self._headline(event.task)

    def _headline(self, task: TaskRef) -> None:
        """Write a task's banner, unless it is the last that was written."""
        if task.id == self._shown_task:
            return
        self._shown_task = task.id
        kind = "RUNNING HANDLER" if task.is_handler else "TASK"
        marked = task.check_mode and self._settings.check_mode_markers
        self._banner(f"{kind} [{_full_name(task)}]{' [CHECK MODE]' if marked else ''}")
        if self._settings.verbosity > 1:
            self._task_path(task)

    def _task_path(self, task: TaskRef) -> None:
        self._line(f"task path: {origin_path(task.place)}:{task.place.start.line}", colour.DEBUG)

    def _host_started(self, event: HostStarted) -> None:
        if self._settings.per_host_start:
            self._line(f" [started {_kind(event.task)} on {event.host}]")

    def _tell_warnings(self, event: End) -> None:
        """Write what a module warns of, each text once in a run."""
        for text in map(str, event.result.get("warnings") or ()):
            if text not in self._said:
                self._said.add(text)
                self._headline(event.task)
                self._warned(Warned(message=text.rstrip("\n"), host=event.host))

    def _host_ended(self, event: HostEnded) -> None:
        self._tell_warnings(event)
        if event.status in _COLOURS:
            if event.items is None:
                self._success(event, f"{event.status.value}: [{host_label(event)}]")
        elif event.status is Status.SKIPPED:
            self._skip(event, f"skipping: [{event.host}]")
        elif event.status is Status.UNREACHABLE:
            line = f"fatal: [{host_label(event)}]: UNREACHABLE! => {self._result(event)}"
            self._failure(event, line, colour.UNREACHABLE, explained=event.items is not None)
        elif event.items is None:
            line = f"fatal: [{host_label(event)}]: FAILED! => {self._result(event)}"
            self._failure(event, line, colour.ERROR)
        if event.ignored:
            self._line("...ignoring", colour.SKIPPED)

    def _item_ended(self, event: ItemEnded) -> None:
        self._tell_warnings(event)
        label = f"(item={event.label})"
        if event.status in _COLOURS:
            self._success(event, f"{event.status.value}: [{host_label(event)}] => {label}")
        elif event.status is Status.SKIPPED:
            self._skip(event, f"skipping: [{event.host}] => {label} ")
        else:
            line = f"failed: [{host_label(event)}] {label} => {self._result(event)}"
            self._failure(event, line, colour.ERROR)

    def _success(self, event: End, line: str) -> None:
        if event.status is Status.OK and not self._settings.display_ok:
            return
        self._headline(event.task)
        if event.diff:
            self._diff(event)
        censored = "censored" in event.result
        short = censored or event.task.action not in _FACTS
        if (event.verbose_always and not censored) or (self._settings.verbosity and short):
            line = f"{line} => {self._result(event)}"
        self._line(line, _COLOURS[event.status])

    def _skip(self, event: End, line: str) -> None:
        if not self._settings.display_skipped:
            return
        self._headline(event.task)
        by_condition = "skip_reason" in event.result
        if self._settings.verbosity and (by_condition or event.task.action not in _FACTS):
            line = f"{line} => {self._result(event)}"
        self._line(line, colour.SKIPPED)

    def _failure(self, event: End, line: str, shade: str, *, explained: bool = False) -> None:
        self._headline(event.task)
        said = None if explained else self._wording.failure(event)
        if said is not None and said not in self._said:
            self._said.add(said)
            self._failed_line(said, colour.ERROR)
        if self._settings.task_path_on_failure and self._settings.verbosity < 2:  # noqa: PLR2004
            self._task_path(event.task)
        self._failed_line(line, shade)

    def _failed_line(self, text: str, shade: str) -> None:
        if not self._settings.failed_to_stderr:
            self._line(text, shade)
            return
        self.flush()
        self._err.write(f"{self._paint(text, shade)}\n")

    def _diff(self, event: End) -> None:
        found = event.result.get("diff")
        if found and event.result.get("changed"):
            text = render_diff(found, self._settings.diff_context, self._paint)
            self._lines.append(text)

    def _result(self, event: End) -> str:
        verbosity = self._settings.verbosity
        skipped = event.status is Status.SKIPPED
        keys = shown(event.result, action=event.task.action, skipped=skipped, verbosity=verbosity)
        if (event.task.id, event.host) in self._streamed:
            keys = {name: keys[name] for name in keys if name not in _SHOWN_AS_IT_CAME}
        always = event.verbose_always and not skipped
        return self._formatted(keys, indented=always or verbosity > 2)  # noqa: PLR2004 (`-vvv`)

    def _attempt(self, event: Retrying) -> str:
        counts = {"attempts": event.attempt, "retries": event.retries + 1}
        verbosity = self._settings.verbosity
        keys = shown(event.result, action=event.task.action, verbosity=verbosity)
        return self._formatted({**keys, **counts}, indented=True)

    def _formatted(self, keys: dict[str, Any], *, indented: bool) -> str:
        if self._settings.result_format == "yaml":
            return to_yaml(without_copies(keys))
        return to_json(keys, indented=indented or self._settings.pretty)

    def _retrying(self, event: Retrying) -> None:
        self._headline(event.task)
        line = self._wording.retry(event)
        if self._settings.verbosity > 2:  # noqa: PLR2004 (`-vvv`)
            line = f"{line}Result was: {self._attempt(event)}"
        self._line(line, colour.DEBUG)

    def _job_polled(self, event: JobPolled) -> None:
        started, finished = event.result.get("started"), event.result.get("finished")
        line = f"ASYNC POLL on {event.host}: jid={event.job_id} {started=!s} {finished=!s}"
        self._line(line, colour.DEBUG)

    def _output(self, event: Output) -> None:
        """Write a line of a running command; its result need not show it again."""
        self._streamed.add((event.task.id, event.host))
        self._headline(event.task)
        mark, shade = ("!", colour.ERROR) if event.stream == "stderr" else ("|", colour.NORMAL)
        self._line(f"{event.host} {mark} {event.text}", shade)

    def _connection(self, event: ConnectionLost | ConnectionRestored) -> None:
        line = self._wording.connection(event)
        if line is not None:
            self._line(line, colour.WARNING)

    def _job_ended(self, event: JobEnded) -> None:
        how = "FAILED" if event.failed else "OK"
        self._line(f"ASYNC {how} on {event.host}: jid={event.job_id}", colour.DEBUG)

    def _included(self, event: Included) -> None:
        self._headline(event.task)
        line = f"included: {event.path} for {', '.join(event.hosts)}"
        if event.label is not None:
            line = f"{line} => (item={event.label})"
        self._line(line, colour.SKIPPED)

    def _notified(self, event: Notified) -> None:
        if self._settings.verbosity > 1:
            line = f"Notification for handler {event.handler} has been saved."
            self._line(line, colour.VERBOSE)

    def _meta_ended(self, event: MetaEnded) -> None:
        if self._settings.verbosity > 1:
            self._headline(event.task)
            self._line(f"META: {event.message}", colour.VERBOSE)

    def _warned(self, event: Warned) -> None:
        self.flush()
        self._err.write(f"{self._paint(self._wording.warning(event), colour.WARNING)}\n")

    def _told(self, event: Told) -> None:
        self._line(event.message)

    def _connected(self, event: Connected) -> None:
        if self._settings.verbosity > 3:  # noqa: PLR2004 (`-vvvv`)
            self._line(f"<{event.host}> {event.how}")

    def _variables_read(self, event: VariablesRead) -> None:
        if self._settings.verbosity > 2 and not self._settings.classic:  # noqa: PLR2004 (`-vvv`)
            for one in event.variables:
                place = f", {one.place}" if one.place else ""
                self._line(f"  {one.name}: {one.whence}{place}", colour.VERBOSE)

    def _custom_stats(self, stats: Mapping[str, Mapping[str, Any]]) -> None:
        self._banner("CUSTOM STATS:")
        for host in sorted(name for name in stats if name != "_run"):
            self._line(f"\t{host}: {on_one_line(stats[host])}")
        if "_run" in stats:
            self._line("")
            self._line(f"\tRUN: {on_one_line(stats['_run'])}")
        self._line("")

    def _recap(self, event: PlaybookEnded | RunEnded) -> None:
        self._banner("PLAY RECAP")
        for line in recap_lines(event.recap, self._paint):
            self._line(line)
        self._line("")

    def _run_ended(self, event: RunEnded) -> None:
        self._recap(event)
        if self._settings.custom_stats and event.custom_stats:
            self._custom_stats(event.custom_stats)
        if self._dry_run:
            self._banner("DRY RUN")
        for line in self._wording.closing(event):
            self._line(line)
        self.flush()


def _full_name(task: TaskRef) -> str:
    return f"{task.role} : {task.name}" if task.role else task.name


def _kind(task: TaskRef) -> str:
    return f"{'HANDLER' if task.is_handler else 'TASK'}: {_full_name(task)}"
