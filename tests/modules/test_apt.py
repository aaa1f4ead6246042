"""`apt` brings packages to what is asked for, in a copy of the machine with packages of our own."""

import subprocess
import time
from pathlib import Path

import pytest

from tests import debian_packages
from tests.modules.runner import Host
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.root, pytest.mark.slow, pytest.mark.usefixtures("repository")]


@pytest.fixture
def repository(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Give the only repository that apt knows in the sandbox."""
    root = tmp_path / "repository"
    debian_packages.make(root)
    debian_packages.use(root, sandbox.root)
    sandbox.run(["rm", "-rf", "/var/lib/apt/lists"])
    sandbox.run(["mkdir", "-p", "/var/lib/apt/lists/partial"])
    sandbox.run(["apt-get", "-qq", "update"])
    return root


def _version(sandbox: Sandbox, name: str) -> str:
    words = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\\n"]
    rows = [line.split(" ") for line in sandbox.run(words).splitlines()]
    return next((row[2] for row in rows if row[:2] == ["installed", name]), "")


def test_packages_are_installed_and_removed(sandbox: Sandbox, inside: Host) -> None:
    """Check mode foretells, a second run changes nothing, settings go with `purge` only."""
    args = {"name": "foo=1.0.0"}
    foretold = inside.run("apt", args, check=True, diff=True)
    assert foretold["changed"]
    assert "Inst foo (1.0.0" in foretold["stdout"]
    prepared = "The following NEW packages will be installed:\n  foo\n"
    assert foretold["diff"]["prepared"].startswith(prepared)
    assert _version(sandbox, "foo") == ""
    assert inside.run("apt", args)["changed"]
    assert _version(sandbox, "foo") == "1.0.0"
    again = inside.run("apt", args)
    assert sorted(again) == ["cache_update_time", "cache_updated", "changed"]
    assert not again["changed"]
    for name, there in (("foo=9", False), ("foo=1.*", True), ("fo?", True), ("foo>=1.1", False)):
        result = inside.run("apt", {"name": name, "state": "absent"}, check=True)
        assert result["changed"] == there, name
    gone = {"name": ["foo", "nonexist"], "state": "absent"}
    assert inside.run("apt", gone, check=True)["changed"]
    assert [inside.run("apt", gone)["changed"] for _ in range(2)] == [True, False]
    assert (sandbox.root / "etc/foo.conf").exists()
    purged = {**gone, "purge": True}
    assert [inside.run("apt", purged)["changed"] for _ in range(2)] == [True, False]
    assert not (sandbox.root / "etc/foo.conf").exists()


VERSIONS = (
    # what is asked for with foo=1.0.0 there, arguments, what would be installed then
    ("foo", {}, None),
    ("foo", {"state": "latest"}, "1.0.1"),
    ("foo=1.0.0", {}, None),
    ("foo=1.0.0", {"state": "latest"}, None),
    ("foo=1.0.1", {}, "1.0.1"),
    ("foo=1.0.*", {}, "1.0.1"),
    ("foo>=1.0.0", {}, None),
    ("foo>=1.0.0", {"state": "latest"}, "1.0.1"),
    ("foo>=1.0.1", {}, "1.0.1"),
    ("foo", {"default_release": "testing"}, None),
    ("foo", {"default_release": "testing", "state": "latest"}, "2.0.1"),
    ("foo=2.0.0", {}, "2.0.0"),
    ("foo>=2.0.0", {"default_release": "testing"}, "2.0.1"),
    ("fo?=1.0.1", {}, "1.0.1"),
    ("foobar", {"only_upgrade": True}, None),
)
REFUSED = (
    ("foo=99", "no available installation candidate for foo=99"),
    ("foo>=2.0.0", "no available installation candidate for foo>=2.0.0"),
    ("nonexist", "No package matching 'nonexist' is available"),
    ("nowhere-to-be-found", "No package matching 'nowhere-to-be-found' is available"),
    ("hasarch:i386", "No package matching 'hasarch:i386' is available"),
    ("nonex*", "No package(s) matching 'nonex*' available"),
    ("foo==1", "invalid package spec: foo==1"),
    ("foo-", "No package matching 'foo-' is available"),
    ("foo+", "No package matching 'foo+' is available"),
    ("~nfoo", "No package matching '~nfoo' is available"),
    ("foo/testing", "No package matching 'foo/testing' is available"),
    ("foo bar", "No package matching 'foo bar' is available"),
    ("", "No package matching '' is available"),
    ("--purge", "No package matching '--purge' is available"),
)


def test_versions_are_chosen(sandbox: Sandbox, inside: Host) -> None:
    """By number, pattern, least number or release; what cannot be had is told by its name."""
    inside.run("apt", {"name": "foo=1.0.0"})
    for name, more, expected in VERSIONS:
        result = inside.run("apt", {"name": name, **more}, check=True)
        installed = f"Inst foo [1.0.0] ({expected} " in result.get("stdout", "")
        assert (result["changed"], installed) == (bool(expected), bool(expected)), (name, more)
    for name, message in REFUSED:
        assert inside.run("apt", {"name": name}, check=True)["msg"] == message
    inside.run("apt", {"name": "foo=1.0.1"})
    refused = inside.run("apt", {"name": "foo=1.0.0"})
    assert refused["rc"] == 100
    assert refused["msg"] == (
        '\'/usr/bin/apt-get -y -o "Dpkg::Options::=--force-confdef" -o'
        ' "Dpkg::Options::=--force-confold" -o DPkg::Lock::Timeout=60       install'
        " 'foo=1.0.0'' failed: E: Packages were downgraded and -y was used without"
        " --allow-downgrades.\n"
    )
    assert inside.run("apt", {"name": "foo=1.0.0", "allow_downgrade": True})["changed"]
    assert _version(sandbox, "foo") == "1.0.0"


def test_what_stands_in_the_way(sandbox: Sandbox, inside: Host) -> None:
    """Conflicts, what cannot be had, failing scripts and held packages are failures of the task."""
    inside.run("apt", {"name": "foo=1.0.0"})
    rival = inside.run("apt", {"name": "rival", "fail_on_autoremove": True})
    assert "--no-remove  install 'rival=1.0'" in rival["msg"]
    assert "Packages need to be removed but remove is disabled." in rival["msg"]
    assert "nowhere-to-be-found" in inside.run("apt", {"name": "broken-dep"})["stdout"]
    sandbox.run(["apt-mark", "hold", "foo"])
    held = inside.run("apt", {"name": "foo", "state": "absent"})
    assert held["msg"].startswith("'apt-get remove 'foo'' failed: E: Held packages were changed")
    upgraded = inside.run("apt", {"upgrade": "dist"}, diff=True)
    assert (upgraded["changed"], "diff" in upgraded) == (False, False)
    removed = {"name": "foo", "state": "absent", "allow_change_held_packages": True}
    assert inside.run("apt", removed)["changed"]
    failing = inside.run("apt", {"name": "failing"})
    assert (failing["failed"], failing["rc"]) == (True, 100)
    assert inside.run("apt", {"name": "failing", "state": "absent"})["changed"] is False
    broken = inside.run("apt", {"autoremove": True})
    assert broken["msg"].startswith("'apt-get autoremove' failed: E: Sub-process")
    (sandbox.root / "usr/bin/apt-get").rename(sandbox.root / "usr/bin/not-apt-get")
    missing = inside.run("apt", {"name": "foo"})
    assert missing["msg"].startswith('Failed to find required executable "apt-get" in paths: ')


def test_names_that_others_provide(sandbox: Sandbox, inside: Host) -> None:
    """One that is installed will do; what was installed for others is kept when it is asked for."""
    name = {"name": "virtual-thing"}
    assert [inside.run("apt", name)["changed"] for _ in range(2)] == [True, False]
    assert inside.run("apt", {**name, "state": "latest"})["changed"] is False
    assert inside.run("apt", {"name": "hasarch:amd64"}).get("failed") is None
    sandbox.run(["apt-mark", "auto", "real-thing", "hasarch"])
    assert inside.run("apt", {"name": "hasarch"})["changed"] is False
    manual = sandbox.run(["apt-mark", "showmanual", "real-thing", "hasarch"]).split()
    assert manual == ["hasarch"]
    removed = inside.run("apt", {"autoremove": True}, check=True)
    assert "Remv real-thing" in removed["stdout"]
    assert [inside.run("apt", {"autoremove": True})["changed"] for _ in range(2)] == [True, False]


def test_archives(sandbox: Sandbox, inside: Host, repository: Path) -> None:
    """What they need is installed first; a lower version is refused, a conflict too."""
    pool = repository / "pool/stable"
    old, new = ({"deb": str(pool / f"foobar_1.0.{n}_all.deb")} for n in (0, 1))
    assert inside.run("apt", old, check=True)["changed"]
    assert _version(sandbox, "foo") == ""
    result = inside.run("apt", old)
    assert "Setting up foobar (1.0.0)" in result["stdout"]
    assert (_version(sandbox, "foo"), _version(sandbox, "foobar")) == ("1.0.1", "1.0.0")
    assert inside.run("apt", old) == {"changed": False, "stdout": "", "stderr": "", "diff": {}}
    assert inside.run("apt", new)["changed"]
    assert inside.run("apt", old)["msg"] == "A later version is already installed"
    assert inside.run("apt", {**old, "allow_downgrade": True})["changed"]
    other = repository / "a package"
    other.write_bytes((pool / "real-thing_1.0_all.deb").read_bytes())
    assert inside.run("apt", {"deb": str(other)})["changed"]
    for name, message in (
        ("broken-dep_1.0_all.deb", "Dependency is not satisfiable: nowhere-to-be-found\n"),
        ("rival_1.0_all.deb", "Conflicts with the installed package 'foo'"),
    ):
        assert inside.run("apt", {"deb": str(pool / name)})["msg"] == message
    assert "Could not open file /no.deb" in inside.run("apt", {"deb": "/no.deb"})["msg"]
    assert "not a Debian format" in inside.run("apt", {"deb": "/etc/passwd"})["msg"]
    refused = inside.run("apt", {"deb": "http://127.0.0.1:9/a.deb"})["msg"]
    assert refused.startswith("Failure downloading http://127.0.0.1:9/a.deb, Request failed: ")
    failing = inside.run("apt", {"deb": str(pool / "failing_1.0_all.deb")})
    assert failing["msg"].startswith("dpkg --force-confdef --force-confold -i /")
    assert "exit status 3" in failing["stderr"]


def test_lists_of_packages(sandbox: Sandbox, inside: Host) -> None:
    """They are fetched when they are too old; a failure tells what apt said."""
    lists = sandbox.root / "var/lib/apt/lists"
    sandbox.run(["touch", "-d", "2020-01-01", "/var/lib/apt/lists"])
    valid = {"update_cache": True, "cache_valid_time": 3600}
    assert inside.run("apt", valid, check=True)["cache_updated"]
    assert lists.stat().st_mtime < 1577923200
    sandbox.run(
        ["sh", "-c", "rm -f /var/lib/apt/lists/*_*; touch -d 2020-01-01 /var/lib/apt/lists"]
    )
    result = inside.run("apt", valid)
    assert (result["changed"], result["cache_updated"]) == (True, True)
    assert result["cache_update_time"] == int(lists.stat().st_mtime)
    result = inside.run("apt", valid)
    assert (result["changed"], result["cache_updated"]) == (False, False)
    sources = sandbox.root / "etc/apt/sources.list"
    sources.write_text("deb [trusted=yes] file:/nowhere stable main\n")
    failed = inside.run("apt", {"update_cache": True, "update_cache_retries": 1})
    start = "Failed to update apt cache after 1 retries: E:Failed to fetch file:/nowhere/dists"
    assert failed["msg"].startswith(start)
    sources.write_text("nonsense\n")
    assert "E:" in inside.run("apt", {"name": "foo"})["msg"]


def test_another_program_has_the_lists(sandbox: Sandbox, inside: Host) -> None:
    """It is waited for, as long as that is allowed."""
    path = "/var/lib/apt/lists/lock"
    program = f"""
import fcntl, time
file = open({path!r}, "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(2)
"""
    words = sandbox.words(["python3", "-c", program])
    with subprocess.Popen(words, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        refused = inside.run("apt", {"update_cache": True, "lock_timeout": 0})
        waited = inside.run("apt", {"update_cache": True, "lock_timeout": 30})
    start = (
        "Failed to lock apt for exclusive operation: Failed to lock directory /var/lib/apt/lists/"
    )
    assert refused["msg"].startswith(start)
    assert waited.get("failed") is None


def test_upgrades_and_what_sources_need(sandbox: Sandbox, inside: Host, repository: Path) -> None:
    """All packages, those that a build needs, and what was left half done."""
    needs = {"name": "needy", "state": "build-dep"}
    assert [inside.run("apt", needs)["changed"] for _ in range(2)] == [True, False]
    inside.run("apt", {"name": "foo=1.0.0", "allow_downgrade": True})
    foretold = inside.run("apt", {"upgrade": "safe"}, check=True)
    assert "Inst foo [1.0.0]" in foretold["msg"]
    assert [inside.run("apt", {"upgrade": "yes"})["changed"] for _ in range(2)] == [True, False]
    assert _version(sandbox, "foo") == "1.0.1"
    newest = inside.run("apt", {"upgrade": "full", "default_release": "testing"}, check=True)
    assert "Inst foo [1.0.1] (2.0.1" in newest["stdout"]
    assert inside.run("apt", {"name": "*", "state": "latest"})["changed"] is False
    several = inside.run("apt", {"name": ["*", "foo"], "state": "latest"})
    assert "unable to install additional packages" in several["msg"]
    assert inside.run("apt", {"state": "fixed"})["changed"] is False
    sandbox.run(["dpkg", "--purge", "foo"])
    deb = str(repository / "pool/stable/foobar_1.0.0_all.deb")
    sandbox.run(["dpkg", "--unpack", deb])
    assert [inside.run("apt", {"state": "fixed"})["changed"] for _ in range(2)] == [True, False]
    assert _version(sandbox, "foobar")


def test_services_are_held_back(sandbox: Sandbox, inside: Host) -> None:
    """Scripts of packages get the answer; the machine's own is back then, after a kill too."""
    policy = sandbox.root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 7\n")
    policy.chmod(0o755)
    assert inside.run("apt", {"name": "policed", "policy_rc_d": 101})["changed"]
    assert (sandbox.root / "root/policy").read_text() == "101\n"
    assert policy.read_text() == "#!/bin/sh\nexit 7\n"
    policy.rename(policy.with_name("policy-rc.d.kept"))
    policy.write_text("left by one that was killed")
    assert inside.run("apt", {"name": "failing", "policy_rc_d": 101})["failed"]
    assert policy.read_text() == "#!/bin/sh\nexit 7\n"


def test_archives_that_were_fetched(sandbox: Sandbox, inside: Host, repository: Path) -> None:
    """`autoclean` removes what cannot be had any more, `clean` everything."""
    archives = sandbox.root / "var/cache/apt/archives"
    sandbox.run(["apt-get", "clean"])
    old = archives / "gone_1.0_all.deb"
    old.write_bytes((repository / "pool/stable/foo_1.0.0_all.deb").read_bytes())
    assert inside.run("apt", {"autoclean": True}, check=True)["changed"]
    assert old.exists()
    assert [inside.run("apt", {"autoclean": True})["changed"] for _ in range(2)] == [True, False]
    old.write_text("")
    assert inside.run("apt", {"clean": True}, check=True)["changed"]
    assert old.exists()
    assert sorted(inside.run("apt", {"clean": True})) == ["changed", "msg", "stderr", "stdout"]
    assert not old.exists()


def test_nothing_to_do_is_found_out_fast(inside: Host, sandbox: Sandbox) -> None:
    """Twenty packages that are there cost one program."""
    words = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n"]
    rows = (line.split() for line in sandbox.run(words).splitlines())
    names = [row[1] for row in rows if row[0] == "installed"][:20]
    inside.run("apt", {"name": names})
    took = []
    for _ in range(3):
        started = time.perf_counter()
        assert inside.run("apt", {"name": names})["changed"] is False
        took.append(time.perf_counter() - started)
    assert min(took) < 0.25, took
