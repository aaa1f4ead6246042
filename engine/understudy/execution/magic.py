"""The magic variables of a play: what Ansible tells every task about the run it is in."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from understudy.execution.settings import Settings
from understudy.execution.world import RunWorld
from understudy.playbook.model import Role
from understudy.values.lazy import OMIT
from understudy.values.scope import Plain
from understudy.values.texts import Value

ANSIBLE_VERSION = "2.19.14"
"""The release of ansible-core whose behaviour is understudy's reference."""


def play_variables(
    world: RunWorld,
    settings: Settings,
    *,
    name: str,
    playbook_dir: Path,
    hosts: Sequence[str],
    everyone: Sequence[str],
    roles: Sequence[Role],
) -> Plain:
    """Return the magic variables that are the same for every host of a play."""
    return Plain(
        {
            **hosts_variables(world, hosts, everyone),
            "ansible_play_hosts_all": list(everyone),
            **_run_variables(settings),
            "ansible_play_name": name,
            "playbook_dir": str(playbook_dir),
            "ansible_playbook_python": sys.executable,
            "ansible_version": _version(),
            **_role_variables(roles),
            "omit": OMIT,
        }
    )


def _role_variables(roles: Sequence[Role]) -> dict[str, Value]:
    """Return the variables that name the play's roles and what these depend on."""
    own = [role.name for role in roles]
    below = list(dict.fromkeys(one.name for role in roles for one in role.dependencies))
    return {
        "ansible_role_names": list(dict.fromkeys((*below, *own))),
        "ansible_play_role_names": own,
        "ansible_dependent_role_names": below,
        "role_names": own,
    }


def hosts_variables(
    world: RunWorld, batch: Sequence[str], everyone: Sequence[str], ended: Collection[str] = ()
) -> dict[str, Value]:
    """Return the variables that name the active hosts of batch and play; hosts may drop out."""
    states = [world.state(name) for name in everyone]
    lost = {one.name for one in states if one.failed or one.doomed or one.unreachable}
    return {
        "groups": world.groups(),
        "play_hosts": list(batch),
        "ansible_play_batch": list(batch),
        "ansible_play_hosts": [n for n in everyone if n not in lost and n not in ended],
    }


def _run_variables(settings: Settings) -> dict[str, Value]:
    found: dict[str, Value] = {
        "ansible_check_mode": settings.check_mode,
        "ansible_diff_mode": settings.diff,
        "ansible_forks": settings.forks,
        "ansible_verbosity": settings.verbosity,
        "ansible_run_tags": list(settings.tags),
        "ansible_skip_tags": list(settings.skip_tags),
        "ansible_inventory_sources": [os.path.abspath(s) for s in settings.inventory_sources],  # noqa: PTH100
        "ansible_config_file": settings.config_file,
    }
    if settings.limit is not None:
        found["ansible_limit"] = settings.limit
    return found


def _version() -> dict[str, Value]:
    major, minor, revision = (int(part) for part in ANSIBLE_VERSION.split("."))
    return {
        "full": ANSIBLE_VERSION,
        "string": ANSIBLE_VERSION,
        "major": major,
        "minor": minor,
        "revision": revision,
    }
