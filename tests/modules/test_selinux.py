"""SELinux contexts of files: read, compared and set where the machine has SELinux."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.modules.runner import Host
from tests.sandbox import Sandbox
from understudy.connections import selinux, target_files

NAME = "security.selinux"
OLD = "system_u:object_r:tmp_t:s0"


def label(path: Path, context: str = OLD) -> Path:
    """Give a file a context, as the kernel does where it has SELinux."""
    os.setxattr(path, NAME, context.encode() + b"\0", follow_symlinks=False)
    return path


def labelled(path: Path) -> str:
    return os.getxattr(path, NAME, follow_symlinks=False).rstrip(b"\0").decode()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of a machine that has SELinux with levels."""
    (tmp_path / "fs/class").mkdir(parents=True)
    (tmp_path / "fs/mls").write_text("1")
    (tmp_path / "config").touch()
    monkeypatch.setattr(target_files, "SELINUX", str(tmp_path / "fs"))
    monkeypatch.setattr(selinux, "CONFIG", str(tmp_path / "config"))
    (tmp_path / "x").write_text("a")
    return label(tmp_path / "x")


def test_without_selinux_contexts_are_passed_over(here: Host, tmp_path: Path) -> None:
    """Ansible does the same."""
    path = tmp_path / "x"
    path.touch()
    result = here.run("file", {"path": str(path), "setype": "etc_t"})
    assert result["changed"] is False
    assert "secontext" not in result
    assert NAME not in os.listxattr(path)


@pytest.mark.root
def test_the_parts_asked_for_are_set(here: Host, machine: Path) -> None:
    """The others stay; check mode predicts, a second run changes nothing."""
    args = {"path": str(machine), "setype": "etc_t", "selevel": "s0:c1,c2"}
    predicted = here.run("file", args, check=True, diff=True)
    assert (predicted["changed"], labelled(machine)) == (True, OLD)
    assert predicted["diff"]["before"]["secontext"] == OLD.split(":")
    assert predicted["diff"]["after"]["secontext"] == ["system_u", "object_r", "etc_t", "s0:c1,c2"]
    result = here.run("file", args)
    assert result["secontext"] == labelled(machine) == "system_u:object_r:etc_t:s0:c1,c2"
    assert here.run("file", args)["changed"] is False


@pytest.mark.root
def test_a_level_is_passed_over_where_the_policy_has_none(here: Host, machine: Path) -> None:
    """A context has three parts there."""
    Path(target_files.SELINUX, "mls").write_text("0")
    label(machine, "u:r:t")
    args = {"path": str(machine), "serole": "x", "selevel": "s1"}
    assert here.run("file", args)["secontext"] == "u:x:t"


@pytest.mark.root
def test_a_link_has_a_context_of_its_own(here: Host, machine: Path) -> None:
    """What it points to keeps its context."""
    link = machine.with_name("link")
    link.symlink_to(machine)
    label(link)
    args = {"path": str(link), "src": str(machine), "state": "link", "setype": "etc_t"}
    here.run("file", {**args, "follow": False})
    assert (labelled(link), labelled(machine)) == ("system_u:object_r:etc_t:s0", OLD)


@pytest.mark.root
def test_a_context_that_the_kernel_refuses_is_told(
    here: Host, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what there was and what was asked for."""

    def refused(*_: str) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(selinux, "put", refused)
    result = here.run("file", {"path": str(machine), "setype": "none_t"})
    assert result["msg"] == "invalid selinux context: [Errno 22] Invalid argument"
    assert result["new_context"] == ["system_u", "object_r", "none_t", "s0"]
    assert result["input_was"] == [None, None, "none_t", None]


@pytest.mark.root
def test_a_file_without_a_context_cannot_be_given_a_part_of_one(here: Host, machine: Path) -> None:
    """Its file system has none, perhaps."""
    os.removexattr(machine, NAME)
    result = here.run("file", {"path": str(machine), "setype": "etc_t"})
    assert (result["failed"], result["msg"]) == (True, "failed to retrieve selinux context")


@pytest.mark.root
def test_a_mount_whose_files_share_a_context_decides(
    here: Host, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS and its like: what is asked for cannot be had there."""
    mounts = machine.with_name("mounts")
    mounts.write_text(f"/dev/x / ext4 rw 0 0\nhost:/x {machine.parent} nfs4 rw 0 0\n")
    monkeypatch.setattr(selinux, "MOUNTS", str(mounts))
    label(machine.parent)
    assert here.run("file", {"path": str(machine), "setype": "etc_t"})["changed"] is False


@pytest.mark.root
@pytest.mark.slow
def test_the_policy_labels_what_is_new(sandbox: Sandbox, inside: Host) -> None:
    """A new file gets what the policy says of its place; one that was there keeps what it has."""
    policy = sandbox.root / "etc/selinux/test/contexts/files"
    policy.mkdir(parents=True)
    (policy / "file_contexts").write_text("/srv(/.*)?  system_u:object_r:srv_t:s0\n")
    (sandbox.root / "etc/selinux/config").write_text("SELINUX=permissive\nSELINUXTYPE=test\n")
    sandbox.run(["mount", "-t", "tmpfs", "tmpfs", "/sys/fs"])
    sandbox.run(["sh", "-c", "mkdir -p /sys/fs/selinux/class; printf 1 > /sys/fs/selinux/mls"])
    args = {"path": "/srv/x", "line": "a", "create": True}
    inside.run("lineinfile", args)
    told = inside.run("file", {"path": "/srv/x"})
    assert told["secontext"] == "system_u:object_r:srv_t:s0"
    inside.run("file", {"path": "/srv/x", "setype": "own_t"})
    inside.run("lineinfile", {**args, "line": "b"})
    assert inside.run("file", {"path": "/srv/x"})["secontext"] == "system_u:object_r:own_t:s0"
    default = {"path": "/srv/x", "setype": "_default"}
    assert [inside.run("file", default)["changed"] for _ in range(2)] == [True, False]
    assert inside.run("file", {"path": "/srv/x"})["secontext"] == told["secontext"]
