"""`python -m tests.reference` writes the reference pages in `docs/` from the tables in the code."""

from __future__ import annotations

from pathlib import Path

from understudy.playbook.keywords import KEYWORDS, Place
from understudy.playbook.module_schema import known_modules, load_schema

DOCS = Path(__file__).parent.parent / "docs"
_MADE = "Made by `python -m tests.reference`; do not edit.\n\n"


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
    return "# Modules and actions\n\n" + _MADE + "\n".join(map(_module, sorted(known_modules())))


def _code(value: object) -> str:
    """Return a value as code; a line end is written as an escape."""
    text = value.encode("unicode_escape").decode() if isinstance(value, str) else str(value)
    return f"`{text}`"


def _module(name: str) -> str:
    schema = load_schema(name)
    if schema is None:
        raise LookupError(name)
    where = "controller" if schema.on_controller else "target"
    supports = schema.supports
    jobs = "yes" if supports.detached else "no"
    modes = f"check mode: {supports.check_mode}; diff: {supports.diff}; `async`: {jobs}"
    lines = [f"## {name}", "", schema.description, "", f"Runs on the {where}; {modes}.", ""]
    shown = [argument for argument in schema.arguments.values() if not argument.internal]
    if shown:
        lines += ["| argument | type | default | meaning |", "|---|---|---|---|"]
    for one in sorted(shown, key=lambda argument: argument.name):
        default = "required" if one.required else "" if one.default is None else _code(one.default)
        choices = f" One of {', '.join(dict.fromkeys(map(_code, one.choices)))}."
        choices = choices if one.choices else ""
        lines.append(f"| `{one.name}` | {one.type} | {default} | {one.description}{choices} |")
    return "\n".join(lines) + "\n"


PAGES = {"KEYWORDS.md": keywords_page, "MODULES.md": modules_page}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
