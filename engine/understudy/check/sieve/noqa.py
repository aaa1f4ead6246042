"""`# noqa: slug, slug` at the end of a line: findings there, or in the task that begins there, go.

`# noqa` alone stands for every slug. Names of ansible-lint's rules may stand beside ours. What
looks like such a comment within a text is text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ruamel.yaml.error import YAMLError

from understudy.check.reader_rules import AT_LOAD
from understudy.check.sieve.slugs import known_slugs
from understudy.text.diagnostic import Diagnostic, Severity, did_you_mean
from understudy.text.layout import Collection, Layout, layout_of
from understudy.text.source import Source, Span

_NOQA = re.compile(
    r"(?:^|(?<=[ \t\r\n\x85\u2028\u2029]))#[ \t]*noqa(?![\w-])(?P<rest>[^\r\n\x85\u2028\u2029]*)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[ \t]*(?P<word>[A-Za-z0-9_][\w\[\].-]*)")
_COMMA = re.compile(r"[ \t]*,")
_OF_OTHERS = re.compile(r"[A-Z]*\d+|.*[\[\]_.].*")
"""`204`, `E301`, `fqcn[action]`: no slug of ours is like it."""
_TASKS = frozenset({"always", "block", "handlers", "post_tasks", "pre_tasks", "rescue", "tasks"})
_OF_PLAYS = frozenset({"hosts", "import_playbook", "ansible.builtin.import_playbook"})
ANSIBLE_LINT = frozenset(
    "args avoid-implicit command-instead-of-module command-instead-of-shell complexity"
    " deprecated-bare-vars deprecated-command-syntax deprecated-local-action deprecated-module"
    " empty-string-compare experimental fqcn fqcn-builtins galaxy galaxy-version-incorrect"
    " git-latest hg-latest idiom idempotency ignore-errors inline-env-var internal-error jinja"
    " key-order latest literal-compare load-failure loop-var-prefix meta-incorrect"
    " meta-no-dependencies meta-no-info meta-no-tags meta-runtime meta-unsupported-ansible"
    " meta-video-links metadata name no-changed-when no-free-form no-handler no-jinja-nesting"
    " no-jinja-when no-log-password no-loop-var-prefix no-prompting no-relative-paths no-same-owner"
    " no-tabs no-var-prefix only-builtins opt-in package-latest parser-error partial-become pattern"
    " playbook-extension risky-file-permissions risky-octal risky-shell-pipe role-argument-spec"
    " role-name run-once sanity schema security syntax-check unnamed-task unsupported-module"
    " use-loop var-naming var-spacing warning yaml".split()
)
"""The names of ansible-lint's rules and tags."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One such comment. `slugs` is empty where it stands for all."""

    span: Span
    slugs: tuple[tuple[str, Span], ...] = ()
    is_alone: bool = False
    """Whether nothing stands before it on its line."""

    def covers(self, code: str) -> bool:
        """Tell whether findings with a code go."""
        return not self.slugs or any(
            slug in (code, code.removeprefix(AT_LOAD)) for slug, _ in self.slugs
        )


def not_silenced(findings: Iterable[Diagnostic], sources: Mapping[str, Source]) -> list[Diagnostic]:
    """Return the findings that no comment silences; `sources` are all texts by their names."""
    return [found for found in findings if not _is_silenced(found, sources)]


def wrong_comments(sources: Iterable[Source]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the comments of texts."""
    for source in sources:
        for comment in _comments(source).values():
            for slug, span in comment.slugs:
                if not _is_known(slug):
                    yield _unknown(slug, span)
            ours = any(_is_ours(slug) for slug, _ in comment.slugs)
            if ours and comment.is_alone:
                yield _without_effect(comment)


def _is_silenced(found: Diagnostic, sources: Mapping[str, Source]) -> bool:
    source = found.span and sources.get(found.span.source.name)
    comments = _comments(source) if source else {}
    if not found.span or not source or not comments:
        return False
    lines = {found.span.start.line, *_first_lines(source, source.offset(found.span.start))}
    return any(line in comments and comments[line].covers(found.code) for line in lines)


@lru_cache(maxsize=64)
def _comments(source: Source) -> Mapping[int, Comment]:
    """Return the comments of a text by their lines."""
    if "noqa" not in source.text.lower():
        return {}
    layout = _layout(source)
    if layout is None and source.name.endswith((".yml", ".yaml")):
        return {}
    found = (one for one in _NOQA.finditer(source.text) if not _is_text(layout, one.start()))
    return {source.position(one.start()).line: _comment(source, one) for one in found}


def _layout(source: Source) -> Layout | None:
    """Return the layout of a text, or None if it is no YAML."""
    try:
        layout = layout_of(source)
    except YAMLError:
        return None
    return layout if layout.collections else None


def _is_text(layout: Layout | None, offset: int) -> bool:
    """Tell whether a place lies within a text; the line of `|` or `>` does not."""
    if layout is None:
        return False
    index = bisect_right(layout.scalars, offset, key=lambda part: part.start) - 1
    if index < 0 or offset >= layout.scalars[index].end:
        return False
    scalar = layout.scalars[index]
    return not scalar.is_block_scalar or offset > scalar.source.line_end(scalar.body)


def _comment(source: Source, found: re.Match[str]) -> Comment:
    line, column = source.position(found.start())
    is_alone = not source.line(line)[: column - 1].strip() and not _follows_dash(source, line)
    slugs = tuple(_slugs(source, found))
    return Comment(source.span(found.start(), found.end()), slugs, is_alone)


def _follows_dash(source: Source, line: int) -> bool:
    """Tell whether a task begins above a line and has its first keyword below."""
    above = (source.line(number).partition("#")[0].strip() for number in range(line - 1, 0, -1))
    return next(filter(None, above), "").endswith("-")


def _slugs(source: Source, found: re.Match[str]) -> Iterator[tuple[str, Span]]:
    """Yield each slug and its place; after the first, words that nobody knows are a reason."""
    text, place = source.text, found.start("rest")
    place += text.startswith(":", place)
    is_expected = True
    while word := _WORD.match(text, place, found.end()):
        slug = word["word"]
        if not is_expected and not _is_known(slug):
            return
        yield slug, source.span(word.start("word"), word.end())
        comma = _COMMA.match(text, word.end(), found.end())
        is_expected = comma is not None
        place = comma.end() if comma else word.end()


def _is_known(slug: str) -> bool:
    return _is_ours(slug) or slug in ANSIBLE_LINT or _OF_OTHERS.fullmatch(slug) is not None


def _is_ours(slug: str) -> bool:
    return slug.removeprefix(AT_LOAD) in known_slugs()


def _first_lines(source: Source, offset: int) -> Iterable[int]:
    """Return the lines with which the innermost task around a place begins."""
    layout = _layout(source)
    around = (
        task
        for task in (layout.collections.values() if layout else ())
        if task.start <= offset <= task.end and _is_task(task)
    )
    task = max(around, key=lambda one: one.start, default=None)
    if task is None or task.parent is None:
        return ()
    begins = task.parent.begins or [part.start for part in task.parent.parts]
    begin = begins[task.parent.parts.index(task)]
    return range(source.position(begin).line, source.position(task.parts[0].start).line + 1)


def _is_task(place: Collection) -> bool:
    """Tell whether a mapping is a task or a block, by the list that it stands in."""
    outer = place.parent
    if not place.is_mapping or outer is None or outer.is_mapping or not place.parts:
        return False
    holder = outer.parent
    text = place.source.text
    if holder is None:
        keys = {text[key.start : key.end] for key, _ in place.entries}
        return _OF_PLAYS.isdisjoint(keys)
    if not holder.is_mapping:
        return False
    names = {id(value): text[key.start : key.end] for key, value in holder.entries}
    return names.get(id(outer)) in _TASKS


def _unknown(slug: str, span: Span) -> Diagnostic:
    near = did_you_mean(slug, sorted(known_slugs() | ANSIBLE_LINT))
    return Diagnostic(
        code="unknown-noqa",
        severity=Severity.INFO,
        message=f"`{slug}` is no rule, so this comment silences nothing by that name",
        span=span,
        help=f"did you mean `{near}`?" if near else "`understudy rule` lists the rules",
    )


def _without_effect(comment: Comment) -> Diagnostic:
    return Diagnostic(
        code="unused-noqa",
        severity=Severity.INFO,
        message="this comment silences nothing: there is nothing else on its line",
        span=comment.span,
        help="write it at the end of the line of the finding, or of the first line of its task",
    )
