"""The oracle: the real `ansible-playbook`, in a venv of its own, only ever called as a command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.parity.case import HERE

REQUIREMENTS = ("ansible-core==2.19.14", "jmespath", "pexpect")
VENV = HERE.parent.parent / ".oracle"
VARIABLE = "UNDERSTUDY_ORACLE"


def oracle() -> Path:
    """Return the path of `ansible-playbook`; raise SystemExit that says how to get it."""
    path = Path(os.environ.get(VARIABLE, VENV / "bin" / "ansible-playbook"))
    if not path.exists():
        raise SystemExit(f"no {path}: run `python -m tests.parity --oracle` or set {VARIABLE}")
    return path


def make_oracle() -> Path:
    """Create the venv with ansible-core in it, unless it is there; return the command's path."""
    if VARIABLE not in os.environ and not (VENV / "bin" / "ansible-playbook").exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *REQUIREMENTS], check=True)
    return oracle()


def version(command: Path) -> str:
    """Return the version of ansible-core, as it names itself."""
    done = subprocess.run([command, "--version"], check=True, capture_output=True, text=True)
    found = re.search(r"\[core ([^\]]+)\]", done.stdout)
    return found[1] if found else "unknown"
