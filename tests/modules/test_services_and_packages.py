"""`service_facts` and `package_facts` read what the machine's own programs say."""

from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host

LOADED = """\
UNIT LOAD ACTIVE SUB DESCRIPTION
a.service loaded active running A failed thing
b.service loaded active exited B
c.service masked failed failed C
d.socket loaded active listening D
\u25cf e.service not-found inactive dead e.service
"""
FILES = """\
UNIT FILE STATE PRESET
a.service enabled enabled
c.service disabled enabled
f.service static -
g@.service indirect enabled
"""
SYSTEMCTL = f"""\
#!/bin/sh
case "$1" in
list-units) cat <<'X'
{LOADED}X
;;
list-unit-files) cat <<'X'
{FILES}X
;;
show) echo ActiveState=inactive;;
esac
"""


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a directory that comes first where programs are looked for."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def _services(here: Host) -> dict[str, tuple[str, str]]:
    found = here.run("service_facts", {})["ansible_facts"]["services"]
    return {name: (one["state"], one.get("status", one["source"])) for name, one in found.items()}


def test_services_of_init_scripts(here: Host, programs: Path) -> None:
    """Those whose state nobody knows are left out."""
    _program(programs / "service", "#!/bin/sh\nprintf ' [ + ]  a\\n [ - ]  b\\n [ ? ]  c\\n'\n")
    found = _services(here)
    assert (found["a"], found["b"]) == (("running", "sysv"), ("stopped", "sysv"))
    assert "c" not in found


def test_services_of_red_hat(here: Host, programs: Path) -> None:
    """Level 3 tells whether a service is enabled, the script whether it runs."""
    lines = "a 0:off 3:on 5:on\\nb 0:off 3:off 5:on\\n\\nxinetd based services:\\n\\ttime: on\\n"
    _program(programs / "chkconfig", f"#!/bin/sh\nprintf '{lines}'\n")
    _program(programs / "service", '#!/bin/sh\n[ "$1" = a ]\n')
    found = _services(here)
    assert (found["a"], found["b"]) == (("running", "enabled"), ("stopped", "disabled"))
    assert "time" not in found


def test_services_of_upstart(here: Host, programs: Path) -> None:
    """They have a goal in the place of a status."""
    _program(programs / "service", "#!/bin/sh\n")
    _program(programs / "initctl", "#!/bin/sh\necho 'cron start/running, process 9'\n")
    found = here.run("service_facts", {})["ansible_facts"]["services"]["cron"]
    assert found == {"name": "cron", "goal": "start", "state": "running", "source": "upstart"}


def test_services_of_openrc(here: Host, programs: Path) -> None:
    """They have levels in the place of a status; what is in no level is told too."""
    states = (
        "Runlevel: default\\n sshd   [  started  ]\\nDynamic Runlevel: hot\\n ntpd [  crashed  ]\\n"
    )
    _program(programs / "rc-status", f"#!/bin/sh\nprintf '{states}'\n")
    _program(programs / "rc-update", "#!/bin/sh\nprintf '  sshd | boot default\\n  ntpd |\\n'\n")
    found = here.run("service_facts", {})["ansible_facts"]["services"]
    usual = {"source": "openrc"}
    assert found["sshd"] == {
        "name": "sshd",
        "state": "started",
        "runlevels": ["boot", "default"],
        **usual,
    }
    assert found["ntpd"] == {"name": "ntpd", "state": "crashed", "runlevels": None, **usual}


def test_services_of_systemd(here: Host, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded ones tell their state, files whether they are enabled; what is broken stays so."""
    _program(programs / "systemctl", SYSTEMCTL)
    comm = programs / "comm"
    comm.write_text("systemd\n")
    opened = open
    monkeypatch.setattr(
        "builtins.open",
        lambda path, *a, **k: opened(comm if "comm" in str(path) else path, *a, **k),
    )
    _program(programs / "service", "#!/bin/sh\n")
    assert _services(here) == {
        "a.service": ("running", "enabled"),
        "b.service": ("stopped", "active"),
        "c.service": ("stopped", "masked"),
        "e.service": ("stopped", "not-found"),
        "f.service": ("inactive", "static"),
        "g@.service": ("unknown", "indirect"),
    }


def test_no_services_at_all(here: Host, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task is skipped, with the reason."""
    monkeypatch.setenv("PATH", str(programs))
    result = here.run("service_facts", {})
    assert (result["skipped"], result["msg"][:29]) == (True, "Failed to find any services. ")


def test_packages_without_their_library(
    here: Host, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program dpkg knows all but where a package came from; names have other architectures."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr("os.path.exists", lambda path: "python" not in str(path))
    _program(programs / "apt", "#!/bin/sh\n")
    _program(programs / "dpkg", "#!/bin/sh\necho amd64\n")
    lines = (
        "installed\\ta\\t1-2\\tamd64\\tlibs\\n"
        "installed\\tb\\t2\\ti386\\tlibs\\n"
        "config-files\\tc\\t3\\tall\\tx\\n"
    )
    _program(programs / "dpkg-query", f"#!/bin/sh\nprintf '{lines}'\n")
    found = here.run("package_facts", {"manager": "apt"})["ansible_facts"]["packages"]
    assert sorted(found) == ["a", "b:i386"]
    (package,) = found["a"]
    assert package == {
        "name": "a",
        "version": "1-2",
        "arch": "amd64",
        "category": "libs",
        "origin": "",
        "source": "apt",
    }


def test_packages_of_rpm(here: Host, programs: Path) -> None:
    """Two versions of one package are two entries; dnf and yum mean the same."""
    lines = (
        "k\\t1\\t2.el9\\t(none)\\tx86_64\\n"
        "k\\t1\\t3.el9\\t4\\tx86_64\\n"
        "g\\t5\\t6\\t(none)\\t(none)\\n"
    )
    _program(programs / "rpm", f"#!/bin/sh\nprintf '{lines}'\n")
    found = here.run("package_facts", {"manager": "dnf"})["ansible_facts"]["packages"]
    assert [(one["release"], one["epoch"]) for one in found["k"]] == [("2.el9", None), ("3.el9", 4)]
    assert found["g"][0]["arch"] is None


def test_the_order_of_package_managers(here: Host, programs: Path) -> None:
    """Asked for by `auto` it is the alphabet's; else the task's. One that has nothing is told."""
    _program(programs / "rpm", "#!/bin/sh\nprintf 'k\\t1\\t2\\t(none)\\tnoarch\\n'\n")
    _program(programs / "apk", "#!/bin/sh\necho a-1-r0\n")
    assert list(_packages(here, "auto")) == ["a"]
    assert list(_packages(here, "rpm", "apk")) == ["k"]
    _program(programs / "apk", "#!/bin/sh\n")
    found = here.run("package_facts", {"manager": ["apk", "rpm"]})
    assert found["warnings"] == ['Found "apk" but no associated packages']
    assert list(found["ansible_facts"]["packages"]) == ["k"]


def _packages(here: Host, *managers: str) -> dict[str, Any]:
    result = here.run("package_facts", {"manager": list(managers)})
    found: dict[str, Any] = result["ansible_facts"]["packages"]
    return found
