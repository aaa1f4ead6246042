"""The servers under test behave as those of real machines do."""

import asyncio
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncssh
import pytest

from tests.connections.agents import is_alive, until, written_pid
from tests.ssh.conftest import need
from tests.ssh.server import Sshd, addresses


def run(server: Sshd, command: str, **more) -> subprocess.CompletedProcess[str]:
    """Run a command with OpenSSH's client."""
    need(None if shutil.which("ssh") else "needs OpenSSH's client")
    words = server.client(command, options=more.pop("options", ()), host=more.pop("host", 0))
    return subprocess.run(words, capture_output=True, text=True, timeout=10, check=False, **more)


def connect(server: Sshd, **more):
    """Connect with asyncssh, checking the host key."""
    known = {"known_hosts": str(server.known_hosts), "config": None, "agent_path": None}
    user = {"username": server.user, "client_keys": [str(server.key_file)]}
    return asyncssh.connect(server.hosts[0], server.port, **{**known, **user, **more})


def test_addresses_are_on_the_loopback_device_and_none_comes_twice():
    """As many as wanted, beyond one octet too."""
    found = addresses(600)
    assert found[0] == "127.0.1.1"
    assert len(set(found)) == 600
    assert all(socket.inet_aton(address)[0] == 127 for address in found)


def test_a_command_runs_with_its_streams_and_status(ssh_server):
    """Input, output, errors and status are kept apart."""
    done = run(ssh_server, "cat; echo no >&2; exit 3", input="in\n")
    assert (done.stdout, done.stderr, done.returncode) == ("in\n", "no\n", 3)


def test_the_home_is_not_a_developers(ssh_server):
    """What a command leaves at home is gone with the server."""
    assert run(ssh_server, "echo $HOME").stdout.strip() == str(ssh_server.home)


@pytest.mark.parametrize("host", [0, 9])
def test_every_address_answers_with_a_known_key(ssh_server, host):
    """known_hosts holds a line for each."""
    assert run(ssh_server, "echo here", host=host).stdout == "here\n"


def test_one_server_stands_for_more_addresses_than_one_listens_on(start_server):
    """OpenSSH's listens on 16 at most."""
    server = start_server(hosts=20)
    assert run(server, "echo here", host=19).stdout == "here\n"


def test_a_client_without_the_key_is_refused(ssh_server, tmp_path):
    """Only the key of the fixture logs in."""
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
    other.chmod(0o600)
    words = [str(other) if w == str(ssh_server.key_file) else w for w in ssh_server.client("true")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 255
    assert "Permission denied" in done.stderr


def test_a_changed_host_key_is_noticed(start_server):
    """known_hosts keeps the key that was right before the restart."""
    server = start_server()
    assert run(server, "true").returncode == 0
    server.restart(new_host_key=True)
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in run(server, "true").stderr


def test_noise_comes_before_the_output_of_every_command(start_server):
    """As from a profile that prints."""
    server = start_server(noise="Welcome!\n")
    assert run(server, "echo x").stdout == "Welcome!\nx\n"


def test_the_login_shell_is_what_was_asked(start_server, tmp_path):
    """The command reaches it as one word after `-c`."""
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\nprintf "[%s]" "$@"\n')
    shell.chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    assert run(start_server(shell=str(shell)), "echo 'a b'").stdout == "[-c][echo 'a b']"


async def test_a_killed_process_is_told_by_its_signal(ssh_server):
    """A signal is no exit status."""
    async with connect(ssh_server) as connection:
        done = await connection.run("kill -KILL $$")
    assert done.exit_signal[0] == "KILL"


async def test_many_commands_share_a_connection(ssh_server):
    """Each has a channel of its own."""
    async with connect(ssh_server) as connection:
        runs = (connection.run(f"echo {number}", check=True) for number in range(20))
        done = await asyncio.gather(*runs)
    assert [result.stdout for result in done] == [f"{number}\n" for number in range(20)]


async def test_a_command_sees_the_end_of_its_input_when_the_connections_are_killed(start_server):
    """What reads goes on and ends; the server takes new connections."""
    server = start_server()
    note = server.home / "pid"
    async with connect(server) as connection:
        await connection.create_process(f"echo $$ > {note}; cat; echo ended >> {note}")
        await until(lambda: written_pid(note) > 0)
        pid = written_pid(note)
        server.kill_connections()
        await connection.wait_closed()
    await until(lambda: not is_alive(pid))
    assert note.read_text() == f"{pid}\nended\n"
    async with connect(server) as connection:
        assert (await connection.run("echo again")).stdout == "again\n"


async def test_a_command_outlives_a_killed_server(start_server):
    """Only its streams are gone: what does not use them goes on."""
    server = start_server()
    note = server.home / "pid"
    async with connect(server) as connection:
        await connection.create_process(f"echo $$ > {note}; exec sleep 20")
        await until(lambda: written_pid(note) > 0)
        server.restart()
        pid = written_pid(note)
        assert is_alive(pid)
        os.kill(pid, signal.SIGKILL)
        await connection.wait_closed()


async def test_a_paused_server_accepts_and_does_not_answer(start_server):
    """Old and new connections wait, and go on when it does."""
    server = start_server()
    async with connect(server) as connection:
        server.pause()
        slow = asyncio.create_task(connection.run("echo late"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(slow), 0.05)
        with socket.create_connection((server.hosts[0], server.port), timeout=0.05) as stranger:
            with pytest.raises(TimeoutError):
                stranger.recv(1)
            server.resume()
        assert (await slow).stdout == "late\n"


def test_a_killed_server_refuses_and_a_restarted_one_answers(start_server):
    """The port stays the same."""
    server = start_server()
    server.kill()
    assert "Connection refused" in run(server, "true").stderr
    server.start()
    assert run(server, "true").returncode == 0


async def test_a_connection_reaches_another_address_through_the_server(ssh_server):
    """A jump host forwards."""
    async with connect(ssh_server) as first, connect(ssh_server, tunnel=first) as second:
        assert (await second.run("echo there")).stdout == "there\n"


async def test_a_password_is_asked_for_and_checked(start_server, server_kind, request):
    """Keys do not help where a password is asked."""
    if server_kind == "openssh":
        request.getfixturevalue("test_users")
    server = start_server(password="open sesame")
    right = {"password": server.setup.password, "client_keys": None}
    async with connect(server, **right) as connection:
        assert (await connection.run("id -un")).exit_status == 0
    for wrong in ({"password": "closed", "client_keys": None}, {}):
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(server, **wrong)


def test_an_inventory_names_the_hosts_in_their_order(ssh_server):
    """Variables are given to every host."""
    first, second = ssh_server.inventory(["a", "b"], colour="red").splitlines()
    assert first.startswith('a ansible_host="127.0.1.1" ')
    assert second.startswith('b ansible_host="127.0.1.2" ')
    assert second.endswith(' colour="red"')


@pytest.mark.slow
@pytest.mark.sshd
@pytest.mark.root
@pytest.mark.parametrize(
    ("kind", "command", "said"),
    [
        ("plain", "echo $0", "sh\n"),
        ("fish", "echo $version | string sub -l 0; echo (id -un)", "\n{name}\n"),
        ("csh", "set x = `id -un`; echo $x", "{name}\n"),
        ("noisy", "echo x", "Welcome, stranger!\nx\n"),
        ("nopass", "sudo -n id -un; doas -n id -un", "root\nroot\n"),
        ("sudo", "sudo -n true || echo refused", "refused\n"),
        ("sudo", "echo {password} | sudo -S id -un", "root\n"),
    ],
)
def test_users_have_the_shells_and_rights_of_their_kind(
    start_sshd, test_users, kind, command, said
):
    """Each kind is a host that people have."""
    user = test_users.make(kind)
    server = start_sshd(user=user.name)
    done = run(server, command.replace("{password}", shlex.quote(user.password)))
    assert done.stdout == said.format(name=user.name), done.stderr


@pytest.mark.slow
@pytest.mark.root
def test_users_of_a_killed_run_are_removed_by_the_next(test_users):
    """A run knows its own by the id of its process."""
    killed = subprocess.Popen(["true"])
    killed.wait()
    name = f"usd-plain-{killed.pid}"
    subprocess.run(["useradd", "-m", name], check=True)
    mine = test_users.make("plain")
    test_users.clear_left_behind()
    known = [user.pw_name for user in pwd.getpwall()]
    assert name not in known
    assert mine.name in known


@pytest.mark.slow
@pytest.mark.sshd
def test_servers_of_a_killed_run_are_ended_by_the_next(start_sshd):
    """Its directory tells which run it was, and what its servers' processes are."""
    script = "from tests.ssh.openssh import *; OpenSshd(Setup()); print(flush=True); input()"
    killed = subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1)
    killed.stdout.readline()
    folder = next(Path(tempfile.gettempdir()).glob(f"understudy-sshd-{killed.pid}-*"))
    listener = written_pid(folder / "pid.0")
    killed.kill()
    killed.communicate()
    assert is_alive(listener)
    start_sshd()
    assert not is_alive(listener)
    assert not folder.exists()
