"""A throw-away copy of this machine: what a test changes in it is gone when it ends.

An overlay lies over the files; processes, host name and network (loopback only) are its own. Needs
root. What was mounted elsewhere than at `/` is not seen, but for `/dev`, `/proc` and `/sys`.
"""

from __future__ import annotations

import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

_START = """\
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/changes" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" "$1/root"
root=$1/root
shift
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
for shared; do mkdir -p "$root$shared"; mount --rbind "$shared" "$root$shared"; done
ip link set lo up
exec chroot "$root" sh -c 'echo ready; exec sleep infinity'
"""
_NAMESPACES = ("--mount", "--uts", "--ipc", "--pid", "--net")


class Sandbox(AbstractContextManager["Sandbox"]):
    """The copy. `shared` directories are seen and written in both worlds."""

    def __init__(self, *shared: Path) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="sandbox-")
        own = ("unshare", *_NAMESPACES, "--fork", "--kill-child", "--propagation", "private")
        start = (*own, "sh", "-c", _START, "sandbox", self._home.name, *map(str, shared))
        self._holder = subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self._holder.stdout
        assert self._holder.stderr
        if self._holder.stdout.readline() != b"ready\n":
            raise OSError(self._holder.stderr.read().decode())
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        self._pid = int(children.read_text().split()[0])

    def __exit__(self, *_: object) -> None:
        self._holder.send_signal(signal.SIGKILL)
        self._holder.communicate()
        self._home.cleanup()

    @property
    def root(self) -> Path:
        """Its files, seen from outside."""
        return Path(f"/proc/{self._pid}/root")

    def words(self, words: Sequence[str], cwd: Path | str = "/") -> list[str]:
        """Return the command that runs another one inside."""
        entering = ("nsenter", f"--target={self._pid}", *_NAMESPACES, "--root")
        return [*entering, "env", "-C", str(cwd), *words]

    def run(
        self, words: Sequence[str], *, cwd: Path | str = "/", env: Mapping[str, str] | None = None
    ) -> str:
        """Run a command inside; return what it printed, raise CalledProcessError if it failed."""
        return subprocess.check_output(self.words(words, cwd), env=env, text=True)

    def program(self, name: str, text: str) -> None:
        """Write an executable, as a stand-in for a program that this machine does not have."""
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def interpreter(self, python: Path, folder: Path) -> Path:
        """Return a program that is this Python inside: an agent under it works in the copy."""
        path = folder / "python-inside"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(self.words([str(python)]))} "$@"\n')
        path.chmod(0o755)
        return path
