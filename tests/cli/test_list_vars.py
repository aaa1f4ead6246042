"""`run --list-vars HOST`: what each variable is before the first task, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.cli.main import main

FILES = {
    "inv": "[web]\nweb1 own=host ansible_password=hunter22\nweb2\n\n[web:vars]\nport=80\n",
    "group_vars/web.yml": "port: 8080\nurl: 'http://{{ inventory_hostname }}:{{ port }}'\n",
    "group_vars/all.yml": "port: 1\nbroken: '{{ nowhere }}'\nfirst: [a, b]\n",
    "host_vars/web1.yml": "nested: {a: {b: deep}}\n",
    "roles/app/defaults/main.yml": "release: stable\n",
    "roles/app/vars/main.yml": "channel: '{{ release }}'\n",
    "roles/app/tasks/main.yml": "[]\n",
    "more.yml": "from_file: yes it is\n",
    "play.yml": """\
- hosts: web
  vars: {greeting: hello, said: hunter22}
  vars_files: [more.yml]
  vars_prompt: [{name: version, default: '7'}]
  roles: [app]
- name: of others
  hosts: web2
  tasks: []
""",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a project, and work in it."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what is printed for `web1`."""
    assert main(["run", "-i", "inv", "play.yml", "--list-vars", "web1", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("variable", "whence"),
    [
        ('own = "host"', "the host in the inventory, inv:2:6"),
        ('url = "http://web1:8080"', "group_vars beside the playbook, group_vars/web.yml:2:6"),
        ("port = 8080", "group_vars beside the playbook, group_vars/web.yml"),
        ('first = ["a", "b"]', "group_vars/all beside the playbook, group_vars/all.yml:3:9"),
        ('nested = {"a": {"b": "deep"}}', "host_vars beside the playbook, host_vars/web1.yml:1:17"),
        ('release = "stable"', "defaults of a role, roles/app/defaults/main.yml:1:10"),
        ('channel = "stable"', "vars of a role, roles/app/vars/main.yml:1:10"),
        ('from_file = "yes it is"', "vars_files, more.yml:1:12"),
        ('greeting = "hello"', "vars of the play, play.yml:2:20"),
        ('version = "7"', "vars_prompt, its default, play.yml:4:17"),
        ('inventory_hostname = "web1"', "set by the run"),
        ("broken = {{ nowhere }}  ('nowhere' is undefined)", "group_vars/all beside the playbook"),
    ],
)
def test_each_variable_is_told_with_its_origin(
    variable: str, whence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its final value, the layer that it has won in, and its place where that is known."""
    assert f"    {variable}\n        {whence}" in listed(capsys)


@pytest.mark.usefixtures("project")
def test_extra_variables_win(capsys: pytest.CaptureFixture[str]) -> None:
    """They win here as in a run, and no prompt is needed then."""
    out = listed(capsys, "-e", "port=1 version=8")
    assert '    port = "1"\n        -e' in out
    assert '    version = "8"\n        -e' in out


@pytest.mark.usefixtures("project")
def test_passwords_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    """Under their names and wherever else they stand."""
    out = listed(capsys)
    assert "    ansible_password = ********\n" in out
    assert '    said = "********"\n' in out
    assert "hunter22" not in out


def test_facts_of_the_cache_are_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are known before the run."""
    text = json.dumps({"__payload__": json.dumps({"ansible_system": "Linux"})})
    (project / "s1_web1").write_text(text, "utf-8")
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN", "jsonfile")
    monkeypatch.setenv("ANSIBLE_CACHE_PLUGIN_CONNECTION", str(project))
    assert '    ansible_system = "Linux"\n        the fact cache' in listed(capsys)


@pytest.mark.usefixtures("project")
def test_plays_for_others_are_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    """They are told as such; a host that is not in the inventory is an error."""
    assert "play #2 (of others): not for web1" in listed(capsys)
    assert main(["run", "-i", "inv", "play.yml", "--list-vars", "web9"]) != 0
    assert "there is no host `web9`" in capsys.readouterr().err


def test_what_a_password_becomes_is_masked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the play, of a template, and the default of a private prompt, wherever they are copied."""
    (project / "play.yml").write_text("""\
- hosts: web
  vars: {ansible_become_password: ofbecome, copy: "{{ ansible_become_password }}",
         ansible_password: "{{ real }}", real: realword, bare: "it is {{ pin }}"}
  vars_prompt: [{name: pin, default: pinword, private: true}]
  tasks: []
""")
    shown = listed(capsys)
    assert not [word for word in ("ofbecome", "realword", "pinword") if word in shown]
    assert 'bare = "it is ********"' in shown
