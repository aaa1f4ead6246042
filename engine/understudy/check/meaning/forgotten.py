"""Launches whose author says that nobody waits for them: `# fire-and-forget`."""

from __future__ import annotations

import re

from understudy.playbook.model import Task
from understudy.text.nodes import Node, Scalar, Sequence

_FORGOTTEN = re.compile(r"#.*\bfire[- ]and[- ]forget\b", re.IGNORECASE)


def is_forgotten(task: Task) -> bool:
    """Tell whether a comment in a task, or right above it, says `fire-and-forget`."""
    if task.node is None:
        return False
    source, first = task.span.source, task.span.start.line
    above = source.line(first - 1).lstrip()
    lines = [above] if above.startswith("#") else []
    lines += [source.line(number) for number in range(first, _last_line(task.node) + 1)]
    return any(map(_FORGOTTEN.search, lines))


def _last_line(node: Node) -> int:
    """Return the last line of a node that has something of it."""
    if isinstance(node, Scalar):
        end = node.span.end
        return end.line if end.column > 1 else end.line - 1
    parts = (
        node.items if isinstance(node, Sequence) else [one for pair in node.pairs() for one in pair]
    )
    lines = [_last_line(part) for part in parts if part.source is node.source]
    return max(lines, default=node.span.start.line)
