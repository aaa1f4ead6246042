"""Lines out of pieces of a stream, and what the console makes of them."""

import io
from pathlib import Path

from tests.execution.fleet import Machine, Played, play
from understudy.events import Output, Stamp
from understudy.execution.streaming import Lines
from understudy.report.console import Console
from understudy.report.settings import ConsoleSettings


class Talking(Machine):
    """A host whose commands write what they are, in two pieces."""

    async def answer(self, call):
        """Write, then answer."""
        if call.on_output is not None:
            call.on_output("stdout", b"first\nsec")
            call.on_output("stdout", b"ond\nsecret word")
            call.on_output("stderr", b"oh\n")
        return await super().answer(call)


def lines(*pieces: tuple[str, bytes]) -> list[tuple[str, str]]:
    """Return the lines of some pieces."""
    told: list[tuple[str, str]] = []
    made = Lines(lambda stream, line: told.append((stream, line)))
    for stream, data in pieces:
        made.add(stream, data)
    made.finish()
    return told


def streamed(folder: Path, task: str, **settings: object) -> Played:
    """Play one task on a host that talks."""
    return play(folder, task, machines={"web1": Talking("web1")}, stream=True, **settings)


def test_lines_are_whole_whatever_the_pieces():
    """Also where a character is cut in two."""
    euro = "€".encode()
    given = [("stdout", b"a\nb"), ("stdout", b"c\r\n" + euro[:1]), ("stdout", euro[1:] + b"\n")]
    assert lines(*given) == [("stdout", "a"), ("stdout", "bc"), ("stdout", "€")]


def test_streams_are_kept_apart_and_the_last_line_needs_no_end():
    """What is unfinished is told at the end."""
    given = [("stdout", b"out"), ("stderr", b"err\n"), ("stdout", b"put")]
    assert lines(*given) == [("stderr", "err"), ("stdout", "output")]


def test_a_line_without_end_is_broken():
    """Memory is bounded."""
    told = lines(("stdout", b"x" * 10_000))
    assert [len(line) for _, line in told] == [10_000]
    told = lines(*[("stdout", b"x" * 1000)] * 10)
    assert [len(line) for _, line in told] == [5000, 5000]


def test_what_was_left_out_is_told_with_its_size():
    """As a line of the errors."""
    assert lines(("lost", b"120")) == [("stderr", "... 120 bytes are not shown")]


def test_a_run_tells_lines_as_events(tmp_path: Path):
    """With host and stream, secrets masked, and nothing without `--stream`."""
    task = "    - {command: echo, no_log: false}\n"
    events = streamed(tmp_path, task).all(Output)
    assert [(event.stream, event.text) for event in events] == [
        ("stdout", "first"),
        ("stdout", "second"),
        ("stderr", "oh"),
        ("stdout", "secret word"),
    ]
    assert play(tmp_path, task, machines={"web1": Talking("web1")}).all(Output) == []


def test_a_task_with_no_log_is_not_asked(tmp_path: Path):
    """What it writes never leaves the target."""
    assert streamed(tmp_path, "    - {command: echo, no_log: true}\n").all(Output) == []


def test_the_console_shows_lines_once(tmp_path: Path):
    """Each with its host; the result leaves out what was shown, and names the task before."""
    played = streamed(tmp_path, "    - {name: fail, command: 'false'}\n")
    out = io.StringIO()
    console = Console(ConsoleSettings(), out, out)
    for stamp, event in played.events:
        console(Stamp(*stamp), event)
    console.flush()
    text = out.getvalue()
    assert text.index("TASK [fail]") < text.index("web1 | first\n") < text.index("fatal: [web1]")
    assert "web1 ! oh\n" in text
    fatal = next(line for line in text.splitlines() if line.startswith("fatal:"))
    assert "stdout" not in fatal
    assert '"rc": 1' in fatal
