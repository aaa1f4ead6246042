"""Every module schema is well formed, and says what the meta-schema allows."""

import json
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.check.cases import checked
from understudy.cli.main import main
from understudy.connections.parts import with_parts
from understudy.playbook.module_schema import load_schema, read_schema
from understudy.playbook.user_modules import user_schema
from understudy.resources import MODULES, SCHEMAS
from understudy.text.diagnostic import Severity

FILES = sorted((SCHEMAS / "modules").glob("*.json"))
META = json.loads((SCHEMAS / "module.meta.json").read_text("utf-8"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@each_file
def test_a_schema_satisfies_the_meta_schema(path: Path) -> None:
    """A schema says only what `module.meta.json` knows, in the right form."""
    document = json.loads(path.read_text("utf-8"))
    errors = [error.message for error in Draft202012Validator(META).iter_errors(document)]
    assert errors == []


@each_file
def test_a_schema_is_named_like_its_file(path: Path) -> None:
    """The title is the short name of the module."""
    assert read_schema(path).name == path.stem


@each_file
def test_a_default_is_a_value_of_its_argument(path: Path) -> None:
    """A default needs no conversion and is one of the choices."""
    for name, properties in json.loads(path.read_text("utf-8"))["properties"].items():
        if "default" in properties:
            Draft202012Validator(properties).validate(properties["default"])
            assert properties["default"] in properties.get("enum", [properties["default"]]), name


@each_file
def test_relations_name_arguments_that_exist(path: Path) -> None:
    """What is required, exclusive or free form is an argument of the schema."""
    document = json.loads(path.read_text("utf-8"))
    groups = [
        document.get("required", []),
        *document.get("x-mutually-exclusive", []),
        *document.get("x-required-together", []),
        *document.get("x-required-one-of", []),
        [document["x-free-form"]] if "x-free-form" in document else [],
    ]
    assert {name for group in groups for name in group} <= document["properties"].keys()


@each_file
def test_no_two_arguments_share_a_name(path: Path) -> None:
    """An alias names one argument only."""
    arguments = read_schema(path).arguments.values()
    names = [name for argument in arguments for name in (argument.name, *argument.aliases)]
    assert len(names) == len(set(names))


@each_file
def test_examples_are_tasks_of_that_module(path: Path) -> None:
    """Every example is YAML, and one of them calls the module."""
    schema = read_schema(path)
    examples = json.loads(path.read_text("utf-8"))["x-examples"]
    tasks = [task for example in examples for task in YAML(typ="safe").load(example)]
    assert any(schema.name in task for task in tasks)


@each_file
def test_nothing_is_wrong_with_the_examples(path: Path, tmp_path: Path) -> None:
    """`understudy check` has nothing to say of a playbook that is made of them."""
    examples = json.loads(path.read_text("utf-8"))["x-examples"]
    for role in _named(examples, "_role"):
        (tmp_path / "roles" / role["name"] / "tasks").mkdir(parents=True)
        file = f"{role.get('tasks_from', 'main')}.yml"
        (tmp_path / "roles" / role["name"] / "tasks" / file).write_text("[]\n")
    for name in _named(examples, "_tasks"):
        if isinstance(name, str):
            (tmp_path / name).write_text("[]\n")
    playbook = tmp_path / "playbook.yml"
    tasks = indent("".join(f"{example.rstrip()}\n" for example in examples), "    ")
    playbook.write_text(f"- hosts: all\n  tasks:\n{tasks}", "utf-8")
    found = checked(playbook).findings
    assert [one.message for one in found if one.severity is Severity.ERROR] == []


def _named(examples: list[str], ending: str) -> list[Any]:
    """Return what the examples import or include, by a module whose name ends so."""
    tasks = [task for example in examples for task in YAML(typ="safe").load(example)]
    keys = (f"import{ending}", f"include{ending}")
    return [task[key] for task in tasks for key in task if key in keys]


@pytest.mark.parametrize("module", sorted(MODULES.glob("*.py")), ids=lambda path: path.stem)
def test_every_module_has_a_schema(module: Path) -> None:
    """A module that runs on targets has a schema that says so; users' modules share one."""
    schema = user_schema() if module.stem == "user_module" else load_schema(module.stem)
    assert schema is not None
    assert not schema.on_controller


def test_the_meta_schema_refuses_an_unknown_annotation() -> None:
    """A misspelt annotation is found, not ignored."""
    document = json.loads(FILES[0].read_text("utf-8"))
    document["properties"]["extra"] = {"description": "An extra.", "x-type": "str", "x-alias": []}
    assert not Draft202012Validator(META).is_valid(document)


@pytest.mark.parametrize("path", sorted(MODULES.glob("*.py")), ids=lambda path: path.stem)
def test_the_parts_of_a_module_are_there(path: Path) -> None:
    """What a module imports of others is found, and so is what that imports."""
    assert with_parts(path.read_bytes(), MODULES)


@pytest.mark.parametrize("prefix", ["", "ansible.builtin."])
def test_examples_are_found_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], prefix: str
) -> None:
    """`check` has nothing to say of them but that files are not there, whatever name is used."""
    playbooks = []
    for path in FILES:
        document = json.loads(path.read_text("utf-8"))
        name = document["title"]
        full = f"community.mysql.{name}" if prefix and "mysql" in name else prefix + name
        examples = [task for one in document["x-examples"] for task in YAML(typ="safe").load(one)]
        tasks = [{full if key == name else key: task[key] for key in task} for task in examples]
        playbooks.append(tmp_path / f"examples of {name}.yml")
        playbooks[-1].write_text(json.dumps([{"hosts": "all", "tasks": tasks}]))
    main(["check", *map(str, playbooks)])
    said = capsys.readouterr().out.splitlines()
    found = {line for line in said if line.startswith("error")}
    expected = {
        f"there is no {one}" for one in ("role `web`", "role `database`", "file `setup.yml`")
    }
    assert {line.partition(": ")[2].replace(f"{tmp_path}/", "") for line in found} == expected


@pytest.mark.parametrize("module", ["dnf", "yum"])
@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ("use: dnf4", []),
        ("use: dnf4, use_backend: dnf5", ["argument-given-twice"]),
        ("use: apt", ["argument-choice"]),
    ],
)
def test_use_is_the_backend_of_dnf(
    module: str, arguments: str, codes: list[str], tmp_path: Path
) -> None:
    """Ansible's action takes both names, but not at once."""
    path = tmp_path / "site.yml"
    path.write_text(f"- hosts: all\n  tasks: [{{{module}: {{name: bash, {arguments}}}}}]\n")
    assert [one.code for one in checked(path).findings] == codes
