"""`template`: a file of the controller is rendered; the text goes to the target as with `copy`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, failure, find_file, not_found
from understudy.execution.actions.copy import put_content, readable_mode
from understudy.values.environment import Syntax
from understudy.values.lazy import OMIT
from understudy.values.scope import Rendering
from understudy.values.template_files import SYNTAX, about_file, rendered_file, with_templates
from understudy.values.vault import VaultError, decrypted


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
    rendered = await asyncio.to_thread(_rendered, call, found, text, call.wall())
    content = _encoded(call, rendered)
    if isinstance(content, str):
        return failure(content)
    args = {key: value for key, value in call.args.items() if key not in _OWN}
    extra = {"_original_basename": found.name, "_source_name": str(found)}
    if args.get("mode") == "preserve":
        extra["mode"] = readable_mode(found)
    return Answer(await put_content(call, content, {**args, **extra}))


_OWN = frozenset((*SYNTAX, "newline_sequence", "output_encoding", "src"))


def _rendered(call: Call, path: Path, text: str, now_s: float) -> str:
    """Return the text of a template file at a time; raise TemplateFailed."""
    syntax = Syntax(**{name: call.args[name] for name in SYNTAX})
    own = about_file(str(path), path, call.scope, now_s) | {"template_destpath": call.args["dest"]}
    rendering = Rendering(call.scope.with_layer(own))
    folders = with_templates([*call.search_path, call.search_path[-1], path.parent])
    value = rendered_file(text, path, syntax, rendering, folders)
    return "" if value is None or value is OMIT else str(value)


def _encoded(call: Call, text: str) -> bytes | str:
    """Return the bytes of a text, with the line ends asked for, or why that cannot be."""
    newline = str(call.args["newline_sequence"])
    encoding = str(call.args["output_encoding"]) or "utf-8"
    newline = newline.encode().decode("unicode_escape") if "\\" in newline else newline
    if newline != "\n":
        text = text.replace("\r\n", "\n").replace("\n", newline)
    try:
        return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    except (LookupError, UnicodeEncodeError) as error:
        return f"the text cannot be encoded as {encoding}: {error}"
