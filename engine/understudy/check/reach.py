"""What a file of plays or tasks brings by name: other files, and roles."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from understudy.playbook.module_names import short_name
from understudy.playbook.split import Unbalanced, split_words
from understudy.text.nodes import Mapping, Node, Scalar, Sequence, every_node
from understudy.values.texts import is_template


class Brings(Enum):
    """What a name stands for."""

    FILE = "a file"
    ROLE = "a role"


_FILES = frozenset({"import_playbook", "import_tasks", "include", "include_tasks", "vars_files"})
_ROLES = frozenset({"import_role", "include_role"})
_LISTS = frozenset({"dependencies", "roles"})


def brought(root: Node) -> Iterator[tuple[Brings, str]]:
    """Yield every file and role that a tree names; what only a template can name is left out."""
    for node in every_node(root):
        if isinstance(node, Mapping):
            for key, value in node.pairs():
                yield from _named(short_name(str(key.value)), value)


def _named(keyword: str, value: Node) -> Iterator[tuple[Brings, str]]:
    names = value.items if isinstance(value, Sequence) else [value]
    if keyword in _FILES:
        found = [(Brings.FILE, _argument(one, ("file",))) for one in names]
    elif keyword in _ROLES:
        found = [(Brings.ROLE, _argument(value, ("name", "role")))]
    elif keyword in _LISTS and isinstance(value, Sequence):
        found = [(Brings.ROLE, _argument(one, ("role", "name"))) for one in names]
    else:
        return
    yield from ((kind, name) for kind, name in found if name and not is_template(name))


def _argument(node: Node, names: tuple[str, ...]) -> str:
    """Return an argument that is a name, written below its module, as `k=v` or by itself."""
    if isinstance(node, Mapping):
        return next((_argument(n, ()) for name in names if (n := node.get(name))), "")
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return ""
    try:
        words = [word.text for word in split_words(node.value)]
    except Unbalanced:
        return ""
    given = dict(word.split("=", 1) for word in words if "=" in word)
    return next((given[name] for name in names if name in given), words[0] if words else "")
