"""Text to text: regular expressions, quoting, comments, URLs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus, urlsplit

from understudy.values.lazy import finalise
from understudy.values.texts import Value


def as_text(value: Value) -> str:
    """Return what a filter that works on text takes a value for."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(finalise(value))


def _flags(*, ignorecase: bool, multiline: bool) -> re.RegexFlag:
    return (re.IGNORECASE if ignorecase else re.NOFLAG) | (re.MULTILINE if multiline else re.NOFLAG)


def regex_replace(
    value: Value = "",
    pattern: str = "",
    replacement: str = "",
    ignorecase: bool = False,  # noqa: FBT001, FBT002
    multiline: bool = False,  # noqa: FBT001, FBT002
    count: int = 0,
    mandatory_count: int = 0,
) -> str:
    """Return a text with what a pattern matches replaced."""
    compiled = re.compile(pattern, _flags(ignorecase=ignorecase, multiline=multiline))
    text, done = compiled.subn(replacement, as_text(value), count)
    if mandatory_count and done != mandatory_count:
        raise ValueError(
            f"'{pattern}' should match {mandatory_count} times, but matches {done} times in "
            f"'{value}'"
        )
    return text


def regex_findall(
    value: Value,
    regex: str,
    multiline: bool = False,  # noqa: FBT001, FBT002
    ignorecase: bool = False,  # noqa: FBT001, FBT002
) -> list[Value]:
    """Return everything that a pattern matches."""
    return re.findall(regex, as_text(value), _flags(ignorecase=ignorecase, multiline=multiline))


def regex_search(
    value: Value, regex: str, *groups: str, ignorecase: bool = False, multiline: bool = False
) -> Value:
    r"""Return the first match, or a list of its `groups` (`\1`, `\g<name>`); None without one."""
    wanted = [_group(group) for group in groups]
    found = re.search(regex, as_text(value), _flags(ignorecase=ignorecase, multiline=multiline))
    if found is None:
        return None
    return [found.group(group) for group in wanted] if wanted else found.group()


def _group(reference: str) -> str | int:
    if named := re.match(r"\\g<(\S+)>", reference):
        return named.group(1)
    if numbered := re.match(r"\\(\d+)", reference):
        return int(numbered.group(1))
    raise ValueError("Unknown argument")


def regex_escape(value: Value, re_type: str = "python") -> str:
    """Return a text as a pattern that matches it literally."""
    if re_type == "python":
        return re.escape(as_text(value))
    if re_type == "posix_basic":
        return re.sub(r"([].[^$*\\])", r"\\\1", as_text(value))
    if re_type == "posix_extended":
        raise ValueError(f"Regex type ({re_type}) not yet implemented")
    raise ValueError(f"Invalid regex type ({re_type})")


def quote(value: Value) -> str:
    """Return a text quoted for a POSIX shell."""
    return shlex.quote(as_text(value))


def split(value: Value, separator: str | None = None, maxsplit: int = -1) -> list[str]:
    """Return the parts of a text between separators."""
    return str.split(value, separator, maxsplit)


def splitlines(value: Value) -> list[str]:
    """Return the lines of a text."""
    return as_text(value).splitlines()


_URL_PARTS = (
    "fragment", "hostname", "netloc", "password", "path", "port", "query", "scheme", "username",
)  # fmt: skip


def url_split(value: Value, query: str = "", alias: str = "urlsplit") -> Value:
    """Return the parts of a URL as a dict, or the one part named by `query`."""
    parts = urlsplit(as_text(value))
    if query in _URL_PARTS:
        return getattr(parts, query)
    if query:
        raise ValueError(f"{alias}: unknown URL component: {query}")
    return {name: getattr(parts, name) for name in _URL_PARTS}


def urldecode(value: Value) -> str:
    """Return a URL-encoded text decoded."""
    return unquote_plus(as_text(value))


_COMMENT_STYLES: Mapping[str, dict[str, str]] = {
    "plain": {"decoration": "# "},
    "erlang": {"decoration": "% "},
    "c": {"decoration": "// "},
    "cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
    "xml": {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}


def comment(text: Value, style: str = "plain", **overrides: Value) -> str:
    """Return a text as a comment: each line decorated, in one of Ansible's styles."""
    if style not in _COMMENT_STYLES:
        raise ValueError(f"Invalid style {style!r}.")
    style_parts = _COMMENT_STYLES[style]
    newline = str(overrides.pop("newline", "\n"))
    part = {"decoration": "", "beginning": "", "end": "", **style_parts, **overrides}
    part = {name: str(value) for name, value in part.items()}
    edge = part["decoration"].rstrip()
    prefix = str(part.get("prefix", edge))
    above = ["" if prefix == newline else prefix] * int(part.get("prefix_count", 1))
    below = [str(part.get("postfix", edge))] * int(part.get("postfix_count", 1))
    lines = [
        *([part["beginning"]] if part["beginning"] else []),
        *(above if prefix else []),
        _decorated(as_text(text), part["decoration"], newline),
        *below,
        *([part["end"]] if part["end"] else []),
    ]
    return newline.join(lines)


def _decorated(text: str, decoration: str, newline: str) -> str:
    *lines, last = text.split(newline)
    bare = decoration.rstrip()
    whole = [decoration + line if line else bare for line in lines]
    return newline.join([*whole, decoration + last])


FILTERS: Mapping[str, Callable[..., Value]] = {
    "regex_replace": regex_replace,
    "regex_findall": regex_findall,
    "regex_search": regex_search,
    "regex_escape": regex_escape,
    "quote": quote,
    "split": split,
    "urlsplit": url_split,
    "urldecode": urldecode,
    "comment": comment,
}
