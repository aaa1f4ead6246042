"""Results as YAML: they read back as what they were."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from understudy.report.yaml_text import to_yaml
from understudy.text.document import parse_document
from understudy.text.source import Source
from understudy.values.load import load

EXAMPLE: dict[str, Any] = {
    "changed": True,
    "cmd": ["sh", "-c", "a; b"],
    "delta": "0:00:00.002547",
    "msg": [1, "a", {"a": True, "b": None, "c": [], "d": {}, "e": "", "f": "yes", "g": "1"}],
    "more": {"i": "a: b", "j": " lead", "l": "tab\t", "m": "- x", "n": "ünï", "o": "{x}"},
    "p": "trail ",
    "q": "'s",
    "r": "a #b",
    "s": "2020-01-01",
    "stdout": "a\n b\n",
}
TEXT = """
    changed: true
    cmd:
    - sh
    - -c
    - a; b
    delta: '0:00:00.002547'
    more:
        i: 'a: b'
        j: ' lead'
        l: "tab\\t"
        m: '- x'
        n: ünï
        o: '{x}'
    msg:
    - 1
    - a
    -   a: true
        b: null
        c: []
        d: {}
        e: ''
        f: 'yes'
        g: '1'
    p: 'trail '
    q: '''s'
    r: 'a #b'
    s: '2020-01-01'
    stdout: |-
        a
         b"""

KEYS = st.text("abc", min_size=1)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"])) | st.text("a1 -:#'\n.[%")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def test_the_layout_is_ansibles() -> None:
    """Keys are sorted, lists stand under their key, texts of several lines are blocks."""
    assert to_yaml(EXAMPLE) == TEXT


@given(st.dictionaries(KEYS, PLAIN, max_size=4))
def test_what_is_shown_reads_back_as_it_was(values: dict[str, Any]) -> None:
    """A text that looks like a number, a date or a mark of YAML is quoted."""
    root = parse_document(Source("x", to_yaml(values)), lambda _: None)
    assert _as_shown(load(root) or {}) == _as_shown(values)


def _as_shown(value: Any) -> Any:
    """Leave out what a block does not keep: blanks at the ends of its lines, lines at its end."""
    if isinstance(value, dict):
        return {key: _as_shown(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_shown(one) for one in value]
    text = getattr(value, "text", value)
    if not isinstance(text, str) or "\n" not in text:
        return text
    return "\n".join(line.rstrip() for line in text.rstrip().split("\n"))
