"""The command line: which command is asked for. Nothing is imported before it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from understudy import __version__
from understudy.cli import streams
from understudy.cli.exits import Exit

WELCOME = """\
understudy runs Ansible-style playbooks, fast, and tells the truth about time.
  understudy run -i hosts.ini site.yml       run a playbook
  understudy check site.yml                  find mistakes without touching a host
  first steps: write `- hosts: localhost` with tasks into site.yml, check it, run it
  more: `understudy run --help`, `understudy check --help`, `understudy --version`"""


def _run(arguments: Sequence[str]) -> int:
    from understudy.cli.run import run

    return run(arguments)


def _check(arguments: Sequence[str]) -> int:
    import gc

    from understudy.cli.check import check

    # hardly anything of a check goes away in circles: to look for them as often as Python does
    # would take a third of the time, and a check of one playbook need not look at all
    gc.set_threshold(100_000)
    return check(arguments)


def _adhoc(arguments: Sequence[str]) -> int:
    from understudy.cli.adhoc import adhoc

    return adhoc(arguments)


def _vault(arguments: Sequence[str]) -> int:
    from understudy.cli.vault import vault

    return vault(arguments)


def _config(arguments: Sequence[str]) -> int:
    from understudy.cli.config import config

    return config(arguments)


def _doc(arguments: Sequence[str]) -> int:
    from understudy.cli.doc import doc

    return doc(arguments)


def _inventory(arguments: Sequence[str]) -> int:
    from understudy.cli.inventory import inventory

    return inventory(arguments)


def _rule(arguments: Sequence[str]) -> int:
    from understudy.cli.rule import rule

    return rule(arguments)


def _schema(arguments: Sequence[str]) -> int:
    from understudy.cli.schema import schema

    return schema(arguments)


def _shim(arguments: Sequence[str]) -> int:
    from understudy.cli.shim import shim

    return shim(arguments)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": _run,
    "check": _check,
    "adhoc": _adhoc,
    "config": _config,
    "doc": _doc,
    "inventory": _inventory,
    "rule": _rule,
    "schema": _schema,
    "shim": _shim,
    "vault": _vault,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"] and given[1:]:
        given = [given[1], "--help"]
    if not given or given[0] in {"-h", "--help", "help"}:
        print(WELCOME)
        return Exit.OK
    if given[0] in {"--version", "version"}:
        print(f"understudy {__version__}")
        return Exit.OK
    command = COMMANDS.get(given[0])
    if command is None:
        return _unknown(given[0])
    streams.prepare()
    try:
        code = command(given[1:])
        # here a reader that is gone can still be told from an error
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.BY_SIGINT
    except BrokenPipeError:
        if not streams.is_unread():
            raise
        streams.abandon()
        return Exit.ERROR
    return code


def _unknown(word: str) -> int:
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f"did you mean `understudy {near[0]}`?" if near else f"one of: {', '.join(COMMANDS)}"
    if word.endswith((".yml", ".yaml")):
        hint = f"did you mean `understudy run {word}`?"
    elif os.path.isdir(word):  # noqa: PTH112 (Path's fails for odd names)
        hint = f"did you mean `understudy check {word}`?"
    print(f"error: `{word}` is not a command of understudy; {hint}", file=sys.stderr)
    return Exit.ERROR
