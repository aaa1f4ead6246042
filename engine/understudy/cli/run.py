"""`understudy run`: from the command line to a run, and from its end to an exit code."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.cli import listing
from understudy.cli.asking import Asker, asker
from understudy.cli.exits import Exit
from understudy.cli.extra_vars import extra_vars
from understudy.cli.host_keys import confirm
from understudy.cli.limits import allow_open_files
from understudy.cli.loading import loader_of
from understudy.cli.options import ignored, parser
from understudy.cli.passwords import Passwords, passwords
from understudy.cli.reports import Reports, open_reports
from understudy.cli.starting import Stepper, start_of
from understudy.cli.variables import variables_of
from understudy.cli.vault_keys import NoPassword, fill_keyring
from understudy.config import DEFAULT, Config, load_config
from understudy.connections.address import Address
from understudy.connections.base import Connection
from understudy.connections.opening import connection_to
from understudy.events import Report
from understudy.execution.emitter import Emitter
from understudy.execution.includes import IncludedInvalid
from understudy.execution.pool import Connections
from understudy.execution.run import Run
from understudy.execution.services import Services
from understudy.execution.settings import BecomeDefaults, FactCaching, Login, Settings
from understudy.execution.slots import Slots
from understudy.execution.starting import Start
from understudy.execution.tags import TagFilter
from understudy.execution.timing import STRICT_POLLING, UNDERSTUDY
from understudy.execution.world import Layers, RunWorld
from understudy.inventory.fact_cache import FactCache
from understudy.inventory.model import Host, Inventory
from understudy.inventory.patterns import select
from understudy.inventory.read import InventoryFailed, read_inventory
from understudy.inventory.variables import HostVariables
from understudy.playbook.files import FAIL_WHEN_RUN, Loader
from understudy.playbook.model import Play, Playbook
from understudy.report.diagnostics import print_diagnostics
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.scope import Scope
from understudy.values.vault import KEYRING, VAULT_LOCKED

_REFRESH_S = 0.1


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is read before a host is touched."""

    settings: Settings
    config: Config
    playbooks: tuple[Playbook, ...]
    inventory: Inventory
    loader: Loader
    start: Start | None = None
    stepper: Stepper | None = None
    asker: Asker | None = None


def run(arguments: Sequence[str]) -> int:
    """Run playbooks as the arguments say; return the exit code."""
    options = parser().parse_args(arguments)
    for line in ignored(options):
        print(f"warning: {line}", file=sys.stderr)
    try:
        prepared = prepare(options)
        looked = look(options, prepared)
    except (InventoryFailed, NoPassword) as failed:
        print_diagnostics(failed.diagnostics, sys.stderr)
        return Exit.ERROR
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        locked = any(found.code == VAULT_LOCKED for found in invalid.diagnostics)
        return Exit.ERROR if locked else Exit.INVALID
    if looked is not None:
        print(looked)
        return Exit.OK
    try:
        check_limit(prepared)
        tight = allow_open_files(len(prepared.inventory.hosts))
        print_diagnostics([tight] if tight else [], sys.stderr)
        with ExitStack() as stack:
            stack.callback(_tell_no_start, prepared.start)
            return carry_out(prepared, open_reports(options, prepared.config, stack))
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.INVALID if isinstance(invalid, IncludedInvalid) else Exit.ERROR


def module_paths(options: argparse.Namespace) -> list[str]:
    """Return the directories that `-M` names."""
    return [path for given in options.module_path for path in given.split(":") if path]


def _tell_no_start(start: Start | None) -> None:
    if start is not None and not start.found:
        print(
            "warning: no task matches the one to start at; dynamic includes are not searched",
            file=sys.stderr,
        )


def check_limit(prepared: Prepared) -> None:
    """Refuse a `--limit` that leaves nothing of the inventory; raise PlaybookInvalid."""
    limit = prepared.settings.limit
    if limit is not None and not select(prepared.inventory, "all", limit).hosts:
        message = f"`--limit {limit}` leaves no host of the inventory"
        help_ = "`understudy run --list-hosts` shows the hosts of each play"
        raise PlaybookInvalid([Diagnostic(code="no-hosts", message=message, help=help_)])


def prepare(options: argparse.Namespace) -> Prepared:
    """Read configuration, playbooks and inventory; raise PlaybookInvalid with what is wrong."""
    config = load_config()
    print_diagnostics(config.warnings, sys.stderr)
    _refuse(config)
    fill_keyring(options, config)
    settings = settings_of(options, config, passwords(options, config))
    loader, warnings = loader_of(
        Scope((settings.extra_vars,)), config, FAIL_WHEN_RUN, module_paths(options)
    )
    playbooks = tuple(loader.load_playbook(name) for name in options.playbooks)
    print_diagnostics(warnings, sys.stderr)
    inventory = inventory_of(settings, config)
    print_diagnostics(inventory.warnings, sys.stderr)
    start = start_of(options, playbooks)
    stepper = Stepper() if options.step else None
    return Prepared(settings, config, playbooks, inventory, loader, start, stepper, asker())


def inventory_of(settings: Settings, config: Config) -> Inventory:
    """Read the sources of the inventory; raise PlaybookInvalid."""
    return read_inventory(settings.inventory_sources, config, settings.extra_vars)


def _refuse(config: Config) -> None:
    """Refuse settings that would change what a playbook does; raise PlaybookInvalid."""
    callback = config.stdout_callback.removeprefix("ansible.builtin.")
    if callback != "default":
        where = config.origin("stdout_callback")
        message = f"`stdout_callback = {callback}` is not supported yet; set in {where}"
        raise PlaybookInvalid([Diagnostic(code="not-supported", message=message)])


def settings_of(options: argparse.Namespace, config: Config, given: Passwords) -> Settings:
    """Return the wishes for the run: the command line before the configuration."""
    return Settings(
        forks=options.forks or config.forks,
        strategy=config.strategy,
        stream=options.stream,
        check_mode=options.check,
        diff=options.diff or config.diff_always,
        verbosity=max(options.verbose, config.verbosity),
        tags=_words(options.tags) or config.run_tags or ("all",),
        skip_tags=_words(options.skip_tags) or config.skip_tags,
        limit=options.limit,
        extra_vars=extra_vars(options.extra_vars, deep=config.hash_behaviour == "merge"),
        force_handlers=options.force_handlers or config.force_handlers,
        timing=STRICT_POLLING if options.strict_polling else UNDERSTUDY,
        poll_interval_s=config.poll_interval,
        task_timeout_s=config.task_timeout,
        gathering=config.gathering,
        facts_modules=config.facts_modules,
        async_dir=config.async_dir,
        any_errors_fatal=config.any_errors_fatal,
        pattern_mismatch=config.host_pattern_mismatch,
        unknown_handler_fails=config.error_on_missing_handler,
        no_log=config.no_log,
        open_files=config.python_module_rlimit_nofile,
        inject_facts=config.inject_facts_as_vars,
        fact_cache=_fact_caching(config),
        flush_cache=options.flush_cache,
        config_file=config.file,
        inventory_sources=sources_of(options, config),
        connection=options.connection or config.transport,
        interpreter=config.interpreter_python,
        executable=config.executable,
        remote_tmp=config.remote_tmp if config.origin("remote_tmp") is not DEFAULT else None,
        login=_login(options, config, given),
        become=_become(options, config, given),
    )


def _fact_caching(config: Config) -> FactCaching | None:
    """Return where facts are kept, if they are; raise PlaybookInvalid."""
    name = config.fact_caching.removeprefix("ansible.builtin.")
    if name == "memory":
        return None
    where = config.origin("fact_caching")
    if name != "jsonfile":
        message = f"`fact_caching = {name}` is not supported; set in {where}"
        help_ = "there is `jsonfile` and `memory`"
        raise PlaybookInvalid([Diagnostic(code="not-supported", message=message, help=help_)])
    if config.fact_caching_connection is None:
        message = f"`fact_caching = jsonfile` needs a directory; set in {where}"
        help_ = "name it in `fact_caching_connection`"
        raise PlaybookInvalid([Diagnostic(code="invalid-config", message=message, help=help_)])
    return FactCaching(
        directory=Path(config.fact_caching_connection),
        prefix=config.fact_caching_prefix,
        timeout_s=config.fact_caching_timeout,
    )


def _login(options: argparse.Namespace, config: Config, given: Passwords) -> Login:
    return Login(
        user=options.remote_user or config.remote_user,
        port=config.remote_port,
        password=given.login,
        key_file=options.private_key or config.private_key_file,
        args=config.ssh_args,
        common_args=options.ssh_common_args or config.ssh_common_args,
        extra_args=options.ssh_extra_args or config.ssh_extra_args,
        timeout_s=options.timeout or config.timeout,
        retries=config.ssh_retries,
        check_host_key=config.host_key_checking,
    )


def _become(options: argparse.Namespace, config: Config, given: Passwords) -> BecomeDefaults:
    return BecomeDefaults(
        always=options.become or config.become,
        user=options.become_user or config.become_user,
        method=options.become_method or config.become_method,
        exe=config.become_exe,
        flags=config.become_flags,
        password=given.become,
        same_user=config.become_allow_same_user,
    )


def _words(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.strip() for text in given for word in text.split(",") if word.strip())


def sources_of(options: argparse.Namespace, config: Config) -> tuple[str, ...]:
    """Return the inventory sources; a configured one that is not there is passed over."""
    if options.inventory:
        return tuple(options.inventory)
    return tuple(name for name in config.inventory if "," in name or Path(name).exists())


def look(options: argparse.Namespace, prepared: Prepared) -> str | None:
    """Return what an option that only looks asks for, or None for a real run."""
    settings = prepared.settings
    scope = Scope((settings.extra_vars,))

    def wanted(play: Play) -> TagFilter:
        seen = Scope((settings.extra_vars, play.vars))
        return listing.tag_filter(settings.tags, settings.skip_tags, seen)

    texts = []
    for playbook in prepared.playbooks:
        if options.syntax_check:
            texts.append(f"\nplaybook: {playbook.path}")
        elif options.list_hosts:
            texts.append(listing.hosts(playbook, prepared.inventory, settings.limit, scope))
        elif options.list_tasks:
            texts.append(listing.tasks(playbook, wanted))
        elif options.list_tags:
            texts.append(listing.tags(playbook, wanted))
    if options.list_vars:
        return asyncio.run(_list_vars(prepared, options.list_vars))
    return "\n".join(texts) if texts else None


async def _list_vars(prepared: Prepared, host: str) -> str:
    run_ = assemble(replace(prepared, asker=None), ())
    return await variables_of(run_, prepared.playbooks, host)


def carry_out(prepared: Prepared, reports: Reports) -> int:
    """Run the playbooks; return the exit code."""
    return asyncio.run(_carry_out(prepared, reports))


async def _carry_out(prepared: Prepared, reports: Reports) -> int:
    run_ = assemble(prepared, reports.reports)
    for one in (prepared.stepper, prepared.asker):
        if one is not None:
            one.flush = lambda: reports.refresh(run_.services.emit.elapsed_s())
    await confirm(run_.services, prepared.playbooks)
    refreshing = asyncio.create_task(_refresh(run_, reports))
    task = asyncio.current_task()
    if task is None:
        raise AssertionError
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await run_.run(prepared.playbooks)
    except asyncio.CancelledError:
        return run_.interrupted()
    finally:
        refreshing.cancel()


async def _refresh(run_: Run, reports: Reports) -> None:
    """Show what was held back, so that nothing is late while the run waits."""
    while True:
        await asyncio.sleep(_REFRESH_S)
        reports.refresh(run_.services.emit.elapsed_s())


def layers_of(inventory: Inventory, folder: Callable[[], Path]) -> Callable[[Host], Layers]:
    """Return what gives a host's variables; `folder` gives the current play's directory."""
    variables = HostVariables(inventory)
    return lambda host: tuple(layer.values for layer in variables.of(host, str(folder())))


def reread(
    prepared: Prepared, folder: Callable[[], Path]
) -> tuple[Inventory, Callable[[Host], Layers]]:
    """Read the inventory again; raise PlaybookInvalid."""
    inventory = inventory_of(prepared.settings, prepared.config)
    return inventory, layers_of(inventory, folder)


def _fact_cache(settings: Settings, wall: Callable[[], float]) -> FactCache | None:
    kept = settings.fact_cache
    return FactCache(kept.directory, kept.prefix, kept.timeout_s, wall) if kept else None


def assemble(prepared: Prepared, reports: Sequence[Report]) -> Run:
    """Put the parts of a run together."""
    settings = prepared.settings
    emit = Emitter(reports)

    def folder() -> Path:
        return world.folder

    def connect(address: Address, below: Connection | None) -> Connection:
        return connection_to(address, below, folder())

    layers = layers_of(prepared.inventory, folder)
    world = RunWorld(prepared.inventory, layers, emit, settings.extra_vars)
    world.folder = Path(prepared.playbooks[0].path).resolve().parent
    world.merges_hashes = prepared.config.hash_behaviour == "merge"
    world.inject_facts = settings.inject_facts
    world.cache = _fact_cache(settings, emit.wall)
    world.limit = settings.limit
    world.read = lambda: reread(prepared, folder)
    services = Services(settings, world, emit, Slots(settings.forks), Connections(connect))
    services.start = prepared.start
    services.secrets.opened = KEYRING.opened
    services.enter = prepared.asker.enter if prepared.asker else None
    services.ask = prepared.stepper.ask if prepared.stepper else None
    return Run(services, prepared.loader)
