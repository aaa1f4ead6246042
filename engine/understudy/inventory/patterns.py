"""Which hosts a pattern selects: `web:&staging:!web3`, `db[0:2]`, `~web[12]`, and `--limit`.

The parts of a pattern are united in order; then every `&part` keeps what it holds, and every
`!part` takes away what it holds.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.inventory.model import LOCALHOST, Host, Inventory
from understudy.inventory.ranges import is_address
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid

_SUBSCRIPT = re.compile(
    r"(?P<name>.+)\[(?:(?P<index>-?\d+)|(?P<first>\d+)(?P<mark>[:-])(?P<last>\d*))\]"
)
_GLOB = re.compile(r"[*?\[]")
_Choose = Callable[[tuple[Host, ...]], tuple[Host, ...]]


@dataclass(frozen=True, slots=True)
class Selection:
    """The hosts of a pattern in inventory order, and the parts that name nothing known."""

    hosts: tuple[Host, ...]
    unmatched: tuple[str, ...] = ()


def select(
    inventory: Inventory,
    pattern: str | Sequence[str],
    limit: str | Sequence[str] | None = None,
) -> Selection:
    """Return the hosts that `pattern` selects and `limit`, if given, selects too.

    A part that matches nothing is no error: it is named in the result. Raise PlaybookInvalid for a
    regular expression that does not compile and for a file of `@file` that cannot be read.
    """
    wanted = _select(inventory, split(pattern))
    if limit is None:
        return wanted
    allowed = _select(inventory, list(_limit_parts(limit)))
    names = {host.name for host in allowed.hosts}
    hosts = tuple(host for host in wanted.hosts if host.name in names)
    return Selection(hosts, wanted.unmatched + allowed.unmatched)


def split(pattern: str | Sequence[str]) -> list[str]:
    """Split a pattern at its commas, or at its colons when it has no comma."""
    if not isinstance(pattern, str):
        return [part for one in pattern for part in split(str(one))]
    if "," in pattern:
        parts = pattern.split(",")
    elif is_address(pattern):
        parts = [pattern]
    else:
        parts = _split_at_colons(pattern)
    return [part.strip() for part in parts if part.strip()]


def could_not_match(part: str) -> str:
    """Return Ansible's words for a part that matches neither group nor host."""
    return f"Could not match supplied host pattern, ignoring: {part}"


def _split_at_colons(pattern: str) -> list[str]:
    parts, depth = [""], 0
    for letter in pattern:
        depth += (letter == "[") - (letter == "]")
        if letter == ":" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _limit_parts(limit: str | Sequence[str]) -> Iterator[str]:
    for part in split(limit):
        if not part.startswith("@"):
            yield part
            continue
        for line in _limit_file(part[1:]).splitlines():
            if not line.startswith("#"):
                yield from split(line)


def _limit_file(name: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except IsADirectoryError:
        message = f"`{name}` after the `@` of a limit must be a file, not a directory"
        raise PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)]) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"cannot read the limit file `{name}`: {reason}"
        raise PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)]) from None


def _select(inventory: Inventory, parts: Iterable[str]) -> Selection:
    chosen: dict[str, Host] = {}
    unmatched: list[str] = []
    for mark, part in _in_order(parts):
        # A host goes before a group of its name, but not where it is to be kept or taken away.
        host = inventory.hosts.get(part) if mark == "" else None
        found = (host,) if host else _select_part(inventory, part)
        if found is None:
            unmatched.append(part)
            found = ()
        names = {host.name for host in found}
        if mark == "&":
            chosen = {name: host for name, host in chosen.items() if name in names}
        elif mark == "!":
            chosen = {name: host for name, host in chosen.items() if name not in names}
        else:
            chosen.update((host.name, host) for host in found)
    return Selection(tuple(chosen.values()), tuple(unmatched))


def _in_order(parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield mark and part: what adds, then what intersects, then what excludes."""
    marked = [(part[0], part[1:]) if part[0] in "&!" else ("", part) for part in parts]
    if not any(mark == "" for mark, _ in marked):
        yield "", "all"
    for wanted in ("", "&", "!"):
        yield from ((mark, part) for mark, part in marked if mark == wanted and part)


def _select_part(inventory: Inventory, part: str) -> tuple[Host, ...] | None:
    name, choose = _subscript(part)
    hosts = _named(inventory, name)
    return None if hosts is None else choose(hosts)


def _subscript(part: str) -> tuple[str, _Choose]:
    found = None if part.startswith("~") else _SUBSCRIPT.fullmatch(part)
    if found is None:
        return part, lambda hosts: hosts
    if found["index"]:
        index = int(found["index"])
        return found["name"], lambda hosts: hosts[index:][:1] if -len(hosts) <= index else ()
    first = int(found["first"])
    last = int(found["last"]) + 1 if found["last"] else None
    return found["name"], lambda hosts: hosts[first:last]


def _named(inventory: Inventory, name: str) -> tuple[Host, ...] | None:
    """Return the hosts of the groups and hosts that `name` matches, None when nothing does."""
    is_pattern = name.startswith("~") or _GLOB.search(name) is not None
    matches = _matcher(name) if is_pattern else name.__eq__
    groups = _matching(inventory.groups, name, matches, is_pattern=is_pattern)
    chosen = {host.name: host for group in groups for host in inventory.hosts_of(group)}
    hosts = []
    if is_pattern or not groups:
        hosts = _matching(inventory.hosts, name, matches, is_pattern=is_pattern)
    chosen.update((host, inventory.hosts[host]) for host in hosts)
    if groups or hosts:
        return tuple(chosen.values())
    local = inventory.find(name) if name in LOCALHOST else None
    return (local,) if local else None


def _matching(
    known: Iterable[str], name: str, matches: Callable[[str], object], *, is_pattern: bool
) -> list[str]:
    if not is_pattern:
        return [name] if name in known else []
    return [one for one in known if matches(one)]


def _matcher(name: str) -> Callable[[str], object]:
    try:
        return re.compile(name[1:] if name.startswith("~") else fnmatch.translate(name)).match
    except re.error as error:
        message = f"the host pattern `{name}` is not a regular expression: {error}"
        raise PlaybookInvalid([Diagnostic(code="invalid-host-pattern", message=message)]) from None
