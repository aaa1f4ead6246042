"""`understudy inventory`: the hosts, groups and variables of an inventory, as ansible-inventory."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from understudy.cli.exits import Exit
from understudy.cli.extra_vars import extra_vars
from understudy.cli.options import add_inventory
from understudy.cli.run import sources_of
from understudy.cli.vault_keys import add_options, fill_keyring
from understudy.config import load_config
from understudy.inventory.patterns import could_not_match, select
from understudy.inventory.read import InventoryFailed, read_inventory
from understudy.inventory.show import Shown
from understudy.inventory.variables import HostVariables
from understudy.report.diagnostics import print_diagnostics
from understudy.report.results import to_json
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.filters.yaml_writer import to_nice_yaml
from understudy.values.texts import Value


def inventory(arguments: Sequence[str]) -> int:
    """Print what the arguments ask for; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        text = _asked(options, _shown(options))
    except InventoryFailed as failed:
        print_diagnostics(failed.diagnostics, sys.stderr)
        return Exit.ERROR
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.BAD_OPTION
    if options.output_file:
        Path(options.output_file).write_text(text + "\n", "utf-8")
    else:
        print(text)
    return Exit.OK


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy inventory`."""
    made = argparse.ArgumentParser(
        prog="understudy inventory", description="Show an inventory, as ansible-inventory does."
    )
    add = made.add_argument
    add("group", nargs="?", default="all", metavar="GROUP", help="where `--graph` begins (all)")
    action = made.add_mutually_exclusive_group(required=True)
    action.add_argument("--list", action="store_true", help="print everything, as a program would")
    action.add_argument("--host", metavar="HOST", help="print the variables of a host")
    action.add_argument("--graph", action="store_true", help="print the tree of groups")
    add("--vars", action="store_true", help="with the variables, in `--graph`")
    add("--export", action="store_true", help="leave variables with the group that has them")
    add("-y", "--yaml", action="store_true", help="print YAML in place of JSON")
    add("--output", dest="output_file", metavar="FILE", help="write into a file")
    add("--playbook-dir", default=".", metavar="DIR", help="where more variables may lie")
    add("-v", "--verbose", action="count", default=0, help="show more")
    add_inventory(made)
    add_options(made)
    return made


def _shown(options: argparse.Namespace) -> Shown:
    """Read the inventory; raise PlaybookInvalid."""
    config = load_config()
    print_diagnostics(config.warnings, sys.stderr)
    fill_keyring(options, config)
    given = extra_vars(options.extra_vars, deep=config.hash_behaviour == "merge")
    known = read_inventory(sources_of(options, config), config, given)
    print_diagnostics(known.warnings, sys.stderr)
    names = [host.name for host in select(known, "all", options.limit).hosts]
    folder = str(Path(options.playbook_dir).resolve())
    return Shown(known, HostVariables(known), folder, names, given, options.export)


def _asked(options: argparse.Namespace, shown: Shown) -> str:
    if options.graph:
        if options.group not in shown.inventory.groups:
            raise _wrong(f"there is no group `{options.group}` for `--graph` to begin at")
        return shown.graph(options.group, with_vars=options.vars)
    if options.host:
        return _formatted(options, _of_host(options.host, shown))
    return _formatted(options, shown.as_tree() if options.yaml else shown.as_list())


def _of_host(name: str, shown: Shown) -> Value:
    host = shown.inventory.find(name)
    if host is None:
        print(f"warning: {could_not_match(name)}", file=sys.stderr)
        raise _wrong(f"there is no host `{name}` for `--host`")
    return shown.host_vars(host)


def _formatted(options: argparse.Namespace, data: Value) -> str:
    return (
        to_nice_yaml(data, indent=2).rstrip("\n") if options.yaml else to_json(data, indented=True)
    )


def _wrong(message: str) -> PlaybookInvalid:
    return PlaybookInvalid([Diagnostic(code="inventory-option", message=message)])
