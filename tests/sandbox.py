"""A throw-away copy of this machine: what a test changes in it is gone when it ends.

An overlay lies over the files; processes, host name and network (loopback only) are its own. Needs
root. What was mounted elsewhere than at `/` is not seen, but for `/dev`, `/proc` and `/sys`.
A booted one has systemd as its first process, with control groups of its own.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
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
if [ -n "$SANDBOX_BOOTS" ]; then
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs tmpfs "$root/run"
  for units in /lib /etc; do rm -rf "$root$units/systemd/system/sysinit.target.wants"; done
  mkdir -p "$root/run/systemd/system"
  printf '[Unit]\nDefaultDependencies=no\nWants=dbus.socket\n' \
    > "$root/run/systemd/system/sandbox.target"
fi
mount -t proc proc "$root/proc"
for shared; do mkdir -p "$root$shared"; mount --rbind "$shared" "$root$shared"; done
ip link set lo up
[ -n "$SANDBOX_BOOTS" ] || exec chroot "$root" sh -c 'echo ready; exec sleep infinity'
echo ready
exec chroot "$root" env -i container=sandbox PATH="$PATH" \
  /lib/systemd/systemd --unit=sandbox.target --log-target=null > /dev/null 2>&1
"""
_OWN_CGROUP = """\
set -e
mount -t cgroup2 cgroup2 "$1"
mkdir "$1/$2"
echo $$ > "$1/$2/cgroup.procs"
umount "$1"
shift 2
exec "$@"
"""
_NO_CGROUP = """\
mount -t cgroup2 cgroup2 "$1"
for try in $(seq 100); do
  find "$1/$2" -depth -type d -exec rmdir {} + 2> /dev/null
  [ -e "$1/$2" ] || exit 0
  sleep 0.02
done
"""
_PRIVATELY = ("unshare", "--mount", "--propagation", "private", "sh", "-c")
_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""It ends with the thread that made it, even if that is killed."""
_BOOT_S = 30
_NAMESPACES = ("--mount", "--uts", "--ipc", "--pid", "--net")


class Sandbox(AbstractContextManager["Sandbox"]):
    """The copy. `shared` directories are seen and written in both worlds."""

    def __init__(self, *shared: Path, boots: bool = False) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="sandbox-")
        self._boots = boots
        group = (*_PRIVATELY, _OWN_CGROUP, "sh", self._home.name, self.cgroup) if boots else ()
        spaces = (*_NAMESPACES, *["--cgroup"] * boots, "--propagation", "private")
        inside = ("sh", "-c", _START, "sandbox", self._home.name, *map(str, shared))
        start = (*_WITH_US, *group, "unshare", *spaces, "--fork", "--kill-child", *inside)
        environment = {**os.environ, "SANDBOX_BOOTS": "1" * boots}
        self._holder = subprocess.Popen(
            start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        assert self._holder.stdout
        assert self._holder.stderr
        if self._holder.stdout.readline() != b"ready\n":
            raise OSError(self._holder.stderr.read().decode())
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        self._pid = int(children.read_text().split()[0])
        if boots:
            self._wait_for_boot()

    @property
    def cgroup(self) -> str:
        """The name of its control group, if it is booted."""
        return Path(self._home.name).name

    def _wait_for_boot(self) -> None:
        deadline = time.monotonic() + _BOOT_S
        asked = self.words(["systemctl", "is-system-running", "--wait"])
        while subprocess.run(asked, capture_output=True, check=False).stdout != b"running\n":
            if time.monotonic() > deadline:
                raise OSError("systemd does not get up: " + self.run(["systemctl", "--failed"]))
            time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._holder.send_signal(signal.SIGKILL)
        self._holder.communicate()
        if self._boots:
            gone = (*_PRIVATELY, _NO_CGROUP, "sh", self._home.name, self.cgroup)
            subprocess.run(gone, check=False)
        self._home.cleanup()

    def changes(self, *options: str) -> str:
        """Return what `find` with these options prints of the files that were changed."""
        entering = ("nsenter", f"--target={self._pid}", "--mount")
        found = ("find", f"{self._home.name}/changes", *options)
        return subprocess.check_output([*entering, *found], text=True)

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
