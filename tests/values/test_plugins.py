"""Plugins of a project: loaded, declared without being run, and told of when they are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.values.environment import environment
from understudy.values.errors import TemplateFailed
from understudy.values.lookups import LOOKUPS
from understudy.values.plugins import declare_plugins, load_plugins
from understudy.values.scope import Plain, Scope
from understudy.values.template import render
from understudy.values.texts import Template

FILTERS = """\
from ansible.errors import AnsibleFilterError
class FilterModule:
    def filters(self):
        return {"shown_kind": lambda v: type(v).__name__, "raises_here": self.bad}
    def bad(self, value):
        raise AnsibleFilterError("no %s" % value)
"""


def _folder(tmp_path: Path, kind: str, **files: str) -> Path:
    folder = tmp_path / kind
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def _render(text: str, **variables: object) -> object:
    return render(Template(text), Scope((variables,)))


def test_a_filter_gets_plain_data(tmp_path: Path) -> None:
    """No view of ours reaches it, and what it raises is the failure's message."""
    assert load_plugins(_folder(tmp_path, "filter_plugins", mine=FILTERS), "filter_plugins") == ()
    assert _render("{{ x | shown_kind }}", x=[1, Template("{{ 2 }}")]) == "list"
    with pytest.raises(TemplateFailed, match="The filter plugin 'raises_here' failed: no 1"):
        _render("{{ 1 | raises_here }}")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = 1\nraise RuntimeError('broken')\n", 2, "broken"),
        ("def f(:\n", 1, "invalid syntax"),
        ("import ansible.executor\n", 1, "No module named 'ansible.executor'"),
        ("class FilterModule:\n    pass\n", 1, "no attribute 'filters'"),
    ],
)
def test_a_broken_plugin_is_a_warning_with_its_place(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    """The rest of the folder is loaded all the same."""
    good = FILTERS.replace("shown_kind", "still_there")
    folder = _folder(tmp_path, "filter_plugins", bad=text, good=good)
    (warning,) = load_plugins(folder, "filter_plugins")
    assert message in warning.message
    assert str(warning.span).startswith(f"{folder}/bad.py:{line}:")
    assert "still_there" in environment().filters


def test_a_name_is_declared_without_running_the_file(tmp_path: Path) -> None:
    """What only checks a playbook must not run the code that lies beside it."""
    text = "raise SystemExit\n" + FILTERS.replace("shown_kind", "only_declared")
    declare_plugins(_folder(tmp_path, "filter_plugins", mine=text), "filter_plugins")
    assert "only_declared" in environment().filters
    folder = _folder(tmp_path, "lookup_plugins", declared_lookup="raise SystemExit\n")
    declare_plugins(folder, "lookup_plugins")
    assert LOOKUPS["declared_lookup"].does_io


def test_what_a_plugin_gives_is_a_hosts_text(tmp_path: Path) -> None:
    """A lookup's and a filter's text is never evaluated."""
    text = FILTERS.replace("shown_kind", "brings_text").replace(
        "lambda v: type(v).__name__", "lambda v: '{{ 1 + ' + v + ' }}'"
    )
    load_plugins(_folder(tmp_path, "filter_plugins", mine=text), "filter_plugins")
    assert _render("{{ '1' | brings_text }}") == "{{ 1 + 1 }}"
    assert render(Template("{{ x }}"), Scope((Plain(x="{{ 1 + 1 }}"),))) == "{{ 1 + 1 }}"


def test_the_first_plugin_of_a_name_wins(tmp_path: Path) -> None:
    """One from the configuration is last, though it is read first; ours yield to all."""
    for name in ("last", "first", "second"):
        (tmp_path / name).mkdir()
        lookup = "from ansible.plugins.lookup import LookupBase\nclass LookupModule(LookupBase):\n"
        run = f"    def run(self, terms, variables=None, **_): return ['{name}']\n"
        text = FILTERS.replace("shown_kind", "which").replace("type(v).__name__", f"'{name}'")
        for kind, code in (("filter_plugins", text), ("lookup_plugins", lookup + run)):
            folder = _folder(tmp_path / name, kind, which_one=code)
            assert load_plugins(folder, kind, last=name == "last") == ()
    assert _render("{{ 1 | which }} {{ lookup('which_one') }}") == "first first"


def test_a_filter_cannot_end_the_run(tmp_path: Path) -> None:
    """Nor can a generator that it gives, nor its file."""
    text = """\
import sys
class FilterModule:
    def filters(self):
        return {"exits": lambda v: sys.exit(v), "exits_late": lambda v: (sys.exit(x) for x in [v])}
"""
    folder = _folder(tmp_path, "filter_plugins", bad="raise SystemExit(4)\n", mine=text)
    (warning,) = load_plugins(folder, "filter_plugins")
    assert "the plugin called for an exit with status 4" in warning.message
    for name in ("exits", "exits_late"):
        with pytest.raises(TemplateFailed, match="called for an exit with status 5"):
            _render(f"{{{{ 5 | {name} }}}}")


def test_a_plugin_is_found_by_its_modules_name(tmp_path: Path) -> None:
    """A dataclass looks there for what its annotations mean."""
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Pair:\n    left: int\n" + FILTERS.replace("shown_kind", "with_pair")
    ).replace("from ansible.errors import AnsibleFilterError\n", "")
    assert load_plugins(_folder(tmp_path, "filter_plugins", mine=text), "filter_plugins") == ()
