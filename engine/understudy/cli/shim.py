"""`understudy shim`: programs under Ansible's names that call us, so that scripts run unchanged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from understudy.cli.exits import Exit

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "ansible": ("adhoc",),
    "ansible-config": ("config",),
    "ansible-inventory": ("inventory",),
    "ansible-playbook": ("run", "--classic-output"),
    "ansible-vault": ("vault",),
}
"""Each program, and the words that stand before its own arguments."""

_PROGRAM = """\
#!{python}
import sys

from understudy.cli.main import main

sys.exit(main([*{words!r}, *sys.argv[1:]]))
"""


def shim(arguments: Sequence[str]) -> int:
    """Write the programs into a directory; return the exit code."""
    options = parser().parse_args(arguments)
    folder = Path(options.directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, words in PROGRAMS.items():
            _write(folder / name, words)
    except OSError as error:
        print(f"error: cannot write into `{folder}`: {error.strerror}", file=sys.stderr)
        return Exit.ERROR
    print(f"wrote {', '.join(PROGRAMS)} into {folder}")
    print(f'put it first on the path: export PATH="{folder.resolve()}:$PATH"')
    return Exit.OK


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy shim`."""
    made = argparse.ArgumentParser(
        prog="understudy shim",
        description="Write programs with Ansible's names that call understudy.",
    )
    made.add_argument("directory", metavar="DIR", help="where to; it is made if need be")
    return made


def _write(path: Path, words: tuple[str, ...]) -> None:
    path.write_text(_PROGRAM.format(python=sys.executable, words=words), "utf-8")
    path.chmod(0o755)
