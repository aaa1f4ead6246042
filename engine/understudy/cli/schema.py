"""`understudy schema`: one JSON Schema for editors: playbooks, files of tasks, inventories."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from understudy.cli.exits import Exit
from understudy.playbook.editor_schema import bundle


def schema(arguments: Sequence[str]) -> int:
    """Print the schema; return the exit code."""
    options = parser().parse_args(arguments)
    print(json.dumps(bundle(options.module), indent=2))
    return Exit.OK


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy schema`."""
    made = argparse.ArgumentParser(
        prog="understudy schema",
        description="Print a JSON Schema (draft-07) of playbooks, files of tasks and inventories. "
        "Put it into a file and name that in your editor: "
        "`# yaml-language-server: $schema=understudy.schema.json`.",
    )
    made.add_argument(
        "--module",
        action="append",
        default=[],
        metavar="NAME",
        help="a further module that tasks may call, such as one of your project; repeat it",
    )
    return made
