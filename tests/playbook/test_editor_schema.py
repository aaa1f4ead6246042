"""The schema for editors takes what runs, and marks what does not at its place."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.check.cases import checked
from understudy.playbook.editor_schema import bundle
from understudy.playbook.module_schema import all_schemas
from understudy.text.diagnostic import PlaybookInvalid, Severity
from understudy.text.document import parse_document
from understudy.text.nodes import Mapping, Node, Sequence
from understudy.text.source import Source

TESTS = Path(__file__).parents[1]
PLAYBOOKS = [
    path
    for folder in (TESTS.parent / "examples", TESTS / "parity" / "cases")
    for path in sorted(folder.glob("*/playbook.yml"))
]


@cache
def validator(*own: str) -> Draft7Validator:
    """Return the validator of the whole schema, with some modules of a project's own."""
    return Draft7Validator(bundle(own))


def yaml(text: str) -> Any:
    """Return a text as plain data."""
    return plain(parse_document(Source("x.yml", text), lambda _warning: None))


def plain(node: Node | None) -> Any:
    """Return a node's value, whatever its tag."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if node else None


def wrong(document: Any, *own: str) -> list[str]:
    """Return where a document is wrong, and what is."""
    errors = validator(*own).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in errors]


def test_it_is_a_schema() -> None:
    """The metaschema of draft-07 takes it, so every editor does."""
    Draft7Validator.check_schema(bundle())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- hosts: all\n  tasks:\n    - command: x\n      retrys: 3\n", "$[0].tasks[0]"),
        ("- hosts: all\n  task: []\n", "$[0]"),
        ("- command: x\n  async: 10m\n", "$[0].async"),
        ("- copy: {src: a, dst: b}\n", "$[0].copy"),
        ("- ansible.builtin.file: {path: a, state: here}\n", "$[0]['ansible.builtin.file'].state"),
        ("- block: []\n  async: 3\n", "$[0]"),
        ("- include_tasks: x.yml\n  until: y\n", "$[0]"),
        ("- debug: {}\n  loop_control: {loop_vars: x}\n", "$[0].loop_control"),
        ("- hosts: all\n  handlers:\n    - debug: {}\n      liste: x\n", "$[0].handlers[0]"),
        ("web: {host: {a: null}}\n", "$.web"),
        ("all: {children: {web: {hosts: {a: 3}}}}\n", "$.all.children.web.hosts.a"),
    ],
)
def test_a_mistake_is_marked_where_it_is(text: str, place: str) -> None:
    """One mistake gives one mark, at the mapping or value that holds it."""
    assert [line.split(": ")[0] for line in wrong(yaml(text))] == [place]


@pytest.mark.parametrize(
    "text",
    [
        "- hosts: all\n  become: yes\n  roles: [a, {role: b, size: 3}]\n",
        "- community.general.ufw: {state: enabled}\n",
        "- command: echo {{ x }}\n  async: '{{ limit }}'\n  poll: 0\n  with_items: [1]\n",
        "- copy: src=a dest=b\n- file:\n    path: a\n    state: '{{ s }}'\n",
        "all: {hosts: {a: , b: {x: 1}}, children: {web: }, vars: {y: 2}}\n",
        "plugin: constructed\nstrict: true\n",
        "- import_playbook: other.yml\n  when: x\n",
    ],
)
def test_what_is_right_is_not_marked(text: str) -> None:
    """Templates, short forms and modules of collections are let through."""
    assert wrong(yaml(text)) == []


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.parent.name)
def test_what_editors_mark_is_an_error(path: Path) -> None:
    """A playbook in which `check` finds no error has no mark: both come from the same tables."""
    folders = ("library", "action_plugins")
    own = {module.stem for folder in folders for module in path.parent.glob(f"{folder}/*")}
    severities = {found.severity for found in checked(path).findings}
    try:
        marks = wrong(yaml(path.read_text("utf-8")), *sorted(own))
    except PlaybookInvalid:
        marks = ["no YAML"]
    assert Severity.ERROR in severities or marks == []


def test_the_examples_of_modules_are_right() -> None:
    """What `understudy doc` shows can be pasted."""
    texts = [text for schema in all_schemas() for text in schema.examples]
    assert [found for text in texts for found in wrong(yaml(text))] == []


def test_modules_of_a_project_can_be_added() -> None:
    """Its editor then takes them, and still marks others."""
    assert wrong([{"mine": {"a": 1}}], "mine") == []
    assert wrong([{"miner": {"a": 1}}], "mine") != []
