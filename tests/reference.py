"""`python -m tests.reference` writes the reference pages in `docs/` from the tables in the code."""

from __future__ import annotations

from pathlib import Path

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


PAGES = {
    "DIVERGENCES.md": divergences_page,
    "KEYWORDS.md": keywords_page,
    "MODULES.md": modules_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
