"""`understudy rule`: what a rule finds, why it matters, and what to write instead."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from understudy.check.rule_book import Described, described, rule_book
from understudy.check.targets import EVERYWHERE, Target
from understudy.cli.exits import Exit
from understudy.text.diagnostic import did_you_mean

_NARROWEST, _WIDEST, _ENDLESS = 40, 100, 10_000


def rule(arguments: Sequence[str]) -> int:
    """Print the rules that are named, or a line for each there is; return the exit code."""
    options = parser().parse_args(arguments)
    found = [described(slug) for slug in options.slugs]
    for slug, one in zip(options.slugs, found, strict=True):
        if one is None:
            print(_unknown(slug), file=sys.stderr)
    rules = [one for one in found if one] if options.slugs else list(rule_book().values())
    if options.format == "json":
        _print_json(rules)
    elif rules:
        width = max(_NARROWEST, shutil.get_terminal_size().columns)
        pages = ("\n".join(page(one, min(_WIDEST, width))) for one in rules)
        # who searches the list, as in `understudy rule | grep job`, wants all of it
        listed = listing(rules, width if sys.stdout.isatty() else _ENDLESS)
        print("\n\n\n".join(pages) if options.slugs else "\n".join(listed))
    return Exit.OK if all(found) else Exit.ERROR


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy rule`."""
    made = argparse.ArgumentParser(
        prog="understudy rule",
        description="Show what a rule of `understudy check` is about; without a name, all rules.",
    )
    made.add_argument("slugs", nargs="*", metavar="RULE", help="as findings name it in brackets")
    made.add_argument("--format", choices=("text", "json"), default="text")
    return made


def listing(rules: Sequence[Described], width: int) -> Iterator[str]:
    """Yield a line for each rule: its slug, how bad what it finds is, what that is."""
    widest = max(len(one.slug) for one in rules)
    for one in rules:
        start = f"{one.slug:{widest}}  {one.severity.value:7}  "
        room = max(_NARROWEST // 2, width - len(start))
        yield start + textwrap.shorten(one.text.summary, room, placeholder=" …")


def page(one: Described, width: int) -> Iterator[str]:
    """Yield the lines of one rule's text."""
    yield f"{one.slug} ({one.severity.value})"
    yield ""
    yield from textwrap.wrap(one.text.summary, width)
    for paragraph in one.text.body.split("\n\n"):
        yield ""
        yield from textwrap.wrap(paragraph, width)
    for name, example in (("Example", one.text.example), ("Instead", one.text.instead)):
        if example:
            yield f"\n{name}:\n"
            yield textwrap.indent(example.rstrip("\n"), "    ")
    yield ""
    yield f"targets: {targets_of(one)}"
    yield f"fix: {one.fixes.value}"
    if one.proof:
        yield f"shown with ansible-playbook by: {', '.join(one.proof)}"


def targets_of(one: Described) -> str:
    """Return the programs for which a rule holds, in words."""
    if one.targets == EVERYWHERE:
        return "all"
    return ", ".join(target.value for target in Target if target in one.targets)


def _print_json(rules: Sequence[Described]) -> None:
    import json

    print(json.dumps([_data(one) for one in rules], indent=2, ensure_ascii=False))


def _data(one: Described) -> Mapping[str, object]:
    return {
        "slug": one.slug,
        "severity": one.severity.value,
        "summary": one.text.summary,
        "text": one.text.body,
        "example": one.text.example,
        "instead": one.text.instead,
        "targets": [target.value for target in Target if target in one.targets],
        "fix": one.fixes.name.lower().replace("_", "-"),
        "proof": list(one.proof),
        "found_by": "reader" if one.by_reader else "rule",
    }


def _unknown(slug: str) -> str:
    near = did_you_mean(slug, rule_book())
    hint = f"did you mean `{near}`?" if near else "`understudy rule` shows all"
    return f"error: there is no rule `{slug}`; {hint}"
