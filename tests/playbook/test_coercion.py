"""Finalised arguments are converted, and refused, as ansible-core 2.19 does (texts seen there)."""

# ruff: noqa: E501 (a table of messages)

import json
import sys
from typing import Any

import pytest

from understudy.playbook.arguments import (
    ArgumentsInvalid,
    alias_warnings,
    coerce_arguments,
    load_schema,
    secret_arguments,
)
from understudy.playbook.module_schema import ModuleSchema, read_schema
from understudy.values.texts import Authored


def _plain(x_type: str, **more: object) -> dict[str, object]:
    return {"description": "An argument.", "x-type": x_type, **more}


DOCUMENT = {
    "title": "everything",
    "description": "Has an argument of every type.",
    "x-runs-on": "target",
    "x-supports": {"check_mode": "full", "diff": "none", "async": True},
    "properties": {
        "i": _plain("int"),
        "s": _plain("str", enum=["a", "b", "yes"]),
        "f": _plain("float"),
        "b": _plain("bool"),
        "p": _plain("path"),
        "l": _plain("list", items={"x-type": "str"}),
        "li": _plain("list", items={"x-type": "int"}),
        "lc": _plain("list", items={"x-type": "str"}, enum=["x", "y"]),
        "d": _plain("dict"),
        "r": _plain("raw"),
        "bits": _plain("bits"),
        "by": _plain("bytes"),
        "j": _plain("jsonarg"),
        "w": _plain("whole"),
        "sl": _plain("str_or_list"),
        "o": _plain("dict", propertyNames={"enum": ["tags", "when"]}),
        "ic": _plain("int", enum=[1, 2, 3]),
        "bc": _plain("bool", enum=[True]),
        "al": _plain("str", **{"x-aliases": ["al1", "al2"]}),
        "pw": _plain("str", no_log=True, **{"x-aliases": ["password"]}),
        "df": _plain("int", default=4),
        "ld": _plain("list", items={"x-type": "str"}, default=["all"]),
        "q": _plain("str", default="dq"),
        "req": _plain("str", **{"x-aliases": ["required"]}),
        **{name: _plain("str") for name in "m1 m2 m3 m4 t1 t2 o1 o2 i1 i2 i3 b1 b2 b3".split()},
    },
    "required": ["req"],
    "additionalProperties": False,
    "x-mutually-exclusive": [["m1", "m2"], ["m3", "m4"]],
    "x-required-together": [["t1", "t2"]],
    "x-required-one-of": [["o1", "o2"]],
    "x-required-if": [
        {"argument": "i1", "value": "x", "needs": ["i2", "i3"]},
        {"argument": "i1", "value": "y", "needs": ["i2", "i3"], "any": True},
        {"argument": "q", "value": "zz", "needs": ["i2"]},
    ],
    "x-required-by": {"b1": ["b2", "b3"]},
}
ENOUGH = {"req": "1", "o1": "1"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> ModuleSchema:
    path = tmp_path_factory.mktemp("schemas") / "everything.json"
    path.write_text(json.dumps(DOCUMENT))
    return read_schema(path)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("i", "5", 5),
        ("i", 5.0, 5),
        ("i", " 5 ", 5),
        ("i", "5.0", 5),
        ("i", "1e3", 1000),
        ("i", "1_000", 1000),
        ("f", "1e3", 1000.0),
        ("f", True, 1.0),
        ("b", "Yes", True),
        ("b", " true", True),
        ("b", 1.0, True),
        ("b", "off", False),
        ("p", 5, "5"),
        ("p", "~/x", "~/x"),
        ("q", None, ""),
        ("q", [1, "a", None, True], "[1, 'a', None, True]"),
        ("q", 1e20, "1e+20"),
        ("s", True, "yes"),
        ("ic", "2", 2),
        ("bc", "yes", True),
        ("l", "a, b", ["a", " b"]),
        ("l", "", [""]),
        ("l", True, ["True"]),
        ("l", [1, None, [1], {"a": 1}], ["1", "", "[1]", "{'a': 1}"]),
        ("li", "1,2", [1, 2]),
        ("lc", ["x", "y"], ["x", "y"]),
        ("d", "a=1,b=2", {"a": "1", "b": "2"}),
        ("d", "a=1, b=2", {"a": "1", "b": "2"}),
        ("d", "a='x y' b=2", {"a": "x y", "b": "2"}),
        ("d", "a=1=2", {"a": "1=2"}),
        ("d", "{'a': True}", {"a": True}),
        ("d", '{"a": true}', {"a": True}),
        ("r", [1, {"a": None}], [1, {"a": None}]),
        ("bits", "1Mb", 1048576),
        ("by", "1.5G", 1610612736),
        ("by", "5 MB", 5242880),
        ("by", "1 megabyte", 1048576),
        ("by", 5, 5),
        ("j", {"a": 1}, '{"a": 1}'),
        ("j", ' {"a":1} ', '{"a":1}'),
        ("w", 1.9, 1),
        ("w", "2", 2),
        ("sl", ["a", "b"], ["a", "b"]),
        ("o", {"tags": "x"}, {"tags": "x"}),
    ],
)
def test_a_value_is_converted(
    schema: ModuleSchema, name: str, value: object, expected: object
) -> None:
    """A value of another type becomes the argument's type where Ansible converts it."""
    coerced = coerce_arguments("everything", {**ENOUGH, name: value}, schema)[name]
    assert coerced == expected
    assert type(coerced) is type(expected)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"i": "x"}, "argument 'i' is of type str and we were unable to convert to int: \"'x'\" cannot be converted to an int"),
        ({"i": 5.5}, "argument 'i' is of type float and we were unable to convert to int: \"5.5\" cannot be converted to an int"),
        ({"i": {"a": 1}}, "argument 'i' is of type dict and we were unable to convert to int: \"{'a': 1}\" cannot be converted to an int"),
        ({"f": "x"}, "argument 'f' is of type str and we were unable to convert to float: <class 'str'> cannot be converted to a float"),
        ({"b": {}}, "argument 'b' is of type dict and we were unable to convert to bool: <class 'dict'> cannot be converted to a bool"),
        ({"df": None}, "argument 'df' is of type NoneType and we were unable to convert to int: \"None\" cannot be converted to an int"),
        ({"ld": None}, "argument 'ld' is of type NoneType and we were unable to convert to list: <class 'NoneType'> cannot be converted to a list"),
        ({"l": {"a": 1}}, "argument 'l' is of type dict and we were unable to convert to list: <class 'dict'> cannot be converted to a list"),
        ({"li": [1, "x"]}, "Elements value for option 'li' is of type str and we were unable to convert to int: \"'x'\" cannot be converted to an int"),
        ({"d": "x"}, "argument 'd' is of type str and we were unable to convert to dict: dictionary requested, could not parse JSON or key=value"),
        ({"d": "{bad"}, "argument 'd' is of type str and we were unable to convert to dict: unable to evaluate string as dictionary"),
        ({"d": "a=1,b"}, "argument 'd' is of type str and we were unable to convert to dict: unable to evaluate string in the \"key=value\" format as dictionary"),
        ({"d": [1]}, "argument 'd' is of type list and we were unable to convert to dict: <class 'list'> cannot be converted to a dict"),
        ({"by": "10xx"}, "argument 'by' is of type str and we were unable to convert to bytes: <class 'str'> cannot be converted to a Byte value"),
        ({"bits": "x"}, "argument 'bits' is of type str and we were unable to convert to bits: <class 'str'> cannot be converted to a Bit value"),
        ({"j": 5}, "argument 'j' is of type int and we were unable to convert to jsonarg: <class 'int'> cannot be converted to a json string"),
        ({"w": "abc"}, "argument 'w' is of type str and we were unable to convert to int: invalid literal for int() with base 10: 'abc'"),
        ({"sl": [1]}, "argument 'sl' is of type list and we were unable to convert to str_or_list_of_str: a string or list of strings is required"),
        ({"s": "q"}, "value of s must be one of: a, b, yes, got: q"),
        ({"s": None}, "value of s must be one of: a, b, yes, got: None"),
        ({"s": False}, "value of s must be one of: a, b, yes, got: False"),
        ({"ic": "4"}, "value of ic must be one of: 1, 2, 3, got: 4"),
        ({"lc": "x,z,w"}, "value of lc must be one or more of: x, y. Got no match for: z, w"),
        ({"o": {"until": 1}}, "value of o is invalid: `until` is not allowed there"),
        ({"m1": 1, "m2": 2, "m3": 1, "m4": 1}, "parameters are mutually exclusive: m1|m2, m3|m4"),
        ({"m1": None, "m2": 1}, "parameters are mutually exclusive: m1|m2"),
        ({"t1": 1}, "parameters are required together: t1, t2"),
        ({"i1": "x", "i2": None}, "i1 is x but all of the following are missing: i3"),
        ({"i1": "y"}, "i1 is y but any of the following are missing: i2, i3"),
        ({"q": "zz"}, "q is zz but all of the following are missing: i2"),
        ({"b1": 1, "b2": 1}, "missing parameter(s) required by 'b1': b3"),
    ],
)  # fmt: skip
def test_a_fault_is_reported_in_ansibles_words(
    schema: ModuleSchema, args: dict[str, Any], message: str
) -> None:
    """The text of the error is the one that Ansible's module gives."""
    with pytest.raises(ArgumentsInvalid) as raised:
        coerce_arguments("everything", {**ENOUGH, **args}, schema)
    assert str(raised.value) == message


@pytest.mark.parametrize("value", ["maybe", 2, "", 1.5])
def test_what_is_no_boolean_is_refused(schema: ModuleSchema, value: object) -> None:
    """Ansible lists the booleans in an order that varies; the rest of its text is fixed."""
    with pytest.raises(ArgumentsInvalid, match=f"The value '{value}' is not a valid boolean"):
        coerce_arguments("everything", {**ENOUGH, "b": value}, schema)


def test_every_fault_is_collected_and_ansibles_comes_first(schema: ModuleSchema) -> None:
    """Exclusions come before types, types before choices, and unknown names last."""
    args = {"m1": 1, "m2": 1, "i": "x", "s": "q", "t1": 1, "bogus": 1, "o1": 1}
    with pytest.raises(ArgumentsInvalid) as raised:
        coerce_arguments("everything", args, schema)
    starts = [message.split()[0:3] for message in raised.value.messages]
    assert starts == [
        ["parameters", "are", "mutually"],
        ["missing", "required", "arguments:"],
        ["argument", "'i'", "is"],
        ["value", "of", "s"],
        ["parameters", "are", "required"],
        ["Unsupported", "parameters", "for"],
    ]


def test_a_null_without_default_is_as_if_not_given(schema: ModuleSchema) -> None:
    """`owner:` with nothing behind it sets no owner."""
    assert "i" not in coerce_arguments("everything", {**ENOUGH, "i": None}, schema)


def test_defaults_are_filled_in_and_not_shared(schema: ModuleSchema) -> None:
    """A list default may be changed by who gets it."""
    first = coerce_arguments("everything", ENOUGH, schema)
    first["ld"].append("more")
    assert coerce_arguments("everything", ENOUGH, schema) == {
        **ENOUGH, "df": 4, "ld": ["all"], "q": "dq",
    }  # fmt: skip


def test_an_alias_wins_over_the_name_and_is_warned_about(schema: ModuleSchema) -> None:
    """When both are given, the alias counts."""
    args = {"al1": "alias", "al": "name", **ENOUGH}
    assert coerce_arguments("everything", args, schema)["al"] == "alias"
    assert alias_warnings(args, schema) == ["Both option al and its alias al1 are set."]


def test_secrets_are_named_with_their_aliases(schema: ModuleSchema) -> None:
    """Whoever masks values must know them under every name."""
    assert secret_arguments(schema) == {"pw", "password"}


@pytest.mark.parametrize(
    ("written", "args", "message"),
    [
        ("file", {"path": "/x", "bogus": 1}, "Unsupported parameters for (file) module: bogus. Supported parameters include: _diff_peek, _original_basename, access_time, access_time_format, attributes, follow, force, group, mode, modification_time, modification_time_format, owner, path, recurse, selevel, serole, setype, seuser, src, state, unsafe_writes (attr, dest, name)."),
        ("ansible.builtin.file", {"path": "/x", "b": 1, "a": 2}, "Unsupported parameters for (ansible.builtin.file) module: a, b. Supported parameters include: _diff_peek, _original_basename, access_time, access_time_format, attributes, follow, force, group, mode, modification_time, modification_time_format, owner, path, recurse, selevel, serole, setype, seuser, src, state, unsafe_writes (attr, dest, name)."),
        ("file", {"state": "touch"}, "missing required arguments: path"),
        ("command", {}, "one of the following is required: _raw_params, cmd, argv"),
        ("command", {"cmd": "ls", "argv": ["ls"]}, "parameters are mutually exclusive: _raw_params|cmd|argv"),
        ("shell", {"cmd": "ls", "x": 1}, "Unsupported parameters for (ansible.legacy.command) module: x. Supported parameters include: _raw_params, _uses_shell, argv, chdir, cmd, creates, executable, expand_argument_vars, removes, stdin, stdin_add_newline, strip_empty_ends."),
        ("debug", {"bogus": 1}, "Unsupported parameters for (debug) module: bogus. Supported parameters include: msg, var, verbosity."),
        ("fail", {"x": 1}, "Invalid options for fail: x"),
        ("set_fact", {"cacheable": True}, "No key/value pairs provided, at least one is required for this action to succeed"),
        ("add_host", {"groups": "a"}, "name, host or hostname needs to be provided"),
        ("group_by", {}, "the 'key' param is required when using group_by"),
        ("copy", {"content": "a"}, "dest is required"),
        ("copy", {"dest": "/x"}, "src (or content) is required"),
        ("copy", {"dest": "/x", "content": "a", "src": "b"}, "src and content are mutually exclusive"),
        ("tempfile", {"state": "ok"}, "value of state must be one of: file, directory, got: ok"),
        ("assert", {"that": True, "msg": [1]}, "argument 'fail_msg' is of type list and we were unable to convert to str_or_list_of_str: a string or list of strings is required"),
    ],
)  # fmt: skip
def test_the_modules_refuse_as_ansibles_do(
    written: str, args: dict[str, Any], message: str
) -> None:
    """The schemas give the texts seen in ansible-core 2.19."""
    name = written.rpartition(".")[2]
    schema = load_schema(name)
    assert schema is not None
    with pytest.raises(ArgumentsInvalid) as raised:
        coerce_arguments(written, args, schema)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("debug", {"msg": None}, {"msg": None, "verbosity": 0}),
        ("debug", {"var": None}, {"msg": "Hello world!", "verbosity": 0}),
        ("include_vars", {"_raw_params": "a.yml"}, {"file": "a.yml"}),
        ("raw", {"_raw_params": "ls", "chdir": "/tmp"}, {"_raw_params": "ls"}),
        ("set_fact", {"a": [1], "cacheable": "yes"}, {"a": [1], "cacheable": True}),
        ("ping", {"data": Authored("hi")}, {"data": "hi"}),
    ],
)
def test_the_modules_take_what_ansibles_do(
    name: str, args: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Odd but allowed calls give the arguments that Ansible uses."""
    schema = load_schema(name)
    assert schema is not None
    assert coerce_arguments(name, args, schema).items() >= expected.items()


def test_well_formed_arguments_do_not_import_jsonschema() -> None:
    """Its import costs more than a whole task."""
    program = (
        "import sys; from understudy.playbook.arguments import *;"
        "coerce_arguments('file', {'path': '/x', 'mode': '0644'}, load_schema('file'));"
        "sys.exit('jsonschema' in sys.modules)"
    )
    import subprocess

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
