"""`understudy check --support` on a project on disk: what runs, what does not, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from understudy.cli.exits import Exit
from understudy.cli.main import main


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def support(
    folder: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], name: str = ""
) -> tuple[int, list[list[str]]]:
    """Return the exit code, and each line as its columns with paths below the project."""
    write(folder, files)
    code = main(["check", "--support", str(folder / name)])
    lines = capsys.readouterr().out.replace(f"{folder}/", "").splitlines()
    return code, [re.split(r" {2,}", line.strip()) for line in lines]


def play(*tasks: str, more: str = "") -> str:
    """Return a playbook of tasks, each one line."""
    return f"- hosts: all\n{more}  tasks:\n" + "".join(f"    - {task}\n" for task in tasks)


def test_all_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 0, and every module has its number of tasks."""
    files = {"site.yml": play("ping:", "ansible.builtin.ping:", "block: [{command: 'true'}]")}
    code, lines = support(tmp_path, capsys, files)
    assert (code, ["ping", "2", "runs"] in lines, ["command", "1", "runs"] in lines) == (
        0,
        True,
        True,
    )
    assert lines[-1] == ["all of it runs"]


def test_modules_stand_under_their_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Short and full name are one module, whose first place is told; roles are looked into."""
    files = {
        "roles/a/tasks/main.yml": "- community.general.ufw:\n- nosuchmodule:\n",
        "roles/a/handlers/main.yml": "- local_action: ufw rule=allow\n",
    }
    code, lines = support(tmp_path, capsys, files)
    assert code == Exit.FINDINGS
    assert lines[1:5] == [
        ["community.general"],
        ["ufw", "2", "not supported", "roles/a/handlers/main.yml:1:17"],
        ["of no known collection"],
        ["nosuchmodule", "1", "not known here", "roles/a/tasks/main.yml:2:3"],
    ]
    assert ["0 of 3 tasks call a module that runs"] in lines


def test_modules_of_the_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One runs unless it imports what is not here; unused ones and action plugins count."""
    basic = "from ansible.module_utils.basic import AnsibleModule\n"
    files = {
        "site.yml": play("good:", "good:", "bad:", "acted:", "lame:"),
        "library/good.py": f"{basic}from ansible.module_utils.ours import x\n",
        "module_utils/ours.py": "x = 1\n",
        "library/bad.py": f"{basic}from ansible.module_utils.network import y\n",
        "library/unused.py": "",
        "action_plugins/acted.py": "",
        "action_plugins/lame.py": "from ansible.no_such_part import merge_hash\n",
    }
    code, lines = support(tmp_path, capsys, files)
    assert code == Exit.FINDINGS
    assert ["good", "2", "runs"] in lines
    assert ["unused", "0", "runs"] in lines
    assert ["acted", "1", "runs"] in lines
    assert next(line for line in lines if line[0] == "lame")[-1] == (
        "site.yml:7:7, action_plugins/lame.py:1:6"
    )
    bad = next(line for line in lines if line[0] == "bad")
    assert bad[-1] == "site.yml:5:7, library/bad.py:2:6"


def test_plugins_are_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their imports tell whether they can be loaded; their names are known to templates."""
    mark = tmp_path / "ran"
    filters = f"open({str(mark)!r}, 'w')\nclass FilterModule:\n  def filters(self): "
    files = {
        "filter_plugins/mine.py": f"{filters}return {{'of_this_test': len}}\n",
        "filter_plugins/broken.py": "from ansible.plugins.filter.core import FilterModule\n",
        "lookup_plugins/look.py": "import no_such_package\n",
        "callback_plugins/slack.py": "",
        "inventory/dynamic": f"#!/bin/sh\ntouch {mark}\n",
        "site.yml": play('debug: {msg: "{{ 1 | of_this_test }}"}'),
    }
    write(tmp_path, files)
    (tmp_path / "inventory/dynamic").chmod(0o755)
    code, lines = support(tmp_path, capsys, {})
    assert (code, mark.exists()) == (Exit.FINDINGS, False)
    verdicts = {line[0]: line[1] for line in lines if len(line) > 1}
    assert verdicts["mine"] == "runs"
    assert "ansible.plugins.filter.core" in verdicts["broken"]
    assert "no_such_package" in verdicts["look"]
    assert verdicts["slack"].startswith("not supported")


def test_an_import_that_a_plugin_names_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It can be right, and only a run would tell: the plugin is not called here."""
    filters = "class FilterModule:\n  def filters(self): return {'file_of_this_test': str}\n"
    site = play("import_tasks: \"{{ 't' | file_of_this_test }}.yml\"", "ping:")
    write(tmp_path, {"filter_plugins/mine.py": filters, "site.yml": site})
    assert main(["check", str(tmp_path / "site.yml")]) == Exit.OK
    assert "info[import-name]: what is imported here is not checked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.yml", play('debug: {msg: "{{ a | nofilter }}"}'), "nofilter"),
        ("a.yml", play("""debug: {msg: "{{ a | map('nomap') }}"}"""), "nomap"),
        ("a.yml", play("ping:\n      when: a is notest"), "notest"),
        ("a.yml", play("""debug: {msg: "{{ lookup('nolook', 'x') }}"}"""), "nolook"),
        ("a.yml", play("debug:\n      with_nosuch: [1]"), "with_nosuch"),
        ("a.yml", play("ping:", more="  connection: docker\n"), "docker"),
        ("a.yml", play("ping:", more="  strategy: mitogen_linear\n"), "mitogen_linear"),
        ("a.yml", play("ping:", more="  become_method: runas\n"), "runas"),
        ("a.yml", play("ping:\n      retrys: 5"), "retrys"),
        ("a.yml", play("ping:", more="  wibble: 5\n"), "wibble"),
        ("roles/a/templates/x", "{{ a | infile }}\n", "infile"),
        ("roles/a/defaults/main.yml", 'b: "{{ a | invars }}"\n', "invars"),
        ("group_vars/all", "ansible_connection: winrm\n", "winrm"),
        ("hosts", "[web]\na ansible_connection=paramiko # b\n", "paramiko"),
        ("inventory/aws.yml", "plugin: amazon.aws.aws_ec2\n", "amazon.aws.aws_ec2"),
    ],
)
def test_what_does_not_run_is_told(
    name: str, text: str, found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each sort of thing is found where it is used, at the place of its name."""
    code, lines = support(tmp_path, capsys, {name: text})
    line = next(line for line in lines if line[0] == found)
    path, row, column = line[-1].split(":")
    assert (code, path) == (Exit.FINDINGS, name)
    assert text.splitlines()[int(row) - 1][int(column) - 1 :].startswith(found)


@pytest.mark.parametrize(
    "text",
    [
        play('debug: {msg: "this is broken | really {{ a }}"}'),
        play('debug: {msg: !unsafe "{{ a | nofilter }}"}'),
        play('debug: {msg: "{{ a | }} {{ a | nofilter"}'),
        play("ping:", more='  connection: "{{ how }}"\n'),
        play('action: "{{ module }}"'),
        play("debug: {msg: x}", more="  vars: {strategy: none_of_ours}\n"),
    ],
)
def test_what_is_not_known_is_not_told(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words in a text are no calls, and what a template names is known in a run only."""
    assert support(tmp_path, capsys, {"site.yml": text})[0] == Exit.OK


def test_a_file_that_cannot_be_read_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest is told all the same; a file that Ansible would not read does not matter."""
    files = {
        "roles/a/tasks/main.yml": "- ping:\n- [\n",
        "compose.yml": "a: 1\n---\nb: 2\n",
        "group_vars/all/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n3131\n",
        "site.yml": play("ping:"),
    }
    code, lines = support(tmp_path, capsys, files)
    assert code == Exit.NOT_CHECKED
    assert lines[-3:] == [
        ["read: 1 encrypted file, 1 playbook, 1 role"],
        ["1 of 1 task call a module that runs"],
        ["1 file could not be read"],
    ]


def test_a_playbook_is_read_with_what_it_brings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files and roles that are named, by whom ever, are read; others are not."""
    files = {
        "site.yml": "- import_playbook: plays/other.yml\n" + play("include_tasks: one.yml"),
        "plays/other.yml": play("import_role: {name: app}", more="  vars_files: [v.yml]\n"),
        "plays/v.yml": 'v: "{{ 1 | of_vars }}"\n',
        "tasks/one.yml": "- from_tasks:\n- include_tasks: '{{ any }}.yml'\n",
        "roles/app/tasks/main.yml": "- from_role:\n- import_tasks: file=more\n",
        "roles/app/tasks/more": "- from_more:\n- include_role: name=app\n",
        "roles/app/meta/main.yml": "dependencies: [{role: base}]\n",
        "roles/base/handlers/main.yml": "- from_dependency:\n",
        "roles/unused/tasks/main.yml": "- from_unused:\n",
        "unused.yml": play("from_unused:"),
        "group_vars/all.yml": 'v: "{{ 1 | of_group_vars }}"\n',
        "callback_plugins/slack.py": "",
    }
    code, lines = support(tmp_path, capsys, files, "site.yml")
    assert code == Exit.FINDINGS
    named = {line[0] for line in lines}
    expected = {"from_tasks", "from_role", "from_more", "from_dependency", "slack"}
    assert named >= {*expected, "of_vars", "of_group_vars"}
    assert "from_unused" not in named


@pytest.mark.parametrize(
    ("text", "name"), [("- name: x\n  ...\n", ""), ("a: [\n", "x.yml"), ("a: [\n", "")]
)
def test_what_is_no_yaml_counts_if_it_is_meant(
    text: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of names is a file of tasks, and a file that the user names is meant."""
    code, lines = support(tmp_path, capsys, {"x.yml": text, "site.yml": play("ping:")}, name)
    assert (code == Exit.NOT_CHECKED) == (["1 file could not be read"] in lines)
    assert (code == Exit.OK) == (text == "a: [\n" and not name)


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It counts as one that could not be read."""
    assert support(tmp_path, capsys, {}, "absent.yml")[0] == Exit.NOT_CHECKED


def test_nothing_to_look_at_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wrong directory must not look like a project that runs."""
    code, lines = support(tmp_path, capsys, {"README.md": "# - hosts: all\n"})
    assert code == Exit.NOT_CHECKED
    assert lines == [["there is no playbook, role, inventory or file of tasks or variables here"]]
