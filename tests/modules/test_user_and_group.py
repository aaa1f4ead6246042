"""`group` and `user` bring accounts of the machine to what is asked for, with its own programs."""

import grp
import pwd
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modules.runner import Host

pytestmark = [pytest.mark.root, pytest.mark.slow]

NAME = "understudy-t"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Leave no account behind."""
    yield
    subprocess.run(["userdel", "-rf", NAME], check=False, capture_output=True)
    for name in (NAME, f"{NAME}2"):
        subprocess.run(["groupdel", name], check=False, capture_output=True)


def test_a_group_is_made_changed_and_removed(host: Host) -> None:
    """Each step is a change once, and none the second time."""
    first = host.run("group", {"name": NAME, "gid": 61001})
    again = host.run("group", {"name": NAME, "gid": 61001})
    assert (first["changed"], again["changed"]) == (True, False)
    assert first["gid"] == grp.getgrnam(NAME).gr_gid == 61001
    assert host.run("group", {"name": NAME, "gid": 61002})["gid"] == 61002
    gone = [host.run("group", {"name": NAME, "state": "absent"})["changed"] for _ in range(2)]
    assert gone == [True, False]


def test_check_mode_makes_no_group(host: Host) -> None:
    """It is told that there would be a change, and that is all."""
    assert host.run("group", {"name": NAME}, check=True) == {"changed": True}
    assert NAME not in [group.gr_name for group in grp.getgrall()]


def test_a_group_with_the_number_of_another_fails(host: Host) -> None:
    """The program's own words are the message."""
    host.run("group", {"name": NAME, "gid": 61001})
    result = host.run("group", {"name": f"{NAME}2", "gid": 61001})
    assert result["failed"]
    assert "61001" in result["msg"]


def test_an_account_is_made_with_what_is_asked_for(host: Host, tmp_path: Path) -> None:
    """The result tells of it what the system has, but never the password."""
    home = str(tmp_path / "home")
    args = {"name": NAME, "comment": "A b", "home": home, "shell": "/bin/sh", "password": "$6$a$b"}
    result = host.run("user", args)
    found = pwd.getpwnam(NAME)
    assert (found.pw_gecos, found.pw_dir, found.pw_shell) == ("A b", home, "/bin/sh")
    assert result["password"] == "NOT_LOGGING_PASSWORD"
    assert host.run("user", args)["changed"] is False
    assert host.run("user", {"name": NAME, "password": "*"})["changed"] is True
    kept = host.run("user", {"name": NAME, "password": "!", "update_password": "on_create"})
    assert kept["changed"] is False


def test_groups_are_replaced_or_added_to(host: Host) -> None:
    """`append` leaves the groups that an account is in."""
    for name in (NAME, f"{NAME}2"):
        host.run("group", {"name": name})
    host.run("user", {"name": NAME, "groups": ["daemon"], "create_home": False})
    host.run("user", {"name": NAME, "groups": [f"{NAME}2"], "append": True})
    groups = [group.gr_name for group in grp.getgrall() if NAME in group.gr_mem]
    assert sorted(groups) == ["daemon", f"{NAME}2"]
    assert host.run("user", {"name": NAME, "groups": []})["changed"] is True
    assert not [group for group in grp.getgrall() if NAME in group.gr_mem]
    missing = host.run("user", {"name": NAME, "groups": ["no-such-group"]})
    assert missing["msg"] == "Group no-such-group does not exist"


def test_a_key_is_made_with_a_passphrase_that_nobody_sees(host: Host, tmp_path: Path) -> None:
    """It is given on standard input, and really opens the key."""
    args = {"name": NAME, "home": str(tmp_path / "home"), "generate_ssh_key": True}
    result = host.run("user", {**args, "ssh_key_type": "ed25519", "ssh_key_passphrase": "open me"})
    path = result["ssh_key_file"]
    opened = ["ssh-keygen", "-y", "-P", "open me", "-f", path]
    assert subprocess.run(opened, check=False, capture_output=True).returncode == 0
    assert result["ssh_public_key"].startswith("ssh-ed25519 ")
    assert host.run("user", args | {"ssh_key_type": "ed25519"})["changed"] is False


def test_an_account_is_removed_once(host: Host, tmp_path: Path) -> None:
    """With `remove` its home goes, too."""
    home = tmp_path / "home"
    host.run("user", {"name": NAME, "home": str(home)})
    assert home.is_dir()
    assert host.run("user", {"name": NAME, "state": "absent", "remove": True})["changed"] is True
    assert not home.exists()
    assert host.run("user", {"name": NAME, "state": "absent"}) == {
        "changed": False,
        "name": NAME,
        "state": "absent",
    }


def test_limits_of_numbers_are_not_for_local_accounts(host: Host) -> None:
    """The programs for these take none."""
    for module, key in (("group", "gid_min"), ("group", "gid_max"), ("user", "uid_min")):
        result = host.run(module, {"name": NAME, key: 1000, "local": True})
        assert result["msg"] == f"'{key}' can not be used with 'local'"
