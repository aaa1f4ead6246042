"""What a check of a directory, a role, a file of a project looks at, and as what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from understudy.check.settings.settings import Settings
from understudy.cli.check_paths import checked_paths
from understudy.cli.exits import Exit
from understudy.cli.main import main

LAUNCH = "- {command: x, async: 60, poll: 0, register: job}\n"
WAIT = "- async_status: {jid: '{{ job.ansible_job_id }}'}\n  register: s\n  until: s is finished\n"
WAITING = f"{WAIT}  retries: 12\n  delay: 5\n"
WRONG = "- nope:\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def found(folder: Path, files: dict[str, str], *names: str) -> list[str]:
    """Return place and code of each finding in a project, or in some paths of it."""
    write(folder, files)
    checked = checked_paths([str(folder / name) for name in names or ("",)], Settings())
    return [
        f"{one.span or ''} {one.code}".replace(f"{folder}/", "")
        for one in (*checked.unchecked, *checked.findings)
        if one.code != "unused-register"
    ]


def play(tasks: str = "", **keywords: str) -> str:
    """Return a playbook of one play."""
    more = "".join(f"  {name}: {text}\n" for name, text in keywords.items())
    return f"- hosts: all\n{more}  tasks:\n" + re.sub("(?m)^", "    ", tasks.rstrip()) + "\n"


def test_playbooks_are_found_by_what_they_hold(tmp_path: Path) -> None:
    """Neither name nor place matters; YAML of other programs is none of ours."""
    files = {
        "deep/below/odd.yaml": play(WRONG),
        "other/compose.yml": "services: {web: {image: nope}}\n",
        "other/list.yml": "- a\n- {b: c}\n",
        "other/broken.yml": "a: [\n",
        "requirements.yml": "- src: x\n",
        ".hidden/x.yml": play(WRONG),
        "templates/x.yml": "{% if x %}\n",
        "README.md": "- hosts: all\n",
    }
    assert found(tmp_path, files) == ["deep/below/odd.yaml:3:7 unknown-module"]


def test_a_playbook_that_is_imported_is_no_unit_of_its_own(tmp_path: Path) -> None:
    """What the plays before it give is there; named alone, it is."""
    files = {
        "site.yml": f"{play(LAUNCH)}- import_playbook: second.yml\n",
        "second.yml": play(WAITING),
    }
    assert found(tmp_path, files) == []
    assert found(tmp_path, files, "second.yml") == ["second.yml:3:31 jid-undefined"]


def test_a_role_that_nobody_uses_is_checked_by_itself(tmp_path: Path) -> None:
    """Its tasks, handlers and variables; what comes before it may have given anything."""
    files = {
        "site.yml": play("- ping:"),
        "roles/lone/tasks/main.yml": f"{WAITING}{WRONG}- import_tasks: part.yml\n",
        "roles/lone/tasks/part.yml": WRONG,
        "roles/lone/handlers/main.yml": WRONG,
        "roles/lone/defaults/main.yml": "a: [\n",
        "roles/lone/meta/main.yml": "dependencies: [{role: of_another_project}]\n",
    }
    assert found(tmp_path, files) == [
        "roles/lone/defaults/main.yml:2:1 yaml-syntax",
        "roles/lone/handlers/main.yml:1:3 unknown-module",
        "roles/lone/tasks/main.yml:6:3 unknown-module",
        "roles/lone/tasks/part.yml:1:3 unknown-module",
    ]


def test_a_role_is_told_once_whoever_uses_it(tmp_path: Path) -> None:
    """Two playbooks and a directory lead to the same findings."""
    files = {
        "a.yml": play("- ping:", roles="[used]"),
        "b.yml": play("- ping:", roles="[used]"),
        "roles/used/tasks/main.yml": WRONG,
    }
    wanted = ["roles/used/tasks/main.yml:1:3 unknown-module"]
    assert found(tmp_path, files) == wanted
    assert found(tmp_path, files, "a.yml", "b.yml", "roles/used", "roles/used/tasks/main.yml") == (
        wanted
    )


def test_files_of_tasks_that_nothing_reaches_are_checked(tmp_path: Path) -> None:
    """In a role they see its variables and its tasks around; a name may be a template."""
    files = {
        "site.yml": play("- include_tasks: '{{ x }}.yml'", roles="[r]"),
        "parts/lone.yml": f"{WAITING}{WRONG}",
        "roles/r/tasks/main.yml": "- include_tasks: '{{ os }}.yml'\n",
        "roles/r/tasks/debian.yml": f"{WAITING}{WRONG}",
        "roles/r/handlers/more.yml": WRONG,
    }
    assert found(tmp_path, files) == [
        "parts/lone.yml:6:3 unknown-module",
        "roles/r/handlers/more.yml:1:3 unknown-module",
        "roles/r/tasks/debian.yml:6:3 unknown-module",
    ]


def test_the_directory_of_a_role_is_a_project(tmp_path: Path) -> None:
    """Its playbooks for tests use it under a name that only their surroundings know."""
    files = {
        "tasks/main.yml": WRONG,
        "vars/main.yml": "a: 1\n",
        "tests/test.yml": play("- ping:", roles="[name_of_this_role]"),
        "molecule/default/converge.yml": play("- ping:", roles="[of.this_role]"),
    }
    assert found(tmp_path, files) == ["tasks/main.yml:1:3 unknown-module"]


def test_files_of_variables_hosts_and_settings_are_read(tmp_path: Path) -> None:
    """What is wrong with their form is told, whatever they are called."""
    files = {
        "site.yml": play("- ping:"),
        "group_vars/all": "- a\n",
        "group_vars/web/main.yml": "a: 1\na: 2\n",
        "host_vars/h.json": "{",
        "hosts": "[a b]\n",
        "inventory/more.yml": "all: {hosts: [x]}\n",
        "inventory/aws.yml": "plugin: of_another_program\nregions: [x]\n",
        "ansible.cfg": "no section\n",
    }
    assert [one.split(":")[0] for one in found(tmp_path, files)] == [
        "ansible.cfg",
        "group_vars/all",
        "group_vars/web/main.yml",
        "host_vars/h.json",
        "hosts",
        "inventory/more.yml",
    ]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("site.yml", "hosts: all\ntasks: []\n", "not-a-list"),
        ("site.yml", "- name: x\n", "no-hosts"),
        ("vars.yml", "a: 1\na: 1\n", "duplicate-key"),
        ("group_vars/all.yml", "a: [\n", "yaml-syntax"),
        ("x/tasks/main.yml", WRONG, "unknown-module"),
        ("wait.yml", "- command: x\n- nope:\n", "unknown-module"),
        ("hosts.ini", "[a b]\n", "invalid-section"),
        ("hosts.yml", "all: {hosts: [x]}\n", "invalid-inventory"),
        ("prod.yml", "web: {hosts: {a: }, vers: {}}\ndb: {hosts: [x]}\n", "not-a-list"),
        ("prod.yml", "web: {hosts: {a: }}\ndb: {hosts: [x]}\n", "invalid-inventory"),
        ("ansible.cfg", "x\n", "invalid-config"),
        ("gone.yml", None, "missing-file"),
    ],
)
def test_a_file_that_is_named_is_taken_for_what_it_is(
    name: str, text: str | None, code: str, tmp_path: Path
) -> None:
    """If in doubt it is a playbook, whose reader says why it is none."""
    files = {} if text is None else {name: text}
    assert [one.split()[-1] for one in found(tmp_path, files, name)] == [code]


def test_what_is_left_out_is_not_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not even read."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"site.yml": play("- ping:"), "old/site.yml": play(WRONG)})
    assert main(["check", "--no-cache", "--exclude", "old", "."]) == Exit.OK
    capsys.readouterr()


def test_an_empty_directory_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong path would look like a project without a mistake."""
    assert main(["check", "--no-cache", str(tmp_path)]) == Exit.NOT_CHECKED
    assert "there is no playbook" in capsys.readouterr().out


def test_what_could_not_be_checked_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Over findings, which end with 2, and over none."""
    write(tmp_path, {"bad.yml": play(WRONG), "good.yml": play("- ping:")})
    paths = {name: str(tmp_path / name) for name in ("bad.yml", "good.yml", "gone.yml")}

    def code(*names: str) -> int:
        return main(["check", "--no-cache", *(paths[name] for name in names)])

    assert code("good.yml") == 0
    assert code("good.yml", "bad.yml") == 2
    assert code("good.yml", "gone.yml") == 3
    assert code("bad.yml", "gone.yml") == 3
    capsys.readouterr()


def test_encrypted_variables_may_have_any_value(tmp_path: Path) -> None:
    """A value that they may replace is not known, one that lies above them is."""
    waiting = f"{WAIT}  retries: '{{{{ n }}}}'\n  delay: 1\n"
    launch = LAUNCH.replace("60", "600")
    files = {
        "plain.yml": play(launch + waiting, vars="{n: 3}"),
        "sealed.yml": play(launch + waiting, vars="{n: 3}", vars_files="[secret.yml]"),
        "role.yml": play(launch + waiting, roles="[sealed]", vars="{m: 3}"),
        "secret.yml": "$ANSIBLE_VAULT;1.1;AES256\n3132\n",
        "roles/sealed/vars/main.yml": "$ANSIBLE_VAULT;1.1;AES256\n3132\n",
        "roles/sealed/defaults/main.yml": "n: 3\n",
    }
    assert [one.split()[-1] for one in found(tmp_path, files, "plain.yml")] == [
        "wait-shorter-than-async"
    ]
    assert found(tmp_path, files, "sealed.yml") == []
    assert found(tmp_path, files, "role.yml") == []
