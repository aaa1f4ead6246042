"""`template`: a file of the controller is rendered; the text goes to the target as with `copy`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, failure, find_file, not_found
from understudy.execution.actions.copy import put_content
from understudy.text.source import Position, Source, Span
from understudy.values.environment import Syntax
from understudy.values.lazy import OMIT, finalise
from understudy.values.scope import Rendering, Scope
from understudy.values.template_files import SYNTAX, HeaderInvalid, about, headed
from understudy.values.texts import Template, Value
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


_OWN = frozenset((*SYNTAX, "newline_sequence", "output_encoding", "src"))


def _rendered(call: Call, path: Path, text: str, now_s: float) -> str:
    """Return the text of a template file at a time; raise TemplateFailed, HeaderInvalid."""
    syntax, body = headed(Syntax(**{name: call.args[name] for name in SYNTAX}), text)
    start = Position(1, 1)
    file = Template(body, Span(Source(str(path), body), start, start))
    rendering = Rendering(_scope(call, path, now_s), io_allowed=True)
    value: Value = finalise(rendering.evaluate_file(file, syntax))
    return "" if value is None or value is OMIT else str(value)


def _scope(call: Call, path: Path, now_s: float) -> Scope:
    """Return what a template sees: the task's variables, and some about itself."""
    now = datetime.fromtimestamp(now_s)  # noqa: DTZ006 (Ansible's is local)
    own = about(path, now, call.args["dest"])
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
