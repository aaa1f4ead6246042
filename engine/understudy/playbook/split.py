"""`module: k=v k2=v2` and command lines: text is split before anything is rendered.

Words end at white space outside quotes and Jinja delimiters. What looks like an option of a command
(`chdir=/tmp`) is taken out of its command line; the rest of the line stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMAND_OPTIONS = frozenset(
    {
        "chdir",
        "creates",
        "executable",
        "removes",
        "stdin",
        "stdin_add_newline",
        "strip_empty_ends",
        "warn",
    }
)
"""The options that may stand inside a command line; any other `k=v` belongs to the command."""

_PIECE = re.compile(
    r"(?P<space>[ \n\t]+)"
    r"|(?P<jinja>\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})"
    r"|(?P<open>\{\{|\{%|\{#)"
    r"|(?P<escape>\\.)"
    r"|(?P<quote>['\"])"
    r"|(?P<text>[^ \n\t{\\'\"]+|.)",
    re.DOTALL,
)
_QUOTED = {
    quote: re.compile(rf"(?:\{{\{{.*?\}}\}}|\{{%.*?%\}}|\\.|[^\\{quote}])*?{quote}", re.DOTALL)
    for quote in "'\""
}
_EQUALS = re.compile(r"(?<!\\)=")
_CONTINUATION = re.compile(r"(?:^|(?<=\n)| )\\\n( *)")
_ESCAPE = re.compile(
    r"\\(?:U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|N\{[^}]+\}|[\\'\"abfnrtv])"
)


class Unbalanced(Exception):  # noqa: N818 (names what is so)
    """A quote or a Jinja delimiter is opened and never closed. `offset` is where."""

    def __init__(self, opened: str, offset: int) -> None:
        super().__init__(opened)
        self.opened = opened
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, and where it stands there."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A `k=v` word: the value is unquoted and its escapes are resolved."""

    name: str
    value: str
    start: int
    end: int

    @property
    def value_start(self) -> int:
        """Where the value begins in the text, after the equals sign."""
        return self.start + len(self.name) + 1


_TEMPLATED_NAME = re.compile(
    r"\{\{.*?\}\}(?:\{\{.*?\}\}|\w)*(?==)|\w+(?:\{\{.*?\}\}\w*)+(?==)", re.DOTALL
)
"""A name with a template in it, before its equals sign."""


def split_words(text: str) -> Iterator[Word]:
    """Yield the words of a text. Raises Unbalanced."""
    start, place = -1, 0
    while place < len(text):
        piece = _PIECE.match(text, place)
        if piece is None:
            break
        if piece.lastgroup == "space":
            if start >= 0:
                yield Word(text[start:place], start, place)
            start = -1
        elif start < 0:
            start = place
        place = _end_of(piece, text)
    if start >= 0:
        yield Word(text[start:], start, len(text))


def _end_of(piece: re.Match[str], text: str) -> int:
    if piece.lastgroup == "open":
        raise Unbalanced(piece[0], piece.start())
    if piece.lastgroup != "quote":
        return piece.end()
    quoted = _QUOTED[piece[0]].match(text, piece.end())
    if quoted is None:
        raise Unbalanced(piece[0], piece.start())
    return quoted.end()


def split_pairs(text: str) -> tuple[list[Pair], str]:
    """Return the `k=v` of a text, and its other words. Raises Unbalanced."""
    pairs: list[Pair] = []
    others: list[str] = []
    for word in split_words(text):
        pair = _pair(word)
        if pair:
            pairs.append(pair)
        else:
            others.append(word.text)
    return pairs, " ".join(others)


def split_command(text: str) -> tuple[list[Pair], str]:
    """Return a command's options and its command line. Raises Unbalanced."""
    options: list[Pair] = []
    kept: list[str] = []
    place = 0
    for word in split_words(text):
        pair = _pair(word)
        if pair and pair.name in COMMAND_OPTIONS:
            options.append(pair)
            kept.append(text[place : word.start])
            place = _skip_space(text, word.end)
        elif pair is None and r"\=" in word.text:
            kept += [text[place : word.start], _unescape(word.text).replace(r"\=", "=")]
            place = word.end
    line = "".join(kept) + text[place:]
    if options and options[-1].end == len(text.rstrip(" \n")) and line.endswith(" "):
        line = line[:-1]
    return options, _CONTINUATION.sub(_joined, line)


def _skip_space(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \n":
        place += 1
    return place


def _joined(continuation: re.Match[str]) -> str:
    return " " * max(1, len(continuation[1]))


def _pair(word: Word) -> Pair | None:
    templated = _TEMPLATED_NAME.match(word.text)
    if templated is not None:
        value = word.text[templated.end() + 1 :]
        return Pair(templated[0], unquote(_unescape(value)), word.start, word.end)
    equals = _EQUALS.search(word.text)
    if equals is None or equals.start() == 0 or "{" in word.text[: equals.start()]:
        return None  # an equals sign within a template is the template's
    name, value = word.text[: equals.start()], word.text[equals.end() :]
    return Pair(name, unquote(_unescape(value)), word.start, word.end)


def unquote(text: str) -> str:
    """Return a text without the quotes around it."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted and text[-2] != "\\" else text


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    try:
        return escape[0].encode("ascii").decode("unicode_escape")
    except UnicodeError:
        return escape[0]
