"""A template file: where it lies, what it sees of itself, and where those it includes are."""

from __future__ import annotations

import ast
import os
import pwd
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from understudy.config import load_config
from understudy.text.source import Position, Source, Span
from understudy.values.environment import Syntax
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import finalise
from understudy.values.scope import Rendering, Scope
from understudy.values.texts import Template, Value, is_template

_HEADER = "#jinja2:"
SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
    *("comment_start_string", "comment_end_string", "lstrip_blocks", "trim_blocks"),
)
"""The options that say how templates are marked, of the action and of the lookup."""


def rendered_file(
    text: str, path: Path, syntax: Syntax, rendering: Rendering, folders: Iterable[Path]
) -> Value:
    """Return what a file's text yields; of one expression its value. Raise TemplateFailed.

    The files that it includes are looked for in `folders`.
    """
    start = Position(1, 1)
    span = Span(Source(str(path), text), start, start)
    try:
        syntax, body = _headed(syntax, text)
    except ValueError as invalid:
        message = f"Syntax error in template: {invalid}"
        raise TemplateFailed(message, code="template-syntax", text=text, span=span) from None
    first = Position(1 + text.removesuffix(body).count("\n"), 1)
    file = Template(body, Span(span.source, first, first))
    return finalise(rendering.evaluate_file(file, syntax, tuple(map(str, folders))))


def _headed(syntax: Syntax, text: str) -> tuple[Syntax, str]:
    """Take the settings of a first line `#jinja2: name: value, …` out of a text."""
    if not text.startswith(_HEADER):
        return syntax, text
    line, _, body = text.partition("\n")
    settings = dict(syntax.settings())
    for part in line.removeprefix(_HEADER).split(","):
        name, value = _setting(part, settings)
        settings[name] = value
    return Syntax(**settings), body


def _setting(part: str, known: Mapping[str, Value]) -> tuple[str, Value]:
    """Return a name and its value; raise ValueError with what Ansible says of a wrong one."""
    if not part.strip():
        raise ValueError(f"Empty {_HEADER!r} override pair not allowed.")
    written, colon, value = part.partition(":")
    if not colon:
        raise ValueError(f"Missing key-value separator `:` in {_HEADER!r} override pair {part!r}.")
    name = written.strip()
    if name not in known:
        raise ValueError(f"Invalid {_HEADER!r} override key {name!r}.")
    found = _literal(value.strip())
    kind = bool if isinstance(known[name], bool) else str
    if type(found) is not kind:
        wrong = f"must be {kind} instead of {type(found)}"
        raise ValueError(f"TemplateOverrides.{name} {wrong}")
    return name, found


def _literal(text: str) -> Value:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise ValueError(f"malformed node or string: {text}") from None


def with_templates(places: Iterable[Path]) -> list[Path]:
    """Return each directory after its `templates/`."""
    return [folder for place in places for folder in (place / "templates", place)]


def about_file(
    written: str, path: Path, scope: Scope, now_s: float | None = None
) -> dict[str, Value]:
    """Return the variables that tell a template of itself; `written` is its name as given."""
    about = path.stat()
    try:
        owner = pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        owner = str(about.st_uid)
    host = os.uname().nodename
    own: dict[str, Value] = {
        "template_fullpath": str(path.resolve()),
        "template_host": host,
        "template_mtime": datetime.fromtimestamp(about.st_mtime),  # noqa: DTZ006 (Ansible's is local)
        "template_path": written,
        "template_run_date": datetime.fromtimestamp(now_s) if now_s else datetime.now(),  # noqa: DTZ005, DTZ006
        "template_uid": owner,
    }
    if "ansible_managed" not in scope:
        names = {"file": written, "host": host, "uid": owner}
        own["ansible_managed"] = _managed(names, time.localtime(about.st_mtime))
    return own


def _managed(names: Mapping[str, str], modified: time.struct_time) -> Value:
    """Return the setting `ansible_managed` for a file; what it is named is put in as it is."""
    bare = {name: text.replace("%", "%%").replace("{", "{{ '{' }}") for name, text in names.items()}
    written = _managed_setting()
    try:
        text = time.strftime(written.format(**bare), modified)
    except (KeyError, IndexError, ValueError):
        text = written
    return Template(text) if is_template(text) else text


@cache
def _managed_setting() -> str:
    return load_config().ansible_managed
