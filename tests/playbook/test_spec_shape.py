"""Argument specs that are none: told with their place in a role, and never an exception."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from understudy.playbook.argument_spec import check_spec
from understudy.playbook.files import Loader
from understudy.playbook.spec_shape import spec_faults, unknown_types
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (5, "argument_spec must be a mapping from arguments to what they are, not int"),
        ({"a": 5}, "a must be a mapping, such as `{type: str, required: true}`, not int"),
        ({5: {}}, "5 must be a text, as the name of an argument, not int"),
        ({"a": None}, "a must be a mapping, such as `{type: str, required: true}`, not nothing"),
        ({"a": {"type": []}}, "a.type must be the name of a type, not this list"),
        ({"a": {"choices": 7}}, "a.choices must be a list, not int"),
        ({"a": {"aliases": "b"}}, "a.aliases must be a list of names, not str"),
        ({"a": {"options": 7}}, "a.options must be a mapping from arguments to what they are"),
        ({"a": {"options": {"b": "x"}}}, "a.options.b must be a mapping, such as"),
        ({"a": {"required_if": [["b"]]}}, "a.required_if must be a list of lists: a name,"),
        ({"a": {"required_if": ["abc"]}}, "a.required_if must be a list of lists: a name,"),
        ({"a": {"required_by": []}}, "a.required_by must be a mapping from names to"),
        ({"a": {"mutually_exclusive": 1}}, "a.mutually_exclusive must be a list of lists of"),
        ({"a": {"fallback": ["env"]}}, "a.fallback is only for modules"),
        ({"a": {"deprecated_aliases": [{}]}}, "a.deprecated_aliases must be a list of mappings"),
    ],
)
def test_what_cannot_be_a_spec_is_told_with_the_way_to_it(spec: object, said: str) -> None:
    """One fault for each."""
    (fault,) = map(str, spec_faults(spec))
    assert fault.startswith(said)


def test_a_right_spec_has_no_fault() -> None:
    """Whatever Ansible documents may stand in it."""
    about: dict[str, Any] = {
        "type": "list",
        "elements": "dict",
        "aliases": ["b"],
        "choices": [1],
        "options": {"c": {"type": "json"}, "d": {"type": "path", "default": None}},
        "mutually_exclusive": [["c", "d"]],
        "required_one_of": ["c", "d"],
        "required_if": [["c", 1, ["d"]], ["c", 2, ["d"], True]],
        "required_by": {"c": "d"},
    }
    assert [*spec_faults({"a": about}), *unknown_types({"a": about})] == []


def test_a_type_that_there_is_not_hurts_only_who_needs_it() -> None:
    """As in Ansible; the near one is named."""
    spec = {"a": {"type": "strr"}, "b": {"options": {"c": {"elements": "frobs"}}}}
    first, second = map(str, unknown_types(spec))
    assert first == "a.type names no type: `str` is one"
    assert second.startswith("b.options.c.elements names no type: there are bits, bool,")
    assert check_spec(spec, {}).faults == []
    (fault,) = check_spec({"a": {"type": "strr"}}, {"a": "x"}).faults
    assert fault.endswith("unable to convert to strr: there is no type of this name")


def test_secrets_are_known_in_every_form() -> None:
    """As they came, and as the elements of the list that they are."""
    spec = {"a": {"type": "list", "no_log": True}}
    assert check_spec(spec, {"a": "one,two"}).secrets == {"one,two", "one", "two"}


def _found(folder: Path, specs: str) -> list[Diagnostic]:
    role = folder / "roles" / "r"
    for name, text in (("tasks/main.yml", "- debug:\n"), ("meta/argument_specs.yml", specs)):
        (role / name).parent.mkdir(parents=True, exist_ok=True)
        (role / name).write_text(text, "utf-8")
    play = folder / "site.yml"
    play.write_text("- hosts: all\n  roles: [r, {role: r, a: 1}]\n", "utf-8")
    found: list[Diagnostic] = []
    try:
        Loader(warn=found.append).load_playbook(play)
    except PlaybookInvalid as invalid:
        found += invalid.diagnostics
    return found


def test_a_wrong_spec_of_a_role_is_a_finding_with_its_place(tmp_path: Path) -> None:
    """In the file of the role, once; a type that there is not is but a warning."""
    specs = "argument_specs:\n  main:\n    options:\n      a: {type: strr}\n      b: text\n"
    told = [
        (str(one.severity.value), one.message.split(",")[0], one.span and one.span.start.line)
        for one in _found(tmp_path, specs)
    ]
    assert sorted(told) == [
        ("error", "`b` must be a mapping", 5),
        ("warning", "`type` names no type: `str` is one", 4),
    ]
