"""`template`: a file of the controller is rendered; the text goes to the target as with `copy`."""

from __future__ import annotations

import ast
import asyncio
import os
import pwd
from datetime import datetime
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, failure, find_file, not_found
from understudy.execution.actions.copy import put_content
from understudy.text.source import Position, Source, Span
from understudy.values.environment import Syntax
from understudy.values.lazy import OMIT, finalise
from understudy.values.scope import Plain, Rendering, Scope
from understudy.values.texts import Template, Value
from understudy.values.vault import VaultError, decrypted

_HEADER = "#jinja2:"
_SYNTAX = (
    *("block_start_string", "block_end_string", "variable_start_string", "variable_end_string"),
    *("comment_start_string", "comment_end_string", "lstrip_blocks", "trim_blocks"),
)


class HeaderInvalid(ValueError):  # noqa: N818 (names what is so)
    """The first line of a template does not say what it should."""


async def template(call: Call) -> Answer:
    """Render the file and put the text where it differs on the target."""
    name = str(call.args["src"])
    found = find_file(name, call.search_path, "templates")
    if isinstance(found, list):
        return failure(not_found(name, found))
    try:
        text = decrypted(await asyncio.to_thread(found.read_bytes)).decode("utf-8")
    except (OSError, UnicodeDecodeError, VaultError) as error:
        return failure(f"could not read the template {found}: {error}")
    try:
        rendered = await asyncio.to_thread(_rendered, call, found, text, call.wall())
    except HeaderInvalid as invalid:
        return failure(f"{found}: {invalid}")
    content = _encoded(call, rendered)
    if isinstance(content, str):
        return failure(content)
    args = {key: value for key, value in call.args.items() if key not in _OWN}
    extra = {"_original_basename": found.name, "_source_name": str(found)}
    return Answer(await put_content(call, content, {**args, **extra}))


_OWN = frozenset((*_SYNTAX, "newline_sequence", "output_encoding", "src"))


def _rendered(call: Call, path: Path, text: str, now_s: float) -> str:
    """Return the text of a template file at a time; raise TemplateFailed, HeaderInvalid."""
    syntax, body = _headed(Syntax(**{name: call.args[name] for name in _SYNTAX}), text)
    start = Position(1, 1)
    file = Template(body, Span(Source(str(path), body), start, start))
    rendering = Rendering(_scope(call, path, now_s), io_allowed=True)
    value: Value = finalise(rendering.evaluate_file(file, syntax))
    return "" if value is None or value is OMIT else str(value)


def _headed(syntax: Syntax, text: str) -> tuple[Syntax, str]:
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


def _scope(call: Call, path: Path, now_s: float) -> Scope:
    """Return what a template sees: the task's variables, and some about itself."""
    about = path.stat()
    try:
        owner = pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        owner = str(about.st_uid)
    own = Plain(
        ansible_managed="Ansible managed",
        template_destpath=call.args["dest"],
        template_fullpath=str(path.resolve()),
        template_host=os.uname().nodename,
        template_mtime=datetime.fromtimestamp(about.st_mtime),  # noqa: DTZ006 (Ansible's is local)
        template_path=str(path),
        template_run_date=datetime.fromtimestamp(now_s),  # noqa: DTZ006
        template_uid=owner,
    )
    if "ansible_managed" in call.scope:
        del own["ansible_managed"]
    return call.scope.with_layer(own)


def _encoded(call: Call, text: str) -> bytes | str:
    """Return the bytes of a text, with the line ends asked for, or why that cannot be."""
    newline, encoding = str(call.args["newline_sequence"]), str(call.args["output_encoding"])
    newline = newline.encode().decode("unicode_escape") if "\\" in newline else newline
    if newline != "\n":
        text = text.replace("\r\n", "\n").replace("\n", newline)
    try:
        return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    except (LookupError, UnicodeEncodeError) as error:
        return f"the text cannot be encoded as {encoding}: {error}"
