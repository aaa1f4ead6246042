"""What a check is asked for: by the command line, and by the project's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from understudy.check.sieve.exclude import Exclusion
from understudy.check.targets import Target
from understudy.text.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The answers to every question that a check may ask."""

    target: Target = Target.UNDERSTUDY
    select: frozenset[str] = frozenset()
    """Slugs; empty means all."""
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    """How bad the findings of some rules are instead; None means that they are not told."""
    fail_on: Severity | None = Severity.WARNING
    """How bad a finding must be for the exit code to say so; None means that none is."""
    inventories: tuple[Path, ...] = ()
    variables: frozenset[str] = frozenset()
    """Names that will be given from outside, by `-e`."""
    exclude: Exclusion = field(default_factory=Exclusion)
    """Files of a project in which nothing is to be found."""
    baseline: Path | None = None
    """A file with the findings that are known already."""
    uses_cache: bool = True
    cache_dir: Path | None = None
    """Where the cache lies; None means the user's own directory for caches."""


class Asked(TypedDict, total=False):
    """Those of the settings that something has been said about."""

    target: Target
    select: frozenset[str]
    ignore: frozenset[str]
    severities: Mapping[str, Severity | None]
    fail_on: Severity | None
    inventories: tuple[Path, ...]
    variables: frozenset[str]
    exclude: Exclusion
    baseline: Path | None
    uses_cache: bool
    cache_dir: Path | None


class SettingsInvalid(Exception):  # noqa: N818 (named as PlaybookInvalid is)
    """Something that was asked for cannot be; each line says what and where."""


def settings_of(configured: Asked, flags: Asked) -> Settings:
    """Return the settings that hold: a flag wins over the configuration, rule by rule."""
    merged: Asked = {**configured, **flags}
    if "severities" in flags and "severities" in configured:
        merged["severities"] = {**configured["severities"], **flags["severities"]}
    if "select" in flags and "ignore" not in flags:
        # who asks for a rule by name wants it, whatever the project leaves out
        merged["ignore"] = configured.get("ignore", frozenset()) - flags["select"]
    return Settings(**merged)
