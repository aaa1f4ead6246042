"""The live line: who waits for what, never wider than the terminal, never between the lines."""

from __future__ import annotations

import io
import re

from tests.report.scenes import Scene
from understudy.events import Event, JobEnded, JobStarted, RunEnded, Stamp
from understudy.report.live import LiveLine

ERASE = "\r\033[2K"


class Screen:
    """A terminal that remembers what was written, and a run on it."""

    def __init__(self, width: int = 80) -> None:
        self.out = io.StringIO()
        self.live = LiveLine(self.out, lambda: width)
        self.scene = Scene("waiting")

    def happen(self, t_s: float, *events: Event) -> None:
        """Let events happen."""
        for number, event in enumerate(events):
            self.live(Stamp(number, t_s, 0.0), event)

    def line(self, t_s: float) -> str:
        """Return the line as it is at a time."""
        self.live.tick(t_s)
        last = self.out.getvalue().rpartition(ERASE)[2]
        return re.sub(r"\033\[\d*m", "", last)

    def job(self, host: str, job_id: str, limit_s: int = 60, poll_s: int = 5) -> Event:
        """Start a job of the current task."""
        ref = self.scene.task_ref
        return JobStarted(task=ref, host=host, job_id=job_id, limit_s=limit_s, poll_s=poll_s)


def test_it_names_the_job_a_host_waits_for_and_how_long() -> None:
    """The seconds go on between events."""
    screen = Screen()
    screen.happen(0.0, *screen.scene.task("wait", "command", 5, 5, "playbook.yml", "h1", "h2"))
    screen.happen(1.0, screen.job("h1", "j1.1"))
    assert screen.line(4.2) == "h1: job j1.1 3 s of 60 s · 1 at work"
    assert screen.line(9.0) == "h1: job j1.1 8 s of 60 s · 1 at work"


def test_a_job_that_nobody_waits_for_is_not_named() -> None:
    """`poll: 0` goes on by itself."""
    screen = Screen()
    screen.happen(1.0, screen.job("h1", "j1.1", poll_s=0))
    assert screen.line(2.0) == ""


def test_a_retry_is_named_with_its_attempt() -> None:
    """How many attempts of how many, and how long it may take."""
    screen = Screen()
    [*_] = screen.scene.task("look", "async_status", 24)
    screen.happen(12.0, screen.scene.retry("h1", 2, 30, delay_s=5.0, waited_s=10.0))
    assert screen.line(13.0) == "h1: look, attempt 3 of 31 11 s of 150 s"


def test_what_ended_leaves_the_line() -> None:
    """A job's end, a host's end, the run's end."""
    screen = Screen()
    screen.happen(0.0, *screen.scene.task("wait", "command", 5, 5, "playbook.yml", "h1"))
    screen.happen(0.0, screen.job("h1", "j1.1"))
    ref = screen.scene.task_ref
    screen.happen(1.0, JobEnded(task=ref, host="h1", job_id="j1.1", failed=False))
    assert screen.line(1.0) == "1 at work"
    screen.happen(2.0, screen.scene.ok("h1"))
    assert screen.line(2.0) == ""
    screen.happen(3.0, screen.job("h1", "j1.2"))
    assert screen.line(3.0) != ""
    screen.happen(3.0, RunEnded(recap={}, exit_code=0, reason="", elapsed_s=3.0))
    assert screen.line(3.0) == ""


def test_it_is_never_wider_than_the_terminal() -> None:
    """What does not fit is counted."""
    screen = Screen(width=60)
    for number in range(200):
        screen.happen(0.0, screen.job(f"host{number:03}", f"j{number}.1"))
    line = screen.line(1.0)
    assert len(line) < 60
    assert line.endswith("199 more waiting")


def test_output_goes_above_it() -> None:
    """The line is erased before anything is written, and drawn again at the next tick."""
    screen = Screen()
    stream = screen.live.stream(screen.out)
    screen.happen(0.0, screen.job("h1", "j1.1"))
    screen.line(1.0)
    stream.write("ok: [h2]\n")
    stream.flush()
    assert screen.out.getvalue().endswith(f"{ERASE}ok: [h2]\n")
    assert screen.line(1.0) == "h1: job j1.1 1 s of 60 s"


def test_it_is_written_only_when_it_changes() -> None:
    """Ticks cost nothing while nothing changes."""
    screen = Screen()
    screen.happen(0.0, screen.job("h1", "j1.1"))
    screen.line(1.0)
    before = screen.out.getvalue()
    screen.line(1.2)
    assert screen.out.getvalue() == before
