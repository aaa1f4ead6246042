from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.bench import corpus
from understudy.check.engine import Check
from understudy.cli import check_cache
from understudy.cli.main import main
from understudy.text.diagnostic import Diagnostic

ROLE = "- debug: msg={{ a }}\n"
FILES = {
    "site.yml": "- hosts: all\n  roles: [a]\n  tasks:\n    - debug: msg='{{ x | }}'\n",
    "two.yml": "- hosts: all\n  roles: [b]\n",
    "roles/a/tasks/main.yml": ROLE,
    "roles/b/tasks/main.yml": ROLE,
    "group_vars/all.yml": "a: 1\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two playbooks with a role each; it is the working directory."""
    top = tmp_path / "project"
    for name, text in FILES.items():
        write(top / name, text)
    monkeypatch.chdir(top)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return top


def write(path: Path, text: str) -> None:
    """Write a file, some time before the check begins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    # the clock of files is a few milliseconds behind
    time.sleep(0.021)


@pytest.fixture
def gone_through(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The units that are checked, not remembered."""
    seen: list[str] = []
    real = Check._of_unit

    def of_unit(made: Check, unit: object) -> list[Diagnostic]:
        seen.append(str(unit.path))
        return real(made, unit)

    monkeypatch.setattr(Check, "_of_unit", of_unit)
    return seen


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., object]:
    """Return what a check tells, which is what it tells without a cache."""

    def check(*words: str) -> object:
        code = main(["check", ".", "--format", "json", *words])
        return code, json.loads(capsys.readouterr().out)

    return check


@pytest.mark.usefixtures("project")
def test_what_has_not_changed_is_not_checked_again(
    told: Callable[..., object], gone_through: list[str]
) -> None:
    """All findings come from the cache, with their places and the exit code."""
    first = told()
    assert "site.yml" in gone_through
    gone_through.clear()
    assert told() == first
    assert gone_through == []
    assert told("--no-cache") == first
    assert "site.yml" in gone_through


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("roles/a/tasks/main.yml", "- debug: msg={{ b | }}\n", {"site.yml"}),
        ("roles/b/tasks/main.yml", "- debgu:\n", {"two.yml"}),
        ("two.yml", "- hosts: all\n  role: [b]\n", {"two.yml", "roles/b"}),
    ],
)
def test_after_an_edit_only_what_reads_the_file_is_checked(
    project: Path,
    told: Callable[..., object],
    gone_through: list[str],
    name: str,
    text: str,
    expected: set[str],
) -> None:
    """A playbook is checked anew if it brings the file; the rest is remembered."""
    told()
    write(project / name, text)
    gone_through.clear()
    mixed = told()
    assert set(gone_through) == expected
    assert told("--no-cache") == mixed
    gone_through.clear()
    assert told() == mixed
    assert gone_through == []


@pytest.mark.parametrize(
    "change",
    [
        lambda top: write(top / "roles/a/vars/main.yml", "a: 2\n"),
        lambda top: write(top / "group_vars/all.yml", "b: 1\n"),
        lambda top: (top / "roles/b/tasks/main.yml").unlink(),
        lambda top: write(top / "ansible.cfg", "[defaults]\nduplicate_dict_key = error\n"),
        lambda _top: os.environ.update(ANSIBLE_DUPLICATE_YAML_DICT_KEY="error"),
        lambda _top: os.environ.update(HOME="/elsewhere"),
    ],
)
def test_what_may_matter_to_all_makes_all_be_checked(
    project: Path,
    told: Callable[..., object],
    gone_through: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
) -> None:
    """New and lost files, variables of hosts, the configuration."""
    monkeypatch.setenv("ANSIBLE_DUPLICATE_YAML_DICT_KEY", "warn")
    monkeypatch.setenv("HOME", os.environ["HOME"])
    told()
    change(project)
    gone_through.clear()
    mixed = told()
    assert {"site.yml", "two.yml"} <= set(gone_through)
    assert told("--no-cache") == mixed


def test_a_file_that_was_too_big_is_looked_at_when_it_is_not(
    project: Path, told: Callable[..., object]
) -> None:
    """It was not even opened before."""
    big = project / "roles" / "a" / "tasks" / "big.yml"
    write(big, ROLE + "#" * 5_000_000)
    assert told()[0] == told()[0] == 3
    write(big, ROLE)
    assert told()[0] == 2


def test_a_cache_in_the_project_is_no_part_of_it(
    told: Callable[..., object], gone_through: list[str], project: Path
) -> None:
    """What is written there changes nothing."""
    first = told("--cache-dir", "tmp")
    assert (project / "tmp" / "check").is_dir()
    gone_through.clear()
    assert told("--cache-dir", "tmp") == first
    assert gone_through == []


def test_modules_of_the_project_make_all_be_checked(
    project: Path, told: Callable[..., object], gone_through: list[str]
) -> None:
    """They work for playbooks that do not name their files; so do filters."""
    write(project / "library" / "mine.py", "# options: {}\n")
    write(project / "site.yml", "- hosts: all\n  tasks:\n    - mine:\n")
    told()
    gone_through.clear()
    told()
    assert gone_through == []
    write(project / "two.yml", "- hosts: all\n  tasks:\n    - mine:\n")
    told()
    assert {"site.yml", "two.yml"} <= set(gone_through)


@pytest.mark.usefixtures("project")
def test_each_setting_that_rules_see_has_a_memory_of_its_own(
    told: Callable[..., object], gone_through: list[str]
) -> None:
    """What only chooses among findings has none."""
    told()
    told("--target", "ansible-2.16")
    gone_through.clear()
    told()
    told("--target", "ansible-2.16")
    told("--ignore", "template-syntax", "--severity", "unknown-keyword=off", "--fail-on", "never")
    assert gone_through == []


def test_a_file_that_changes_during_a_check_is_not_remembered(
    project: Path, told: Callable[..., object], gone_through: list[str]
) -> None:
    """Nobody knows which of its texts was looked at."""
    later = time.time() + 1000
    os.utime(project / "site.yml", (later, later))
    told()
    gone_through.clear()
    told()
    assert "site.yml" in gone_through


def test_another_program_remembers_nothing(
    told: Callable[..., object],
    project: Path,
    gone_through: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rule that was written anew finds other things."""
    rule = write, project.parent / "package" / "rule.py"
    write(rule[1], "a = 1\n")
    monkeypatch.setattr(check_cache, "PACKAGE", rule[1].parent)
    told()
    write(rule[1], "a = 10\n")
    gone_through.clear()
    told()
    assert "site.yml" in gone_through


def entry(project: Path) -> Path:
    """Return the file of the one entry."""
    (path,) = (project.parent / "cache" / "understudy" / "check").glob("*.check")
    return path


def test_an_entry_holds_no_text_of_a_file(project: Path, told: Callable[..., object]) -> None:
    """Secrets stay where they are."""
    write(project / "group_vars" / "all.yml", "password: hunter2\na: 1\na: 2\n")
    told()
    assert b"hunter2" not in entry(project).read_bytes()
    assert entry(project).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"listing": 3},
        {"paths": ["/x"]},
        {"digests": [1]},
        {"findings": [{"code": "x"}]},
        {"unchecked": 3},
        {"files": [99999]},
        {"others": ["x"]},
        {"parts": []},
        {"parts": 3},
    ],
)
def test_an_entry_that_is_none_is_checked_over(
    project: Path, told: Callable[..., object], broken: object
) -> None:
    """Also one with the right seal: it may be of a program to come."""
    first = told()
    path = entry(project)
    folder = check_cache.CacheFolder(path.parents[1])
    whole = json.loads(folder.read(path.stem) or b"")
    data = {**whole, **broken} if isinstance(broken, dict) and broken else broken
    folder.write(path.stem, json.dumps(data).encode())
    assert told() == first
    write(project / "two.yml", FILES["two.yml"] + "\n")
    folder.write(path.stem, json.dumps(data).encode())
    assert told() == told("--no-cache")


def test_the_command_itself_needs_no_package() -> None:
    """What reads YAML and renders templates is imported when there is something to check."""
    code = "import sys, understudy.cli.check; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"jinja2", "ruamel.yaml", "jsonschema", "asyncio"} & set(done.stdout.split())


@pytest.mark.slow
def test_a_check_from_the_cache_imports_little(project: Path) -> None:
    """Neither Jinja nor YAML nor schemas are needed for it."""
    command = [sys.executable, "-X", "importtime", "-m", "understudy", "check", "."]
    env = {**os.environ, "XDG_CACHE_HOME": str(project.parent / "cache")}
    for heavy in ({"jinja2", "ruamel"}, set()):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        names = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
        assert names & {"jinja2", "ruamel", "_ruamel_yaml", "jsonschema", "asyncio"} >= heavy
    assert not names & {"jinja2", "ruamel", "_ruamel_yaml", "jsonschema", "asyncio"}
    assert done.returncode == 2


def _changes(random: Random, top: Path) -> None:
    """Change something in a project, as an author may."""
    files = [path for path in top.rglob("*.yml") if path.is_file()]
    path = random.choice(files)
    lines = path.read_text().splitlines()
    match random.choice(["line", "line", "cut", "lost", "new", "moved"]):
        case "line" if lines:
            lines.insert(random.randrange(len(lines)), random.choice(lines))
            write(path, "\n".join(lines))
        case "cut":
            write(path, "\n".join(lines[: len(lines) // 2]))
        case "lost":
            path.unlink()
        case "moved":
            path.rename(path.with_name(f"moved-{path.name}"))
        case _:
            write(path.with_name("new.yml"), random.choice([*FILES.values(), "a: 1\na: 2\n"]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_a_cache_makes_no_difference(
    project: Path, told: Callable[..., object], seed: int
) -> None:
    """After each change, a check tells what one without a cache does; twice."""
    random = Random(seed)
    for number in range(12):
        write(project / f"roles/r{number}/tasks/main.yml", ROLE)
        write(project / f"play{number}.yml", FILES["site.yml"].replace("[a]", f"[r{number}, a]"))
    told()
    for _ in range(10):
        _changes(random, project)
        expected = told("--no-cache")
        assert told() == expected
        assert told() == expected


@pytest.mark.slow
def test_a_large_project_is_told_about_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over 400 files that have not changed give the same from the cache."""
    for name, text in corpus.project().items():
        (tmp_path / "big" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "big" / name).write_text(text, "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = [sys.executable, "-m", "understudy", "check", str(tmp_path / "big")]
    told = [subprocess.run(command, capture_output=True, check=False).stdout for _ in range(2)]
    assert told[0] == told[1]
