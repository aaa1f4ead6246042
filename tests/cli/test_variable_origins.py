"""`-vvv` tells after a task where the variables come from that its texts name."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.cli.main import main

FILES = {
    "inv": "localhost ansible_connection=local own=host\n",
    "group_vars/all.yml": "url: 'http://{{ own }}:{{ more }}'\n",
    "vf.yml": "from_file: text\n",
    "roles/app/defaults/main.yml": "release: stable\n",
    "roles/app/vars/main.yml": "channel: beta\n",
    "roles/app/tasks/main.yml": """\
- debug: {msg: "{{ release }} {{ channel }} {{ beside }} {{ nested.a }}"}
  vars: {nested: {a: x}}
- include_tasks: inc.yml
  vars: {brought: 1}
""",
    "roles/app/tasks/inc.yml": "- debug: {msg: '{{ brought }}'}\n",
    "play.yml": """\
- hosts: all
  gather_facts: false
  vars: {greeting: hello, secret: hunter22}
  vars_files: [vf.yml]
  pre_tasks:
    - debug: {msg: "{{ url }} {{ from_file }}"}
      register: said
    - debug: {var: said.msg}
      when: greeting == 'hello'
    - debug: {msg: "{{ item }} {{ absent | default(1) }} {{ inventory_hostname }}"}
      loop: "{{ [greeting] }}"
    - debug: {msg: "{{ hostvars['localhost'].own }} {{ secret }}"}
      no_log: true
    - debug: {msg: no variables}
  roles: [{role: app, beside: 2}]
""",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the project with options; return the lines about variables."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)

    def started(*options: str) -> list[str]:
        assert main(["run", "-i", "inv", "play.yml", "-e", "more=x", *options]) == 0
        return capsys.readouterr().out.splitlines()

    return started


@pytest.mark.parametrize(
    "line",
    [
        "url: the inventory, group_vars/all.yml:1:6",
        "own: the inventory, inv:1:36",
        "more: -e",
        "from_file: vars_files, vf.yml:1:12",
        "said: set_fact or register",
        "greeting: vars of the play, play.yml:3:20",
        "item: the loop",
        "absent: not defined",
        "inventory_hostname: set by the run",
        "hostvars: set by the run",
        "release: defaults of a role, roles/app/defaults/main.yml:1:10",
        "channel: vars of a role, roles/app/vars/main.yml:1:10",
        "nested: vars of the task or a block, roles/app/tasks/main.yml:2:22",
        "beside: parameters of a role",
        "brought: vars of an include",
    ],
)
def test_each_layer_has_its_words(line: str, run) -> None:
    """The layer that wins is named, and the place if the value knows one."""
    assert f"  {line}" in run("-vvv")


def test_values_are_not_shown(run) -> None:
    """A name is no secret, what it stands for may be one."""
    lines = run("-vvv")
    assert "  secret: vars of the play, play.yml:3:35" in lines
    assert not any("hunter22" in line for line in lines)


@pytest.mark.parametrize("options", [("-vv",), ("-vvv", "--classic-output")])
def test_nothing_is_told_unasked(options: tuple[str, ...], run) -> None:
    """Below `-vvv`, and in Ansible's own words, there is no such line."""
    assert not [line for line in run(*options) if "vars of the play" in line]
