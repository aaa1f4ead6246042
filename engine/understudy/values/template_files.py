"""A template file: what its first line may set, and what it can read about itself."""

from __future__ import annotations

import ast
import os
import pwd
from datetime import datetime
from pathlib import Path

from understudy.values.environment import Syntax
from understudy.values.scope import Plain
from understudy.values.texts import Value

SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
    *("comment_start_string", "comment_end_string", "lstrip_blocks", "trim_blocks"),
)
"""The settings of a template file, by Jinja's names."""
_HEADER = "#jinja2:"


class HeaderInvalid(ValueError):  # noqa: N818 (names what is so)
    """The first line of a template does not say what it should."""


def headed(syntax: Syntax, text: str) -> tuple[Syntax, str]:
    """Take the settings of a first line `#jinja2: name: value, …` out of a text."""
    if not text.startswith(_HEADER):
        return syntax, text
    line, _, body = text.partition("\n")
    settings = dict(syntax.settings())
    for part in line.removeprefix(_HEADER).split(","):
        name, colon, value = part.partition(":")
        if not colon or name.strip() not in settings:
            raise HeaderInvalid(f"`{part.strip()}` is no setting of a template's first line")
        settings[name.strip()] = _literal(value.strip())
    return Syntax(**settings), body


def _literal(text: str) -> Value:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise HeaderInvalid(f"`{text}` is no value of a template's first line") from None


def about(path: Path, now: datetime, dest: Value = None) -> Plain:
    """Return the variables that tell a template about its file and its rendering."""
    known = path.stat()
    try:
        owner = pwd.getpwuid(known.st_uid).pw_name
    except KeyError:
        owner = str(known.st_uid)
    return Plain(
        ansible_managed="Ansible managed",
        template_destpath=dest,
        template_fullpath=str(path.resolve()),
        template_host=os.uname().nodename,
        template_mtime=datetime.fromtimestamp(known.st_mtime),  # noqa: DTZ006 (Ansible's is local)
        template_path=str(path),
        template_run_date=now,
        template_uid=owner,
    )
