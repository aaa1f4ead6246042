"""Modules under test: run in this process, or by a real agent under any Python; trees of files."""

from __future__ import annotations

import asyncio
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sandbox import Sandbox
from understudy.connections import children
from understudy.connections.base import ModuleCall
from understudy.connections.local import LocalConnection
from understudy.connections.session import module_source
from understudy.playbook.arguments import coerce_arguments, load_schema

Result = dict[str, Any]
Run = Callable[[ModuleCall], Result]
SUPPORTED = tuple(f"3.{minor}" for minor in range(6, 14))


def _pythons() -> dict[str, Path]:
    """Return the Pythons of this machine by version: those of pyenv, else those on the path."""
    found = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    pythons = {path.parent.parent.name: path for path in found}
    known = {name.rpartition(".")[0] for name in pythons}
    for version in SUPPORTED:
        path = shutil.which(f"python{version}")
        if (
            path
            and version not in known
            and not subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL)
        ):
            pythons[version] = Path(path)
    return pythons


PYTHONS = _pythons()


@dataclass(slots=True)
class Host:
    """A target. Without a connection the module runs in this process."""

    connection: LocalConnection | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def run(
        self, module: str, args: Mapping[str, Any], *, check: bool = False, diff: bool = False
    ) -> Result:
        """Coerce the arguments and run the module, as a task does."""
        schema = load_schema(module)
        assert schema is not None
        internal = {name: value for name, value in args.items() if name.startswith("_")}
        public = {name: value for name, value in args.items() if not name.startswith("_")}
        given = coerce_arguments(module, public, schema) | internal
        call = ModuleCall(module=module, args=given, check_mode=check, diff=diff)
        result = self.ask(call)
        result.pop("invocation", None)
        return result

    def ask(self, call: ModuleCall) -> Result:
        """Make a call as it is."""
        return self._here(call) if self.connection is None else self._there(call)

    def _here(self, call: ModuleCall) -> Result:
        program = children.Program(call.module, module_source(call.module).text)
        request = {"args": call.args, "check_mode": call.check_mode, "diff": call.diff}
        result: Result = children.run(program, request)
        return result

    def _there(self, call: ModuleCall) -> Result:
        assert self.connection is not None
        return self.loop.run_until_complete(self._ask(self.connection, call))

    async def _ask(self, connection: LocalConnection, call: ModuleCall) -> Result:
        await connection.open()
        return (await connection.call(call)).result

    def close(self) -> None:
        """End the agent."""
        if self.connection is not None:
            self.loop.run_until_complete(self.connection.close())
        self.loop.close()


@contextmanager
def host_inside(
    sandbox: Sandbox, folder: Path, python: Path = Path(sys.executable)
) -> Iterator[Host]:
    """Give a host whose modules run by an agent under this Python in the sandbox."""
    interpreter = sandbox.interpreter(python, folder)
    host = Host(LocalConnection(host="inside", interpreter=str(interpreter)))
    try:
        yield host
    finally:
        host.close()


def plant(root: Path, tree: Mapping[str, str]) -> None:
    """Make files: `dir 755`, `file 644 text`, `link target`, `hard other`, in the order given."""
    for name, what in tree.items():
        kind, _, rest = what.partition(" ")
        path = root / name
        if kind == "link":
            path.symlink_to(rest)
        elif kind == "hard":
            path.hardlink_to(root / rest)
        elif kind == "dir":
            path.mkdir()
            path.chmod(int(rest, 8))
        else:
            mode, _, text = rest.partition(" ")
            path.write_text(text)
            path.chmod(int(mode, 8))


def harvest(root: Path) -> dict[str, str]:
    """Return the tree below a directory in the form that `plant` takes."""
    found = {}
    for path in sorted(root.rglob("*")):
        found[str(path.relative_to(root))] = _described(path)
    return found


def _described(path: Path) -> str:
    info = path.lstat()
    mode = f"{stat.S_IMODE(info.st_mode):o}"
    if stat.S_ISLNK(info.st_mode):
        return f"link {path.readlink()}"
    if stat.S_ISDIR(info.st_mode):
        return f"dir {mode}"
    return f"file {mode} {path.read_text()}"
