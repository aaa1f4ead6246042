"""`command`, `shell` and `raw`: results have the keys, types and words of Ansible's."""

import re

import pytest

from understudy.connections.base import ModuleCall

RAN = {"changed", "cmd", "delta", "end", "msg", "rc", "start", "stderr", "stdout"}
NOT_RUN = {"start": None, "end": None, "delta": None, "stderr": ""}


def command(host, line=None, *, check=False, **args):
    given = {"cmd": line, **args} if line is not None else args
    return host.run("command", given, check=check)


def shell(host, line, **args):
    return host.run("command", {"cmd": line, "_uses_shell": True, **args})


def raw(host, line, *, check=False):
    return host.ask(ModuleCall(module="raw", args={"_raw_params": line}, check_mode=check))


def test_a_command_that_ran_tells_everything_about_it(host):
    """The words, both outputs without empty lines at the end, the return code, and three times."""
    result = command(host, "sh -c 'echo out; echo; echo err >&2'")
    assert set(result) == RAN
    assert result["cmd"] == ["sh", "-c", "echo out; echo; echo err >&2"]
    assert (result["stdout"], result["stderr"], result["rc"]) == ("out", "err", 0)
    assert (result["msg"], result["changed"]) == ("", True)
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"
    assert re.fullmatch(moment, result["start"])
    assert re.fullmatch(moment, result["end"])
    assert re.fullmatch(r"0:00:0\d\.\d{6}", result["delta"])


def test_a_return_code_other_than_zero_is_a_failure(host):
    """The task has changed something all the same."""
    result = command(host, "sh -c 'exit 5'")
    assert set(result) == RAN | {"failed"}
    failed = result["failed"], result["changed"], result["msg"], result["rc"]
    assert failed == (True, True, "non-zero return code", 5)


def test_a_shell_command_is_one_text(host):
    """`shell` has pipes, variables and a choice of shell; `cmd` is the text as written."""
    result = shell(host, "echo a | tr a b; echo $0", executable="/bin/bash")
    assert result["cmd"] == "echo a | tr a b; echo $0"
    assert result["stdout"] == "b\n/bin/bash"


def test_a_list_for_a_shell_is_quoted(host):
    """`argv` words are words, also on their way through a shell."""
    result = host.run("command", {"argv": ["echo", "a b", "$HOME", 3], "_uses_shell": True})
    assert (result["stdout"], result["cmd"]) == ("a b $HOME 3", ["echo", "a b", "$HOME", "3"])


def test_words_are_split_as_by_a_shell_and_not_interpreted(host):
    """No pipes and no patterns; an argument that is no text becomes one."""
    assert command(host, "echo 'a  b' *.yml | cat")["stdout"] == "a  b *.yml | cat"
    assert command(host, argv=["echo", "a b", 5])["stdout"] == "a b 5"


def test_variables_and_homes_in_arguments_are_expanded_unless_told_not_to(host):
    """Each word by itself, after the splitting; what is not set stays as it is written."""
    line = "echo $HOME ~/x '$NOT_SET_ANYWHERE'"
    home = shell(host, "echo ~")["stdout"]
    result = command(host, line)
    assert result["stdout"] == f"{home} {home}/x $NOT_SET_ANYWHERE"
    assert result["cmd"] == ["echo", "$HOME", "~/x", "$NOT_SET_ANYWHERE"]
    plain = command(host, line, expand_argument_vars=False)
    assert plain["stdout"] == "$HOME ~/x $NOT_SET_ANYWHERE"


@pytest.mark.parametrize(
    ("args", "got"),
    [
        ({"stdin": "a"}, "a\n"),
        ({"stdin": "a", "stdin_add_newline": False}, "a"),
        ({"stdin": ""}, "\n"),
        ({}, ""),
    ],
)
def test_stdin_is_given_with_a_line_break(host, args, got):
    """`stdin_add_newline` and `strip_empty_ends` are on unless said otherwise."""
    assert command(host, "cat", strip_empty_ends=False, **args)["stdout"] == got


def test_only_line_breaks_are_cut_off_the_ends(host):
    """Spaces, and empty lines at the beginning, stay."""
    assert command(host, r"printf '\n a \r\n\n'")["stdout"] == "\n a "


def test_chdir_is_where_the_command_runs(host, tmp_path):
    """Relative paths of `creates` count from there, and `~` and variables are known."""
    (tmp_path / "made").touch()
    assert command(host, "pwd", chdir=str(tmp_path))["stdout"] == str(tmp_path)
    assert command(host, "pwd", chdir="$HOME/..")["rc"] == 0
    assert command(host, "pwd", chdir=str(tmp_path), creates="made")["changed"] is False


@pytest.mark.parametrize("directory", ["/no/such/folder", "/etc/passwd"])
def test_a_chdir_that_is_no_directory_is_a_failure(host, directory):
    """Every key is there, with nothing in it."""
    result = command(host, "pwd", chdir=directory)
    assert result == {
        "failed": True,
        "changed": False,
        "cmd": ["pwd"],
        "msg": "Unable to change directory before execution.",
        "rc": None,
        "stdout": "",
        **NOT_RUN,
    }


@pytest.mark.parametrize(
    ("args", "fact"),
    [({"creates": "/et*"}, "exists"), ({"removes": "/no/such"}, "does not exist")],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_is_done_already_is_not_run(host, args, fact, check):
    """`creates` and `removes` may be patterns; the words differ by one in check mode."""
    (path,) = args.values()
    result = command(host, "false", check=check, **args)
    did = "Would not" if check else "Did not"
    assert result == {
        "changed": False,
        "cmd": ["false"],
        "msg": f"{did} run command since '{path}' {fact}",
        "rc": 0,
        "stdout": f"skipped, since {path} {fact}",
        **NOT_RUN,
    }


def test_check_mode_runs_nothing(host, tmp_path):
    """S33: the result is skipped and still has a return code."""
    result = command(host, f"touch {tmp_path}/made", check=True)
    assert result == {
        "changed": False,
        "skipped": True,
        "cmd": ["touch", f"{tmp_path}/made"],
        "msg": "Command would have run if not in check mode",
        "rc": 0,
        "stdout": "",
        **NOT_RUN,
    }
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("args", [{"creates": "/no/such"}, {"removes": "/etc"}])
def test_check_mode_foretells_a_change_where_creates_or_removes_tell_of_one(host, args):
    """Then the result is changed and not skipped."""
    result = command(host, "false", check=True, **args)
    assert (result["changed"], result.get("skipped")) == (True, None)


@pytest.mark.parametrize(
    ("line", "shown", "code"),
    [
        ("/no/such/program 'a b'", "/no/such/program 'a b'", 2),
        ("/no/$NOT_SET", "'/no/$NOT_SET'", 2),
        ("/etc/passwd", "/etc/passwd", 13),
        ("''", "''", None),
        ("ls 'a\0b'", "ls 'a\0b'", 257),
    ],
)
def test_a_program_that_cannot_be_started_is_a_failure(host, line, shown, code):
    """`cmd` is then one quoted line, and the return code is the system's error."""
    result = command(host, line)
    assert result == {
        "failed": True,
        "changed": False,
        "cmd": shown,
        "msg": "Error executing command.",
        "rc": code or result["rc"],
        "stdout": "",
        "stderr": "",
    }


def test_a_shell_that_cannot_be_started_is_a_failure(host):
    """The line shows the shell too."""
    result = shell(host, "echo hi", executable="/no/shell")
    assert (result["cmd"], result["rc"]) == ("/no/shell -c 'echo hi'", 2)


@pytest.mark.parametrize("args", [{"cmd": ""}, {"cmd": " "}, {"cmd": "", "_uses_shell": True}])
def test_no_command_is_a_failure(host, args):
    """An empty line is no command; the message says so."""
    result = host.run("command", args)
    assert (result["failed"], result["msg"], result["rc"]) == (True, "no command given", 257)


def test_a_quote_that_is_not_closed_is_a_failure(host):
    """The splitting is the module's, and so is its complaint."""
    result = command(host, "echo 'unclosed")
    assert result["msg"] == "Task failed: Module failed: No closing quotation"


def test_executable_without_a_shell_is_warned_about(host):
    """The `command` module takes no other program than the one that is named first."""
    result = command(host, "echo a", executable="/bin/bash")
    assert result["stdout"] == "a"
    assert "no longer supported" in result["warnings"][0]


def test_ping_answers_and_crashes_when_told_to(host):
    """`data` comes back; `crash` is an exception as any module may raise."""
    assert host.run("ping", {}) == {"changed": False, "ping": "pong"}
    assert host.run("ping", {"data": "there"})["ping"] == "there"
    assert host.run("ping", {"data": "crash"})["msg"] == "Task failed: Module failed: boom"
