"""What a check is asked for: by the command line, and by the project's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from understudy.check.targets import Target
from understudy.text.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The answers to every question that a check may ask."""

    target: Target = Target.UNDERSTUDY
    select: frozenset[str] = frozenset()
    """Slugs; empty means all."""
    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: Severity = Severity.WARNING
    """How bad a finding must be for the exit code to say so."""
    inventories: tuple[Path, ...] = ()
    variables: frozenset[str] = frozenset()
    """Names that will be given from outside, by `-e`."""
