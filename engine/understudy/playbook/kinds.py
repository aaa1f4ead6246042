"""The types of keywords: what a node may be, in words, as JSON Schema, and as a cheap native check.

Native check and schema say the same; a test holds them together. A text with a template fits every
type that is rendered, since its value is known only when it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from understudy.text import nodes
from understudy.text.nodes import VAULT_TAGS, Node, Scalar, Sequence
from understudy.values.texts import VARIABLE_NAME, is_template

JsonSchema: TypeAlias = Mapping[str, Any]

TEMPLATE_PATTERN = r"\{[{%#]"
TRUE_WORDS = ("yes", "on", "true", "1", "y", "t")
FALSE_WORDS = ("no", "off", "false", "0", "n", "f")

_WORD = re.compile("|".join((*TRUE_WORDS, *FALSE_WORDS)), re.IGNORECASE)
_INTEGER = re.compile(r"\s*[-+]?[0-9]+\s*")
_NUMBER = re.compile(r"\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\s*")
_SIZE_TEXT = re.compile(r"\s*([0-9]+|[0-9]+(\.[0-9]*)?%)\s*")
_PERCENT = re.compile(r"\s*[0-9]+(\.[0-9]*)?\s*%?\s*")


@dataclass(frozen=True, slots=True)
class Kind:
    """One type. `words` finish the sentence `X must be …`; an empty value always fits."""

    words: str
    fits: Callable[[Node], bool]
    schema: JsonSchema

    @property
    def full_schema(self) -> JsonSchema:
        """The schema with its words, as it is written into the schema files."""
        return {"title": self.words, **self.schema}


def _scalar(types: tuple[type, ...], pattern: re.Pattern[str]) -> Callable[[Node], bool]:
    """Return a check for scalars of some types, texts that match, and templates."""

    def fits(node: Node) -> bool:
        if not isinstance(node, Scalar):
            return False
        value = node.value
        if type(value) is str:
            return pattern.fullmatch(value) is not None or is_template(value)
        return value is None or type(value) in types

    return fits


def _bool(node: Node) -> bool:
    return _bool_text(node) or (isinstance(node, Scalar) and node.value in (0, 1))


_bool_text = _scalar((bool,), _WORD)


def _text(node: Node) -> bool:
    return isinstance(node, Scalar)


def _texts(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(isinstance(item, Scalar) for item in node.items)
    return isinstance(node, Scalar)


def _whole(node: Node) -> bool:
    return _whole_text(node) or _is_whole(node)


def _is_whole(node: Node) -> bool:
    """Tell whether a node is a number such as `5.0`, which Ansible takes for a whole one."""
    return isinstance(node, Scalar) and isinstance(node.value, float) and node.value.is_integer()


_whole_text = _scalar((int, bool), _INTEGER)


def _conditions(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(isinstance(i, Scalar) and _condition(i) for i in node.items)
    return isinstance(node, Scalar) and _condition(node)


def _condition(node: Scalar) -> bool:
    return node.value is None or type(node.value) in (bool, str)


def _name(node: Node) -> bool:
    if node.tag in VAULT_TAGS:
        return False
    value = node.value if isinstance(node, Scalar) else node
    return value is None or (isinstance(value, str) and VARIABLE_NAME.fullmatch(value) is not None)


def _mapping(node: Node) -> bool:
    return isinstance(node, nodes.Mapping) or _is_null(node)


def _named(node: Node) -> bool:
    if not isinstance(node, nodes.Mapping):
        return _is_null(node)
    return all(isinstance(k, str) and VARIABLE_NAME.fullmatch(k) for k in node.entries)


def _mapping_or_template(node: Node) -> bool:
    return _mapping(node) or _is_template(node)


def _mappings(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(_mapping_or_template(item) for item in node.items)
    return _mapping_or_template(node)


def _defaults(node: Node) -> bool:
    if isinstance(node, Sequence):
        return all(_defaults_mapping(item) for item in node.items)
    return _defaults_mapping(node)


def _defaults_mapping(node: Node) -> bool:
    if isinstance(node, nodes.Mapping):
        return all(_mapping_or_template(value) for _, value in node.pairs())
    return _is_null(node)


def _list(node: Node) -> bool:
    return isinstance(node, Sequence) or _is_null(node)


def _list_or_template(node: Node) -> bool:
    return _list(node) or _is_template(node)


def _mapping_list(node: Node) -> bool:
    return _mapping(node) or (
        isinstance(node, Sequence) and all(isinstance(n, nodes.Mapping) for n in node.items)
    )


def _file_lists(node: Node) -> bool:
    return isinstance(node, Scalar) or (isinstance(node, Sequence) and all(map(_texts, node.items)))


def _sizes(node: Node) -> bool:
    return all(map(_size, node.items)) if isinstance(node, Sequence) else _size(node)


def _size(node: Node) -> bool:
    return _size_text(node) or _is_whole(node)


_size_text = _scalar((int,), _SIZE_TEXT)


def _anything(_node: Node) -> bool:
    return True


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _is_template(node: Node) -> bool:
    return isinstance(node, Scalar) and type(node.value) is str and is_template(node.value)


def _pattern(pattern: re.Pattern[str]) -> str:
    """Return a pattern for JSON Schema, which has no flags: a whole match, or a template."""
    source = pattern.pattern
    if pattern.flags & re.IGNORECASE:
        source = "".join(f"[{c}{c.upper()}]" if c.islower() else c for c in source)
    return f"^({source})$|{TEMPLATE_PATTERN}"


_SCALARS = ["string", "number", "boolean", "null"]
_TEXTS = {"type": [*_SCALARS, "array"], "items": {"title": "a text", "type": _SCALARS}}
_MAPPING_OR_TEMPLATE = {"type": ["object", "null", "string"], "pattern": TEMPLATE_PATTERN}
_NAMES = f"^{VARIABLE_NAME.pattern}$"
_DEFAULTS_ITEM = {
    "type": ["object", "null"],
    "title": "a mapping from modules to arguments",
    "additionalProperties": {"title": "a mapping of arguments", **_MAPPING_OR_TEMPLATE},
}
_SIZE = {"type": ["integer", "string", "null"], "pattern": _pattern(_SIZE_TEXT)}

BOOL = Kind(
    "a boolean: `true` or `false`",
    _bool,
    {
        "type": ["boolean", "integer", "string", "null"],
        "minimum": 0,
        "maximum": 1,
        "pattern": _pattern(_WORD),
    },
)
INT = Kind(
    "a whole number",
    _whole,
    {"type": ["integer", "boolean", "string", "null"], "pattern": _pattern(_INTEGER)},
)
FLOAT = Kind(
    "a number",
    _scalar((int, bool, float), _NUMBER),
    {"type": ["number", "boolean", "string", "null"], "pattern": _pattern(_NUMBER)},
)
PERCENT = Kind(
    "a number or a percentage such as `30%`",
    _scalar((int, float), _PERCENT),
    {"type": ["number", "string", "null"], "pattern": _pattern(_PERCENT)},
)
SIZES = Kind(
    "a number of hosts, a percentage such as `30%`, or a list of these",
    _sizes,
    {
        **_SIZE,
        "type": [*_SIZE["type"], "array"],
        "items": {"title": "a number or a percentage", **_SIZE},
    },
)
TEXT = Kind("a text", _text, {"type": _SCALARS})
TEXTS = Kind("a text or a list of texts", _texts, _TEXTS)
CONDITIONS = Kind(
    "a condition or a list of conditions",
    _conditions,
    {
        "type": ["boolean", "string", "null", "array"],
        "items": {"title": "a condition", "type": ["boolean", "string", "null"]},
    },
)
NAME = Kind(
    "a name of letters, digits and `_` that does not begin with a digit",
    _name,
    {"type": ["string", "null"], "pattern": _NAMES},
)
MAPPING = Kind("a mapping", _mapping, {"type": ["object", "null"]})
VARIABLES = Kind(
    "a mapping from names to values; a name has letters, digits and `_`",
    _named,
    {
        "type": ["object", "null"],
        "propertyNames": {"title": "the name of a variable", "pattern": _NAMES},
    },
)
ARGUMENTS = Kind("a mapping of arguments", _mapping_or_template, _MAPPING_OR_TEMPLATE)
ENVIRONMENT = Kind(
    "a mapping from names to values",
    _mappings,
    {
        "type": ["object", "array", "null", "string"],
        "pattern": TEMPLATE_PATTERN,
        "items": {"title": "a mapping from names to values", **_MAPPING_OR_TEMPLATE},
    },
)
DEFAULTS = Kind(
    "a mapping from modules to arguments",
    _defaults,
    {
        **_DEFAULTS_ITEM,
        "type": ["object", "array", "null"],
        "items": _DEFAULTS_ITEM,
    },
)
LOOP = Kind(
    "a list, or a template that gives one",
    _list_or_template,
    {"type": ["array", "null", "string"], "pattern": TEMPLATE_PATTERN},
)
MAPPINGS = Kind(
    "a mapping or a list of mappings",
    _mapping_list,
    {"type": ["array", "object", "null"], "items": {"title": "a mapping", "type": "object"}},
)
FILES = Kind(
    "a file or a list of files",
    _file_lists,
    {
        "type": [*_SCALARS, "array"],
        "items": {"title": "a file, or a list of which the first found is taken", **_TEXTS},
    },
)
TASKS = Kind("a list of tasks", _list, {"type": ["array", "null"]})
ROLES = Kind("a list of roles", _list, {"type": ["array", "null"]})
ACTION = Kind("the name of a module with its arguments", _anything, {})
ANYTHING = Kind("any value", _anything, {})
