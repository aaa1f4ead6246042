"""`k=v` and command lines are split as Ansible splits them (seen by running 2.19)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.playbook.split import Unbalanced, split_command, split_pairs, split_words

COMMANDS = {
    "echo a   b": "echo a   b",
    "echo a   chdir=/tmp    b": "echo a   b",
    "echo a   chdir=/tmp    b\necho c\n": "echo a   b\necho c\n",
    "echo a  chdir=/tmp  ": "echo a ",
    "cat <<EOF\n  a=1\n    creates=x\nEOF\n": "cat <<EOF\n  a=1\n    EOF\n",
    "  chdir=/tmp   pwd": "  pwd",
    "echo a \t  chdir=/tmp \t b": "echo a \t  \t b",
    "chdir=/tmp\necho b\n": "echo b\n",
    "echo a \\\n  b": "echo a  b",
    "echo a   \\\n  b chdir=/tmp": "echo a    b",
    "echo a\\\nb": "echo a\\\nb",
    "echo a chdir=/tmp\n": "echo a",
    "echo a chdir=/tmp\n\n  echo b": "echo a echo b",
    "echo a\n  chdir=/tmp\n  echo b": "echo a\n  echo b",
    "echo a\necho b\nchdir=/tmp": "echo a\necho b\n",
    "echo a{{ ' ' }}chdir=/tmp b": "echo a{{ ' ' }}chdir=/tmp b",
    "echo \\=a a\\=b": "echo =a a=b",
    "echo chdir\\=/tmp": "echo chdir=/tmp",
    'echo "chdir=/tmp"': 'echo "chdir=/tmp"',
    "echo x=1 foo=bar": "echo x=1 foo=bar",
    "echo 'a\"b' stdin=x": "echo 'a\"b'",
    "{{ 'echo hi chdir=/x' }}": "{{ 'echo hi chdir=/x' }}",
}
PAIRS = {
    "msg=hello": {"msg": "hello"},
    'msg="a b" x=1': {"msg": "a b", "x": "1"},
    "msg='a\\'b c'": {"msg": "a'b c"},
    'msg="a\\"b c"': {"msg": 'a"b c'},
    "msg=a\\nb": {"msg": "a\nb"},
    "msg=a\\\\b": {"msg": "a\\b"},
    "msg=\\x41\\u00e9\\q": {"msg": "Aé\\q"},
    "msg='\\d+'": {"msg": "\\d+"},
    'msg="a"b"c"': {"msg": 'a"b"c'},
    "msg=a'b c'd": {"msg": "a'b c'd"},
    'msg={{ "a b" }}x': {"msg": '{{ "a b" }}x'},
    "msg='{{ \"x\" }}'": {"msg": '{{ "x" }}'},
    "msg=a=b": {"msg": "a=b"},
    "msg=a\\=b": {"msg": "a\\=b"},
    "msg=": {"msg": ""},
    "stdin='x''y'": {"stdin": "x''y"},
    "a=1\nb=2\n": {"a": "1", "b": "2"},
}


@pytest.mark.parametrize("written", COMMANDS)
def test_options_are_taken_out_of_command_lines(written: str) -> None:
    """An option goes with the space after it; the rest of the line stays as written."""
    assert split_command(written)[1] == COMMANDS[written]


def test_options_of_a_command() -> None:
    """Only the command's own options are taken; their values lose quotes."""
    options, line = split_command('echo x=1 chdir="/a b" creates={{ c }} warn=no')
    assert {pair.name: pair.value for pair in options} == {
        "chdir": "/a b",
        "creates": "{{ c }}",
        "warn": "no",
    }
    assert line == "echo x=1"


@pytest.mark.parametrize("written", PAIRS)
def test_pairs(written: str) -> None:
    """Values are unquoted, escapes resolved; quotes and templates may hold spaces."""
    pairs, rest = split_pairs(written)
    assert {pair.name: pair.value for pair in pairs} == PAIRS[written]
    assert rest == ""


def test_words_without_a_name_are_left_over() -> None:
    """What is no `k=v` is handed back, for modules that take a text."""
    assert split_pairs("flush x=1 =y")[1] == "flush =y"


@pytest.mark.parametrize("written", ["echo it's", 'msg="a', "a {{ b }", "{% if", "x={# c"])
def test_what_is_opened_must_be_closed(written: str) -> None:
    """A quote or delimiter without its end is refused, with its offset."""
    with pytest.raises(Unbalanced) as unbalanced:
        list(split_words(written))
    assert written[unbalanced.value.offset :].startswith(unbalanced.value.opened)


@given(st.text(alphabet="ab ='\"\\{}%#\n\t", max_size=30))
def test_words_cover_the_text(text: str) -> None:
    """Words lie in the text where they say, in order, and between them is only white space."""
    try:
        words = list(split_words(text))
    except Unbalanced:
        return
    place = 0
    for word in words:
        assert text[place : word.start].strip() == ""
        assert text[word.start : word.end] == word.text
        place = word.end
    assert text[place:].strip() == ""
