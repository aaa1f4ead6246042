"""Every module of a target once: arguments for a call that does something, and how to play them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.cli.main import main

CALLS: Mapping[str, Mapping[str, Any]] = {
    "apt": {"name": "base-passwd-no-such", "update_cache": False},
    "apt_key": {"id": "0123456789ABCDEF", "state": "absent"},
    "apt_repository": {"repo": "deb http://127.0.0.1:1 stable main", "update_cache": False},
    "assemble": {"src": "/srv/parts", "dest": "/srv/of/assemble", "remote_src": True},
    "blockinfile": {"path": "/srv/of/blockinfile", "block": "b", "backup": True},
    "command": {"cmd": "mkdir /srv/made-by-command", "creates": "/srv/made-by-command"},
    "copy": {"content": "new", "dest": "/srv/of/copy", "backup": True},
    "cron": {"name": "a", "job": "x", "backup": True},
    "deb822_repository": {"name": "a", "uris": "http://127.0.0.1:1", "suites": "s/"},
    "debconf": {"name": "p", "question": "p/q", "vtype": "string", "value": "v"},
    "dnf": {"name": "no-such-package"},
    "dnf5": {"name": "no-such-package"},
    "dpkg_selections": {"name": "dpkg", "selection": "hold"},
    "expect": {"command": "mkdir /srv/made-by-expect", "responses": {"a": "b"}},
    "file": {"path": "/srv/made-by-file/deep", "state": "directory"},
    "find": {"paths": "/srv", "recurse": True, "get_checksum": True},
    "get_url": {"url": "file:///srv/parts/1", "dest": "/srv/of/get_url", "backup": True},
    "getent": {"database": "passwd", "key": "root"},
    "git": {"repo": "/srv/repository", "dest": "/srv/clone"},
    "group": {"name": "new"},
    "hostname": {"name": "new", "use": "debian"},
    "iptables": {"chain": "INPUT", "protocol": "tcp", "jump": "ACCEPT"},
    "known_hosts": {"name": "h", "key": "h ssh-ed25519 {key}", "path": "/srv/of/known_hosts"},
    "lineinfile": {"path": "/srv/of/lineinfile", "line": "l", "backup": True},
    "mount_facts": {},
    "mysql_db": {
        "name": "d",
        "state": "dump",
        "target": "/srv/of/mysql_db",
        "login_host": "127.0.0.1",
    },
    "mysql_query": {"query": "SELECT 1", "login_host": "127.0.0.1"},
    "package": {"name": "base-passwd-no-such"},
    "package_facts": {},
    "ping": {},
    "pip": {"name": "no-such-package", "virtualenv": "/srv/venv"},
    "replace": {"path": "/srv/of/replace", "regexp": "old", "replace": "new", "backup": True},
    "rpm_key": {"key": "/srv/parts/1"},
    "script": {"cmd": "{folder}/script.sh"},
    "service": {"name": "toy", "enabled": True},
    "service_facts": {},
    "setup": {"gather_subset": ["!all"]},
    "shell": {"cmd": "mkdir /srv/made-by-shell", "creates": "/srv/made-by-shell"},
    "slurp": {"src": "/srv/of/slurp"},
    "stat": {"path": "/srv/of/stat"},
    "subversion": {"repo": "file:///srv/subversion", "dest": "/srv/checkout"},
    "systemd": {"name": "toy", "enabled": True},
    "systemd_service": {"name": "toy", "masked": True},
    "sysvinit": {"name": "toy", "enabled": True},
    "tempfile": {"path": "/srv"},
    "template": {"src": "{folder}/page.j2", "dest": "/srv/of/template", "backup": True},
    "unarchive": {"src": "/srv/parts.tar", "dest": "/srv/unpacked", "remote_src": True},
    "uri": {"url": "http://127.0.0.1:1/", "dest": "/srv/of/uri"},
    "user": {"name": "new", "generate_ssh_key": True},
    "wait_for": {"path": "/srv/of/wait_for"},
    "yum": {"name": "no-such-package"},
    "yum_repository": {"name": "a", "description": "d", "baseurl": "http://127.0.0.1:1"},
}
_PREPARE = """\
set -e
cd /srv
mkdir -p parts /etc/yum.repos.d
echo 1 > parts/1; echo 2 > parts/2
mkdir of
for one in $WRITING; do echo old > of/$one; done
tar cf parts.tar -C parts .
mkdir unpacked; echo other > unpacked/1
git init -q repository
git -C repository -c user.name=a -c user.email=a commit -q --allow-empty -m a
if command -v svnadmin > /dev/null; then svnadmin create subversion; fi
printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' \
  > /etc/systemd/system/toy.service
printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: toy\\n### END INIT INFO\\n' \
  > /etc/init.d/toy
chmod +x /etc/init.d/toy
"""
WRITING = tuple(name for name in CALLS if f"/srv/of/{name}" in CALLS[name].values())
"""Those that write, or read, a file of their own."""
PREPARE = ("env", f"WRITING={' '.join(WRITING)}", "sh", "-c", _PREPARE)
"""The command that makes what the calls need."""
_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIFxQ9Qf5kYTtZ4DyyWqz1pZ6J1lZ1nqWvZ0kYp9dJr0S"


@dataclass(frozen=True, slots=True)
class Told:
    """How a task ended, whether it began as a job, and its result: that of the job."""

    status: str
    result: dict[str, Any]
    is_job: bool


def play(folder: Path, python: Path, *options: str, **keywords: Any) -> dict[str, Told]:
    """Run every call as a task with these keywords; return what is told by the module's name.

    A job that no task waits for is asked for its end.
    """
    (folder / "script.sh").write_text("#!/bin/sh\nmkdir /srv/made-by-script\n")
    (folder / "page.j2").write_text("new")
    tasks = []
    for name, args in CALLS.items():
        call = {"name": name, name: _filled(args, folder), "ignore_errors": True, **keywords}
        tasks.append({**call, "register": "r"})
        if keywords.get("poll") == 0:
            tasks.append({"name": name, **_ASK})
    playbook = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    (folder / "site.yml").write_text(json.dumps(playbook))
    inventory = folder / "inventory.yml"
    variables = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    inventory.write_text(json.dumps({"all": {"hosts": {"a": variables}}}))
    events = folder / "events"
    main(["run", "-i", str(inventory), "--events", str(events), *options, str(folder / "site.yml")])
    return _told(events)


_ASK: Mapping[str, Any] = {
    "async_status": {"jid": "{{ r.ansible_job_id }}"},
    "register": "status",
    "until": "status is finished",
    "retries": 300,
    "delay": 0.2,
    "ignore_errors": True,
}


def _filled(args: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    given = {"{folder}": str(folder), "{key}": _KEY}
    filled = dict(args)
    for name, value in args.items():
        for mark, what in given.items():
            if isinstance(value, str) and mark in value:
                filled[name] = value.replace(mark, what)
    return filled


def _told(events: Path) -> dict[str, Told]:
    jobs, told = set(), {}
    for line in events.read_text().splitlines():
        event = json.loads(line)
        name = event.get("task", {}).get("name")
        if event["event"] == "job_started":
            jobs.add(name)
        if event["event"] == "host_ended":
            told[name] = Told(event["status"], event["result"], name in jobs)
    return told
