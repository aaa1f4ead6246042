"""`understudy doc` shows what the schemas say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.cli.doc import listing, page
from understudy.cli.main import main
from understudy.playbook.module_schema import known_modules, read_schema
from understudy.resources import SCHEMAS


def test_a_module_shows_arguments_returns_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """The name may be the full one; a value is written as in YAML."""
    assert main(["doc", "ansible.builtin.slurp", "copy"]) == 0
    out = capsys.readouterr().out
    assert "slurp: Read a file of the target into the result, in base64." in out
    assert "* src (path; also path)\n      The file." in out
    assert "content (string, when: success): What is in the file, in base64." in out
    assert "  - slurp: {src: /etc/hostname}\n    register: name" in out
    assert "backup (bool; default false)" in out


def test_what_holds_between_arguments_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """In sentences below the arguments."""
    assert main(["doc", "copy", "git"]) == 0
    out = capsys.readouterr().out
    assert "  At most one of src, content.\n  At least one of src, content.\n" in out
    assert "  With archive_prefix there must be archive.\n" in out


def test_an_unknown_module_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """The others are shown all the same."""
    assert main(["doc", "copi", "ping"]) == 1
    told = capsys.readouterr()
    assert told.err == "error: there is no module `copi`; did you mean `copy`?\n"
    assert told.out.startswith("ping: ")


@pytest.mark.parametrize("arguments", [[], ["--list", "copy"]])
def test_either_names_or_the_list(arguments: list[str]) -> None:
    """Both or none is a usage error."""
    with pytest.raises(SystemExit):
        main(["doc", *arguments])


def test_the_list_has_every_module_in_the_width_of_the_terminal() -> None:
    """One line each, what is too long is cut."""
    lines = list(listing(80))
    assert len(lines) == 1 + len(known_modules())
    assert max(map(len, lines)) <= 80


def test_what_is_not_supported_is_named(tmp_path: Path) -> None:
    """With its reason."""
    document = json.loads((SCHEMAS / "modules" / "ping.json").read_text("utf-8"))
    document["x-unsupported"] = {"crash": "it would crash"}
    path = tmp_path / "ping.json"
    path.write_text(json.dumps(document), "utf-8")
    assert "  crash: it would crash." in page(read_schema(path), 80)
