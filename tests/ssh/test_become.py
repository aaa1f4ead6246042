"""Other users behind a connection: sudo, su and doas, with their passwords and without."""

from pathlib import Path

import pytest

from tests.connections.agents import agent_pid, is_alive, result_of, shell, until
from tests.ssh.reach import become, connected
from tests.ssh.users import PASSWORD
from understudy.connections import become as becoming
from understudy.connections.base import BecomeFailed
from understudy.connections.local import LocalConnection

pytestmark = [pytest.mark.root, pytest.mark.sshd]


@pytest.fixture
def log_in(test_users, start_sshd):
    """Give a function that logs in as a kind of user."""

    def start(kind):
        user = test_users.make(kind)
        return connected(start_sshd(user=user.name))

    return start


async def who(below, **asked):
    """Return who one is after becoming another user."""
    async with become(below, **asked) as connection:
        return (await result_of(connection, shell("id -un")))["stdout"]


async def refusal(below, **asked):
    """Return why another user cannot be become."""
    with pytest.raises(BecomeFailed) as caught:
        await who(below, **asked)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("nopass", {"method": "sudo"}),
        ("nopass", {"method": "doas"}),
        ("nopass", {"method": "sudo", "flags": "-H -n"}),
        ("nopass", {"method": "sudo", "exe": "/usr/bin/sudo", "password": "not asked for"}),
        ("sudo", {"method": "sudo", "password": PASSWORD}),
        ("sudo", {"method": "doas", "password": PASSWORD}),
    ],
)
async def test_root_is_become(log_in, kind, asked):
    """With a password where one is asked for, and with options and a program of one's own."""
    async with log_in(kind) as below:
        assert await who(below, user="root", **asked) == "root"


async def test_su_asks_on_a_terminal(log_in, test_users):
    """For the password of the other user."""
    other = test_users.make("noisy").name
    async with log_in("plain") as below:
        assert await who(below, user=other, method="su", password=PASSWORD) == other


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sudo", "su", "doas"])
async def test_a_wrong_password_is_told(log_in, test_users, method):
    """At once, and without showing it."""
    user = test_users.make("noisy").name if method == "su" else "root"
    async with log_in("sudo") as below:
        why = await refusal(below, user=user, method=method, password="wr0ng words")
        assert f"cannot become `{user}` with {method}: Incorrect {method} password" in why
        assert "wr0ng" not in why
        assert (await result_of(below, shell("echo on")))["stdout"] == "on"


@pytest.mark.parametrize("method", ["sudo", "su", "doas"])
async def test_a_missing_password_is_asked_for_in_the_message(log_in, method):
    """With how to give one."""
    async with log_in("sudo") as below:
        why = await refusal(below, user="root", method=method)
        assert "-K" in why or "Authentication" in why or "required" in why


async def test_who_may_not_is_told_so(log_in):
    """Sudo's own words come along."""
    async with log_in("plain") as below:
        why = await refusal(below, user="root", method="sudo", password=PASSWORD)
        assert "sudo" in why
        assert PASSWORD not in why


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"user": "nobody-of-this-name"}, "nobody-of-this-name"),
        ({"user": "root", "exe": "/no/sudo"}, "/no/sudo: No such file or directory"),
        ({"user": "root", "flags": "--no-such-option"}, "option"),
    ],
)
async def test_what_cannot_work_says_why(log_in, asked, text):
    """A user, a program and options that are none."""
    async with log_in("nopass") as below:
        assert text in await refusal(below, **asked)


async def test_a_program_that_never_asks_is_given_up(log_in, tmp_path, monkeypatch):
    """After some seconds, with what it printed."""
    monkeypatch.setattr(becoming, "PATIENCE_S", 0.4)
    tmp_path.chmod(0o755)
    silent = Path("/tmp/understudy-test-silent")
    silent.write_text("#!/bin/sh\necho please wait >&2\nexec sleep 30\n")
    silent.chmod(0o755)
    try:
        async with log_in("plain") as below:
            why = await refusal(below, user="root", exe=str(silent))
    finally:
        silent.unlink()
    assert "no prompt and no success within 0.4 s; it printed: please wait" in why


async def test_files_reach_an_unprivileged_user_through_no_shared_place(log_in, test_users):
    """They are his own from the start, and nobody else can read them."""
    other = test_users.make("noisy").name
    async with log_in("plain") as below:
        async with become(below, user=other, method="su", password=PASSWORD) as connection:
            path = await connection.put(b"his secret")
            said = await result_of(connection, shell(f"stat -c '%U %a' {path}; cat {path}"))
        assert said["stdout"] == f"{other} 600\nhis secret"


async def test_no_password_is_on_a_command_line(log_in):
    """Whoever looks at the processes meanwhile."""
    async with log_in("sudo") as below, become(below, user="root", password=PASSWORD) as root:
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
        assert (await result_of(root, shell("id -u")))["stdout"] == "0"
    assert not any(PASSWORD.encode() in line for line in lines)


async def test_the_agent_of_another_user_leaves_with_the_connection(log_in):
    """And so does what it runs."""
    async with log_in("nopass") as below, become(below, user="root") as connection:
        agent = await agent_pid(connection)
        assert is_alive(agent)
    await until(lambda: not is_alive(agent))


async def test_a_user_may_be_become_on_this_machine(test_users):
    """From root no password is asked for."""
    below = LocalConnection(host="here")
    name = test_users.make("plain").name
    for method in ("sudo", "su"):
        assert await who(below, user=name, method=method) == name
    await below.close()
