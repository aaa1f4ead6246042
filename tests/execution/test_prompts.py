"""`vars_prompt`: what is asked, when, and what becomes of the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.execution.fleet import Played, play
from understudy.events import Warned
from understudy.text.diagnostic import PlaybookInvalid

SHOW = "    - {name: show, debug: {msg: '{{ it }}'}}\n"


@dataclass
class User:
    """Gives answers in order, and keeps what was asked."""

    answers: list[str]
    asked: list[tuple[str, bool]] = field(default_factory=list)

    async def enter(self, prompt: str, private: bool) -> str:  # noqa: FBT001
        """Answer one prompt."""
        self.asked.append((prompt, private))
        return self.answers.pop(0)


def ask(folder: Path, prompts: str, *answers: str, vars_: str = "{}", **more: object) -> User:
    """Run a play with prompts and show `it`; return the user with what was shown last."""
    user = User(list(answers))
    played = _run(folder, prompts, user, vars_, **more)
    user.answers.append(_shown(played))
    return user


def _run(folder: Path, prompts: str, user: User | None, vars_: str, **more: object) -> Played:
    head = f"  vars: {vars_}\n  vars_prompt: {prompts}\n"
    return play(folder, SHOW, more=head, enter=user.enter if user else None, **more)


def _shown(played: Played) -> str:
    return str(played.result("show")["msg"])


@pytest.mark.parametrize(
    ("keywords", "line", "private"),
    [
        ("", "it: ", True),
        ("private: false", "it: ", False),
        ("private: 'no', prompt: Which", "Which: ", False),
        ("prompt: 'Which {{ kind }}'", "Which release: ", True),
        ("default: 17", "it [17]: ", True),
        ("default: '{{ kind }}'", "it [release]: ", True),
        ("default: ''", "it []: ", True),
    ],
)
def test_a_prompt_tells_its_default(
    tmp_path: Path, keywords: str, line: str, *, private: bool
) -> None:
    """In brackets, after its words or else the variable's name; an answer is hidden if not told."""
    user = ask(tmp_path, f"[{{name: it, {keywords}}}]", "x", vars_="{kind: release}")
    assert user.asked == [(line, private)]


@pytest.mark.parametrize(
    ("default", "answer", "expected"),
    [("17", "", "17"), ("17", "18", "18"), ("null", "", ""), ("[1, 2]", "", "[1, 2]")],
)
def test_an_empty_answer_means_the_default(
    tmp_path: Path, default: str, answer: str, expected: str
) -> None:
    """As a text, whatever type it has."""
    prompts = f"[{{name: it, private: false, default: {default}}}]"
    assert ask(tmp_path, prompts, answer).answers == [expected]


def test_an_answer_wins_over_variables_of_the_play(tmp_path: Path) -> None:
    """And can name the hosts of the play, but does not win over `-e`."""
    user = ask(tmp_path, "{name: it, private: false}", "typed", vars_="{it: play}")
    assert user.answers == ["typed"]
    user = ask(tmp_path, "[{name: it}]", extra_vars={"it": "given"})
    assert (user.asked, user.answers) == ([], ["given"])


def test_what_is_typed_is_an_authors_text(tmp_path: Path) -> None:
    """A template in it is rendered, unless the prompt is `unsafe`."""
    prompts = "[{name: it, private: false%s}]"
    assert ask(tmp_path, prompts % "", "{{ 1 + 1 }}").answers == ["2"]
    assert ask(tmp_path, prompts % ", unsafe: true", "{{ 1 + 1 }}").answers == ["{{ 1 + 1 }}"]


def test_what_a_default_yields_is_not_rendered_again(tmp_path: Path) -> None:
    """A host or the environment may have written it; with a terminal or without."""
    prompts = "[{name: it, private: false, default: \"{{ '{{' }} 1 + 1 }}\"}]"
    assert ask(tmp_path, prompts, "").answers == ["{{ 1 + 1 }}"]
    assert _shown(_run(tmp_path, prompts, None, "{}")) == "{{ 1 + 1 }}"


def test_no_prompt_sees_the_answer_to_another(tmp_path: Path) -> None:
    """All are rendered before the first is asked."""
    with pytest.raises(PlaybookInvalid, match="'first' is undefined"):
        ask(tmp_path, "[{name: first}, {name: it, prompt: '{{ first }}'}]", "a", "b")


def test_a_confirmed_answer_is_typed_twice(tmp_path: Path) -> None:
    """Until both are the same."""
    user = ask(
        tmp_path, "[{name: it, private: false, confirm: true}]", "new", "old", "last", "last"
    )
    assert [words for words, _ in user.asked] == [
        "it: ",
        "confirm it: ",
        "***** VALUES ENTERED DO NOT MATCH ****\nit: ",
        "confirm it: ",
    ]
    assert user.answers == ["last"]


def test_a_private_answer_is_masked(tmp_path: Path) -> None:
    """In everything that is shown."""
    assert ask(tmp_path, "[{name: it}]", "opensesame").answers == ["********"]


def test_an_answer_is_hashed(tmp_path: Path) -> None:
    """With the salt that is given, or one of the size that is."""
    prompts = "[{name: it, encrypt: %s_crypt, salt%s}]"
    shown = ask(tmp_path, prompts % ("sha512", ": saltsalt"), "secret").answers[0]
    assert shown.startswith("$6$rounds=656000$saltsalt$")
    shown = ask(tmp_path, prompts % ("md5", "_size: 5"), "secret").answers[0]
    assert [len(part) for part in shown.split("$")] == [0, 1, 5, 22]


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    """Each variable has its default, `None` as a text where there is none, and a warning tells."""
    played = _run(tmp_path, "[{name: it}, {name: other, default: 5}]", None, "{}")
    assert _shown(played) == "None"
    assert [w.message for w in played.all(Warned)] == [
        "Not prompting as we are not in interactive mode"
    ]


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ("private: '{{ kind }}'", "The value 'release' could not be converted to 'bool'"),
        ("encrypt: '{{ kind }}'", "there is no way to hash named `release`"),
        ("default: '{{ gone }}'", "'gone' is undefined"),
    ],
)
def test_a_wrong_prompt_ends_the_run(tmp_path: Path, keywords: str, message: str) -> None:
    """There is no task that could fail for it."""
    with pytest.raises(PlaybookInvalid, match=message):
        ask(tmp_path, f"[{{name: it, {keywords}}}]", "x", vars_="{kind: release}")


@pytest.mark.parametrize("user", [None, User([""])])
@pytest.mark.parametrize(("private", "shown"), [("true", "********"), ("false", "pinword")])
def test_a_private_default_is_masked(
    tmp_path: Path, user: User | None, private: str, shown: str
) -> None:
    """Like an answer, also when nobody is asked."""
    prompts = f"[{{name: it, private: {private}, default: pinword}}]"
    user = None if user is None else User([""])
    assert _shown(_run(tmp_path, prompts, user, "{}")) == shown
