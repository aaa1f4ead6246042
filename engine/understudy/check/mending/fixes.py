"""Fixes as rules offer them: a keyword written or removed, a text replaced; all edits or none."""

from __future__ import annotations

from understudy.check.mending.rewrite import remove_keyword, set_keyword
from understudy.playbook.model import Task
from understudy.text.diagnostic import Edit, Fix
from understudy.text.edits import joined
from understudy.text.source import Span


def fix_with(message: str, *edits: Edit | None, is_safe: bool = False) -> Fix | None:
    """Return the fix that makes some edits; None if one of them cannot be made."""
    made = joined(edit for edit in edits if edit)
    is_whole = bool(edits) and None not in edits
    return Fix(message=message, edits=made, is_safe=is_safe) if is_whole else None


def fix_writing(task: Task, keyword: str, text: str) -> Fix | None:
    """Return the fix that gives a task a keyword with a value, in the place of the one it has."""
    edit = set_keyword(task.node, keyword, text) if task.node else None
    return fix_with(f"write `{keyword}: {text}`", edit)


def fix_removing(task: Task, keyword: str, *, is_safe: bool = False) -> Fix | None:
    """Return the fix that takes a keyword from a task."""
    edit = remove_keyword(task.node, keyword) if task.node else None
    return fix_with(f"remove `{keyword}`", edit, is_safe=is_safe)


def fix_replacing(span: Span | None, text: str, *, is_safe: bool = False) -> Fix | None:
    """Return the fix that writes a text in the place of what stands there."""
    return fix_with(f"write `{text}`", Edit(span, text) if span else None, is_safe=is_safe)
