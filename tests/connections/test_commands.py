"""One program, from its start to its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from understudy.connections import commands
from understudy.connections.commands import Call, Completed


def run_command(args, **more) -> Completed:
    """Run a program with these arguments of a Call."""
    return commands.run_command(Call(args, **more))


def test_a_list_is_run_as_it_is_and_a_text_by_a_shell():
    """Words of a list are not interpreted; a text may use all that the shell has."""
    assert run_command(["echo", "$HOME; echo x"]).stdout == "$HOME; echo x\n"
    assert run_command("printf a; printf b >&2; exit 3").rc == 3
    assert run_command("echo $0", executable="/bin/bash").stdout == "/bin/bash\n"


def test_streams_are_kept_apart():
    """Standard output and standard error do not mix."""
    done = run_command("printf out; printf err >&2")
    assert (done.stdout, done.stderr) == ("out", "err")


def test_without_stdin_a_program_reads_nothing():
    """A program that reads finds the end at once instead of waiting for ever."""
    assert run_command(["cat"]).stdout == ""


def test_stdin_larger_than_any_pipe_goes_through():
    """Input is written while output is read, so neither side can block the other."""
    text = b"0123456789" * 100_000
    assert run_command(["cat"], stdin=text).stdout == text.decode()


def test_a_program_that_does_not_read_its_stdin_is_not_an_error():
    """A closed pipe on the other side ends the writing, not the command."""
    assert run_command("exec <&-; exit 4", stdin=b"x" * 1_000_000).rc == 4


def test_output_that_is_no_utf8_keeps_its_bytes():
    """A byte that is no UTF-8 becomes the surrogate that stands for it."""
    assert run_command(["printf", r"a\377b\303\274"]).stdout == "a\udcffbü"


def test_arguments_and_environment_may_hold_any_character():
    """Text reaches a program as UTF-8, and a surrogate as the byte it stands for."""
    done = run_command('printf \'%s %s\' "$UMLAUT" "$0"', environment={"UMLAUT": "ü\udcff"})
    assert done.stdout == "ü\udcff /bin/sh"


def test_environment_adds_to_what_is_there():
    """Variables given for a command do not take the others away."""
    assert "PATH=" in run_command(["env"], environment={"ONE": "1"}).stdout


@pytest.mark.parametrize("words", [["/no/such/program"], ["/etc/passwd"], [""]])
def test_what_cannot_be_started_raises(words):
    """A missing program, and a file that is none, are the caller's to tell."""
    with pytest.raises(OSError, match=r"No such file|Permission denied"):
        run_command(words)


def test_a_signal_is_a_negative_return_code():
    """As in the standard library, and in Ansible's results."""
    assert run_command("kill -9 $$").rc == -9


def test_sigpipe_kills_as_everywhere():
    """Python ignores SIGPIPE; a command must not inherit that, or `yes | head` would complain."""
    done = run_command("yes | head -1; kill -PIPE $$")
    assert (done.stdout, done.stderr, done.rc) == ("y\n", "", -signal.SIGPIPE)


@pytest.mark.slow
def test_a_background_child_holds_the_command_for_the_grace_only(tmp_path):
    """S59: a child that keeps the output open costs about a second, and lives on."""
    started = time.monotonic()
    done = run_command(f"(sleep 3; touch {tmp_path}/late) & echo $!")
    assert 0.8 < time.monotonic() - started < 2
    os.kill(int(done.stdout), 0)


def test_a_program_that_closes_its_output_is_still_waited_for():
    """The end of the output is not the end of the command."""
    assert run_command("exec >&- 2>&-; sleep 0.1; exit 5").rc == 5


def test_output_beyond_the_limit_is_counted_and_let_go(monkeypatch):
    """What is kept is the beginning, without half a character; the rest is known by its size."""
    monkeypatch.setattr(commands, "OUTPUT_LIMIT", 101)
    done = run_command("for i in 1 2 3 4; do printf 'üüüüüüüüüüüüüüüüüüüüüüüüü'; done; echo x >&2")
    assert done.stdout == "ü" * 50
    assert done.cut == {"stdout": 99, "stderr": 0}


MEASURED = """\
import resource
from understudy.connections.commands import Call, run_command

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
done = run_command(Call("head -c 100000000 /dev/zero"))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(done.cut["stdout"] + len(done.stdout), grown)
"""


@pytest.mark.slow
def test_100_megabytes_do_not_fill_the_memory():
    """The peak grows by what is kept, not by what is written."""
    told = subprocess.check_output([sys.executable, "-c", MEASURED], text=True)
    whole, grown_kib = map(int, told.split())
    assert whole == 100_000_000
    assert grown_kib < 90_000


def test_signal_handlers_are_put_back():
    """Running a command leaves no trace in its process."""
    before = signal.getsignal(signal.SIGCHLD), signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before[1])
    run_command(["true"])
    assert signal.getsignal(signal.SIGCHLD) == before[0]
    assert signal.set_wakeup_fd(before[1]) == before[1]


def test_descriptors_do_not_leak():
    """Whatever happened, a command leaves no open descriptor."""
    before = sorted(Path("/proc/self/fd").iterdir())
    run_command("sleep 0.01; exit 3", stdin=b"x")
    with pytest.raises(OSError, match="No such file"):
        run_command(["/no/such/program"], stdin=b"x")
    assert sorted(Path("/proc/self/fd").iterdir()) == before
