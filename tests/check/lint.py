"""ansible-lint, in a venv of its own, only ever called as a command.

`python -m tests.check.lint` makes the venv, unless it is there, and prints the program's path.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = ("ansible-lint==26.10.1", "ansible-core==2.19.14")
VENV = Path(__file__).parents[2] / ".lint"
VARIABLE = "UNDERSTUDY_LINT"
OPTIONS = ("--offline", "--profile", "production", "-q")
FOUND = 2
"""How it ends when it has something to tell; with 0 it has not."""


def ansible_lint() -> Path:
    """Return the path of `ansible-lint`; raise SystemExit that says how to get it."""
    path = Path(os.environ.get(VARIABLE, VENV / "bin" / "ansible-lint"))
    if not path.exists():
        raise SystemExit(f"no {path}: run `python -m tests.check.lint` or set {VARIABLE}")
    return path


def environment() -> dict[str, str]:
    """Return what it needs in its environment: it looks for Ansible's programs on the path."""
    path = f"{ansible_lint().parent}:{os.environ.get('PATH', os.defpath)}"
    return {"PATH": path, "NO_COLOR": "1"}


def make() -> Path:
    """Create the venv with ansible-lint in it, unless it is there; return the command's path."""
    if VARIABLE not in os.environ and not (VENV / "bin" / "ansible-lint").exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *REQUIREMENTS], check=True)
    return ansible_lint()


if __name__ == "__main__":
    print(make())
