"""How an agent gets onto a target: one command, and its sources as the first bytes of its input.

The command finds a Python and starts it in one go, so that this costs no exchange of its own. It
passes through the login shell, which may be any (sh, csh, fish): between the outer quotes stand no
quote, no line break, no `!` and no backslash.
"""

from __future__ import annotations

import ast
import binascii
import marshal
import re
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType

_HERE = Path(__file__).parent
_FOR_ANY = 2
"""The version of marshalled texts that every Python reads."""
MAGIC = MAGIC_NUMBER.hex().encode()
"""What compiled sources of our Python are known by."""
TRAVELS = (
    "frames",
    "waker",
    "outbox",
    "live",
    "commands",
    "target",
    "selinux",
    "target_files",
    "target_text",
    "children",
    "warden",
    "direct",
    "jobs",
    "logout",
    "watch",
    "supervisor",
    "transfers",
    "tunnels",
    "agent",
)
"""Modules of this package that run on the target."""
SELDOM = frozenset({"selinux", "logout", "target_text"})
"""Few agents import them, so they are not compiled here: as texts they are smaller."""

OPTIONS = ("-E", "-s", "-S")
"""Of the target's Python: nothing that a user or the environment adds to it is imported."""

PYTHONS = (
    *(f"python3.{minor}" for minor in range(14, 5, -1)),
    "python3",
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
    "/usr/local/bin/python3",
    "python",
)
"""Where a Python is looked for, the newest first; the last one most often can only say its age."""

MARK = re.compile(rb"\0understudy agent ([0-9a-f]*)\0")
"""What an agent says first, with the magic number of its Python: what compiled sources it takes.

Before it a login shell may print what it likes.
"""

CANNOT_RUN = 126
NOT_FOUND = 127
"""How the command ends when a Python is none, or too old; the next one is tried."""

STARTER = """\
import os,sys
sys.path[:]=[p for p in sys.path if p]
if sys.version_info<(3,6):
    v='.'.join(map(str,sys.version_info[:3]))
    sys.stderr.write('%s is Python %s, 3.6 or newer is needed\\n'%(sys.executable,v))
    os._exit(126)
if os.isatty(0):
    import tty
    tty.setraw(0)
import marshal,zlib
from importlib.machinery import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER
os.write(1,b'\\0understudy agent '+MAGIC_NUMBER.hex().encode()+b'\\0')
def r(n):
    b=b''
    while len(b)<n:
        c=os.read(0,n-len(b))
        c or os._exit(0)
        b+=c
    return b
s=marshal.loads(zlib.decompress(r(int(r(10)))))
class Carried:
    def find_spec(self,name,path=None,target=None):
        if name in s: return ModuleSpec(name,self,is_package=not s[name])
    def create_module(self,spec): return None
    def exec_module(self,m):
        c=s[m.__name__]
        exec(compile(c,'<'+m.__name__+'>','exec') if isinstance(c,str) else c,m.__dict__)
sys.meta_path.insert(0,Carried())
from understudy.connections import agent
agent.main()
"""
"""What `python3 -c` runs on the target: it reads the sources, lets them be imported, and serves.

A Python of our own version is sent compiled sources: to compile them is a third of its start.

Older Pythons must be able to parse it, or they could not say that they are too old. On a terminal
nothing but raw bytes may pass from the first frame on.
"""

LOADER = "import sys,zlib,binascii;exec(zlib.decompress(binascii.a2b_base64(sys.argv[1])))"


@cache
def _packed_starter() -> str:
    return binascii.b2a_base64(zlib.compress(STARTER.encode(), 9), newline=False).decode()


def argv_of(python: Sequence[str]) -> list[str]:
    """Return the command that starts an agent with a known Python."""
    return [*python, *OPTIONS, "-c", LOADER, _packed_starter()]


def script(python: str | None, likely: str | None = None) -> str:
    """Return a line for `/bin/sh -c` that starts an agent: with `python`, or the first usable one.

    `python` is a command line as `ansible_python_interpreter` has it; `likely` is tried first.
    """
    start = f'{" ".join(OPTIONS)} -c "{LOADER}" {_packed_starter()}'
    if python is not None:
        return f"exec {python} {start}"
    names = " ".join([likely, *PYTHONS] if likely else PYTHONS)
    return (
        f"for p in {names}; do command -v $p >/dev/null 2>&1 || continue; $p {start}; r=$?;"
        f" case $r in {CANNOT_RUN}|{NOT_FOUND}) ;; *) exit $r;; esac; done; exit {NOT_FOUND}"
    )


def login_command(line: str) -> str:
    """Return what any login shell understands as: let `/bin/sh` run this line."""
    return f"exec /bin/sh -c {quoted(line)}"


def quoted(line: str) -> str:
    """Quote a text so that sh, csh and fish read the same."""
    return "'" + line.replace("'", "'\\''") + "'"


@cache
def sources(*, same_python: bool) -> bytes:
    """Return the first bytes of the agent's input: a length of ten digits, and the sources.

    They are compiled if it is the `same_python`.
    """
    package = __package__
    carried: dict[str, str | CodeType] = {package.partition(".")[0]: "", package: ""}
    for name in TRAVELS:
        text = (_HERE / f"{name}.py").read_text("utf-8")
        wanted = same_python and name not in SELDOM
        full = f"{package}.{name}"
        carried[full] = compiled(text, full) if wanted else without_docstrings(text)
    dumped = marshal.dumps(carried) if same_python else marshal.dumps(carried, _FOR_ANY)
    packed = zlib.compress(dumped, 9)
    return b"%010d" % len(packed) + packed


def without_docstrings(text: str) -> str:
    """Return a source whose docstrings are empty; every line keeps its number."""
    lines = text.splitlines()
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, kinds) or ast.get_docstring(node, clean=False) is None:
            continue
        said = node.body[0]
        end = said.end_lineno or said.lineno
        lines[said.lineno - 1 : end] = [" " * said.col_offset + '""'] + [""] * (end - said.lineno)
    return "\n".join(lines) + "\n"


def compiled(text: str | bytes, name: str) -> CodeType:
    """Return what another Python of this version runs as it is; docstrings stay here."""
    return compile(text, f"<{name}>", "exec", dont_inherit=True, optimize=2)
