"""What a host, a command or a file tells is never evaluated, on whatever way it comes in.

Each way is one test: the text stands in a message as it came, and is no condition. What an author
wrote is rendered, in inventories, variable files and on the command line alike.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.execution.fleet import Machine, Played, play
from understudy.cli.main import main
from understudy.connections.base import JsonObject, ModuleCall

EVIL = "{{lookup('pipe','touch${IFS}mark')}}"
"""Leaves a file in the playbook's directory if it is evaluated. It holds no space and no slash."""


class Hostile(Machine):
    """A host whose every answer holds the text, also as a key."""

    async def answer(self, call: ModuleCall) -> JsonObject:
        """Answer a call with the text wherever there is room for it."""
        facts = {"ansible_it": EVIL, "ansible_local": {"own": {"it": EVIL}}, "ansible_list": [EVIL]}
        return {
            "changed": True,
            "rc": 0,
            "stdout": EVIL,
            "stdout_lines": [EVIL],
            "as_json": json.dumps({"it": EVIL, "deep": [{"it": EVIL}]}),
            "as_yaml": f'it: "{EVIL}"',
            "content": base64.b64encode(EVIL.encode()).decode(),
            "keys": {EVIL: {EVIL: 1}},
            **({"ansible_facts": facts} if call.module == "setup" else {}),
        }


ASK = "    - {command: ask, register: r}\n"
LOOPED = "    - {command: ask, loop: [1, 2], register: r}\n"
FACTS = "    - setup:\n"
WAYS = {
    "a result": (ASK, "r.stdout"),
    "an element of a result": (ASK, "r.stdout_lines[0]"),
    "a part of a result": (ASK, "r.stdout.strip()"),
    "a result of a loop": (LOOPED, "r.results[1].stdout"),
    "results, mapped": (LOOPED, "r.results | map(attribute='stdout') | first"),
    "a result in hostvars": (ASK, "hostvars[inventory_hostname].r.stdout"),
    "a result by its name": (ASK, "lookup('vars', 'r').stdout"),
    "a result in vars": (ASK, "vars.r.stdout"),
    "a fact": (FACTS, "ansible_facts.it"),
    "an injected fact": (FACTS, "ansible_it"),
    "an element of a fact": (FACTS, "ansible_facts.list[0]"),
    "a local fact": (FACTS, "ansible_local.own.it"),
    "a fact that was set": (ASK + "    - set_fact: {f: '{{ r.stdout }}'}\n", "f"),
    "a fact that was set deep": (ASK + "    - set_fact: {f: {g: ['{{ r.stdout }}']}}\n", "f.g[0]"),
    "a fetched text": (ASK, "r.content | b64decode"),
    "JSON": (ASK, "(r.as_json | from_json).deep[0].it"),
    "YAML": (ASK, "(r.as_yaml | from_yaml).it"),
    "YAML of several documents": (ASK, "(r.as_yaml | from_yaml_all | list)[0].it"),
    "a key": (ASK, "r['keys'] | list | first"),
    "a key, as an item": (ASK, "(r['keys'] | dict2items)[0].key"),
    "a combined mapping": (ASK, "({} | combine(r)).stdout"),
    "a joined text": (ASK, "[r.stdout, ''] | join"),
    "a replaced text": (ASK, "r.stdout | regex_replace('$', '')"),
    "a found text": (ASK, "r.stdout | regex_search('.*')"),
    "a default": (ASK, "nothing | default(r.stdout)"),
    "a choice": (ASK, "true | ternary(r.stdout, '')"),
    "a made-up format": (ASK, "'%s' | format(r.stdout)"),
    "a host's name": (ASK + "    - add_host: {name: '{{ r.stdout }}'}\n", "groups.all | last"),
    "a group's name": (ASK + "    - group_by: {key: '{{ r.stdout }}'}\n", "groups.keys() | last"),
    "a variable of a new host": (
        ASK + "    - add_host: {name: new, it: '{{ r.stdout }}'}\n",
        "hostvars.new.it",
    ),
    "a loop's item": (ASK + "    - {set_fact: {f: '{{ item }}'}, loop: '{{ [r.stdout] }}'}\n", "f"),
    "a failed result": (
        "    - block: [{command: ask, failed_when: true}]\n      rescue: [{debug: }]\n",
        "ansible_failed_result.stdout",
    ),
    "a failed task": (
        ASK
        + "    - block: [{command: '{{ r.stdout }}', failed_when: true}]\n"
        + "      rescue: [{debug: }]\n",
        "ansible_failed_task.args._raw_params",
    ),
    "a file": ("", "lookup('file', 'evil.txt')"),
    "an encrypted file, opened": ("", "lookup('unvault', 'evil.txt')"),
    "a command's output": ("", "lookup('pipe', 'cat evil.txt')"),
    "a command's lines": ("", "lookup('lines', 'cat evil.txt')"),
    "the environment": ("", "lookup('env', 'EVIL')"),
    "a file's name": ("", "lookup('fileglob', 'named/*') | basename"),
    "the first file found": ("", "lookup('first_found', query('fileglob', 'named/*')) | basename"),
    "a table's cell": ("", "lookup('csvfile', 'key', file='evil.csv', delimiter=';')"),
    "a setting of an INI file": ("", "lookup('ini', 'key', section='one', file='evil.ini')"),
    "a stored password": ("", "lookup('password', 'evil.txt')"),
    "what a template file renders": (ASK, "lookup('template', 'page.j2')"),
}


def lay_out(folder: Path) -> None:
    """Put the text into files of every form that a lookup reads, and into the name of one."""
    (folder / "named").mkdir()
    (folder / "templates").mkdir()
    files = {
        "evil.txt": EVIL,
        "evil.csv": f"key;{EVIL}",
        "evil.ini": f"[one]\nkey = {EVIL}",
        f"named/{EVIL}": "",
        "templates/page.j2": "{{ r.stdout }}",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def hostile(folder: Path, tasks: str, monkeypatch: pytest.MonkeyPatch) -> Played:
    """Play tasks on a hostile host, in a folder with hostile files."""
    lay_out(folder)
    monkeypatch.setenv("EVIL", EVIL)
    return play(folder, tasks, machines={"web1": Hostile("web1")})


def test_an_authors_text_of_that_kind_is_evaluated(tmp_path: Path) -> None:
    """The text would leave its mark, so that no mark is proof of something."""
    play(tmp_path, f'    - debug: {{msg: "{EVIL}"}}\n')
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("way", WAYS)
def test_it_is_a_text_and_no_condition(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is shown as it came; as a condition, in `that` and as a name for `debug` it is refused."""
    setup, it = WAYS[way]
    block = (
        f'    - vars: {{it: "{{{{ {it} }}}}", list_of: ["{{{{ {it} }}}}"]}}\n'
        "      ignore_errors: true\n"
        "      block:\n"
        "        - {name: shown, debug: {msg: ['{{ it }}', '<{{ it }}>', '{{ list_of }}']}}\n"
        f'        - {{name: direct, debug: {{}}, when: "{{{{ {it} }}}}"}}\n'
        "        - {name: condition, debug: , when: '{{ it }}'}\n"
        "        - {name: listed, debug: , when: ['{{ it }}']}\n"
        "        - {name: until, debug: , until: '{{ it }}', retries: 1, delay: 0}\n"
        "        - {name: failed_when, debug: , failed_when: '{{ it }}'}\n"
        "        - {name: that, assert: {that: '{{ it }}'}}\n"
        "        - {name: that listed, assert: {that: '{{ list_of }}'}}\n"
        "        - {name: var, debug: {var: '{{ it }}'}}\n"
    )
    played = hostile(tmp_path, setup + block, monkeypatch)
    assert played.result("shown")["msg"] == [EVIL, f"<{EVIL}>", [EVIL]]
    for name in ("direct", "condition", "listed", "until", "that", "that listed", "var"):
        result = played.result(name)
        assert result["failed"], name
        assert "untrusted" in result["msg"], name
    assert "untrusted" in played.result("failed_when")["failed_when_result"]
    assert not (tmp_path / "mark").exists()


USES: dict[str, str] = {
    "a module's argument": "{command: 'echo {{ r.stdout }}', register: x}",
    "arguments as a whole": "{command: '{{ r[\"keys\"] }}', ignore_errors: true}",
    "names of facts": "{set_fact: '{{ r[\"keys\"] }}', ignore_errors: true}",
    "a name": "{name: '{{ r.stdout }}', debug: }",
    "a label": "{debug: , loop: [1], loop_control: {label: '{{ r.stdout }}'}}",
    "a loop": "{debug: {msg: '{{ item }}'}, loop: '{{ r.stdout_lines }}'}",
    "a loop's text": "{debug: {msg: '{{ item }}'}, with_items: '{{ r.stdout }}'}",
    "a loop over a mapping": "{debug: {msg: '{{ item.key }}'}, with_dict: '{{ r[\"keys\"] }}'}",
    "a delegate": "{command: x, delegate_to: '{{ r.stdout }}'}",
    "the environment": "{command: x, environment: {A: '{{ r.stdout }}'}}",
    "the environment as a whole": "{command: x, environment: '{{ r[\"keys\"] }}', "
    "ignore_errors: true}",
    "ignore_errors": "{command: x, ignore_errors: '{{ r.stdout }}'}",
    "no_log": "{command: x, no_log: '{{ r.stdout }}', ignore_errors: true}",
    "an included file": "{include_tasks: '{{ r.stdout }}', ignore_errors: true}",
    "an included file's variables": "{include_vars: '{{ r.stdout }}', ignore_errors: true}",
    "a lookup's term": "{debug: {msg: '{{ lookup(\"vars\", r.stdout, default=1) }}'}}",
    "a pattern of hosts": "{debug: {msg: '{{ query(\"inventory_hostnames\", r.stdout) }}'}}",
    "a message of fail": "{fail: {msg: '{{ r.stdout }}'}, ignore_errors: true}",
    "a message of assert": "{assert: {that: false, fail_msg: '{{ r.stdout }}'}, "
    "ignore_errors: true}",
    "a statistic": "{set_stats: {data: {a: '{{ r.stdout }}'}}}",
    "statistics as a whole": "{set_stats: {data: '{{ r[\"keys\"] }}'}, ignore_errors: true}",
    "a file's content": "{copy: {content: '{{ r.stdout }}', dest: /tmp/x}, ignore_errors: true}",
    "a default in a template": "{debug: {msg: '{{ r.stdout ~ r.stdout }}'}}",
}


@pytest.mark.parametrize("use", USES)
def test_it_is_evaluated_nowhere(tmp_path: Path, use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a task may use it, it stays a text."""
    hostile(tmp_path, f"{ASK}    - {USES[use]}\n    - debug: \n", monkeypatch)
    assert not (tmp_path / "mark").exists()


def test_a_handlers_name_is_not_evaluated(tmp_path: Path) -> None:
    """A host that names a handler names it as it is."""
    lay_out(tmp_path)
    play(
        tmp_path,
        f"{ASK}    - {{debug: , changed_when: true, notify: '{{{{ r.stdout_lines }}}}'}}\n",
        machines={"web1": Hostile("web1")},
        more=f'  handlers: [{{name: "{{% raw %}}{EVIL}{{% endraw %}}", debug: }}]\n',
    )
    assert not (tmp_path / "mark").exists()


Lay = Callable[[Path], list[str]]


def _file(name: str, text: str, *words: str) -> Lay:
    def lay(folder: Path) -> list[str]:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        if name.endswith(".sh"):
            (folder / name).chmod(0o755)
        return list(words)

    return lay


_SCRIPT = (
    '#!/bin/sh\necho \'{"g": {"hosts": ["a"]}, "_meta": {"hostvars": {"a": {"it": "%s"}}}}\'\n'
)
MADE = "{{ 1 + 1 }}"
AUTHORS: dict[str, Lay] = {
    "an INI inventory": _file("hosts.ini", f'a it="{MADE}"\n', "-i", "hosts.ini"),
    "group variables in it": _file("h.ini", f"a\n[all:vars]\nit={MADE}\n", "-i", "h.ini"),
    "a YAML inventory": _file("h.yml", f'all: {{hosts: {{a: {{it: "{MADE}"}}}}}}', "-i", "h.yml"),
    "a TOML inventory": _file("h.toml", f'[all.hosts.a]\nit = "{MADE}"\n', "-i", "h.toml"),
    "an inventory script": _file("h.sh", _SCRIPT % MADE, "-i", "./h.sh"),
    "variables of a host": _file("host_vars/a.yml", f'it: "{MADE}"', "-i", "a,"),
    "variables of a group": _file("group_vars/all.yml", f'it: "{MADE}"', "-i", "a,"),
    "-e with a word": _file("x", "", "-i", "a,", "-e", f"it='{MADE}'"),
    "-e with JSON": _file("x", "", "-i", "a,", "-e", json.dumps({"it": MADE})),
    "-e with a file": _file("e.yml", f'it: "{MADE}"', "-i", "a,", "-e", "@e.yml"),
    "vars_files": _file("mine.yml", f'it: "{MADE}"', "-i", "a,"),
    "include_vars": _file("included.yml", f'it: "{MADE}"', "-i", "a,"),
}


@pytest.mark.parametrize("how", AUTHORS)
def test_what_an_author_wrote_is_rendered(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Inventories of every form, files of variables and `-e` may hold templates."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    words = AUTHORS[how](tmp_path)
    files = "  vars_files: [mine.yml]\n" if how == "vars_files" else ""
    included = "    - include_vars: included.yml\n" if how == "include_vars" else ""
    (tmp_path / "play.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n{files}  tasks:\n{included}"
        "    - debug: {msg: 'it is {{ it }}.'}\n    - {debug: {msg: so}, when: '{{ it == 2 }}'}\n",
        "utf-8",
    )
    given: Any = main(["run", *words, "play.yml"])
    assert given == 0
    assert "it is 2." in capsys.readouterr().out
