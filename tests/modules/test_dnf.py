"""`dnf` with the real program, a repository of a few small packages, and a root of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host

_PROGRAMS = ("dnf", "rpmbuild", "createrepo_c")
BUILD = Path(__file__).parents[1] / "parity/cases/system_dnf/repository.sh"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder with the repository and dnf's configuration."""
    if not all(map(shutil.which, _PROGRAMS)):
        pytest.skip(f"needs {', '.join(_PROGRAMS)}")
    folder = tmp_path_factory.mktemp("dnf")
    subprocess.run(["bash", BUILD, folder], check=True, capture_output=True)
    return folder


class Machine:
    """A root directory that packages are installed in."""

    def __init__(self, host: Host, folder: Path, root: Path) -> None:
        self.host = host
        self.folder = folder
        self.root = root

    def run(self, *, check: bool = False, **args: Any) -> dict[str, Any]:
        """Run the module."""
        usual = {
            "conf_file": f"{self.folder}/dnf.conf",
            "installroot": str(self.root),
            "releasever": "9",
            "disable_gpg_check": True,
        }
        return self.host.run("dnf", {**usual, **args}, check=check)

    def changes(self, **args: Any) -> list[str]:
        """Foretell it, do it, do it again; return what changed."""
        foretold = self.run(check=True, **args)
        result = self.run(**args)
        assert not result.get("failed"), result
        assert foretold["results"] == result["results"]
        assert foretold["changed"] is result["changed"]
        assert not self.run(**args)["changed"]
        results: list[str] = result["results"]
        return results

    def fails(self, **args: Any) -> dict[str, Any]:
        """Return the result of what must fail and change nothing."""
        before = self.has()
        result = self.run(**args)
        assert result["failed"], result
        assert self.has() == before
        return result

    def has(self) -> str:
        """Return what is installed."""
        listed = ["rpm", "--root", self.root, "-qa", "--qf", "%{name}-%{version} "]
        return " ".join(sorted(subprocess.check_output(listed, text=True).split()))


@pytest.fixture
def machine(here: Host, built: Path, tmp_path: Path) -> Iterator[Machine]:
    """Give a root without packages."""
    return Machine(here, built, tmp_path)


@pytest.mark.root
@pytest.mark.slow
def test_packages_come_and_go(machine: Machine) -> None:
    """Dependencies come along, and go only with autoremove."""
    assert machine.changes(name=["beta", "eps*"]) == [
        "Installed: beta-1.0-1.noarch",
        "Installed: epsilon-1.0-1.noarch",
        "Installed: gamma-1.0-1.noarch",
    ]
    assert machine.changes(name="virtual") == []
    assert machine.changes(name="beta", state="absent") == ["Removed: beta-1.0-1.noarch"]
    assert machine.changes(autoremove=True) == ["Removed: gamma-1.0-1.noarch"]
    assert machine.has() == "epsilon-1.0"


@pytest.mark.root
@pytest.mark.slow
def test_versions(machine: Machine) -> None:
    """A version goes up with latest, and down only if that is allowed."""
    assert machine.changes(name="alpha-1.0") == ["Installed: alpha-1.0-1.noarch"]
    assert machine.changes(name="alpha") == []
    up = ["Installed: alpha-2.0-1.noarch", "Removed: alpha-1.0-1.noarch"]
    assert machine.changes(name="alpha", state="latest", update_only=True) == up
    assert machine.changes(name="alpha-1.0") == []
    down = ["Installed: alpha-1.0-1.noarch", "Removed: alpha-2.0-1.noarch"]
    assert machine.changes(name="alpha-1.0", allow_downgrade=True) == down
    assert machine.changes(name="alpha >= 2.0") == up
    assert machine.run(name="alpha-1.0", allow_downgrade=True)["changed"]
    assert machine.changes(name="*", state="latest", exclude="alpha") == []
    assert machine.changes(name="*", state="latest") == up


@pytest.mark.root
@pytest.mark.slow
def test_files_and_groups(machine: Machine) -> None:
    """A file is named in the result; a group's packages come and go together."""
    old, new = (f"{machine.folder}/repo/alpha-{version}.rpm" for version in ("1.0", "2.0"))
    assert machine.run(name=new)["results"] == [
        f"Installed {new}",
        "Installed: alpha-2.0-1.noarch",
    ]
    assert not machine.run(name=new)["changed"]
    assert not machine.run(name=old)["changed"]
    assert machine.changes(name="@things") == ["Installed: gamma-1.0-1.noarch"]
    assert machine.run(name="@things", state="absent")["changed"]
    assert machine.has() == "alpha-2.0"


@pytest.mark.root
@pytest.mark.slow
def test_what_is_in_the_way(machine: Machine) -> None:
    """It goes only if that is allowed."""
    machine.run(name="alpha")
    conflict = machine.fails(name="zeta")["msg"]
    assert conflict.startswith("Depsolve Error occurred: \n Problem: ")
    assert "zeta-1.0-1.noarch conflicts with alpha" in conflict
    assert "try to add" not in conflict
    assert machine.changes(name="zeta", allowerasing=True) == [
        "Installed: zeta-1.0-1.noarch",
        "Removed: alpha-2.0-1.noarch",
    ]
    assert machine.changes(name="delta", skip_broken=True) == []


@pytest.mark.root
@pytest.mark.slow
def test_what_cannot_be_had(machine: Machine) -> None:
    """Each has its message."""
    result = machine.fails(name=["nonesuch", "alpha"])
    assert result["msg"] == "Failed to install some of the specified packages"
    assert result["failures"] == ["No package nonesuch available."]
    excluded = machine.fails(name="alpha", exclude="alpha")["failures"]
    assert excluded[0].startswith("alpha All matches were filtered out by exclude filtering")
    assert "repositories" in machine.fails(name="alpha", disablerepo="local")["msg"]
    assert machine.fails(name="@nogroup")["msg"] == "No group nogroup available."
    unsigned = machine.fails(name="alpha", disable_gpg_check=False)["msg"]
    assert unsigned.startswith("Failed to validate GPG signature")
    assert "password" not in unsigned


@pytest.mark.root
@pytest.mark.slow
def test_what_is_passed_over(machine: Machine) -> None:
    """It is told; only what mends a fault of security is installed if that is asked for."""
    refused = machine.fails(name="alpha", state="latest", security=True)
    assert refused["msg"] == "Failed to install some of the specified packages"
    assert machine.changes(name=["alpha", "nonesuch"], skip_broken=True) == [
        "No package nonesuch available.",
        "Installed: alpha-2.0-1.noarch",
    ]


@pytest.mark.root
@pytest.mark.slow
def test_a_broken_repository(machine: Machine, tmp_path: Path) -> None:
    """Without its metadata nothing is installed."""
    conf = tmp_path / "other.conf"
    text = (machine.folder / "dnf.conf").read_text()
    conf.write_text(text.replace("/repo", "/gone").replace("/cache", "/other"))
    assert "local" in machine.fails(name="alpha", conf_file=str(conf))["msg"]


@pytest.mark.root
@pytest.mark.slow
def test_downloads(machine: Machine, tmp_path: Path) -> None:
    """Files are fetched, nothing is installed."""
    folder = tmp_path / "fetched"
    args = {"name": "beta", "download_only": True, "download_dir": str(folder)}
    assert machine.run(**args, check=True)["changed"]
    assert not folder.exists()
    assert machine.run(**args)["results"] == [
        "Downloaded: beta-1.0-1.noarch",
        "Downloaded: gamma-1.0-1.noarch",
    ]
    assert len(list(folder.iterdir())) == 2
    assert machine.has() == ""


@pytest.mark.root
@pytest.mark.slow
def test_another_dnf_at_work(machine: Machine, tmp_path: Path) -> None:
    """Its lock is waited for no longer than is allowed."""
    conf = tmp_path / "locked.conf"
    text = (machine.folder / "dnf.conf").read_text()
    conf.write_text(text.replace(f"{machine.folder}/cache", "/locked"))
    lock = tmp_path / "locked/metadata_lock.pid"
    lock.parent.mkdir()
    lock.write_text("1")
    result = machine.fails(name="alpha", conf_file=str(conf), lock_timeout=0)
    assert result["msg"] == "dnf lockfile is held by another process"
    lock.unlink()
    assert machine.run(name="alpha", conf_file=str(conf))["changed"]


@pytest.mark.root
@pytest.mark.slow
def test_lists(machine: Machine) -> None:
    """They tell packages, and change nothing."""
    machine.run(name="alpha-1.0")
    (one,) = machine.run(list="installed")["results"]
    assert one == {
        "arch": "noarch",
        "envra": "0:alpha-1.0-1.noarch",
        "epoch": "0",
        "name": "alpha",
        "nevra": "0:alpha-1.0-1.noarch",
        "release": "1",
        "repo": "@System",
        "version": "1.0",
        "yumstate": "installed",
    }
    updates = machine.run(list="updates")["results"]
    assert [found["version"] for found in updates] == ["2.0"]
    assert machine.run(list="repos")["results"] == [{"repoid": "local", "state": "enabled"}]
    assert machine.run(update_cache=True)["msg"] == "Cache updated"


def test_without_the_program(here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure names it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    result = here.run("dnf5", {"name": "a"})
    assert result["msg"].startswith('Failed to find required executable "dnf5" in paths: ')


DNF5 = """\
#!/bin/sh
echo "$*" >> {folder}/asked
case "$*" in *--assumeno*) cat {folder}/table; exit 1;; esac
"""
TABLE = """\
Package             Arch   Version   Repository      Size
Installing:
 a-package-with-a-name-that-needs-a-line-of-its-own
                    noarch 1:1.0-1   local       124.0   B
Upgrading:
 b                  x86_64 2.0-1     local         1.0 KiB
   replacing b      x86_64 1.0-1     <unknown>     1.0 KiB
Removing unused dependencies:
 c                  noarch 3-1       local         1.0 KiB

Transaction Summary:
 Installing:         1 package
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of programs that stand in for dnf5 and rpm."""
    for name, text in {
        "dnf5": DNF5.format(folder=tmp_path),
        "rpm": "#!/bin/sh\n[ \"$1\" = -qa ] && printf 'b\\t(none)\\t1.0-1\\tx86_64\\n'\n",
    }.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "table").write_text(TABLE)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_the_table_of_dnf5(here: Host, stand_in: Path) -> None:
    """Check mode reads it: long names, epochs, what is replaced and what goes."""
    assert here.run("dnf5", {"name": "x"}, check=True)["results"] == [
        "Installed: a-package-with-a-name-that-needs-a-line-of-its-own-1:1.0-1.noarch",
        "Installed: b-2.0-1.x86_64",
        "Removed: b-1.0-1.x86_64",
        "Removed: c-3-1.noarch",
    ]
    assert (stand_in / "asked").read_text().count("\n") == 1


def test_options(here: Host, stand_in: Path) -> None:
    """Every argument has its option; signatures are asked for unless told otherwise."""
    args = {
        "name": ["x", "*y"],
        "enablerepo": "e,f",
        "disablerepo": "*",
        "exclude": "z",
        "disable_plugin": "p",
        "allowerasing": True,
        "cacheonly": True,
        "update_cache": True,
        "skip_broken": True,
        "nobest": True,
        "install_weak_deps": False,
        "sslverify": False,
        "disable_excludes": "all",
        "releasever": "9",
    }
    here.run("dnf5", args)
    assert (stand_in / "asked").read_text() == (
        "--releasever 9 --disablerepo=* --enablerepo=e --enablerepo=f --exclude=z"
        " --disableplugin=p --allowerasing --cacheonly --refresh --skip-broken --skip-unavailable"
        " --setopt=gpgcheck=1 --setopt=localpkg_gpgcheck=1 --setopt=install_weak_deps=0"
        " --setopt=sslverify=0 --setopt=best=0 --setopt=disable_excludes=all -y install x\n"
    )


def test_a_lock(here: Host, stand_in: Path) -> None:
    """It is waited for as long as is allowed, and no longer."""
    (stand_in / "dnf5").write_text("#!/bin/sh\necho 'lock held by 7' >&2\nexit 1\n")
    result = here.run("dnf5", {"name": "x", "lock_timeout": 0})
    assert result["msg"] == "dnf lockfile is held by another process"


def test_passwords_of_addresses(here: Host, stand_in: Path) -> None:
    """What dnf complains of is told without them."""
    text = (
        "#!/bin/sh\necho 'Error: cannot reach https://me:very-secret@x.example/repo' >&2\nexit 1\n"
    )
    (stand_in / "dnf5").write_text(text)
    result = here.run("dnf5", {"name": "x"})
    assert result["msg"] == "Error: cannot reach https://****:****@x.example/repo"
