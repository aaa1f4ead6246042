"""`python -m tests.bench.corpus DIR`: a project of some 480 files for checks to go through.

Every file is made here, from the examples in our modules' schemas and from patterns of `async`; the
same number gives the same project. Playbooks use roles, include task files, launch jobs and wait
for them; some have the mistakes that people make.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from textwrap import indent

from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

SCHEMAS = Path(__file__).parents[2] / "schemas" / "modules"
PLAYBOOKS, ROLES, INCLUDED = 60, 70, 40
_LEFT_OUT = frozenset({"import_playbook", "import_role", "import_tasks", "include_role"})
_JOB = """\
- name: Start job {n}
  ansible.builtin.command: /usr/local/bin/job-{n} --size {{{{ {role}_size }}}}
  async: {limit}
  poll: 0
  register: {role}_job_{n}

- name: Wait for job {n}
  ansible.builtin.async_status:
    jid: "{{{{ {role}_job_{n}.ansible_job_id }}}}"
  register: {role}_done_{n}
  until: {role}_done_{n} is finished
  retries: {retries}
  delay: 10
"""
_PLAY = """\
- name: Play {n}
  hosts: {group}
  become: true
  vars:
    release_{n}: "{{{{ lookup('env', 'RELEASE') | default('stable', true) }}}}"
    paths_{n}: [api, assets, "{{{{ release_{n} }}}}"]
  vars_files:
    - vars/common.yml
  roles:
{roles}
  tasks:
{tasks}
  handlers:
    - name: Restart service {n}
      ansible.builtin.service:
        name: service-{n}
        state: restarted
"""


def project(seed: int = 1) -> Mapping[str, str]:
    """Return the project's files by their paths."""
    return dict(_files(Random(seed)))


def _files(random: Random) -> Iterator[tuple[str, str]]:
    examples = [*_examples()]
    yield "ansible.cfg", "[defaults]\ninventory = inventory/hosts.ini\nroles_path = roles\n"
    yield "inventory/hosts.ini", "[web]\nweb[01:20]\n\n[db]\ndb[1:4]\n\n[site:children]\nweb\ndb\n"
    for group in ("all", "web", "db"):
        yield f"group_vars/{group}.yml", f"---\n{group}_port: 8080\n{group}_users: [ann, bob]\n"
    yield "vars/common.yml", "---\ncommon_owner: root\ncommon_mode: '0644'\n"
    for number in range(ROLES):
        yield from _role(f"role_{number:02}", examples, random)
    for number in range(INCLUDED):
        yield f"tasks/part_{number:02}.yml", "---\n" + "\n".join(_some(examples, 6, random))
    for number in range(PLAYBOOKS):
        yield f"play_{number:02}.yml", "---\n" + _play(number, examples, random)


def _examples() -> Iterator[str]:
    """Yield every example of our modules as a named task."""
    for path in sorted(SCHEMAS.glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        if schema["title"] in _LEFT_OUT or schema["title"] == "include_tasks":
            continue
        for text in schema["x-examples"]:
            for task in YAML(typ="safe").load(text):
                named = {
                    f"ansible.builtin.{k}" if k == schema["title"] else k: v
                    for k, v in task.items()
                }
                yield _yaml([{"name": f"Example of {schema['title']}"} | named])


def _yaml(tasks: list[dict[str, object]]) -> str:
    out = StringIO()
    yaml = YAML(typ="rt")
    yaml.width = 200
    yaml.dump(tasks, out)
    return out.getvalue()


def _some(examples: list[str], number: int, random: Random) -> list[str]:
    return [random.choice(examples) for _ in range(number)]


def _role(name: str, examples: list[str], random: Random) -> Iterator[tuple[str, str]]:
    """Yield a role's files: tasks with a job and examples, handlers, variables, meta."""
    folder = f"roles/{name}"
    limit = random.choice((60, 300, 3600))
    job = _JOB.format(n=1, role=name, limit=limit, retries=random.choice((limit // 10, 30)))
    tasks = "\n".join((job, *_some(examples, 7, random)))
    yield f"{folder}/tasks/main.yml", f"---\n{tasks}"
    handler = f"- name: Restart {name}\n  ansible.builtin.service:\n    name: {name}\n"
    yield f"{folder}/handlers/main.yml", f"---\n{handler}    state: restarted\n"
    yield f"{folder}/defaults/main.yml", f"---\n{name}_size: 10\n{name}_users: []\n"
    yield f"{folder}/vars/main.yml", f"---\n{name}_home: /srv/{name}\n"
    needs = "[]"
    yield f"{folder}/meta/main.yml", f"---\ndependencies: {needs}\n"


def _play(number: int, examples: list[str], random: Random) -> str:
    roles = "\n".join(f"    - role: role_{random.randrange(ROLES):02}" for _ in range(3))
    part = f"tasks/part_{random.randrange(INCLUDED):02}.yml"
    include = f"- name: Go on\n  ansible.builtin.include_tasks: {part}\n"
    job = _JOB.format(n=2, role=f"play_{number}", limit=600, retries=60)
    job = job.replace(f" --size {{{{ play_{number}_size }}}}", "")
    tasks = "\n".join((*_some(examples, 8, random), job, include))
    group = random.choice(("web", "db", "site", "all"))
    return _PLAY.format(n=number, group=group, roles=roles, tasks=indent(tasks, "    "))


def write(folder: Path, seed: int = 1) -> int:
    """Write the project into a directory; return how many files it has."""
    files = project(seed)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return len(files)


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1]))} files")
