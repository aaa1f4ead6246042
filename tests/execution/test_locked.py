"""A vault that does not open: wherever it stands, the place is told and nothing of it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.fleet import play_file
from understudy.events import HostEnded
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.vault import KEYRING, Key, encrypt

OTHER = Key("default", b"another password")
SECRET = "it: hidden\n"


@pytest.fixture(autouse=True)
def _ring() -> Iterator[None]:
    """Give each test a ring with a key of no use, and leave none behind."""
    KEYRING.keys[:] = [Key("default", b"of no use")]
    yield
    KEYRING.keys.clear()
    KEYRING.opened.clear()
    KEYRING.files.clear()


LOCKED = encrypt(SECRET.encode(), OTHER)
VAULTS = {
    "of another password": LOCKED,
    "changed": LOCKED[:-3] + ("0" if LOCKED[-3] != "0" else "1") + LOCKED[-2:],
    "cut off": LOCKED[: len(LOCKED) // 2],
    "without a body": LOCKED.splitlines()[0] + "\n",
    "of no digits": LOCKED.splitlines()[0] + "\nnothing\n",
    "of an unknown cipher": LOCKED.replace("AES256", "ROT13"),
    "of an unknown version": LOCKED.replace(";1.1;", ";9.9;"),
}
HEAD = "- hosts: all\n  gather_facts: false\n"
SHOW = "  tasks: [{debug: {msg: '{{ it }}'}}]\n"
PLACES = {
    "vars_files": f"{HEAD}  vars_files: [locked.yml]\n{SHOW}",
    "include_vars": f"{HEAD}  tasks: [{{include_vars: locked.yml}}]\n",
    "include_tasks": f"{HEAD}  tasks: [{{include_tasks: locked.yml}}]\n",
    "import_tasks": f"{HEAD}  tasks: [{{import_tasks: locked.yml}}]\n",
    "import_playbook": "- import_playbook: locked.yml\n",
    "template": f"{HEAD}  tasks: [{{template: {{src: locked.yml, dest: x}}}}]\n",
    "copy": f"{HEAD}  tasks: [{{copy: {{src: locked.yml, dest: x}}}}]\n",
    "lookup file": f"{HEAD}  tasks: "
    "[{debug: {msg: \"{{ lookup('file', 'locked.yml') }}\"}}]\n",
    "lookup template": f"{HEAD}  tasks: "
    "[{debug: {msg: \"{{ lookup('template', 'locked.yml') }}\"}}]\n",
    "a value": f"{HEAD}  vars:\n    it: !vault |\n@@\n{SHOW}",
    "a value in a list": f"{HEAD}  vars:\n    it:\n    - !vault |\n@@\n{SHOW}",
    "a value in a condition": f"{HEAD}  vars:\n    it: !vault |\n@@\n"
    "  tasks: [{debug: , when: it == 'hidden'}]\n",
    "a value in a loop": f"{HEAD}  vars:\n    it: !vault |\n@@\n"
    "  tasks: [{debug: , loop: ['{{ it }}']}]\n",
    "an argument": f"{HEAD}  tasks:\n  - debug:\n      msg: !vault |\n@@\n",
    "a keyword": f"{HEAD}  tasks:\n  - debug:\n    name: !vault |\n@@\n",
}


@pytest.mark.parametrize("vault", VAULTS)
@pytest.mark.parametrize("where", PLACES)
def test_what_does_not_open_is_told(tmp_path: Path, where: str, vault: str) -> None:
    """The playbook is refused or the task fails; nothing is shown, nothing crashes."""
    text = VAULTS[vault]
    (tmp_path / "locked.yml").write_text(text, "utf-8")
    block = "\n".join(f"        {line}" for line in text.splitlines())
    path = tmp_path / "play.yml"
    path.write_text(PLACES[where].replace("@@", block), "utf-8")
    try:
        played = play_file(path)
    except PlaybookInvalid as invalid:
        told = str(invalid.diagnostics)
    else:
        told = str([end.result for end in played.all(HostEnded) if end.result.get("failed")])
    assert len(told) > len("[]") or where == "a keyword"
    assert "hidden" not in told
    assert text.splitlines()[-1] not in told or vault == "without a body"
