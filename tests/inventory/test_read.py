"""Sources of every form, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from understudy.config import Config
from understudy.inventory.model import Inventory
from understudy.inventory.read import read_inventory
from understudy.values.texts import Template

SCRIPT = """\
#!/bin/sh
if [ "$1" = --list ]; then
cat <<'END'
{"g": ["h1", "h2"], "k": {"hosts": ["h3"], "vars": {"a": "{{ 1 }}"}, "children": ["g"]},
 "solo": {"x": 1} META}
END
else echo "{\\"me\\": \\"$2\\"}"; fi
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write_script(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def _findings(*sources: str) -> list[str]:
    """Return what is wrong with each source, without the words about the source as a whole."""
    said = [one for one in read_inventory(sources).warnings if one.code != "unparsed-inventory"]
    return [f"{one.message} | {one.help or ''}" for one in said]


def _hosts(inventory: Inventory) -> str:
    return " ".join(host.name for host in inventory.hosts_of("all"))


def test_a_text_with_a_comma_is_a_list_of_hosts() -> None:
    """The trailing comma makes a single name a list; ranges and ports work as in files."""
    inventory = read_inventory(["a, b[1:2],c:22,"])
    assert _hosts(inventory) == "a b1 b2 c"
    assert inventory.hosts["c"].values == {"ansible_port": 22}
    assert inventory.hosts["a"].inventory_file == "a, b[1:2],c:22,"
    assert inventory.hosts["a"].inventory_dir is None


def test_a_file_gives_its_place_to_its_hosts(files: Path) -> None:
    """`inventory_file` and `inventory_dir` are absolute."""
    (files / "hosts").write_text("h\n")
    host = read_inventory(["hosts"]).hosts["h"]
    assert host.inventory_file == str(files / "hosts")
    assert host.inventory_dir == str(files)


def test_later_sources_win(files: Path) -> None:
    """Each source adds to what stands there, and its variables replace older ones."""
    (files / "one").write_text("[g]\nh a=1 b=1\n")
    (files / "two.yml").write_text("g:\n  hosts:\n    h: {a: 2}\n    i:\n")
    inventory = read_inventory(["one", "two.yml"])
    assert inventory.hosts["h"].values == {"a": 2, "b": 1}
    assert _hosts(inventory) == "h i"


def test_a_directory_is_read_in_the_order_of_names(files: Path) -> None:
    """Files of every form; hidden, ignored and variable files are left out."""
    for name, text in {
        "10_a": "h1 v=a\n",
        "20.ini": "[g]\nh1 v=b w=1\n",
        "30.yml": "all: {hosts: {h1: {v: c}}}\n",
        "40": "[p:children]\ng\n",
        "r.retry": "junk x\n",
        ".hidden": "junk x\n",
        "notes.md": "junk x\n",
        "sub/x": "h3 v=sub\n",
        "group_vars/all.yml": "q: 1\n",
    }.items():
        (files / "inv" / name).parent.mkdir(parents=True, exist_ok=True)
        (files / "inv" / name).write_text(text)
    inventory = read_inventory(["inv"])
    assert inventory.hosts["h1"].values == {"v": "c", "w": 1}
    assert _hosts(inventory) == "h1 h3"
    assert list(inventory.directories) == ["inv"]


def test_patterns_leave_files_of_a_directory_out(files: Path) -> None:
    """The settings `inventory_ignore_extensions` and `inventory_ignore_patterns` are obeyed."""
    for name in ("a", "b.skip", "old_c"):
        (files / name).write_text(f"{name[0]}\n")
    config = Config(inventory_ignore_extensions=(".skip",), inventory_ignore_patterns=("^old",))
    inventory = read_inventory(["."], config)
    assert _hosts(inventory) == "a"


def test_a_program_is_asked_for_groups_and_for_each_host(files: Path) -> None:
    """Without `_meta` every host is asked for; its values may be templates."""
    inventory = read_inventory([_write_script(files / "inv.sh", SCRIPT.replace("META", ""))])
    assert _hosts(inventory) == "h3 solo h1 h2"
    assert inventory.hosts["h1"].values == {"me": "h1"}
    assert inventory.hosts["solo"].values == {"me": "solo"}
    assert inventory.groups["solo"].values == {"x": 1}
    assert isinstance(inventory.groups["k"].values["a"], Template)


def test_a_program_with_meta_is_asked_once(files: Path) -> None:
    """`_meta.hostvars` spares one call per host."""
    meta = ', "_meta": {"hostvars": {"h1": {"a": "{{ b }}"}, "zz": {}}}'
    inventory = read_inventory([_write_script(files / "inv.sh", SCRIPT.replace("META", meta))])
    assert isinstance(inventory.hosts["h1"].values["a"], Template)
    assert inventory.hosts["h2"].values == {}
    assert "zz" not in inventory.hosts


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo oops >&2; exit 3", "`--list` ended with code 3"),
        ("echo no json", "`--list` did not print JSON: Expecting value: line 1 column 1 (char 0)"),
        ("echo '[1]'", "`the answer` is not a mapping but [1]"),
        ("echo '{\"g\": 5}'", "`g` is not a mapping but 5"),
        ('echo \'{"g": {"hosts": "a"}}\'', '`g.hosts` is not a list of names but "a"'),
        ('echo \'{"g": {"hosts": [], "vars": [1]}}\'', "`g.vars` is not a mapping but [1]"),
        ('echo \'{"_meta": {"hostvars": []}}\'', "`_meta.hostvars` is not a mapping but []"),
        (
            'echo \'{"g": {"children": ["g"]}}\'',
            "group `g` would contain itself by way of `g`",
        ),
    ],
)
def test_a_program_that_answers_wrongly_is_refused(files: Path, body: str, why: str) -> None:
    """The message names the program and what was wrong with its answer."""
    script = _write_script(files / "inv.sh", f"#!/bin/sh\n{body}\n")
    assert _findings(script) == [f"the inventory program `{script}` cannot be used: {why} | "]


def test_a_program_that_may_not_run_is_refused(files: Path) -> None:
    """A script without the executable bit is not read as a text."""
    (files / "inv.sh").write_text("#!/bin/sh\necho '{}'\n")
    assert _findings("inv.sh") == [
        "the inventory program `inv.sh` is not executable | run `chmod +x inv.sh`"
    ]


def test_an_executable_text_is_a_text(files: Path) -> None:
    """Some file systems make every file executable."""
    assert _hosts(read_inventory([_write_script(files / "hosts", "[g]\nh\n")])) == "h"


@pytest.mark.usefixtures("files")
def test_a_missing_source_is_a_warning_and_proposes_the_comma() -> None:
    """As in Ansible the run goes on, with the implicit localhost if there is nothing else."""
    found, *_ = read_inventory(["web1"]).warnings
    assert found.message == "there is no inventory `web1`"
    assert found.help == "for a host of this name write `-i web1,` with a comma"


def test_toml_is_an_inventory(files: Path) -> None:
    """Hosts may be a table or a list, children a list; texts may be templates."""
    (files / "hosts.toml").write_text(
        "[g.hosts.h1]\nport = 22\nwhen = 2020-01-01\n"
        '[g]\nchildren = ["c"]\n[g.vars]\nx = "{{ y }}"\n[c]\nhosts = ["h2"]\n'
    )
    inventory = read_inventory(["hosts.toml"])
    assert _hosts(inventory) == "h1 h2"
    assert str(inventory.hosts["h1"].values["when"]) == "2020-01-01"
    assert type(inventory.groups["g"].values["x"]).__name__ == "Template"


def test_the_findings_of_all_sources_come_at_once(files: Path) -> None:
    """One run shows all that is wrong."""
    (files / "one").write_text("h x\n")
    (files / "two.toml").write_text("[g]\nx\n")
    (files / "three").write_bytes(b"\xff\n")
    assert [text.split("|")[0] for text in _findings("one", "two.toml", "three", "a[,b")] == [
        "`x` is not a variable of the host: write `name=value` ",
        "this inventory is not TOML: expected '=' after a key in a key/value pair ",
        "the byte 0xff is not UTF-8 text ",
        "`a[` opens a bracket that is never closed in `-i a[,b` ",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_directory_is_an_error(files: Path) -> None:
    """The message names the directory."""
    (files / "inv").mkdir(mode=0)
    assert _findings("inv")[0].startswith("cannot read the inventory")


def test_doubtful_names_are_warned_about(files: Path) -> None:
    """Names that templates cannot use, and names of both a group and a host: one warning each."""
    (files / "hosts").write_text("[a-b]\nh\n[c.d]\ng\n[g]\nh\n")
    assert [warning.message for warning in read_inventory(["hosts"]).warnings] == [
        "Invalid characters were found in group names but not replaced: `a-b`, `c.d`",
        "both a group and a host are named `g`",
    ]
