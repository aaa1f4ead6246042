"""How an agent gets onto a target: one command, and its sources as the first bytes of its input."""

from __future__ import annotations

import json
import zlib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
TRAVELS = (
    "frames",
    "waker",
    "commands",
    "target",
    "target_files",
    "children",
    "jobs",
    "supervisor",
    "uploads",
    "agent",
)
"""Modules of this package that run on the target."""

OPTIONS = ("-E", "-s", "-S")
"""Of the target's Python: nothing that a user or the environment adds to it is imported."""

STARTER = """\
import sys
sys.path[:]=[p for p in sys.path if p]
v='.'.join(map(str,sys.version_info[:3]))
sys.version_info<(3,6) and sys.exit('%s is Python %s, 3.6 or newer is needed'%(sys.executable,v))
import json,os,zlib
from importlib.machinery import ModuleSpec
def r(n):
    b=b''
    while len(b)<n:
        c=os.read(0,n-len(b))
        c or os._exit(0)
        b+=c
    return b
s=json.loads(zlib.decompress(r(int(r(10)))).decode())
class Carried:
    def find_spec(self,name,path=None,target=None):
        if name in s: return ModuleSpec(name,self,is_package=not s[name])
    def create_module(self,spec): return None
    def exec_module(self,m): exec(compile(s[m.__name__],'<'+m.__name__+'>','exec'),m.__dict__)
sys.meta_path.insert(0,Carried())
from understudy.connections import agent
agent.main()
"""
"""What `python3 -c` runs on the target: it reads the sources, lets them be imported, and serves.

Older Pythons must be able to parse it, or they could not say that they are too old.
"""


@cache
def sources() -> bytes:
    """Return the first bytes of the agent's input: a length of ten digits, and the sources."""
    package = __package__
    texts = {package.partition(".")[0]: "", package: ""}
    for name in TRAVELS:
        texts[f"{package}.{name}"] = (_HERE / f"{name}.py").read_text("utf-8")
    packed = zlib.compress(json.dumps(texts).encode(), level=6)
    return b"%010d" % len(packed) + packed
