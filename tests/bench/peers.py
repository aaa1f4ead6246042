"""Who is measured over SSH: understudy, the floor below it, and the programs beside it.

Each peer writes what it needs into a folder of its own and gives the command that runs there. All
check host keys.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version as version_of
from pathlib import Path

from tests.bench import floor
from tests.parity import oracle
from tests.ssh.server import Sshd

PYTHON = "/usr/bin/python3"
VENVS = Path(os.environ.get("UNDERSTUDY_PEERS", Path(__file__).parents[2] / ".peers"))
"""Where the environments of mitogen and pyinfra are made."""

MITOGEN = ("ansible-core==2.18.*", "mitogen==0.3.*")
PYINFRA = ("pyinfra==3.*",)

_PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n"
_ANSIBLE_CFG = """\
[defaults]
forks = {forks}
host_key_checking = True
{more}
[ssh_connection]
pipelining = True
control_path_dir = {folder}/cp
ssh_args = -o ControlMaster=auto -o ControlPersist=60s
"""
_PYINFRA_INVENTORY = """\
hosts = [
    (f"h{{number}}", {{"ssh_hostname": host, **{common}}})
    for number, host in enumerate({hosts}, 1)
]
"""
_PYINFRA_DEPLOY = """\
from pyinfra.operations import server

for number in range({tasks}):
    server.shell(name=f"task {{number}}", commands=["/bin/true"])
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What a peer has to do on every host of a server: tasks, each `/bin/true`, or a playbook.

    `files` are further ones beside the playbook, by their paths. Unless told otherwise there are as
    many forks as hosts, and who needs the hosts' Python finds it, as is the default everywhere;
    with `python` it stands in the inventory.
    """

    server: Sshd
    tasks: int = 0
    playbook: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    forks: int | None = None
    python: str | None = None

    @property
    def hosts(self) -> int:
        """How many hosts there are."""
        return len(self.server.hosts)

    def inventory(self) -> str:
        """Return the inventory as Ansible and understudy read it."""
        names = [f"h{number}" for number in range(1, self.hosts + 1)]
        known = {"ansible_python_interpreter": self.python} if self.python else {}
        return self.server.inventory(names, **known)

    def play(self) -> str:
        """Return the playbook."""
        return self.playbook or _PLAY + "    - command: /bin/true\n" * self.tasks


@dataclass(frozen=True, slots=True)
class Order:
    """A command that does the work, and what its environment has more than ours."""

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that is measured: how it is prepared, what it calls itself, how it gets work."""

    name: str
    release: Callable[[], str]
    order: Callable[[Work, Path], Order]
    most_hosts_in_rounds: int = 1000
    """With more hosts than these it takes so long that one round has to do."""


def _understudy(work: Work, folder: Path) -> Order:
    _write_playbook(work, folder)
    words = ["run", "-i", "hosts.ini", "-f", str(work.forks or work.hosts), "play.yml"]
    return Order([sys.executable, "-m", "understudy", *words])


def _understudy_release() -> str:
    return f"understudy {version_of('understudy')} on asyncssh {version_of('asyncssh')}"


def _floor(work: Work, folder: Path) -> Order:
    server = work.server
    given: floor.Field = {
        "hosts": list(server.hosts),
        "port": server.port,
        "user": server.user,
        "key_file": str(server.key_file),
        "known_hosts": str(server.known_hosts),
        "python": PYTHON,
        "commands": [["/bin/true"]] * work.tasks,
    }
    (folder / "field.json").write_text(json.dumps(given))
    # As a file of its own: it must not pay for what this package imports.
    return Order([sys.executable, floor.__file__, "field.json"])


def _floor_release() -> str:
    return f"asyncssh {version_of('asyncssh')}"


def _ansible(work: Work, folder: Path) -> Order:
    return _ansible_order(oracle.oracle(), work, folder)


def _ansible_release() -> str:
    return f"ansible-core {oracle.version(oracle.make_oracle())}"


def _mitogen(work: Work, folder: Path) -> Order:
    found = next((VENVS / "mitogen" / "lib").glob("python3*/site-packages/ansible_mitogen"))
    more = f"strategy = mitogen_linear\nstrategy_plugins = {found}/plugins/strategy\n"
    return _ansible_order(VENVS / "mitogen" / "bin" / "ansible-playbook", work, folder, more)


def _mitogen_release() -> str:
    python = _venv("mitogen", MITOGEN)
    core = oracle.version(python.with_name("ansible-playbook"))
    return f"mitogen {_installed(python, 'mitogen')} in ansible-core {core}"


def _ansible_order(program: Path, work: Work, folder: Path, more: str = "") -> Order:
    _write_playbook(work, folder)
    text = _ANSIBLE_CFG.format(forks=work.hosts, folder=folder, more=more)
    (folder / "ansible.cfg").write_text(text)
    environment = {"ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_HOME": str(folder)}
    return Order([str(program), "-i", "hosts.ini", "play.yml"], environment)


def _pyinfra(work: Work, folder: Path) -> Order:
    server = work.server
    common = {
        "ssh_port": server.port,
        "ssh_user": server.user,
        "ssh_key": str(server.key_file),
        "ssh_known_hosts_file": str(server.known_hosts),
        "ssh_strict_host_key_checking": "yes",
    }
    text = _PYINFRA_INVENTORY.format(common=common, hosts=server.hosts)
    (folder / "inventory.py").write_text(text)
    (folder / "deploy.py").write_text(_PYINFRA_DEPLOY.format(tasks=work.tasks))
    program = str(VENVS / "pyinfra" / "bin" / "pyinfra")
    words = ["--yes", "--parallel", str(work.hosts), "inventory.py", "deploy.py"]
    return Order([program, *words])


def _pyinfra_release() -> str:
    return f"pyinfra {_installed(_venv('pyinfra', PYINFRA), 'pyinfra')}"


def _write_playbook(work: Work, folder: Path) -> None:
    (folder / "hosts.ini").write_text(work.inventory())
    (folder / "play.yml").write_text(work.play())
    for path, text in work.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _venv(name: str, requirements: tuple[str, ...]) -> Path:
    """Return the Python of a peer's environment, which is made when it is not there."""
    python = VENVS / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENVS / name)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *requirements]
        subprocess.run(install, check=True)
    return python


def _installed(python: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


PEERS = {
    "floor": Peer("floor", _floor_release, _floor),
    "understudy": Peer("understudy", _understudy_release, _understudy),
    "pyinfra": Peer("pyinfra", _pyinfra_release, _pyinfra),
    "mitogen": Peer("mitogen", _mitogen_release, _mitogen, most_hosts_in_rounds=10),
    "ansible": Peer("ansible", _ansible_release, _ansible, most_hosts_in_rounds=10),
}
"""In the order in which they stand in the table."""
