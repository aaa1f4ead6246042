"""The values of a check's settings, as a configuration writes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from understudy.check.settings.settings import Asked
from understudy.check.sieve.exclude import Exclusion
from understudy.check.sieve.slugs import checked_slugs
from understudy.check.targets import Target
from understudy.text.diagnostic import Severity, did_you_mean

Reader: TypeAlias = Callable[[object, Path], Asked]
"""Makes settings of a value, for paths relative to a directory; raises ValueError."""

LEVELS: Mapping[str, Severity | None] = {**{one.value: one for one in Severity}, "off": None}
"""How bad the findings of a rule may be said to be."""
THRESHOLDS: Mapping[str, Severity | None] = {**{one.value: one for one in Severity}, "never": None}
"""From where on findings may be said to fail a check."""


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ValueError(f"must be a list of texts, not `{_shown(value)}`")
    return tuple(value)


def one_of(value: object, known: Iterable[str]) -> str:
    """Return a word that is one of some."""
    if isinstance(value, str) and value in known:
        return value
    near = did_you_mean(value, known) if isinstance(value, str) else None
    hint = f"did you mean `{near}`?" if near else f"expected one of {', '.join(known)}"
    raise ValueError(f"`{_shown(value)}` is none of its values; {hint}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value)


def select(value: object, _base: Path) -> Asked:
    """Read the rules to check."""
    return {"select": checked_slugs(texts(value))}


def ignore(value: object, _base: Path) -> Asked:
    """Read the rules to leave out."""
    return {"ignore": checked_slugs(texts(value))}


def severity(value: object, _base: Path) -> Asked:
    """Read how bad the findings of rules are."""
    if not isinstance(value, Mapping):
        raise ValueError(  # noqa: TRY004 (one kind of error for all that is wrong)
            'must be a table of rules: `{ some-rule = "off" }`'
        )
    checked_slugs(value)
    return {"severities": {slug: LEVELS[one_of(level, LEVELS)] for slug, level in value.items()}}


def fail_on(value: object, _base: Path) -> Asked:
    """Read how bad a finding must be to fail a check."""
    return {"fail_on": THRESHOLDS[one_of(value, THRESHOLDS)]}


def target(value: object, _base: Path) -> Asked:
    """Read what will run the playbooks."""
    return {"target": Target(one_of(value, [one.value for one in Target]))}


def inventories(value: object, base: Path) -> Asked:
    """Read which inventories belong to the project."""
    return {"inventories": tuple(_inventory(name, base) for name in texts(value))}


def variables(value: object, _base: Path) -> Asked:
    """Read which variables are given from outside."""
    return {"variables": frozenset(texts(value))}


def exclude(value: object, base: Path) -> Asked:
    """Read which files are left out."""
    return {"exclude": Exclusion(texts(value), str(base))}


def baseline(value: object, base: Path) -> Asked:
    """Read where the known findings are written."""
    return {"baseline": _one_path(value, base)}


def cache(value: object, base: Path) -> Asked:
    """Read whether there is a cache, or where."""
    if isinstance(value, bool):
        return {"uses_cache": value}
    return {"uses_cache": True, "cache_dir": _one_path(value, base)}


def _one_path(value: object, base: Path) -> Path:
    if not isinstance(value, str) or not value:
        raise ValueError(f"must be a path, not `{_shown(value)}`")
    return _path(value, base)


def _inventory(name: str, base: Path) -> Path:
    # `web1,web2` is a list of hosts
    if "," in name:
        return Path(name)
    path = _path(name, base)
    if not path.exists():
        raise ValueError(f"there is no file or directory `{path}`")
    return path


def _path(name: str, base: Path) -> Path:
    if "\0" in name:
        raise ValueError("no path has a NUL character")
    # as it is seen from here: messages show it so. The method of Path fails for unknown users.
    home = os.path.expanduser(name)  # noqa: PTH111
    return Path(os.path.relpath(base / home))


READERS: Mapping[str, Reader] = {
    "select": select,
    "ignore": ignore,
    "severity": severity,
    "fail-on": fail_on,
    "target": target,
    "inventories": inventories,
    "variables": variables,
    "exclude": exclude,
    "baseline": baseline,
    "cache": cache,
}
