"""`vars_prompt`: the questions of a play, asked before it begins, become variables of the play."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from understudy.execution.keywords import KeywordInvalid, Keywords, to_bool, to_int
from understudy.execution.services import Services
from understudy.playbook.model import Play, Prompt
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.filters.passwords import password_hash, scheme_of
from understudy.values.load import text
from understudy.values.scope import Scope
from understudy.values.texts import Authored, Value

T = TypeVar("T")
D = TypeVar("D")
Enter = Callable[[str, bool], Awaitable[str]]
_MISMATCH = "***** VALUES ENTERED DO NOT MATCH ****"
_WRITTEN = (Authored, int, float, type(None))
"""What a default is that no template makes."""
_NO_TERMINAL = "Not prompting as we are not in interactive mode"


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt with its keywords rendered."""

    name: str
    words: str
    default: str | None
    private: bool
    confirm: bool
    unsafe: bool
    scheme: str | None
    salt: str | None
    salt_size: int | None
    prompt: Prompt

    @property
    def line(self) -> str:
        """What is shown to the user."""
        default = "" if self.default is None else f" [{self.default}]"
        return f"{self.words}{default}: "


async def answers_of(play: Play, services: Services) -> dict[str, Value]:
    """Ask for what a play wants to know and `-e` does not say; return it by name.

    All questions are rendered before the first is asked, so none sees another's answer. Without a
    terminal each has its default. Raises PlaybookInvalid.
    """
    given = services.world.extra_vars
    scope = Scope((given, play.vars), services.world)
    wanted = [_question(one, scope) for one in play.prompts if one.name not in given]
    return {one.name: await _answer(one, services) for one in wanted}


def _question(prompt: Prompt, scope: Scope) -> Question:
    read = _Reader(prompt, Keywords(scope, io_allowed=True))
    return Question(
        name=prompt.name,
        words=read("prompt", prompt.prompt, str, prompt.name),
        default=read.default(),
        private=read("private", prompt.private, to_bool, default=True),
        confirm=read("confirm", prompt.confirm, to_bool, default=False),
        unsafe=read("unsafe", prompt.unsafe, to_bool, default=False),
        scheme=read("encrypt", prompt.encrypt, str, None),
        salt=read("salt", prompt.salt, str, None),
        salt_size=read("salt_size", prompt.salt_size, to_int, None),
        prompt=prompt,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads what is said of one prompt; raises PlaybookInvalid with its place."""

    prompt: Prompt
    keywords: Keywords

    def __call__(self, name: str, raw: Value, convert: Callable[[Value], T], default: D) -> T | D:
        try:
            return self.keywords.read(name, raw, convert, default)
        except (KeywordInvalid, TemplateFailed) as failure:
            raise _invalid(self.prompt, str(failure), raw) from None

    def default(self) -> str | None:
        raw = self.prompt.default
        try:
            return None if raw is None else str(self.keywords.render("default", raw))
        except TemplateFailed as failure:
            raise _invalid(self.prompt, str(failure), raw) from None


def _invalid(prompt: Prompt, message: str, raw: Value = None) -> PlaybookInvalid:
    place = getattr(raw, "span", None) or prompt.span
    return PlaybookInvalid([Diagnostic(code="vars-prompt", message=message, span=place)])


async def _answer(question: Question, services: Services) -> Value:
    """Return an answer; one that is typed may be a template, one that was rendered is none.

    Every prompt is private unless it says otherwise; a default, which the playbook shows, is a
    secret only where it says so.
    """
    typed = ""
    if services.enter is None:
        services.world.warn(_NO_TERMINAL)
    else:
        typed = await _entered(question, services.enter)
    default = question.default if services.enter is None else question.default or ""
    if typed and question.private:
        services.secrets.add(typed)
    elif question.private and question.prompt.private is not None:
        services.secrets.add(default)
    answer = typed or str(default)
    if question.scheme:
        return _hashed(answer, question)
    written = typed or isinstance(question.prompt.default, _WRITTEN)
    return text(answer, question.prompt.span) if written and not question.unsafe else answer


async def _entered(question: Question, enter: Enter) -> str:
    first = await enter(question.line, question.private)
    while question.confirm:
        if await enter(f"confirm {question.line}", question.private) == first:
            break
        first = await enter(f"{_MISMATCH}\n{question.line}", question.private)
    return first


def _hashed(answer: str, question: Question) -> str:
    scheme = scheme_of(str(question.scheme))
    if scheme is None:
        message = f"there is no way to hash named `{question.scheme}`"
        raise _invalid(question.prompt, message, question.prompt.encrypt)
    try:
        return password_hash(answer, scheme, question.salt, question.salt_size)
    except (ValueError, LookupError) as error:
        raise _invalid(question.prompt, str(error), question.prompt.encrypt) from None
