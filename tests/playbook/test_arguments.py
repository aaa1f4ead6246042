"""Arguments as written are held against the schema when a playbook is loaded."""

# ruff: noqa: E501 (a table of messages)

from dataclasses import replace
from typing import Any

import pytest

from understudy.playbook.arguments import (
    ArgumentsInvalid,
    ModuleSchema,
    check_arguments,
    coerce_arguments,
    load_schema,
)
from understudy.playbook.model import Action
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Position, Source, Span
from understudy.values.texts import Authored, Template, VaultText

SOURCE = Source("site.yml", "")


def place(line: int) -> Span:
    return Span(SOURCE, Position(line, 1), Position(line, 9))


def schema_of(name: str) -> ModuleSchema:
    schema = load_schema(name)
    assert schema is not None
    return schema


def check(
    name: str, args: Any, free_form: object = None, *, complete: bool = True
) -> list[Diagnostic]:
    schema = schema_of(name)
    spans = {key: place(line) for line, key in enumerate(args, 2)} if isinstance(args, dict) else {}
    given: dict[str, Any] = {"template": args} if isinstance(args, Template) else {"args": args}
    action = Action(
        name=name, written=name, span=place(1), free_form=free_form, arg_spans=spans, **given
    )
    return check_arguments(action, schema, complete=complete)


TEMPLATE = Template("{{ x }}")
MAYBE = Template("{{ x | default(omit) }}")


@pytest.mark.parametrize(
    ("name", "args", "free_form"),
    [
        ("file", {"path": "/x", "state": "directory", "mode": "0755"}, None),
        ("file", {"path": "/x", "mode": 420}, None),
        ("file", {"path": "/x", "mode": "u=rwX,go-w,a+t"}, None),
        ("file", {"dest": TEMPLATE, "state": TEMPLATE, "recurse": TEMPLATE}, None),
        ("file", {"path": "/x", "owner": None}, None),
        ("wait_for", {"port": "8080", "exclude_hosts": [TEMPLATE, "a"]}, None),
        ("wait_for", {"port": VaultText("…")}, None),
        ("debug", {"msg": MAYBE, "var": "x"}, None),
        ("debug", {"msg": {"a": TEMPLATE}}, None),
        ("copy", {"dest": "/x", "src": MAYBE, "content": MAYBE}, None),
        ("command", {}, "ls"),
        ("command", {"chdir": "/"}, TEMPLATE),
        ("command", {"argv": ["ls", TEMPLATE]}, None),
        ("meta", {}, "flush_handlers"),
        ("include_tasks", {"apply": {"tags": ["a"]}}, "x.yml"),
        ("include_vars", {"dir": "vars"}, None),
        ("set_fact", {"a": 1}, None),
        ("add_host", {"name": "x", "anything": 1}, None),
        ("setup", {"gather_subset": "!all,network"}, None),
        ("assert", {"that": ["a == 1", True]}, None),
        ("file", TEMPLATE, None),
    ],
)
def test_what_may_be_right_is_not_reported(name: str, args: object, free_form: object) -> None:
    """Good arguments, and such that a template may make good, give no finding."""
    assert check(name, args, free_form) == []


@pytest.mark.parametrize(
    ("name", "args", "free_form", "code", "message"),
    [
        ("file", {"path": "/x", "stat": "x"}, None, "unknown-argument", "`stat` is not an argument of `file`"),
        ("file", {"path": "/x", "_diff_peek": "x"}, None, "unknown-argument", "`_diff_peek` is not an argument of `file`"),
        ("slurp", {}, None, "missing-argument", "`slurp` needs `src`"),
        ("set_fact", {}, None, "missing-argument", "`set_fact` needs at least one name with a value"),
        ("command", {}, None, "missing-argument", "`command` needs the text after the name or `cmd` or `argv`"),
        ("wait_for", {"port": "abc"}, None, "argument-type", "`port` must be a whole number, not `abc`"),
        ("wait_for", {"port": [TEMPLATE]}, None, "argument-type", "`port` must be a whole number, not a list"),
        ("stat", {"path": "/x", "get_mime": "maybe"}, None, "argument-type", "`get_mime` must be a boolean: `true` or `false`, not `maybe`"),
        ("wait_for", {"timeout": None}, None, "argument-type", "`timeout` must be a whole number, not nothing"),
        ("file", {"path": "/x", "state": "diretory"}, None, "argument-choice", "`state` cannot be `diretory`"),
        ("meta", {}, "flush_handler", "argument-choice", "the text after the name cannot be `flush_handler`"),
        ("debug", {"msg": "a", "var": "b"}, None, "argument-conflict", "`msg` and `var` exclude each other"),
        ("copy", {"dest": "/x", "content": TEMPLATE, "src": "a"}, None, "argument-conflict", "`src` and `content` exclude each other"),
        ("command", {"cmd": "ls"}, "ls", "argument-conflict", "the text after the name and `cmd` exclude each other"),
        ("ping", {}, "hello", "unexpected-text", "`ping` takes no text, only arguments"),
        ("set_fact", {"a": 1}, "hello", "unexpected-text", "`set_fact` takes no text, only arguments"),
        ("file", {"path": "/x", "mode": "u=rwz"}, None, "argument-value", "`mode` cannot be `u=rwz`"),
        ("setup", {"gather_subset": ["hardwear"]}, None, "argument-value", "`gather_subset` cannot be `hardwear`"),
    ],
)  # fmt: skip
def test_a_fault_is_found(
    name: str, args: object, free_form: object, code: str, message: str
) -> None:
    """Each kind of fault gives one finding that names the argument as written."""
    assert [(d.code, d.message) for d in check(name, args, free_form)] == [(code, message)]


def test_all_faults_are_found_at_once() -> None:
    """A learner need not run the check once per mistake."""
    codes = [d.code for d in check("file", {"bogus": 1, "recurse": "x", "state": "gone"})]
    assert codes == ["unknown-argument", "argument-type", "argument-choice", "missing-argument"]


def test_a_finding_stands_at_the_argument() -> None:
    """The place is the value's own where it is known, else the argument's."""
    state = Authored("gone", place(40))
    found = check("file", {"path": "/x", "recurse": "maybe", "state": state})
    assert [d.span for d in found] == [place(3), place(40)]


def test_both_ends_of_a_conflict_are_shown() -> None:
    """The later argument is the place, the earlier one a label."""
    (found,) = check("debug", {"msg": "a", "var": "b"})
    assert (found.span, [label.span for label in found.others]) == (place(3), [place(2)])


@pytest.mark.parametrize(
    ("args", "help_text"),
    [
        ({"pathh": "/x"}, "did you mean `path`?"),
        ({"path": "/x", "ownr": "a"}, "did you mean `owner`?"),
    ],
)
def test_a_misspelt_name_gets_the_near_one(args: dict[str, str], help_text: str) -> None:
    """The misspelt required argument is not reported as missing too."""
    assert [d.help for d in check("file", args)] == [help_text]


def test_a_name_far_from_all_gets_the_list() -> None:
    """Without a near name, the arguments are listed."""
    (found,) = check("slurp", {"src": "/x", "zzz": 1})
    assert found.notes == ("its arguments are `path`, `src`",)


def test_an_argument_that_changes_nothing_is_a_warning() -> None:
    """`raw` runs whatever else stands there, as in Ansible, but says so."""
    (found,) = check("raw", {"chdir": "/x"}, "ls")
    assert found.severity is Severity.WARNING


def test_an_argument_under_two_names_is_a_warning() -> None:
    """Ansible takes the alias and warns."""
    (found,) = check("file", {"path": "/x", "dest": "/y"})
    assert (found.code, found.severity) == ("argument-given-twice", Severity.WARNING)


def test_nothing_is_missing_where_defaults_may_come_from_elsewhere() -> None:
    """`module_defaults` may give what the task leaves out."""
    assert check("slurp", {}, complete=False) == []


@pytest.fixture
def without_crash() -> ModuleSchema:
    """Give a module of Ansible's with an argument that ours has not."""
    return replace(schema_of("ping"), unsupported={"crash": "it would crash"})


def test_an_argument_that_we_have_not_is_refused_with_its_reason(
    without_crash: ModuleSchema,
) -> None:
    """It is another finding than a wrong name: the author has made no mistake."""
    action = Action(name="ping", written="ping", span=place(1), args={"crash": TEMPLATE})
    (found,) = check_arguments(action, without_crash)
    assert (found.code, found.message) == (
        "unsupported-argument",
        "`crash` of `ping` is not supported",
    )
    assert found.notes == ("it would crash",)


def test_an_argument_that_we_have_not_fails_a_task_that_gets_it_later(
    without_crash: ModuleSchema,
) -> None:
    """From `module_defaults` or a template; null is as if it were not there."""
    with pytest.raises(ArgumentsInvalid, match=r"crash is not supported: it would crash\."):
        coerce_arguments("ping", {"crash": 1}, without_crash)
    assert coerce_arguments("ping", {"crash": None}, without_crash) == {"data": "pong"}


def test_a_name_that_is_no_text_is_unknown() -> None:
    """As `no: x` is, which a template of arguments may give."""
    with pytest.raises(
        ArgumentsInvalid, match=r"Unsupported parameters for \(ping\) module: False\."
    ):
        coerce_arguments("ping", {False: "x"}, schema_of("ping"))  # type: ignore[dict-item]
