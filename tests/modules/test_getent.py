"""`getent` splits what the databases say; results as Ansible's."""

from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the program that stands in for getent; it tells its arguments in a file beside it."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "getent"


def _let(program: Path, text: str, rc: int = 0) -> None:
    program.write_text(f"#!/bin/sh\necho \"$@\" > {program}.asked\nprintf '{text}'\nexit {rc}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("args", "text", "fact"),
    [
        (
            {"database": "group"},
            "a:x:1:\\nb:x:2:u,v\\n",
            {"a": ["x", "1", ""], "b": ["x", "2", "u,v"]},
        ),
        ({"database": "hosts"}, "1.2.3.4   a b\\n", {"1.2.3.4": ["a", "b"]}),
        ({"database": "hosts", "split": "."}, "1.2 a\\n", {"1": ["2 a"]}),
        ({"database": "x"}, "a 1\\na 2\\na 3\\n", {"a": [["1"], ["2"], ["3"]]}),
        ({"database": "initgroups"}, "root   \\n\\n", {"root": []}),
        ({"database": "x"}, "", {}),
    ],
)
def test_fields(here: Host, says: Path, args: dict[str, str], text: str, fact: Any) -> None:
    """The first one is the key; what stands there twice is a list of lists."""
    _let(says, text)
    result = here.run("getent", args)
    assert result == {"changed": False, "ansible_facts": {f"getent_{args['database']}": fact}}


def test_what_is_asked(here: Host, says: Path) -> None:
    """A key is no option, whatever it begins with."""
    _let(says, "")
    here.run("getent", {"database": "passwd", "key": "-s", "service": "files"}, check=True)
    assert Path(f"{says}.asked").read_text() == "-s files passwd -- -s\n"


@pytest.mark.parametrize(
    ("rc", "msg"),
    [
        (1, "Missing arguments, or database unknown."),
        (2, "One or more supplied key could not be found in the database."),
        (3, "Enumeration not supported on this database."),
        (9, "Unexpected failure!"),
    ],
)
def test_failures(here: Host, says: Path, rc: int, msg: str) -> None:
    """Each exit code has its words."""
    _let(says, "", rc)
    result = here.run("getent", {"database": "passwd", "key": "k"})
    assert (result["failed"], result["msg"]) == (True, msg)


def test_a_key_that_may_be_missing(here: Host, says: Path) -> None:
    """The fact has nothing for it."""
    _let(says, "", 2)
    result = here.run("getent", {"database": "passwd", "key": "k", "fail_key": False})
    assert result["ansible_facts"] == {"getent_passwd": {"k": None}}
    assert "failed" not in result


def test_of_this_machine(host: Host) -> None:
    """The real program knows root, under every Python."""
    found = host.run("getent", {"database": "passwd", "key": "root"})
    assert found["ansible_facts"]["getent_passwd"]["root"][1:3] == ["0", "0"]
