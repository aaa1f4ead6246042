"""What only this program has not is no mistake where Ansible will run the playbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.cases import checked
from understudy.check.files import Kind, Unit
from understudy.check.reader_rules import reader_rules
from understudy.check.settings.settings import Settings
from understudy.check.targets import OURS_ALONE, Target
from understudy.cli.check_paths import checked_units

ELSEWHERE = """\
- hosts: all
  strategy: debug
  tasks:
    - community.general.ufw: {state: enabled}
      register: firewall
    - ansible.builtin.debug: {msg: "{{ firewall.commands }}"}
"""


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        (Target.UNDERSTUDY, {"not-supported", "unsupported-module"}),
        (Target.ANSIBLE_2_19, set()),
    ],
)
def test_a_module_of_a_collection(target: Target, codes: set[str], tmp_path: Path) -> None:
    """Here it is refused; Ansible may have it."""
    (tmp_path / "site.yml").write_text(ELSEWHERE, "utf-8")
    assert {one.code for one in checked(tmp_path / "site.yml", target).findings} == codes


USES = [
    "- {docker_container: {name: x}}",
    "- {k8s_info: {kind: Pod}}",
    "- {thing: {a: 1}, collections: [my.own]}",
    "- {action: thing a=1, collections: my.own}",
    "- {block: [{thing: {a: 1}}], collections: [my.own]}",
    "- {ping: {}, module_defaults: {thing: {a: 1}}, collections: [my.own]}",
    "- {ping: {}, module_defaults: {group/my.own.things: {a: 1}}}",
    "- {debug: {msg: '{{ groups | my.own.merged }}'}}",
    "- {debug: {msg: '{{ 1 is my.own.odd }}'}}",
    "- {debug: {msg: \"{{ '10.0.0.1/8' | ipaddr('net') }}\"}}",
    "- {debug: {msg: '{{ item }}'}, with_my.own.things: [a]}",
    "- {debug: {msg: '{{ item }}'}, with_filetree: [a]}",
    "- {include_role: {name: my.own.role}}",
    "- {import_role: {name: my.own.role}}",
]


@pytest.mark.parametrize("tasks", USES)
def test_what_may_be_in_a_collection(tasks: str, tmp_path: Path) -> None:
    """It is not supported here; to Ansible it is no mistake."""
    path = tmp_path / "site.yml"
    path.write_text(f"- hosts: all\n  tasks:\n    {tasks}\n", "utf-8")
    here = [one.code for one in checked(path).findings]
    assert len(here) == 1
    assert here[0].removeprefix("import-") in OURS_ALONE
    assert checked(path, Target.ANSIBLE_2_19).findings == []


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("thing: {a: 1}\n      collections: [ansible.builtin]", "unknown-module"),
        ("debug: {msg: '{{ 1 | ansible.builtin.merged }}'}", "template-syntax"),
        ("debug: {msg: '{{ 1 | merged }}'}", "template-syntax"),
        ("ping: {}\n      module_defaults: {group/things: {a: 1}}", "unknown-group"),
        ("ping: {}\n      with_things: [a]", "unknown-lookup"),
    ],
)
def test_what_no_collection_can_have(task: str, code: str, tmp_path: Path) -> None:
    """It is a mistake to Ansible, too."""
    path = tmp_path / "site.yml"
    path.write_text(f"- hosts: all\n  tasks:\n    - {task}\n", "utf-8")
    assert [one.code for one in checked(path, Target.ANSIBLE_2_19).findings] == [code]


def test_the_collections_of_a_role(tmp_path: Path) -> None:
    """They hold for its own tasks, wherever the role is used."""
    for folder, text in (("tasks", "- thing: {a: 1}\n"), ("meta", "collections: [my.own]\n")):
        (tmp_path / "roles/r" / folder).mkdir(parents=True)
        (tmp_path / "roles/r" / folder / "main.yml").write_text(text, "utf-8")
    (tmp_path / "site.yml").write_text("- {hosts: all, roles: [r]}\n", "utf-8")
    assert checked(tmp_path / "site.yml", Target.ANSIBLE_2_19).findings == []


def test_a_role_of_a_collection_calls_its_modules_by_their_names(tmp_path: Path) -> None:
    """Whatever stands in a role of a collection may be one of its modules."""
    (tmp_path / "galaxy.yml").write_text("namespace: my\nname: own\n", "utf-8")
    (tmp_path / "roles/r/tasks").mkdir(parents=True)
    tasks = tmp_path / "roles/r/tasks/main.yml"
    tasks.write_text("- thing: {a: 1}\n", "utf-8")
    unit = Unit(tasks, Kind.TASKS, role=tmp_path / "roles/r")
    assert checked_units([unit], Settings(target=Target.ANSIBLE_2_19)).findings == []
    assert "`my.own`" in checked_units([unit], Settings()).findings[0].message


def test_a_role_alone_has_the_modules_beside_its_playbooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it is checked from within."""
    for name in ("library/thing.py", "roles/r/tasks/main.yml"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("- thing: {a: 1}\n", "utf-8")
    monkeypatch.chdir(tmp_path / "roles/r")
    unit = Unit(Path("tasks/main.yml"), Kind.TASKS, role=Path())
    assert checked_units([unit], Settings()).findings == []


def test_what_is_wrong_with_an_include_is_told_once(tmp_path: Path) -> None:
    """Its reader tells of its arguments; whoever goes into what it brings does not tell again."""
    (tmp_path / "roles/r/tasks").mkdir(parents=True)
    (tmp_path / "roles/r/tasks/main.yml").write_text("- ping:\n", "utf-8")
    task = "include_role: {name: r, vars_from: [x]}"
    path = tmp_path / "site.yml"
    path.write_text(f"- hosts: all\n  tasks:\n    - {task}\n", "utf-8")
    assert [one.code for one in checked(path).findings] == ["import-argument-value"]


def test_every_code_is_one_of_the_reader() -> None:
    """A code that is renamed does not stay here."""
    assert reader_rules().keys() >= OURS_ALONE
