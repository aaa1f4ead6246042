"""`user` with its options, in a sandbox; what a parity case does not show."""

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.root, pytest.mark.slow]

HASH = "$6$abcdefgh$" + "a" * 86
NOT_HASHED = (
    "The input password appears not to have been hashed. The 'password' argument must be encrypted"
    " for this module to work properly."
)


def test_a_password_and_its_lock(inside: Host, sandbox: Sandbox) -> None:
    """The lock comes and goes with the same password; an unlocked one is locked."""
    account = {"name": "mate", "password": HASH, "create_home": False}

    def stored() -> str:
        return sandbox.run(["grep", "^mate:", "/etc/shadow"]).split(":")[1]

    for lock, text in ((True, "!" + HASH), (False, HASH), (True, "!" + HASH)):
        args = account | {"password_lock": lock}
        assert inside.run("user", args, check=True)["changed"]
        assert inside.run("user", args)["changed"]
        assert stored() == text
        assert inside.run("user", args)["changed"] is False
    assert inside.run("user", account)["changed"] is False
    assert stored() == "!" + HASH
    told = inside.run("user", account | {"shell": "~/own", "password": "x"})
    assert (told["shell"], told["warnings"]) == ("/root/own", [NOT_HASHED])


@pytest.mark.parametrize(
    ("password", "warns"),
    [
        (HASH, False),
        ("$6$rounds=656000$abc$" + "a" * 86, False),
        ("$5$abc$" + "a" * 43, False),
        ("$1$abc$" + "a" * 22, False),
        ("$2b$12$" + "a" * 53, False),
        ("$y$j9T$abc$" + "a" * 43, False),
        ("*", False),
        ("!", False),
        ("", False),
        ("*" * 13, False),
        ("plain", True),
        ("!!", True),
        ("!" + HASH, True),
        (HASH[:-1], True),
        (HASH[:-1] + "+", True),
    ],
)
def test_a_password_that_is_not_hashed(here: Host, password: str, *, warns: bool) -> None:
    """A warning tells it, and the password is not in it."""
    result = here.run("user", {"name": "root", "password": password}, check=True)
    assert result.get("warnings", []) == [NOT_HASHED] * warns


def test_a_key_that_is_there_stays(inside: Host) -> None:
    """A warning tells it: nothing of what is asked of the key was looked at."""
    args = {"name": "mate", "generate_ssh_key": True, "ssh_key_type": "ed25519"}
    first, second = (inside.run("user", args) for _ in range(2))
    assert (first["changed"], "warnings" in first) == (True, False)
    assert (second["changed"], second["ssh_public_key"]) == (False, first["ssh_public_key"])
    assert second["warnings"][0].startswith(
        'Found existing ssh key private file "/home/mate/.ssh/id_ed25519"'
    )


def test_an_account_without_a_shadow(inside: Host, sandbox: Sandbox) -> None:
    """It gets a line there when it shall expire, once."""
    sandbox.run(["sh", "-c", "echo mate::575:575::/:/bin/sh >>/etc/passwd"])
    args = {"name": "mate", "expires": -1}
    assert [inside.run("user", args)["changed"] for _ in range(2)] == [True, False]
    assert "mate:" in sandbox.run(["cat", "/etc/shadow"])


def test_what_cannot_be_done_is_told(inside: Host, sandbox: Sandbox) -> None:
    """A locked file, a program that is not there, groups that are not named."""
    told = inside.run("user", {"name": "nobody", "append": True}, check=True)
    assert told["warnings"][0].startswith("'append' is set, but no 'groups' are specified.")
    sandbox.run(["rm", "/usr/sbin/usermod", "/usr/sbin/groupadd"])
    missing = 'Failed to find required executable "%s" in paths: '
    failed = inside.run("user", {"name": "nobody", "shell": "/bin/dash"})
    assert failed["msg"].startswith(missing % "usermod")
    failed = inside.run("group", {"name": "crew"})
    assert failed["msg"].startswith(missing % "groupadd")


def test_a_password_is_not_among_the_arguments(inside: Host, sandbox: Sandbox) -> None:
    """Everybody sees the arguments of a process; the hash is for root alone."""
    for name in ("useradd", "usermod"):
        real = sandbox.run(["sh", "-c", f"command -v {name}"]).strip()
        sandbox.run(["mv", real, f"{real}.real"])
        sandbox.program(real, f'#!/bin/sh\necho "$@" >> /seen\nexec {real}.real "$@"\n')
    account = {"name": "mate", "create_home": False}
    for password in (HASH, "*", "", HASH.replace("a", "b")):
        told = inside.run("user", account | {"password": password})
        assert told["changed"], told
        assert sandbox.run(["grep", "^mate:", "/etc/shadow"]).split(":")[1] == password
        assert inside.run("user", account | {"password": password})["changed"] is (not password)
    assert "mate" in (seen := sandbox.run(["cat", "/seen"]))
    assert "-p" not in seen
    told = inside.run("user", account | {"password": "a:b"})
    assert told["failed"]


def test_a_key_goes_through_no_link(inside: Host, sandbox: Sandbox) -> None:
    """Who owns a home may lead its `.ssh` elsewhere, but not have root write there."""
    account = {"name": "mate", "home": "/home/mate"}
    assert inside.run("user", account)["changed"]
    sandbox.run(["sh", "-c", "mkdir /victim && ln -s /victim /home/mate/.ssh"])
    told = inside.run("user", account | {"generate_ssh_key": True, "ssh_key_type": "ed25519"})
    assert told["failed"]
    assert "a link to a directory of somebody else" in told["msg"]
    assert sandbox.run(["ls", "/victim"]) == ""
    sandbox.run(["chown", "mate", "/victim"])
    told = inside.run("user", account | {"generate_ssh_key": True, "ssh_key_type": "ed25519"})
    assert told["ssh_public_key"].startswith("ssh-ed25519 ")
    shown = sandbox.run(["stat", "-c", "%U %a", "/victim/id_ed25519", "/victim/id_ed25519.pub"])
    assert shown == "mate 600\nmate 644\n"
