"""A role of a web server, 40 tasks: what a run takes on a host where all of it is done already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

ROOT = "{{ web_root }}"
_PACKAGES = "bash coreutils dpkg findutils grep gzip hostname libc6 perl-base sed tar util-linux"
_SITES = [f"site{number}" for number in range(1, 13)]
_TEMPLATE = """\
server {
    listen {{ port }};
    server_name {{ name }}.example.org;
{% for path in paths %}
    location /{{ path }} { proxy_pass http://{{ upstream }}/{{ path }}; }
{% endfor %}
}
"""
_PLAY = """\
- hosts: all
  vars:
    steady: {steady}
    web_root: {root}
    upstream: 127.0.0.1:8080
    paths: [api, assets, login, status]
  roles: [web]
  handlers:
    - name: something has changed
      fail: {{msg: a host where all is done has been changed}}
      when: steady
"""

Task = dict[str, Any]


def files() -> dict[str, str]:
    """Return the role's files by their paths beside the playbook."""
    role = "roles/web"
    tasks = [{**task, "notify": "something has changed"} for task in _tasks()]
    copied = {f"{role}/files/page{number}.html": "<p>page</p>\n" * 100 for number in range(1, 7)}
    return {
        f"{role}/tasks/main.yml": _yaml(tasks),
        f"{role}/templates/site.conf.j2": _TEMPLATE,
        **copied,
    }


def play(root: Path, *, steady: bool) -> str:
    """Return the playbook for a directory of the host; with `steady` any change is a failure."""
    return _PLAY.format(root=root, steady=str(steady).lower())


def _tasks() -> Iterator[Task]:
    yield {"package": {"name": _PACKAGES.split(), "state": "present"}}
    yield {"group": {"name": "www-data"}}
    for name in ("www-data", "daemon"):
        yield {"user": {"name": name, "create_home": False}}
    for folder in ("", "conf", "conf/sites", "conf/enabled", "pages", "log", "cache", "run"):
        yield {"file": {"path": f"{ROOT}/{folder}", "state": "directory", "mode": "0755"}}
    for number in range(1, 7):
        page = f"page{number}.html"
        yield {"copy": {"src": page, "dest": f"{ROOT}/pages/{page}", "mode": "0644"}}
    yield from _sites()
    for setting in ("user www", "workers 4", "keepalive 65", "gzip on"):
        name, _, value = setting.partition(" ")
        line = {"regexp": f"^{name} ", "line": f"{name} {value};", "create": True}
        yield {"lineinfile": {"path": f"{ROOT}/conf/main.conf", "mode": "0644", **line}}
    for name in ("limits", "logs"):
        block = {"marker": f"# {{mark}} {name}", "block": f"{name} {{\n  on;\n}}\n"}
        yield {"blockinfile": {"path": f"{ROOT}/conf/main.conf", **block}}
    for site in _SITES[:2]:
        link = {"src": f"../sites/{site}.conf", "dest": f"{ROOT}/conf/enabled/{site}.conf"}
        yield {"file": {**link, "state": "link"}}
    yield {"stat": {"path": f"{ROOT}/conf/main.conf"}, "register": "main"}
    yield {"command": "uname -r", "changed_when": False, "when": "main.stat.exists"}


def _sites() -> Iterator[Task]:
    for number, site in enumerate(_SITES):
        dest = f"{ROOT}/conf/sites/{site}.conf"
        template = {"src": "site.conf.j2", "dest": dest, "mode": "0644"}
        yield {"template": template, "vars": {"name": site, "port": 8000 + number}}


def _yaml(tasks: list[Mapping[str, Any]]) -> str:
    out = StringIO()
    YAML(typ="safe").dump(tasks, out)
    return out.getvalue()
