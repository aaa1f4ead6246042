"""What is measured: small playbooks with their inventories, and the target each has to meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LOCAL = "ansible_connection=local ansible_python_interpreter={python}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A playbook that both run. `times_faster` or `within_s` is what understudy has to reach."""

    name: str
    playbook: str
    hosts: int = 1
    times_faster: float | None = None
    within_s: float | None = None
    arguments: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """Further files beside the playbook."""

    def inventory(self, python: str) -> str:
        """Return the text of the inventory."""
        variables = LOCAL.format(python=python)
        return "".join(f"h{n} {variables}\n" for n in range(1, self.hosts + 1))


_PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n"
_LARGE_TASK = """\
    - name: task {n}
      command: echo {{{{ item }}}}
      args:
        chdir: /tmp
      loop: [1, 2]
      register: r{n}
      when: inventory_hostname is defined
      changed_when: false
      tags: [t{n}]
"""

COMMANDS = Scenario(
    "20 command tasks, one host",
    _PLAY + "".join(f"    - command: echo {n}\n" for n in range(20)),
    times_faster=10,
)
LOOP = Scenario(
    "a loop of 50 commands",
    _PLAY + "    - {command: 'echo {{ item }}', loop: '{{ range(50) | list }}'}\n",
    times_faster=20,
)
FACTS = Scenario(
    "set_fact, a debug loop of 20, assert; 100 hosts",
    _PLAY
    + "    - set_fact: {x: '{{ inventory_hostname }}'}\n"
    + "    - {debug: {msg: '{{ x }} {{ item }}'}, loop: '{{ range(20) | list }}'}\n"
    + "    - assert: {that: [x == inventory_hostname]}\n",
    hosts=100,
    times_faster=20,
)
JOB = Scenario(
    "a job of 2 s with poll: 10",
    _PLAY + "    - {command: sleep 2, async: 60, poll: 10}\n",
    within_s=2.6,
)
EMPTY = Scenario("an empty play", "- hosts: all\n  gather_facts: false\n", within_s=0.35)
CHECK = Scenario(
    "check of 2,000 tasks (18,000 lines)",
    _PLAY + "".join(_LARGE_TASK.format(n=n) for n in range(2000)),
    within_s=1.2,
)
INCLUDES = Scenario(
    "a loop of 1,000 include_tasks",
    _PLAY + "    - {include_tasks: more.yml, loop: '{{ range(1000) | list }}'}\n",
    within_s=2.0,
    files={"more.yml": "- set_fact: {x: '{{ item }}'}\n"},
)
ROLES = Scenario(
    "reading 200 roles of 10 tasks (`--syntax-check`)",
    "- hosts: all\n  roles:\n" + "".join(f"    - r{n}\n" for n in range(200)),
    within_s=1.0,
    arguments=("--syntax-check",),
    files={
        f"roles/r{n}/{folder}/main.yml": text
        for n in range(200)
        for folder, text in {
            "tasks": "- {debug: {msg: '{{ v }}'}, when: d is defined}\n" * 10,
            "handlers": f"- {{name: h{n}, debug: {{msg: h}}}}\n",
            "vars": f"v{n}: 1\n",
            "defaults": f"d{n}: 1\n",
        }.items()
    },
)
_LINES = "".join(
    f"{{% if v{n % 200} %}}line {n}: {{{{ v{n % 200} }}}} {{{{ own }}}}{{% endif %}}\n"
    for n in range(1000)
)
TEMPLATE = Scenario(
    "a template of 1,000 lines with 200 variables; 100 hosts",
    "- hosts: all\n  gather_facts: false\n  vars:\n    own: '{{ inventory_hostname }}'\n"
    + "".join(f"    v{n}: value {n}\n" for n in range(200))
    + "  tasks:\n    - set_fact: {x: \"{{ lookup('template', 'big.j2') | length }}\"}\n",
    hosts=100,
    times_faster=20,
    files={"templates/big.j2": _LINES},
)
RUNS = (COMMANDS, LOOP, FACTS, JOB, EMPTY, INCLUDES, ROLES, TEMPLATE)
