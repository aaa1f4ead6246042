"""Every keyword with every kind of wrong value: a failed result or a diagnostic, no traceback.

The cases come from the keyword table, so that a new keyword is tested without a word said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.execution.fleet import Machine, play_file
from understudy.events import HostEnded, NoMoreHosts
from understudy.playbook.keywords import Place, Rendered, keywords_of
from understudy.text.diagnostic import PlaybookInvalid

VALUES = {
    "list": "[1, a]",
    "empty list": "[]",
    "mapping": "{a: 1}",
    "empty mapping": "{}",
    "number": "5",
    "negative": "-5",
    "fraction": "1.5",
    "huge": "99999999999999999999999",
    "text": "some text",
    "empty text": '""',
    "null": "null",
    "true": "true",
    "date": "2024-01-01",
    "nested": "[[[a]], {b: [c]}]",
    "list of nulls": "[null, null]",
    "text of a list": '"[1, 2]"',
    "not a number": ".nan",
    "infinity": ".inf",
    "odd keys": "{1: a, null: b, [c]: d}",
}
RENDERED = {
    "undefined": "{{ not_there }}",
    "undefined inside": "a {{ not_there.deep }} b",
    "syntax": "{{ 1 + }}",
    "unknown filter": "{{ 1 | no_such_filter }}",
    "failing": "{{ 1 // 0 }}",
    "a mapping": "{{ {'a': 1} }}",
    "a list": "{{ [1, [2]] }}",
    "a number": "{{ 5 }}",
    "null": "{{ none }}",
    "omitted": "{{ omit }}",
    "a function": "{{ lookup }}",
    "itself": "{{ itself }}",
}
HEAD = "- hosts: all\n  gather_facts: false\n  vars: {itself: '{{ itself }}'}\n"
DONE = "[{debug: {msg: done}}]"
PLAYS = {
    Place.PLAY: f"{HEAD}  @@\n  tasks: {DONE}\n",
    Place.BLOCK: f"{HEAD}  tasks:\n    - @@\n      block: {DONE}\n",
    Place.TASK: f"{HEAD}  tasks:\n    - @@\n      command: x\n",
    Place.HANDLER: f"{HEAD}  tasks: [{{debug: , changed_when: true, notify: h}}]\n"
    "  handlers:\n    - @@\n      listen: h\n      command: x\n",
    Place.INCLUDE_TASKS: f"{HEAD}  tasks:\n    - @@\n      include_tasks: inner.yml\n",
    Place.IMPORT_TASKS: f"{HEAD}  tasks:\n    - @@\n      import_tasks: inner.yml\n",
    Place.INCLUDE_ROLE: f"{HEAD}  tasks:\n    - @@\n      include_role: {{name: r}}\n",
    Place.IMPORT_ROLE: f"{HEAD}  tasks:\n    - @@\n      import_role: {{name: r}}\n",
    Place.ROLE: f"{HEAD}  roles:\n    - @@\n      role: r\n",
    Place.IMPORT_PLAYBOOK: "- import_playbook: other.yml\n  @@\n",
    Place.LOOP_CONTROL: f"{HEAD}  tasks:\n    - command: x\n      loop: [1, 2]\n"
    "      loop_control:\n        @@\n",
}
"""A playbook for each place, with `@@` where the keyword is to stand."""
INSTEAD = {
    (Place.PLAY, "hosts"): ("- hosts: all\n  gather", "- gather"),
    (Place.PLAY, "gather_facts"): ("  gather_facts: false\n", ""),
    (Place.PLAY, "vars"): ("  vars: {itself: '{{ itself }}'}\n", ""),
    (Place.PLAY, "tasks"): (f"  tasks: {DONE}\n", ""),
    (Place.BLOCK, "block"): (f"      block: {DONE}\n", ""),
    (Place.TASK, "action"): ("      command: x\n", ""),
    (Place.TASK, "local_action"): ("      command: x\n", ""),
    (Place.HANDLER, "action"): ("      command: x\n", ""),
    (Place.HANDLER, "local_action"): ("      command: x\n", ""),
    (Place.HANDLER, "listen"): ("      listen: h\n", ""),
}
"""What makes room for a keyword that is there already."""


def written(place: Place, key: str, value: str) -> str:
    """Return a playbook in which a keyword has a value."""
    old, new = INSTEAD.get((place, key), ("", ""))
    return PLAYS[place].replace(old, new, 1).replace("@@", f"{key}: {value}")


def lay_out(folder: Path) -> None:
    """Put what imports and includes name into a folder."""
    (folder / "roles" / "r" / "tasks").mkdir(parents=True)
    (folder / "roles" / "r" / "tasks" / "main.yml").write_text("- debug:\n", "utf-8")
    (folder / "inner.yml").write_text("- debug:\n", "utf-8")
    (folder / "other.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks: [{debug: }]\n", "utf-8"
    )


def outcome(folder: Path, text: str) -> str:
    """Return how a playbook ends: `refused`, `failed`, `ran`; `nowhere` if it does not say where.

    A traceback fails the test.
    """
    lay_out(folder)
    path = folder / "play.yml"
    path.write_text(text, "utf-8")
    machine = Machine("web1")
    try:
        played = play_file(path, machines={"web1": machine})
    except PlaybookInvalid as invalid:
        return "refused" if all(found.span for found in invalid.diagnostics) else "nowhere"
    failed = [end for end in played.all(HostEnded) if end.result.get("failed")]
    if any(end.diagnostic is None or end.diagnostic.span is None for end in failed):
        return "nowhere"
    return "failed" if failed or played.all(NoMoreHosts) else "ran"


def _cases() -> Iterator[tuple[Place, str]]:
    for place in PLAYS:
        yield from ((place, name) for name in sorted(keywords_of(place)))


CASES = [pytest.param(p, k, id=f"{k} of {str(p.name).lower()}") for p, k in _cases()]
TEMPLATES = [
    pytest.param(p, k, id=f"{k} of {str(p.name).lower()}")
    for p, k in _cases()
    if keywords_of(p)[k].rendered is Rendered.AT_RUN
]


def fates(root: Path, texts: Iterable[str], place: Place, key: str) -> set[str]:
    """Return what becomes of a keyword with each of the values, in a folder of its own."""
    found = set()
    for number, text in enumerate(texts):
        folder = root / str(number)
        folder.mkdir()
        found.add(outcome(folder, written(place, key, text)))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("place", "key"), CASES)
def test_a_value_of_a_wrong_type_is_told(place: Place, key: str, tmp_path: Path) -> None:
    """Whatever stands there is taken, refused or fails a task."""
    assert "nowhere" not in fates(tmp_path, VALUES.values(), place, key)


@pytest.mark.slow
@pytest.mark.parametrize(("place", "key"), TEMPLATES)
def test_a_template_that_fails_is_told(place: Place, key: str, tmp_path: Path) -> None:
    """So is what a template gives, or why it gives nothing."""
    quoted = (f'"{value}"' for value in RENDERED.values())
    assert "nowhere" not in fates(tmp_path, quoted, place, key)


HARMLESS = frozenset(
    "name vars collections vars_files fact_path gather_subset gather_timeout".split()
)
"""What is shown as it is, or is read only where facts are gathered or where it is named."""
STRICT = [
    pytest.param(p, k, id=f"{k} of {str(p.name).lower()}")
    for p in (Place.PLAY, Place.BLOCK, Place.TASK, Place.LOOP_CONTROL)
    for k in sorted(keywords_of(p))
    if k not in HARMLESS and keywords_of(p)[k].rendered is not Rendered.NEVER
]


@pytest.mark.parametrize(("place", "key"), STRICT)
def test_an_undefined_variable_fails_the_task(place: Place, key: str, tmp_path: Path) -> None:
    """It is told in every keyword that is rendered, whether it matters or not."""
    assert outcome(tmp_path, written(place, key, '"{{ not_there }}"')) in {"failed", "refused"}
