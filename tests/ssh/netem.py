"""Two network namespaces joined by a link with delay and loss; nothing outside is reached.

The kernel's netem delays the packets of a veth pair. Where the kernel was built without it, two
TUN devices and `tests.ssh.relay` do the same. Both need root.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

NEAR_ADDRESS = "198.18.0.1"
"""Out of the range that RFC 2544 keeps for benchmarks, as is the other end's."""
FAR_ADDRESS = "198.18.0.2"
_NAMESPACES = Path("/run/netns")


@dataclass(frozen=True, slots=True)
class Link:
    """Two namespaces: the runner is started in the near one, the server in the far one."""

    near: str
    far: str
    by: str
    """What delays the packets, in words for a report."""

    @property
    def in_near(self) -> list[str]:
        """The words that start a command in the near namespace."""
        return ["ip", "netns", "exec", self.near]

    @property
    def in_far(self) -> list[str]:
        """The words that start a command in the far namespace."""
        return ["ip", "netns", "exec", self.far]


def missing() -> str | None:
    """Return why no link can be made here, or None."""
    if os.geteuid() != 0:
        return "needs root to make network namespaces"
    if not (shutil.which("ip") and shutil.which("tc")):
        return "needs `ip` and `tc`"
    if not _can_make_namespace():
        return "network namespaces cannot be made here"
    with _namespaces() as (near, far):
        if _veth(near, far, 0.001, 0) or Path("/dev/net/tun").exists():
            return None
    return "the kernel has neither netem nor TUN devices"


@contextmanager
def link(delay_s: float, loss: float = 0.0) -> Iterator[Link]:
    """Join two new namespaces: packets take `delay_s` each way and are lost with a chance `loss`.

    A round trip takes twice the delay.
    """
    with ExitStack() as stack:
        near, far = stack.enter_context(_namespaces())
        by = "netem"
        if not _veth(near, far, delay_s, loss):
            by = "a relay of packets between TUN devices"
            stack.enter_context(_relay(near, far, delay_s, loss))
        for name, address in ((near, NEAR_ADDRESS), (far, FAR_ADDRESS)):
            _run(f"ip -n {name} address add {address}/24 dev {_device(name)}")
            _run(f"ip -n {name} link set {_device(name)} up")
        yield Link(near, far, by)


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True)


def _works(command: str) -> bool:
    return subprocess.run(command.split(), capture_output=True, check=False).returncode == 0


def _can_make_namespace() -> bool:
    name = f"usd-probe-{os.getpid()}"
    return _works(f"ip netns add {name}") and _works(f"ip netns delete {name}")


@contextmanager
def _namespaces() -> Iterator[tuple[str, str]]:
    _clear_left_behind()
    names = (f"usd-near-{os.getpid()}", f"usd-far-{os.getpid()}")
    try:
        for name in names:
            _run(f"ip netns add {name}")
            _run(f"ip -n {name} link set lo up")
        yield names
    finally:
        for name in names:
            _works(f"ip netns delete {name}")


def _clear_left_behind() -> None:
    """Remove the namespaces of runs that are gone."""
    for path in _NAMESPACES.glob("usd-*"):
        owner = re.search(r"\d+$", path.name)
        if owner and not Path(f"/proc/{owner[0]}").exists():
            _works(f"ip netns delete {path.name}")


def _device(namespace: str) -> str:
    """Return the name of the device; the kernel allows it 15 characters."""
    return namespace.removeprefix("usd-").replace("-", "")


def _veth(near: str, far: str, delay_s: float, loss: float) -> bool:
    """Join the namespaces by a veth pair with netem at both ends; False where there is no netem."""
    ends = f"{_device(near)} netns {near} type veth peer name {_device(far)} netns {far}"
    if not _works(f"ip link add {ends}"):
        return False
    effect = f"netem delay {delay_s * 1000:g}ms loss {loss * 100:g}% limit 100000"
    if all(_works(f"tc -n {n} qdisc add dev {_device(n)} root {effect}") for n in (near, far)):
        return True
    _works(f"ip -n {near} link delete {_device(near)}")
    return False


@contextmanager
def _relay(near: str, far: str, delay_s: float, loss: float) -> Iterator[None]:
    """Join the namespaces by two TUN devices and the process that carries their packets."""
    words = ["-m", "tests.ssh.relay", _device(near), _device(far), str(delay_s), str(loss)]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise RuntimeError("the relay did not start")
            for name in (near, far):
                _run(f"ip link set {_device(name)} netns {name}")
            yield
        finally:
            process.kill()
