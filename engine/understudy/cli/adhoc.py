"""`understudy adhoc`: one task on the hosts of a pattern, as `ansible` runs it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from understudy.cli import listing
from understudy.cli.exits import Exit
from understudy.cli.limits import allow_open_files
from understudy.cli.loading import loader_of
from understudy.cli.options import adhoc_parser, ignored
from understudy.cli.passwords import passwords
from understudy.cli.reports import Reports
from understudy.cli.run import (
    Prepared,
    carry_out,
    check_limit,
    inventory_of,
    module_paths,
    settings_of,
)
from understudy.cli.vault_keys import fill_keyring
from understudy.config import Config, load_config
from understudy.execution.settings import Settings
from understudy.inventory.read import InventoryFailed
from understudy.playbook.files import FAIL_WHEN_RUN
from understudy.report import colour
from understudy.report.diagnostics import print_diagnostics
from understudy.report.minimal import COMMANDS, Minimal
from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.source import Source
from understudy.values.scope import Scope

_NAME = "<adhoc task>"


def adhoc(arguments: Sequence[str]) -> int:
    """Run one task as the arguments say; return the exit code."""
    options = adhoc_parser().parse_args(arguments)
    wrong = _without_arguments(options)
    if wrong:
        print("\n".join(f"error: {line}" for line in wrong), file=sys.stderr)
        return Exit.BAD_OPTION
    for line in ignored(options):
        print(f"warning: {line}", file=sys.stderr)
    try:
        prepared = _prepare(options)
        if options.list_hosts:
            print(_hosts(prepared))
            return Exit.OK
        check_limit(prepared)
        allow_open_files(len(prepared.inventory.hosts))
        return _carry_out(options, prepared)
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.ERROR if isinstance(invalid, InventoryFailed) else Exit.HOST_FAILED


def _without_arguments(options: argparse.Namespace) -> list[str]:
    name = options.module_name.rpartition(".")[2]
    if options.list_hosts:
        return []
    if name in COMMANDS and not options.module_args:
        return [f"No argument passed to {options.module_name} module: give it with `-a`"]
    return []


def _prepare(options: argparse.Namespace) -> Prepared:
    config = load_config()
    print_diagnostics(config.warnings, sys.stderr)
    fill_keyring(options, config)
    settings = settings_of(options, config, passwords(options, config))
    loader, warnings = loader_of(
        Scope((settings.extra_vars,)), config, FAIL_WHEN_RUN, module_paths(options)
    )
    folder = Path(options.playbook_dir or Path.cwd())
    playbook = loader.load_source(Source(str(folder / _NAME), _text(options, settings)))
    print_diagnostics(warnings, sys.stderr)
    inventory = inventory_of(settings, config)
    print_diagnostics(inventory.warnings, sys.stderr)
    return Prepared(settings, config, (playbook,), inventory, loader)


def _text(options: argparse.Namespace, settings: Settings) -> str:
    """Return the playbook that stands for the options, in JSON, which is YAML."""
    task: dict[str, object] = {options.module_name: _arguments(options.module_args)}
    if options.seconds:
        poll_s = (
            settings.poll_interval_s if options.poll_interval is None else options.poll_interval
        )
        task |= {"async": options.seconds, "poll": poll_s}
    if options.task_timeout:
        task["timeout"] = options.task_timeout
    play = {"hosts": options.pattern, "gather_facts": False, "tasks": [task]}
    return json.dumps([play], ensure_ascii=False)


def _arguments(given: str) -> object:
    """Return the arguments of `-a`: a mapping written as JSON, or a text."""
    if not given:
        return None
    try:
        return value if isinstance(value := json.loads(given), dict) else given
    except ValueError:
        return given


def _hosts(prepared: Prepared) -> str:
    pattern = prepared.playbooks[0].plays[0].hosts
    return listing.hosts_of(prepared.inventory, pattern, prepared.settings.limit)


def _carry_out(options: argparse.Namespace, prepared: Prepared) -> int:
    with ExitStack() as stack:
        report = _report(options, prepared.config)
        stack.callback(report.flush)
        reports = Reports((report,), lambda _elapsed_s: report.flush())
        return carry_out(prepared, reports)


def _report(options: argparse.Namespace, config: Config) -> Minimal:
    coloured = colour.wants_colour(
        config, os.environ, is_terminal=sys.stdout.isatty(), asked=options.color
    )
    callback = config.stdout_callback if config.bin_ansible_callbacks else ""
    return Minimal(
        sys.stdout,
        sys.stderr,
        colour.paint if coloured else colour.plain,
        one_line=options.one_line or callback.removeprefix("ansible.builtin.") == "oneline",
        verbosity=max(options.verbose, config.verbosity),
    )
