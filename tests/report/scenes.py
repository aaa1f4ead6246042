"""The events of the recorded cases, as a run of them by understudy would emit them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.report.variants import CASES
from understudy.events import (
    Event,
    HostEnded,
    HostStarted,
    Included,
    ItemEnded,
    JobEnded,
    JobPolled,
    JobStarted,
    Notified,
    PlaybookStarted,
    PlayRef,
    PlayStarted,
    Retrying,
    RunEnded,
    RunStarted,
    Status,
    Tally,
    TaskRef,
    TaskStarted,
    Warned,
)
from understudy.text.source import Position, Source, Span

CENSORED = (
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
)
NO = {"changed": False}
REFUSED = (
    "Task failed: Failed to connect to the host via ssh: "
    "ssh: connect to host 127.0.0.1 port 1: Connection refused"
)
WHEN_FALSE = {
    **NO,
    "skipped": True,
    "skip_reason": "Conditional result was False",
}


class Scene:
    """Makes events: it knows the files of a case, the current play and the current task."""

    def __init__(self, case: str, *, check_mode: bool = False) -> None:
        self.folder = CASES / case
        self.check_mode = check_mode
        self.count = 0
        self.play_ref = PlayRef("p0", "", self.place(1, 1))
        self.task_ref = TaskRef("t0", "", "", self.place(1, 1), self.play_ref)

    def place(self, line: int, column: int, file: str = "playbook.yml") -> Span:
        """Return a place in a file of the case."""
        path = self.folder / file
        source = Source(str(path), path.read_text("utf-8"))
        return Span(source, Position(line, column), Position(line, column + 1))

    def start(self, plays: int = 1) -> Iterator[Event]:
        """Yield what comes before the first play."""
        yield RunStarted(run_id="r1", program_version="0", playbooks=("playbook.yml",))
        yield PlaybookStarted(path="playbook.yml", plays=plays)

    def play(self, name: str, *hosts: str, line: int = 1) -> Event:
        """Start a play."""
        self.play_ref = PlayRef(f"p{line}", name, self.place(line, 3))
        return PlayStarted(play=self.play_ref, hosts=hosts, check_mode=self.check_mode)

    def task(
        self,
        name: str,
        action: str,
        line: int,
        column: int = 5,
        file: str = "playbook.yml",
        *hosts: str,
        **more: Any,
    ) -> Iterator[Event]:
        """Start a task, and start it on hosts."""
        self.count += 1
        self.task_ref = TaskRef(
            id=f"t{self.count}",
            name=name,
            action=action,
            place=self.place(line, column, file),
            play=self.play_ref,
            check_mode=self.check_mode,
            **more,
        )
        yield TaskStarted(task=self.task_ref)
        yield from (HostStarted(task=self.task_ref, host=host) for host in hosts)

    def ended(self, host: str, status: Status, result: Mapping[str, Any], **more: Any) -> Event:
        """End the current task on a host."""
        more.setdefault("verbose_always", self.task_ref.action in {"debug", "assert"})
        return HostEnded(task=self.task_ref, host=host, status=status, result=result, **more)

    def ok(self, host: str, result: Mapping[str, Any] = NO, **more: Any) -> Event:
        """End the current task on a host without a change, or with one if the result says so."""
        status = Status.CHANGED if result.get("changed") else Status.OK
        return self.ended(host, status, result, **more)

    def skipped(self, host: str, result: Mapping[str, Any] = WHEN_FALSE, **more: Any) -> Event:
        """Skip the current task on a host."""
        return self.ended(host, Status.SKIPPED, result, **more)

    def failed(self, host: str, result: Mapping[str, Any], **more: Any) -> Event:
        """Fail the current task on a host."""
        return self.ended(host, Status.FAILED, {"failed": True, **result}, **more)

    def lost(self, host: str, result: Mapping[str, Any], **more: Any) -> Event:
        """Lose a host."""
        return self.ended(host, Status.UNREACHABLE, {**result, "unreachable": True}, **more)

    def item(
        self,
        host: str,
        label: Any,
        result: Mapping[str, Any] = NO,
        status: Status | None = None,
        **more: Any,
    ) -> Event:
        """End an item of the current task on a host."""
        more.setdefault("verbose_always", self.task_ref.action == "debug")
        found = status or (Status.CHANGED if result.get("changed") else Status.OK)
        return ItemEnded(
            task=self.task_ref, host=host, status=found, result=result, label=label, **more
        )

    def retry(self, host: str, attempt: int, retries: int, **more: Any) -> Event:
        """Tell of an attempt that another one follows."""
        more = {"delay_s": 0.0, "waited_s": 0.0, "result": NO, **more}
        return Retrying(task=self.task_ref, host=host, attempt=attempt, retries=retries, **more)

    def included(self, *hosts: str, label: Any = None) -> Event:
        """Tell of an included file."""
        path = str(self.folder / "more.yml")
        return Included(task=self.task_ref, path=path, hosts=hosts, label=label)

    def end(self, **recap: str) -> Event:
        """End the run; a recap names a host's figures in the order of Tally."""
        tallies = {host: Tally(*map(int, figures.split())) for host, figures in recap.items()}
        return RunEnded(recap=tallies, exit_code=0, reason="", elapsed_s=1.0)


def results(scene: Scene) -> Iterator[Event]:
    """Every form of a result."""
    both = ("h1", "h2")
    yield from scene.start(2)
    yield scene.play("what results look like", *both)
    yield from scene.task("say", "debug", 5)
    yield from (scene.ok(host, {**NO, "msg": "line1\nline2 ü"}) for host in both)
    yield from scene.task("debug", "debug", 8)
    yield scene.ok("h1", {**NO, "answer": [1, "a", {"b": None, "a": True}]})
    yield from scene.task("change", "command", 11)
    yield scene.ok("h1", {"changed": True})
    yield scene.ok("h2")
    yield from scene.task("skip", "command", 14)
    yield from (scene.skipped(host) for host in both)
    yield from scene.task("items", "debug", 17)
    yield from (scene.item("h1", i, {**NO, "msg": i}) for i in ("a", 2, {"x": 1}, None, "日本"))
    yield scene.ok("h1", {**NO, "results": []}, items=5)
    yield from scene.task("labels", "debug", 21)
    yield scene.item("h1", "L1", {**NO, "msg": "x"})
    yield scene.ok("h1", {**NO, "results": []}, items=1)
    yield from scene.task("some items", "command", 26)
    yield scene.item("h1", "a", {"changed": True})
    yield scene.item("h1", "b", WHEN_FALSE, Status.SKIPPED)
    yield scene.ok("h1", {"changed": True, "results": []}, items=2)
    yield from scene.task("no item", "command", 31)
    yield scene.item("h1", "a", WHEN_FALSE, Status.SKIPPED)
    yield scene.skipped("h1", {**NO, "skipped": True, "results": []}, items=1)
    yield from scene.task("empty", "command", 36)
    yield scene.skipped("h1", {**NO, "skipped": True, "results": []}, items=0)
    yield from scene.task("ignored", "fail", 40)
    yield from (scene.failed(host, {**NO, "msg": "no good"}, ignored=True) for host in both)
    yield from _failures(scene)
    yield from _hidden_and_delegated(scene)
    yield from scene.task("fatal", "fail", 81)
    yield scene.skipped("h1")
    yield scene.failed("h2", {**NO, "msg": "end"})
    yield Warned(message="Could not match supplied host pattern, ignoring: nobody")
    yield scene.play("nobody", line=84)
    yield scene.end(h1="16 4 0 0 4 0 4", h2="3 0 0 1 1 0 1")


def _failures(scene: Scene) -> Iterator[Event]:
    unknown = "Task failed: Action failed: Unknown error."
    failed = {
        "ansible_loop_var": "item",
        "changed": False,
        "failed": True,
        "failed_when_result": True,
        "item": "b",
        "msg": unknown,
        "stat": {"exists": False},
    }
    yield from scene.task("an item fails", "stat", 43)
    yield scene.item("h1", "a")
    yield scene.item("h1", "b", failed, Status.FAILED)
    yield scene.failed("h1", {**NO, "results": []}, items=2, ignored=True)


def _hidden_and_delegated(scene: Scene) -> Iterator[Event]:
    hidden = {**NO, "censored": CENSORED}
    yield from scene.task("secret", "debug", 49, no_log=True)
    yield scene.ok("h1", hidden)
    yield from scene.task("secret items", "debug", 53, no_log=True)
    yield scene.item("h1", "(censored due to no_log)", hidden)
    yield scene.ok("h1", hidden, items=1)
    yield from scene.task("secret failure", "fail", 58, no_log=True)
    yield scene.failed("h1", hidden, ignored=True)
    yield from scene.task("delegated", "command", 63)
    yield scene.ok("h1", {"changed": True}, delegated_to="h3")
    yield from scene.task("delegated items", "command", 67)
    yield scene.item("h1", "a", {"changed": True}, delegated_to="h3")
    yield scene.ok("h1", {"changed": True, "results": []}, items=1, delegated_to="h3")
    yield from scene.task("assert", "assert", 72)
    wrong = {"assertion": "1 == 2", "evaluated_to": False, "msg": "Assertion failed"}
    yield scene.failed("h1", {**NO, **wrong}, ignored=True)
    name = "a name that is so long that there is hardly any room for the stars"
    yield from scene.task(name, "debug", 75)
    yield scene.ok("h1", {**NO, "msg": "x"})
    yield from scene.task("ünïcödé 日本語", "debug", 78)
    yield scene.ok("h1", {**NO, "msg": "x"})


def flow(scene: Scene) -> Iterator[Event]:
    """Roles, includes, a rescued failure, handlers, two plays."""
    both = ("h1", "h2")
    main = "playbook.yml"
    yield from scene.start(2)
    yield scene.play("first", *both)
    roles = "roles/web/tasks/main.yml"
    yield from scene.task("install", "debug", 1, 3, roles, *both, role="web")
    yield Notified(task=scene.task_ref, host="h1", handler="restart")
    yield scene.ok("h1", {"changed": True, "msg": "installed"})
    yield scene.ok("h2", {**NO, "msg": "installed"})
    yield from scene.task("include_tasks", "include_tasks", 6, 5, main, *both)
    yield scene.included(*both)
    yield from _included(scene, "-")
    yield from scene.task("each", "include_tasks", 7, 5, main, *both)
    yield from (scene.included(*both, label=label) for label in "ab")
    yield from _included(scene, "a")
    yield from _included(scene, "b")
    yield from scene.task("break", "fail", 12, 7, main, *both)
    yield scene.failed("h1", {**NO, "msg": "oops"}, rescued=True)
    yield scene.skipped("h2", {**WHEN_FALSE, "false_condition": "inventory_hostname == 'h1'"})
    yield from scene.task("mend", "debug", 16, 7, main, "h1")
    yield scene.ok("h1", {**NO, "msg": "mended"})
    yield from scene.task("not reached", "debug", 18, 5, main, *both)
    quiet = {"skipped": True, "skipped_reason": "Verbosity threshold not met."}
    yield from (scene.skipped(host, quiet) for host in both)
    handlers = "roles/web/handlers/main.yml"
    yield from scene.task("restart", "debug", 1, 3, handlers, "h1", role="web", is_handler=True)
    yield scene.ok("h1", {**NO, "msg": "restarted"})
    yield scene.play("h1", "h1", line=20)
    yield from scene.task("once more", "ping", 23, 5, main, "h1")
    yield scene.ok("h1", {**NO, "ping": "pong"})
    yield scene.end(h1="10 1 0 0 1 1 0", h2="7 0 0 0 2 0 0")


def _included(scene: Scene, message: str) -> Iterator[Event]:
    yield from scene.task("included", "debug", 1, 3, "more.yml", "h1", "h2")
    yield from (scene.ok(host, {**NO, "msg": message}) for host in ("h1", "h2"))


def waiting(scene: Scene) -> Iterator[Event]:
    """Jobs that end, fail and take too long; a job that is asked for; a condition never met."""
    yield from scene.start()
    yield scene.play("waiting", "h1")
    yield from scene.task("a job that is waited for", "command", 5)
    yield _launched(scene, 20)
    yield _polled(scene, 20)
    yield JobEnded(task=scene.task_ref, host="h1", job_id="j1.1", failed=False)
    yield scene.ok("h1", {"changed": True}, job_id="j1.1")
    yield from scene.task("a job that fails", "shell", 9)
    yield _launched(scene, 20)
    yield JobEnded(task=scene.task_ref, host="h1", job_id="j1.1", failed=True)
    yield scene.failed("h1", FAILED_JOB, ignored=True, job_id="j1.1")
    yield from scene.task("a job that takes too long", "command", 14)
    yield _launched(scene, 2)
    yield from (_polled(scene, 2) for _ in range(2))
    yield JobEnded(task=scene.task_ref, host="h1", job_id="j1.1", failed=True)
    late = "async task did not complete within the requested time - 2s"
    yield scene.failed("h1", {**NO, "async_result": RUNNING, "msg": late}, ignored=True)
    yield from scene.task("start", "command", 19)
    yield scene.ok("h1", {"changed": True, "ansible_job_id": "j1.1"})
    yield from scene.task("look", "async_status", 24)
    for attempt in (1, 2):
        yield scene.retry("h1", attempt, 9, status_check=True, job_id="j1.1", delay_s=1.0)
    yield scene.ok("h1", {"changed": True})
    yield from scene.task("never true", "ping", 31)
    yield scene.retry("h1", 1, 1)
    yield scene.failed("h1", {**NO, "ping": "pong", "attempts": 1, "msg": NEVER_TRUE})
    yield scene.end(h1="5 4 0 1 0 0 2")


NEVER_TRUE = "Task failed: Action failed: Unknown error."
RUNNING = {
    "ansible_job_id": "j1.1",
    "finished": False,
    "results_file": "/root/.ansible_async/j1.1",
    "started": True,
    "stderr": "",
    "stderr_lines": [],
    "stdout": "",
    "stdout_lines": [],
}
FAILED_JOB = {
    **RUNNING,
    "changed": True,
    "cmd": "sleep 0.5; exit 3",
    "finished": True,
    "rc": 3,
    "msg": "non-zero return code",
    "delta": "<delta>",
    "end": "<end>",
    "start": "<start>",
}


def _launched(scene: Scene, limit_s: int) -> Event:
    return JobStarted(task=scene.task_ref, host="h1", job_id="j1.1", limit_s=limit_s, poll_s=1)


def _polled(scene: Scene, limit_s: int) -> Event:
    return JobPolled(
        task=scene.task_ref,
        host="h1",
        job_id="j1.1",
        result=RUNNING,
        waited_s=1.0,
        limit_s=limit_s,
    )


def unreachable(scene: Scene) -> Iterator[Event]:
    """Hosts that cannot be reached, ignored and not, and in a loop."""
    refused = {**NO, "msg": REFUSED}
    yield from scene.start()
    yield scene.play("lost hosts", "bad", "h1")
    yield from scene.task("ignored", "ping", 5)
    yield scene.lost("bad", refused, ignored=True)
    yield scene.ok("h1")
    yield from scene.task("lost", "ping", 8)
    yield scene.lost("bad", refused)
    yield scene.ok("h1")
    yield from scene.task("lost on the way", "ping", 10)
    item = {"ansible_loop_var": "item", "item": "a", **refused, "unreachable": True}
    yield scene.item("h1", "a", item, Status.UNREACHABLE, delegated_to="bad")
    items = [{**item, "exception": "(traceback unavailable)"}]
    total = {**NO, "msg": "All items completed", "results": items}
    yield scene.lost("h1", total, items=1, delegated_to="bad")
    yield scene.end(bad="1 0 1 0 0 0 1", h1="2 0 1 0 0 0 0")


def diffs(scene: Scene) -> Iterator[Event]:
    """Every form of a difference."""
    folder = scene.folder / "t"
    yield from scene.start()
    yield scene.play("differences", "h1")
    yield from scene.task("edit", "copy", 6)
    yield _edited(scene, "f", "a\nb\nc\nd\ne\nf\ng\n", "a\nb\nX\nd\ne\nf\ng\nnew\n")
    yield from scene.task("end of line", "copy", 8)
    yield _edited(scene, "nonl", "x", "x\n")
    yield from scene.task("mode", "file", 10)
    sides = ({"mode": mode, "path": str(folder / "f")} for mode in ("0644", "0600"))
    yield _changed(scene, dict(zip(("before", "after"), sides, strict=True)))
    yield from scene.task("new files", "copy", 12)
    new = {"before": "", "after": "1", "after_header": str(folder / "l1")}
    yield scene.item("h1", 1, {"changed": True, "diff": [new]}, diff=True)
    yield scene.ok("h1", {"changed": True, "results": []}, items=1)
    yield from scene.task("binary", "copy", 15)
    yield _changed(scene, [{"src_binary": 1}])
    yield from scene.task("nothing", "copy", 17)
    yield scene.ok("h1", {**NO, "diff": {"before": "a\n", "after": "b\n"}}, diff=True)
    yield scene.end(h1="6 5 0 0 0 0 0")


def _edited(scene: Scene, name: str, before: str, after: str) -> Event:
    header = str(scene.folder / "t" / name)
    headers = {"before_header": header, "after_header": header}
    return _changed(scene, [{"before": before, "after": after, **headers}])


def _changed(scene: Scene, diff: object) -> Event:
    return scene.ok("h1", {"changed": True, "diff": diff}, diff=True)


def verbose(scene: Scene) -> Iterator[Event]:
    """Results as `-v` and `-vvv` show them."""
    pong = {**NO, "ping": "pong", "invocation": {"module_args": {"data": "pong"}}}
    item = {"ansible_loop_var": "item"}
    yield from scene.start()
    yield scene.play("verbose", "h1")
    yield from scene.task("facts", "set_fact", 5)
    yield scene.ok("h1", {**NO, "ansible_facts": {"a": {"b": "x\ny", "c": "ü"}}})
    yield from scene.task("module", "ping", 7)
    yield scene.ok("h1", {**pong, "failed": False})
    yield from scene.task("skipped", "ping", 9)
    yield scene.skipped("h1", {**WHEN_FALSE, "false_condition": "1 == 2"})
    yield from scene.task("items", "ping", 12)
    yield scene.item("h1", "a", {**pong, **item, "item": "a"})
    unmet = {**WHEN_FALSE, **item, "item": "b", "false_condition": "item == 'a'"}
    yield scene.item("h1", "b", unmet, Status.SKIPPED)
    yield scene.ok("h1", {**NO, "results": [pong]}, items=2)
    yield from scene.task("no items", "ping", 16)
    nothing = {**NO, "skipped": True, "results": [], "skipped_reason": "No items in the list"}
    yield scene.skipped("h1", nothing, items=0)
    yield from scene.task("secret", "ping", 19, no_log=True)
    yield scene.ok("h1", {**NO, "censored": CENSORED})
    yield from scene.task("retried", "ping", 22)
    yield scene.retry("h1", 1, 1, result=pong)
    yield scene.failed("h1", {**pong, "attempts": 1, "msg": NEVER_TRUE}, ignored=True)
    yield scene.end(h1="5 0 0 0 2 0 1")


SCENES: Mapping[str, Callable[[Scene], Iterator[Event]]] = {
    made.__name__: made for made in (results, flow, waiting, unreachable, diffs, verbose)
}


def events_of(case: str, *, check_mode: bool = False) -> Iterator[Event]:
    """Yield the events of a recorded case."""
    return SCENES[case](Scene(case, check_mode=check_mode))


def folder_of(case: str) -> Path:
    """Return the directory that `{dir}` stands for in a case's recordings."""
    return CASES / case
