"""`hostname`: by systemd, and in files; the throw-away machine has a name of its own."""

import errno
from pathlib import Path

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.root, pytest.mark.slow]


def _name(sandbox: Sandbox) -> str:
    return sandbox.run(["hostname"]).strip()


def test_by_systemd(booted: Sandbox, booted_host: Host) -> None:
    """Check mode changes nothing; then the running name, the file and the facts are new."""
    booted_host.run("hostname", {"name": "first"})
    asked = {"name": "web1.example.org"}
    foretold = booted_host.run("hostname", asked, check=True, diff=True)
    assert foretold["diff"] == {
        "before": "hostname = first\n",
        "after": "hostname = web1.example.org\n",
    }
    assert (foretold["changed"], _name(booted)) == (True, "first")
    facts = booted_host.run("hostname", asked)["ansible_facts"]
    assert (facts["ansible_hostname"], facts["ansible_nodename"]) == ("web1", "web1.example.org")
    assert (facts["ansible_fqdn"], facts["ansible_domain"]) == ("web1.example.org", "example.org")
    assert _name(booted) == "web1.example.org"
    assert (booted.root / "etc/hostname").read_text() == "web1.example.org\n"
    again = booted_host.run("hostname", asked, diff=True)
    assert (again["changed"], "diff" in again) == (False, False)
    too_long = booted_host.run("hostname", {"name": "x" * 65})["msg"]
    assert too_long.startswith("name cannot be longer than 64 characters on systemd servers")
    assert "Invalid hostname" in booted_host.run("hostname", {"name": "a b"})["msg"]


def test_in_files(sandbox: Sandbox, inside: Host) -> None:
    """Each distribution has its own; on Alpine the running machine gets the name too."""
    etc = sandbox.root / "etc"
    release = etc / "os-release"
    release.unlink()
    sandbox.run(["mkdir", "-p", "/etc/sysconfig", "/etc/conf.d"])
    (etc / "sysconfig/network").write_text("A=b\nHOSTNAME=old\n")
    (etc / "conf.d/hostname").write_text("# x\nhostname='old' # mine")
    before = _name(sandbox)
    for ids, path, text in (
        ("ID=debian", "hostname", "n\n"),
        ('ID="rocky"\nID_LIKE="rhel fedora"', "sysconfig/network", "A=b\nHOSTNAME=n\n"),
        ('ID="opensuse-leap"\nID_LIKE="suse"', "HOSTNAME", "n\n"),
        ("ID=gentoo", "conf.d/hostname", '# x\nhostname="n"'),
        ("NAME=x", "hostname", "n\n"),
    ):
        (etc / "hostname").write_text("old\n")
        release.write_text(ids + "\n")
        assert inside.run("hostname", {"name": "n"}, check=True)["changed"]
        assert (etc / "hostname").read_text() == "old\n"
        assert inside.run("hostname", {"name": "n"})["changed"]
        assert (etc / path).read_text() == text
        assert not inside.run("hostname", {"name": "n"})["changed"]
    assert _name(sandbox) == before
    release.write_text("ID=alpine\n")
    assert inside.run("hostname", {"name": "high"})["changed"]
    assert ((etc / "hostname").read_text(), _name(sandbox)) == ("high\n", "high")
    (etc / "hostname").chmod(0o600)
    inside.run("hostname", {"name": "other", "use": "debian"})
    assert (etc / "hostname").stat().st_mode & 0o777 == 0o600


def test_what_goes_wrong(sandbox: Sandbox, inside: Host, tmp_path: Path) -> None:
    """A missing entry, a mount in the place of the file, a full disk, names that cannot be."""
    etc = sandbox.root / "etc"

    def said(name: str, use: str) -> str:
        return str(inside.run("hostname", {"name": name, "use": use}).get("msg"))

    assert said("n", "redhat") == "Unable to locate HOSTNAME entry in /etc/sysconfig/network"
    assert said("n", "solaris") == "the way solaris of setting a name is not one of Linux"
    assert said("a\nb", "debian") == "a host name is one line of at most 64 characters"
    assert said("n", "openrc").startswith(f"failed to update hostname: [Errno {errno.ENOENT}]")
    assert said("n", "systemd").startswith("Command failed rc=1, out=, err=")
    (tmp_path / "mounted").write_text("old\n")
    sandbox.run(["mount", "--bind", str(tmp_path / "mounted"), "/etc/hostname"])
    assert inside.run("hostname", {"name": "n", "use": "debian"})["changed"]
    assert (tmp_path / "mounted").read_text() == "n\n"
    (etc / "sysconfig").mkdir()
    sandbox.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", "/etc/sysconfig"])
    (etc / "sysconfig/network").write_text("HOSTNAME=old\n")
    assert said("n", "redhat").startswith(f"failed to update hostname: [Errno {errno.ENOSPC}]")
    assert (etc / "sysconfig/network").read_text() == "HOSTNAME=old\n"
