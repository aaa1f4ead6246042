"""The flags of `understudy check` that say the same as its configuration, and win over it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from understudy.check.settings import setting_values as values
from understudy.check.settings.configuration import find_configuration, read_configuration
from understudy.check.settings.settings import Asked, Settings, SettingsInvalid, settings_of
from understudy.check.targets import Target


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags to a parser."""
    add = parser.add_argument_group("settings").add_argument
    add("--select", action="append", metavar="RULE,…", help="check these rules only")
    add("--ignore", action="append", metavar="RULE,…", help="leave these rules out")
    add(
        "--severity",
        action="append",
        metavar="RULE=LEVEL",
        help="how bad the findings of a rule are: error, warning, info, or off",
    )
    add(
        "--fail-on",
        metavar="LEVEL",
        help="how bad a finding must be to fail: error, warning (the default), info, or never",
    )
    targets = ", ".join(target.value for target in Target)
    add("--target", metavar="TARGET", help=f"what will run the playbooks: {targets}")
    add("-i", "--inventory", action="append", metavar="FILE", help="an inventory of the project")
    add("--exclude", action="append", metavar="PATTERN", help="files to find nothing in")
    add("--baseline", metavar="FILE", help="do not tell the findings that this file knows")
    add("--cache-dir", metavar="DIRECTORY", help="where the cache lies")
    add("--no-cache", action="store_true", help="check everything anew")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--config", metavar="FILE", help="the configuration to read")
    which.add_argument("--no-config", action="store_true", help="read no configuration")


def settings_for(options: argparse.Namespace, first: Path) -> Settings:
    """Return the settings for a check whose first path is known. Raises SettingsInvalid."""
    flags = _flags(options)
    if options.no_config:
        return settings_of({}, flags)
    if options.config is not None:
        return settings_of(read_configuration(Path(options.config)), flags)
    return settings_of(find_configuration(first), flags)


def _flags(options: argparse.Namespace) -> Asked:
    """Return what the flags say, each in the words of the configuration."""
    asked: Asked = {}
    wrong = []
    for name, value, read in _given(options):
        try:
            asked.update(read(value, Path.cwd()))
        except ValueError as error:
            wrong.append(f"argument {name}: {error}")
    if wrong:
        raise SettingsInvalid("\n".join(wrong))
    return asked


def _given(options: argparse.Namespace) -> Iterator[tuple[str, object, values.Reader]]:
    severities = dict(_pair(one) for one in _words(options.severity))
    table: list[tuple[str, object, Callable[[object, Path], Asked]]] = [
        ("--select", _words(options.select), values.select),
        ("--ignore", _words(options.ignore), values.ignore),
        ("--severity", severities, values.severity),
        ("--fail-on", options.fail_on, values.fail_on),
        ("--target", options.target, values.target),
        ("-i", options.inventory, values.inventories),
        ("--exclude", options.exclude, values.exclude),
        ("--baseline", options.baseline, values.baseline),
        ("--cache-dir", options.cache_dir, values.cache),
        ("--no-cache", False if options.no_cache else None, values.cache),
    ]
    # `--baseline ''` is given too, and wrong
    yield from (row for row in table if row[1] is not None and row[1] not in ([], {}))


def _words(given: list[str] | None) -> list[str]:
    """Return the words of a flag that may be repeated, and takes several at once."""
    return [word.strip() for one in given or () for word in one.split(",") if word.strip()]


def _pair(written: str) -> tuple[str, str]:
    slug, equals, level = written.partition("=")
    if not equals:
        raise SettingsInvalid(f"argument --severity: write `{slug}=LEVEL`")
    return slug, level
