"""Who is let in and who is not, and what the message says."""

import socket
import subprocess
from dataclasses import replace

import pytest

from tests.connections.agents import result_of, shell, until
from tests.ssh.embedded import EmbeddedSshd
from tests.ssh.reach import address_of, connected, connection_to
from tests.ssh.server import Setup, free_port, write_key
from understudy.connections import host_keys
from understudy.connections.base import Unreachable


@pytest.fixture(autouse=True)
def no_memory():
    """Forget what was read of known_hosts by tests before."""
    host_keys.known_hosts.cache_clear()


async def refusal(server, **more):
    """Return why a connection cannot be opened."""
    with pytest.raises(Unreachable) as caught:
        await connection_to(server, **more).open()
    assert caught.value.host == "web1"
    return caught.value.why


async def test_a_key_that_is_not_let_in(ssh_server, tmp_path):
    """The user, the server and the key are named."""
    write_key(tmp_path / "other")
    why = await refusal(ssh_server, key_file=str(tmp_path / "other"))
    assert f"does not let in user `{ssh_server.user}`" in why
    assert str(tmp_path / "other") in why


async def test_a_key_that_is_not_there(ssh_server):
    """It is a matter of the controller."""
    assert "/no/key" in await refusal(ssh_server, key_file="/no/key")


async def test_a_key_that_is_none(ssh_server, tmp_path):
    """Some other file."""
    (tmp_path / "key").write_text("hello")
    assert "how to reach" in await refusal(ssh_server, key_file=str(tmp_path / "key"))


async def test_an_encrypted_key_asks_for_the_agent(ssh_server, tmp_path):
    """A passphrase is nothing that a run asks for."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", "-f", tmp_path / "key"]
    subprocess.run(words, check=True)
    assert "ssh-agent" in await refusal(ssh_server, key_file=str(tmp_path / "key"))


async def test_an_unknown_host_name(ssh_server):
    """The name is told."""
    connection = connection_to(ssh_server)
    connection.address = replace(connection.address, host="no.such.host.invalid")
    with pytest.raises(Unreachable, match=r"there is no host `no\.such\.host\.invalid`"):
        await connection.open()


async def test_a_refused_port(ssh_server):
    """Nobody listens there."""
    port = free_port()
    why = await refusal(ssh_server, port=port)
    assert f"cannot connect to {ssh_server.hosts[0]} port {port}" in why


async def test_an_unknown_key_is_refused_with_the_command_to_add_it(ssh_server, tmp_path):
    """And that command makes it known."""
    known = tmp_path / "known_hosts"
    arguments = ("-o", f"UserKnownHostsFile={known}")
    why = await refusal(ssh_server, arguments=arguments)
    assert f"the host key of {ssh_server.hosts[0]} is not known: ED25519 SHA256:" in why
    subprocess.run(["sh", "-c", why.partition("add it with: ")[2]], check=True)
    host_keys.known_hosts.cache_clear()
    async with connected(ssh_server, arguments=arguments) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


async def test_a_changed_key_is_always_refused(start_server):
    """Both fingerprints are told, and how to forget the old one; also where new ones are let in."""
    server = start_server()
    server.restart(new_host_key=True)
    accepting = (*address_of(server).arguments, "-o", "StrictHostKeyChecking=accept-new")
    for arguments in (address_of(server).arguments, accepting):
        why = await refusal(server, arguments=arguments)
        assert "has CHANGED" in why
        assert why.count("ED25519 SHA256:") == 2
        assert f"ssh-keygen -R '[{server.hosts[0]}]:{server.port}'" in why


@pytest.mark.parametrize(
    "more",
    [{"check_host_key": False}, {"arguments": ("-o", "StrictHostKeyChecking=no")}],
)
async def test_a_key_need_not_be_known_where_that_is_said(ssh_server, more):
    """By the setting, or by an option of ssh."""
    async with connected(ssh_server, **more) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


async def test_new_keys_may_be_taken_on_trust(ssh_server, tmp_path):
    """`accept-new` notes them."""
    known = tmp_path / "known_hosts"
    options = (f"UserKnownHostsFile={known}", "StrictHostKeyChecking=accept-new")
    arguments = tuple(word for option in options for word in ("-o", option))
    async with connected(ssh_server, arguments=arguments):
        assert known.read_text() == f"{ssh_server.host_key_lines()[0]}\n"


async def test_a_password_lets_in(start_server):
    """Where keys do not."""
    server = start_server(password="a test's password")
    more = {"key_file": None, "password": server.setup.password}
    async with connected(server, **more) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


async def test_a_wrong_password_is_told_and_never_shown(start_server):
    """Neither in the message nor in what stands for the address."""
    server = start_server(password="a test's password")
    more = {"key_file": None, "password": "something else"}
    why = await refusal(server, **more)
    assert "shown were keys and a password" in why
    assert "something else" not in why + repr(address_of(server, **more))


async def test_a_configuration_of_ssh_is_read(ssh_server, tmp_path):
    """An alias, its host, port, user and key."""
    config = tmp_path / "config"
    config.write_text(
        f"Host alias\n  HostName {ssh_server.hosts[0]}\n  Port {ssh_server.port}\n"
        f"  User {ssh_server.user}\n  IdentityFile {ssh_server.key_file}\n"
        f"  UserKnownHostsFile {ssh_server.known_hosts}\n"
    )
    unsaid = {"host": "alias", "port": None, "user": None, "key_file": None}
    arguments = ("-F", str(config))
    connection = connection_to(ssh_server)
    connection.address = replace(connection.address, arguments=arguments, **unsaid)
    await connection.open()
    assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"
    await connection.close()


async def test_a_jump_host_on_the_way(ssh_server, tmp_path):
    """`-J` in the arguments, with the jump's own entry in ssh_config."""
    config = tmp_path / "config"
    config.write_text(
        f"Host *\n  IdentityFile {ssh_server.key_file}\n  User {ssh_server.user}\n"
        f"  UserKnownHostsFile {ssh_server.known_hosts}\n"
    )
    jump = f"{ssh_server.user}@{ssh_server.hosts[1]}:{ssh_server.port}"
    arguments = ("-F", str(config), "-J", jump)
    async with connected(ssh_server, arguments=arguments) as connection:
        result = await result_of(connection, shell("echo $SSH_CONNECTION; echo hi"))
    assert result["stdout"].endswith("hi")


async def test_a_proxy_command_on_the_way(ssh_server):
    """Run by a shell, with the names that ssh gives it."""
    relay = (
        "import socket,sys,threading as t,os\n"
        "s=socket.create_connection((sys.argv[1],int(sys.argv[2])))\n"
        "def up():\n"
        " while True:\n"
        "  d=os.read(0,65536)\n"
        "  if not d: os._exit(0)\n"
        "  s.sendall(d)\n"
        "t.Thread(target=up,daemon=True).start()\n"
        "while True:\n"
        " d=s.recv(65536)\n"
        " if not d: break\n"
        " os.write(1,d)\n"
    )
    script = ssh_server.folder / "relay.py"
    script.write_text(relay)
    proxy = f"ProxyCommand=python3 {script} %h %p 2>/dev/null"
    arguments = (*address_of(ssh_server).arguments, "-o", proxy)
    async with connected(ssh_server, arguments=arguments) as connection:
        assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"


@pytest.mark.parametrize("words", [("--nonsense",), ("somewhere",)])
async def test_words_that_are_no_options_of_ssh(ssh_server, words):
    """What OpenSSH would not take is told, with the host."""
    assert "ssh" in await refusal(ssh_server, arguments=words)


async def test_keys_of_an_ssh_agent_are_shown(ssh_server, tmp_path, monkeypatch):
    """The one that runs, by its socket."""
    path = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        await until((tmp_path / "agent").exists)
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        subprocess.run(["ssh-add", "-q", ssh_server.key_file], check=True)
        async with connected(ssh_server, key_file=None) as connection:
            assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"
    finally:
        agent.kill()
        agent.wait()


async def test_an_address_may_be_of_ipv6():
    """Written without brackets, as a variable has it."""
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    server = EmbeddedSshd(Setup(), ["::1"])
    try:
        async with connected(server) as connection:
            assert (await result_of(connection, shell("echo hi")))["stdout"] == "hi"
    finally:
        server.stop()
