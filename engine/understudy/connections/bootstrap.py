"""How an agent gets onto a target: one command, and its sources as the first bytes of its input."""

from __future__ import annotations

import json
import zlib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_TRAVELS = ("frames", "target", "target_files", "children", "jobs", "agent")
"""Modules of this package that the agent consists of, each after those that it imports."""

STARTER = """\
import os,sys,json,zlib,types
def r(n):
    b=b''
    while len(b)<n:
        c=os.read(0,n-len(b))
        if not c: os._exit(0)
        b+=c
    return b
def m(name):
    x=sys.modules[name]=types.ModuleType(name)
    return x
p=m('understudy')
q=p.connections=m('understudy.connections')
p.__path__=q.__path__=[]
for n,s in json.loads(zlib.decompress(r(int(r(10)))).decode()):
    x=m('understudy.connections.'+n)
    setattr(q,n,x)
    exec(compile(s,'<understudy %s>'%n,'exec'),x.__dict__)
q.agent.main()
"""
"""What `python3 -c` runs on the target: it reads the sources, makes modules of them, and serves."""


@cache
def sources() -> bytes:
    """Return the first bytes of the agent's input: a length of ten digits, and the sources."""
    texts = [(name, (_HERE / f"{name}.py").read_text("utf-8")) for name in _TRAVELS]
    packed = zlib.compress(json.dumps(texts).encode(), level=6)
    return b"%010d" % len(packed) + packed
