"""Modules of the system under the oldest and the newest Python of a target."""

from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import PYTHONS, SUPPORTED, host_inside
from tests.sandbox import Sandbox

SCRIPT = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: toy\n# Default-Start: 3\n### END INIT INFO\n"
CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("systemd", {"name": "dbus", "state": "started", "enabled": True}),
    ("service", {"name": "dbus", "state": "stopped"}),
    ("sysvinit", {"name": "toy", "enabled": True, "runlevels": ["3"]}),
    ("hostname", {"name": "web1.example.org"}),
    ("hostname", {"name": "web1", "use": "sles"}),
    ("cron", {"name": "a", "job": "x"}),
    ("cron", {"name": "V", "job": "x", "env": True}),
)
OLDEST_AND_NEWEST = [
    name for name in PYTHONS if name.startswith((f"{SUPPORTED[0]}.", f"{SUPPORTED[-1]}."))
]


@pytest.mark.root
@pytest.mark.slow
@pytest.mark.pythons
@pytest.mark.parametrize("version", OLDEST_AND_NEWEST)
def test_every_module_changes_something(booted: Sandbox, tmp_path: Path, version: str) -> None:
    """None needs more than the library of that Python."""
    booted.program("/etc/init.d/toy", SCRIPT)
    with host_inside(booted, tmp_path, PYTHONS[version]) as host:
        for module, args in CHANGES:
            result = host.run(module, args)
            assert result.get("changed"), result
        assert "services" in host.run("service_facts", {})["ansible_facts"]
