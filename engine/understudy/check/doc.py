"""The text of a rule's file, taken apart: its summary, its paragraphs, its two examples.

The docstring has this form, and the tests hold it to its examples and its fixes. `Fix` stands there
for a rule that has fixes, and begins with `safe`, `unsafe` or `safe or unsafe`:

    One line that says what is found.

    What: ...

    Why: ...

    Fix: safe; ...

Example:
        - command: ...

    Instead:

        - command: ...
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule says of itself."""

    summary: str
    body: str
    """The paragraphs between the summary and the examples."""
    example: str
    """YAML in which the rule finds something."""
    instead: str
    """YAML in which it does not."""


def rule_text(docstring: str) -> RuleText:
    """Take a docstring apart; a part that is not there is empty."""
    whole = dedent(docstring)
    head, _, rest = whole.partition("\nExample:\n")
    example, _, instead = rest.partition("\nInstead:\n")
    summary, _, body = head.strip().partition("\n")
    return RuleText(summary.strip(), body.strip(), _block(example), _block(instead))


def _block(text: str) -> str:
    return dedent(text).strip("\n") + "\n" if text.strip() else ""
