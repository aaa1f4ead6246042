"""From nodes and plain data to values: who wrote a text decides what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.text.diagnostic import PlaybookInvalid
from understudy.text.document import parse_document
from understudy.text.source import Source
from understudy.values.load import author, load, load_vars_file
from understudy.values.texts import Authored, Template, Value, VaultText


def value_of(text: str) -> Value:
    """Return the value of a YAML text."""
    return load(parse_document(Source("vars.yml", text), lambda _: None))


def test_texts_are_authored_or_templates() -> None:
    """A text with a Jinja delimiter is a Template, any other Authored; both know their place."""
    value = value_of("a: plain\nb: '{{ x }}'\nc: '{% if x %}y{% endif %}'\nd: '{# no #}'\ne: '{ }'")
    assert type(value["a"]) is Authored
    assert str(value["a"].span) == "vars.yml:1:4"
    assert [type(value[key]) for key in "bcd"] == [Template] * 3
    assert value["b"].text == "{{ x }}"
    assert str(value["b"].span) == "vars.yml:2:4"
    assert type(value["e"]) is Authored


def test_other_scalars_are_plain_data() -> None:
    """Numbers, booleans and nothing are what YAML makes of them."""
    assert value_of("[1, 1.5, yes, null, 0644]") == [1, 1.5, True, None, 420]


def test_keys_stay_as_written() -> None:
    """A key is no template and need not be a text; Ansible does not render keys."""
    assert list(value_of("{'{{ a }}': 1, 5: 2, yes: 3}")) == ["{{ a }}", 5, True]
    assert all(type(key) is not Template for key in value_of("{'{{ a }}': 1}"))


def test_unsafe_is_never_evaluated() -> None:
    """Under `!unsafe` every text is plain, at any depth."""
    value = value_of("!unsafe {a: '{{ b }}', c: ['{{ d }}', 12], e: f}")
    assert value == {"a": "{{ b }}", "c": ["{{ d }}", 12], "e": "f"}
    assert type(value["a"]) is type(value["c"][0]) is type(value["e"]) is str


def test_vault_texts_stay_locked() -> None:
    """A text under `!vault` is kept encrypted."""
    value = value_of("!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n")
    assert isinstance(value, VaultText)
    assert value.ciphertext.startswith("$ANSIBLE_VAULT;")


def test_author_marks_plain_data() -> None:
    """Data from JSON, `k=v` or INI becomes an author's, at any depth; what is marked stays."""
    marked = Template("{{ z }}")
    value = author({"a": ["{{ b }}", "c"], "d": 1, "e": marked})
    assert [type(item) for item in value["a"]] == [Template, Authored]
    assert value["d"] == 1
    assert value["e"] is marked


def test_files_of_variables(tmp_path: Path) -> None:
    """A file of variables holds a mapping, or nothing."""
    path = tmp_path / "vars.yml"
    path.write_text("a: '{{ b }}'\n", "utf-8")
    assert type(load_vars_file(path)["a"]) is Template
    path.write_text("# nothing\n", "utf-8")
    assert load_vars_file(path) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[1]", "not-a-mapping"),
        ("x", "not-a-mapping"),
        ("$ANSIBLE_VAULT;1.1;AES256\n61", "vault-locked"),
    ],
)
def test_files_that_hold_no_variables(tmp_path: Path, text: str, code: str) -> None:
    """Anything but a mapping is refused, and so is an encrypted file."""
    path = tmp_path / "vars.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(PlaybookInvalid) as invalid:
        load_vars_file(path)
    assert invalid.value.diagnostics[0].code == code
