"""`python -m tests.reference` writes the reference pages in `docs/` from the tables in the code."""

from __future__ import annotations

from pathlib import Path

from understudy.check.rule_book import Described, rule_book
from understudy.cli.rule import targets_of
from understudy.playbook.keywords import KEYWORDS, Place
from understudy.playbook.module_schema import ModuleSchema, all_schemas

DOCS = Path(__file__).parent.parent / "docs"
_MADE = "Made by `python -m tests.reference`; do not edit.\n\n"
_TABLE_BEGINS = "<!-- made by `python -m tests.reference` from schemas/modules -->\n"
_TABLE_ENDS = "<!-- end -->\n"


def keywords_page() -> str:
    """Return the page of keywords: where each may stand, what it means, who inherits it."""
    head = "# Keywords\n\nThose of ansible-core 2.19. " + _MADE
    lines = ["| keyword | may stand on | inherited | meaning |", "|---|---|---|---|"]
    for name, keyword in sorted(KEYWORDS.items()):
        places = ", ".join(place.words for place in Place if place in keyword.places)
        lines.append(f"| `{name}` | {places} | {keyword.passed.value} | {keyword.meaning} |")
    return head + "\n".join(lines) + "\n"


def modules_page() -> str:
    """Return the page of modules and actions with their arguments."""
    return "# Modules and actions\n\n" + _MADE + "\n".join(map(_module, all_schemas()))


def divergences_page() -> str:
    """Return DIVERGENCES.md with its table of arguments that we do not have made anew."""
    written = (DOCS / "DIVERGENCES.md").read_text("utf-8")
    before, rest = written.split(_TABLE_BEGINS)
    _, after = rest.split(_TABLE_ENDS)
    rows = [
        f"| `{schema.name}` | `{argument}` | {reason} |"
        for schema in all_schemas()
        for argument, reason in sorted(schema.unsupported.items())
    ]
    table = ["", "| Module | Argument | Why |", "|---|---|---|", *rows, ""]
    return before + _TABLE_BEGINS + "\n".join(table) + _TABLE_ENDS + after


def _code(value: object) -> str:
    """Return a value as code; a line end is written as an escape."""
    text = value.encode("unicode_escape").decode() if isinstance(value, str) else str(value)
    return f"`{text}`"


def _module(schema: ModuleSchema) -> str:
    lines = [f"## {schema.name}", "", schema.description, "", schema.way_of_running, ""]
    shown = [argument for argument in schema.arguments.values() if not argument.internal]
    if shown:
        lines += ["| argument | type | default | meaning |", "|---|---|---|---|"]
    for one in sorted(shown, key=lambda argument: argument.name):
        default = "required" if one.required else "" if one.default is None else _code(one.default)
        choices = f" One of {', '.join(dict.fromkeys(map(_code, one.choices)))}."
        choices = choices if one.choices else ""
        names = ", ".join(map(_code, (one.name, *one.aliases)))
        lines.append(f"| {names} | {one.type} | {default} | {one.description}{choices} |")
    return "\n".join(lines) + "\n"


def rules_page() -> str:
    """Return the page of the rules of `understudy check`, and of what the reader finds."""
    rules = list(rule_book().values())
    own = [one for one in rules if one.text.example]
    head = "# Rules\n\nWhat `understudy check` finds. `understudy rule NAME` shows one of them.\n"
    index = ["| rule | severity | fix | what it finds |", "|---|---|---|---|"]
    for one in own:
        name = f"[`{one.slug}`](#{one.slug})"
        fix = one.fixes.value
        index.append(f"| {name} | {one.severity.value} | {fix} | {one.text.summary} |")
    of_reader = ["## What the reader finds by itself", "", "| code | severity | what it finds |"]
    of_reader += ["|---|---|---|"]
    for one in (one for one in rules if not one.text.example):
        told = " ".join([one.text.summary, *one.text.body.split("\n\n")])
        of_reader.append(
            f"| `{one.slug}` | {one.severity.value} | {told.replace('|', chr(92) + '|')} |"
        )
    parts = [head, _MADE.rstrip("\n"), "", *index, "", *map(_rule, own), *of_reader, ""]
    return "\n".join(parts)


def _rule(one: Described) -> str:
    lines = [f"## {one.slug}", "", one.text.summary, ""]
    lines += [f"Severity: {one.severity.value}. Holds for: {targets_of(one)}.", ""]
    lines += [one.text.body, "", "```yaml", one.text.example.rstrip("\n"), "```", "", "Instead:"]
    lines += ["", "```yaml", one.text.instead.rstrip("\n"), "```", ""]
    if one.proof:
        shown = ", ".join(f"`{case}`" for case in one.proof)
        lines += [f"Shown with ansible-playbook by the parity cases {shown}.", ""]
    return "\n".join(lines)


PAGES = {
    "DIVERGENCES.md": divergences_page,
    "KEYWORDS.md": keywords_page,
    "MODULES.md": modules_page,
    "RULES.md": rules_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
