"""Whatever a project holds, a check says so: no traceback, no hang, and not much memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.cli.exits import Exit
from understudy.cli.main import main
from understudy.values.vault import Key, encrypt

TASKS = "- hosts: all\n  tasks:\n"
PING = f"{TASKS}    - ping:\n"
NOTHING = Exit.OK, ""


def told(
    folder: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str | bytes], name: str = ""
) -> tuple[int, str]:
    """Return the exit code of a check, and all that it prints."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    code = main(["check", "--no-cache", str(folder / name)])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


TEXTS = {
    "nothing": (b"", Exit.FINDINGS, "empty-playbook"),
    "no YAML": (b"- hosts: all\n  tasks: {{ x\n", Exit.FINDINGS, "error["),
    "control characters": (b"\0" * 99, Exit.FINDINGS, "control-character"),
    "no text": (bytes(range(128, 255)), Exit.NOT_CHECKED, "not-utf-8"),
    "another encoding": ("é".encode("latin-1"), Exit.NOT_CHECKED, "not-utf-8"),
    "UTF-16": (PING.encode("utf-16"), Exit.NOT_CHECKED, "not-utf-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + PING.encode(), Exit.OK, ""),
    "line ends of Windows": (PING.replace("\n", "\r\n").encode(), Exit.OK, ""),
    "several documents": (f"{PING}---\n{PING}".encode(), Exit.FINDINGS, "yaml-documents"),
    "brackets": (b"[" * 100_000, Exit.FINDINGS, "yaml-depth"),
    "parentheses": (
        f"{TASKS}    - debug: {{msg: '{{{{ {'(' * 9999} }}}}'}}\n".encode(),
        Exit.FINDINGS,
        "nested too deep",
    ),
    "a long number": (f"{TASKS}    - debug: {'9' * 9999}\n".encode(), Exit.FINDINGS, "yaml-value"),
    "an alias of itself": (b"- hosts: all\n  vars: {a: &a [*a]}\n", Exit.FINDINGS, "yaml-alias"),
    "a scalar": (b"hello\n", Exit.FINDINGS, "not-a-list"),
    "an encrypted name": (
        f"{TASKS}    - {{command: x, until: y.rc == 0, register: !vault y}}\n".encode(),
        Exit.FINDINGS,
        "`register`",
    ),
    "keys that are no texts": (f"{TASKS}    - {{1: 2, null: 3}}\n".encode(), Exit.FINDINGS, "1"),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_that_is_no_playbook_is_told(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read at all ends with 3, what is wrong in what can be with 2."""
    text, code, word = TEXTS[what]
    given, printed = told(tmp_path, capsys, {"site.yml": text}, "site.yml")
    assert (given, word in printed) == (code, True)
    assert code != Exit.OK or printed == ""


def test_aliases_of_aliases_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten lines that stand for a billion values are not followed."""
    lines = "".join(f"    v{n}: &v{n} [{', '.join([f'*v{n - 1}'] * 10)}]\n" for n in range(1, 10))
    text = f"- hosts: all\n  vars:\n    v0: &v0 x\n{lines}"
    code, printed = told(tmp_path, capsys, {"site.yml": text}, "site.yml")
    assert (code, "yaml-aliases" in printed) == (Exit.FINDINGS, True)


def test_a_file_that_is_too_big_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its size is told; in a directory it counts only if it is surely meant for Ansible."""
    (tmp_path / "site.yml").write_text(PING)
    os.truncate(tmp_path / "site.yml", 50 * 2**20)
    code, printed = told(tmp_path, capsys, {}, "site.yml")
    assert (code, "50.0 MiB" in printed) == (Exit.NOT_CHECKED, True)
    (tmp_path / "tasks").mkdir()
    (tmp_path / "site.yml").rename(tmp_path / "tasks" / "main.yml")
    assert told(tmp_path, capsys, {"site.yml": PING})[0] == Exit.NOT_CHECKED


def test_a_directory_and_a_pipe_are_no_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory is looked into whatever its name is; a pipe is not waited for."""
    assert told(tmp_path, capsys, {"x.yml/site.yml": PING}, "x.yml") == NOTHING
    os.mkfifo(tmp_path / "pipe.yml")
    code, printed = told(tmp_path, capsys, {}, "pipe.yml")
    assert (code, "no regular file" in printed) == (Exit.NOT_CHECKED, True)
    assert told(tmp_path, capsys, {}) == NOTHING


def test_an_import_of_a_directory_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one of a file that is not there is, at its place."""
    (tmp_path / "parts").mkdir()
    files = {"site.yml": f"{TASKS}    - import_tasks: parts\n    - import_tasks: none.yml\n"}
    code, printed = told(tmp_path, capsys, files, "site.yml")
    assert code == Exit.FINDINGS
    assert "site.yml:3:" in printed
    assert "site.yml:4:" in printed


@pytest.mark.slow
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    """It could not be checked. Root gives up the right to read everything for that."""
    (tmp_path / "site.yml").touch(0o000)
    powers = "--bounding-set=-dac_override,-dac_read_search"
    without = ["setpriv", powers] if os.geteuid() == 0 else []
    words = [*without, sys.executable, "-m", "understudy", "check", "--no-cache", "site.yml"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == Exit.NOT_CHECKED
    assert "error[unreadable-file]: cannot read `site.yml`: permission denied" in ran.stdout


def test_links_that_lead_back_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each directory is gone into once, none above the project; a link to itself is no file."""
    project = tmp_path / "project"
    (project / "roles" / "a").mkdir(parents=True)
    for name, target in (("up", ".."), ("self", "."), ("loop", "loop"), ("l.yml", "l.yml")):
        (project / name).symlink_to(target)
    (project / "roles" / "a" / "back").symlink_to("../..")
    (tmp_path / "outside.yml").write_text(f"{TASKS}    - neither:\n")
    files: dict[str, str | bytes] = {"site.yml": PING, "roles/a/tasks/main.yml": "- nope:\n"}
    code, printed = told(project, capsys, files)
    assert (code, printed.count("error[unknown-module]")) == (Exit.FINDINGS, 1)


CYCLES = {
    "import_tasks": (TASKS + "    - {}: a.yml\n", "- {}: b.yml\n", Exit.FINDINGS),
    "include_tasks": (TASKS + "    - {}: a.yml\n", "- {}: b.yml\n", Exit.OK),
    "import_playbook": ("- {}: a.yml\n", "- {}: b.yml\n", Exit.FINDINGS),
}


@pytest.mark.parametrize("keyword", CYCLES)
def test_files_that_bring_each_other_end(
    keyword: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imports that lead back are a mistake; an include may stand under a condition."""
    first, other, code = CYCLES[keyword]
    files = {
        "site.yml": first.format(keyword),
        "a.yml": other.format(keyword),
        "b.yml": other.format(keyword).replace("b.yml", "a.yml"),
    }
    assert told(tmp_path, capsys, files, "site.yml")[0] == code


@pytest.mark.parametrize(
    ("keyword", "code"), [("import_tasks", Exit.NOT_CHECKED), ("include_tasks", Exit.OK)]
)
def test_a_long_chain_of_files_ends(
    keyword: str, code: Exit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Deeper than anybody nests files nothing is looked at, and imports say so."""
    files = {f"{n}.yml": f"- {keyword}: {n + 1}.yml\n" for n in range(100)}
    files |= {"100.yml": "- ping:\n", "site.yml": f"{TASKS}    - {keyword}: 0.yml\n"}
    assert told(tmp_path, capsys, files, "site.yml")[0] == code


@pytest.mark.slow
@pytest.mark.parametrize("keyword", ["import_tasks", "include_tasks", "import_playbook", "roles"])
def test_files_that_bring_two_each_are_bounded(
    keyword: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thirty files would bring a billion: what is not looked at is told, or not known."""
    files = {f"{n}.yml": f"- {keyword}: {n + 1}.yml\n" * 2 for n in range(30)}
    files |= {"30.yml": "- ping:\n", "site.yml": f"{TASKS}    - {keyword}: 0.yml\n"}
    if keyword == "import_playbook":
        files |= {"30.yml": PING, "site.yml": "- import_playbook: 0.yml\n"}
    elif keyword == "roles":
        files = {"site.yml": "- hosts: all\n  roles: [r0]\n", "roles/r30/tasks/main.yml": "[]"}
        for n in range(30):
            uses = f"{{role: r{n + 1}}}, {{role: r{n + 1}, x: 1}}"
            files[f"roles/r{n}/meta/main.yml"] = f"dependencies: [{uses}]\n"
    code, printed = told(tmp_path, capsys, files, "site.yml")
    is_include = keyword == "include_tasks"
    assert code == (Exit.OK if is_include else Exit.NOT_CHECKED)
    assert printed.count("error[too-many-imports]") == (0 if is_include else 1)


def test_what_is_encrypted_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No password is asked for; tasks in it may do anything, variables in it have any value."""
    vault = encrypt(b"n: 1\n", Key("default", b"secret"))
    wait = "    - {command: x, async: 60, poll: 0, register: job}\n    - async_status: {jid: "
    files: dict[str, str | bytes] = {
        "site.yml": f"- hosts: all\n  roles: [sealed]\n{TASKS}    - import_tasks: sealed.yml\n"
        f"{wait}'{{{{ given_there.ansible_job_id }}}}'}}\n      until: job is finished\n",
        "roles/sealed/tasks/main.yml": vault,
        "roles/sealed/vars/main.yml": vault,
        "roles/sealed/defaults/main.yml": "n: 2\n",
        "group_vars/all.yml": vault,
        "sealed.yml": vault,
        "inventory/hosts": vault,
    }
    _, printed = told(tmp_path, capsys, files)
    assert "vault" not in printed
    assert "jid-undefined" not in printed


def test_nothing_of_a_project_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither programs of inventories nor plugins, lookups or modules."""
    mark = tmp_path / "ran"
    python = f"open({str(mark)!r}, 'w')\n"
    files: dict[str, str | bytes] = {
        "site.yml": f"- hosts: all\n  vars: {{x: \"{{{{ lookup('pipe', 'touch {mark}') }}}}\"}}\n"
        "  tasks:\n    - command: x\n      async: '{{ x }}'\n    - mine:\n",
        "inventory/dynamic": f"#!/bin/sh\ntouch {mark}\n",
        "library/mine.py": python,
        "filter_plugins/f.py": python,
        "lookup_plugins/l.py": python,
        "vars_plugins/v.py": python,
        "ansible.cfg": "[defaults]\ninventory = inventory\n",
    }
    told(tmp_path, capsys, files)
    (tmp_path / "inventory/dynamic").chmod(0o755)
    told(tmp_path, capsys, {})
    assert not mark.exists()


@pytest.mark.parametrize(
    "task",
    [
        "include_vars: {}",
        "include_role: {{name: r, vars_from: {}}}",
        "template: {{src: {}, dest: x}}",
    ],
)
def test_a_name_that_is_too_long_is_no_traceback(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever names the file, and whether it is looked for in one place or in several."""
    long = "x" * 5000
    files: dict[str, str | bytes] = {
        "site.yml": f"- hosts: all\n  vars_files: [{long}]\n  tasks:\n    - {task.format(long)}\n",
        "roles/r/vars/main.yml": "a: 1\n",
    }
    assert told(tmp_path, capsys, files, "site.yml")[0] in (Exit.OK, Exit.FINDINGS)


def test_a_name_that_no_file_has_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A NUL or 5,000 letters are no traceback."""
    tasks = [f"import_tasks: {'x' * 5000}", 'import_tasks: "a\\0b"', 'include_tasks: "a\\0b"']
    text = TASKS + "".join(f"    - {task}\n" for task in tasks)
    code, printed = told(tmp_path, capsys, {"site.yml": text}, "site.yml")
    assert (code, "U+0000" in printed) == (Exit.FINDINGS, True)


def test_a_broken_configuration_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check goes on as if it were not there."""
    monkeypatch.chdir(tmp_path)
    files = {"ansible.cfg": "[[[\n", "site.yml": f"{TASKS}    - nope:\n"}
    code, printed = told(tmp_path, capsys, files)
    assert code == Exit.FINDINGS
    assert "invalid-config" in printed
    assert "unknown-module" in printed


def test_the_standard_input_stands_for_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place says what it may import, and what it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.yml").write_text("- ping:\n")

    def piped(text: bytes, *words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        code = main(["check", "-", *words])
        return code, capsys.readouterr().out

    assert piped(f"{TASKS}    - import_tasks: there.yml\n".encode())[0] == Exit.OK
    code, printed = piped(b"- nope:\n", "--filename", "roles/r/tasks/main.yml")
    assert (code, "roles/r/tasks/main.yml:1:3" in printed) == (Exit.FINDINGS, True)
    assert piped(b"\xff")[0] == Exit.NOT_CHECKED
    assert piped(b" " * 5 * 2**20)[0] == Exit.NOT_CHECKED


HEAVY = {
    "tasks": "    - {{command: do {0}, register: r{0}, when: r{0} is defined}}\n",
    "jobs": "    - {{command: do {0}, async: 60, poll: 0, register: r{0}}}\n",
    "blocks": "    - block: [{{command: do {0}, register: r{0}}}]\n      rescue: [{{ping: }}]\n",
}
MEASURE = """
import sys
from understudy.cli.main import main
main(["check", "--no-cache", "--format", "json=/dev/null", sys.argv[1]])
# not `ru_maxrss`, in which the memory of who started this program counts, too
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", HEAVY)
def test_thousands_of_tasks_take_little(what: str, tmp_path: Path) -> None:
    """A check of them ends within a minute, and within 250 MB."""
    lines = "".join(HEAVY[what].format(number) for number in range(2_500))
    (tmp_path / "site.yml").write_text(TASKS + lines)
    words = [sys.executable, "-c", MEASURE, str(tmp_path / "site.yml")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout.split()[-1]) < 250


@pytest.mark.slow
def test_a_million_hosts_take_little(tmp_path: Path) -> None:
    """What is wrong with an inventory is told by the first of them."""
    (tmp_path / "hosts.ini").write_text("[web]\nh[1:999999] a=1\n[web:vars]\nnothing\n")
    words = [sys.executable, "-c", MEASURE, str(tmp_path / "hosts.ini")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout.split()[-1]) < 200


@pytest.mark.slow
def test_a_line_of_megabytes_takes_little(tmp_path: Path) -> None:
    """Neither reading it nor showing places in it takes long."""
    line = f"    - debug: {{msg: '{'x {{ y }} ' * 50_000}', nope: 1}}\n"
    (tmp_path / "site.yml").write_text(f"{TASKS}{line}    - nope:\n")
    words = [sys.executable, "-c", MEASURE, str(tmp_path / "site.yml")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout.split()[-1]) < 200
