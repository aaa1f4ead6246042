"""Action plugins of a project: their threads, their ends, what they give and what they are told."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.execution.fleet import Played, play
from understudy.events import Warned
from understudy.execution.actions.base import Call
from understudy.execution.actions.plugin import Circumstances, run_plugin
from understudy.execution.masking import Secrets
from understudy.execution.own_thread import in_own_thread
from understudy.values.scope import Scope

PLUGIN = """\
from __future__ import annotations
import datetime, sys, time
from pathlib import Path
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
"""


def _write(folder: Path, body: str, name: str = "mine") -> Path:
    path = folder / "action_plugins" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(PLUGIN + "".join(f"        {line}\n" for line in body.splitlines()))
    return path


def _play(folder: Path, body: str, more: str = "", **settings: Any) -> Played:
    _write(folder, body)
    return play(folder, f"    - {{name: it, mine: {{}}{more}}}\n", **settings)


async def test_threads_that_wait_for_the_loop_leave_the_pool_alone() -> None:
    """However many there are, what they wait for finds a thread."""
    loop = asyncio.get_running_loop()
    many = min(32, (os.cpu_count() or 1) + 4) + 1
    all_there = Barrier(many, timeout=10)

    def work(number: int) -> int:
        all_there.wait()
        waiting = asyncio.run_coroutine_threadsafe(asyncio.to_thread(abs, -number), loop)
        return waiting.result(timeout=10)

    found = await asyncio.gather(*(in_own_thread(work, number) for number in range(many)))
    assert found == list(range(many))


def _call(modules: list[str], module_s: float) -> Call:
    async def module(name: str, _args: dict[str, Any]) -> dict[str, Any]:
        modules.append(f"{name} began")
        await asyncio.sleep(module_s)
        modules.append(f"{name} ended")
        return {}

    known: dict[str, Any] = dict.fromkeys(("check_mode", "diff"), False)
    for name in ("task", "host", "settings"):
        known[name] = SimpleNamespace(name="x", verbosity=0, action=SimpleNamespace(written="mine"))
    target = SimpleNamespace(connection_kind="ssh")
    call = SimpleNamespace(args={}, scope=Scope(()), target=target, fact_module=module, **known)
    return cast("Call", call)


@pytest.mark.parametrize(
    ("sleep_s", "module_s", "modules"), [(0.6, 0.0, []), (0.0, 5.0, ["command began"])]
)
async def test_a_plugin_whose_time_is_over_asks_nothing_more_of_its_host(
    tmp_path: Path, sleep_s: float, module_s: float, modules: list[str]
) -> None:
    """What it waits for is cancelled, what it would begin is not begun."""
    ended = tmp_path / "ended"
    body = f"""\
try:
    time.sleep({sleep_s})
    try:
        self._execute_module('command')
    except Exception:
        self._execute_module('copy')
finally:
    Path({str(ended)!r}).touch()
"""
    done: list[str] = []
    work = run_plugin(_call(done, module_s), _write(tmp_path, body), {}, Circumstances())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work, 0.4)
    for _ in range(500):
        if not ended.exists():
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert done == modules


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return 'oops'", "Task failed: the action plugin returned 'str', not a dictionary"),
        ("sys.exit(3)", "Task failed: the plugin called for an exit with status 3"),
        ("return {'o': object()}", "Type 'object' is unsupported for variable storage."),
        ("r = {}; r['r'] = r; return r", "maximum recursion depth exceeded"),
    ],
)
def test_a_plugin_that_gives_no_result_fails_its_task(
    tmp_path: Path, body: str, message: str
) -> None:
    """The run goes on."""
    played = _play(tmp_path, body, ", ignore_errors: true")
    assert played.result("it")["failed"]
    assert message in played.result("it")["msg"]


def test_what_a_plugin_gives_is_plain_data(tmp_path: Path) -> None:
    """So masking finds every text in it, keys too."""
    body = "return {'t': ('word', 1), 's': {'word'}, 'b': b'word', 'k': {b'word': [('word',)]}}"
    result = dict(_play(tmp_path, body).result("it"))
    assert {name: result[name] for name in "tsbk"} == {
        "t": ["word", 1],
        "s": ["word"],
        "b": "word",
        "k": {"word": [["word"]]},
    }
    secrets = Secrets()
    secrets.add("word")
    assert "word" not in str(secrets.masked(result))


def test_a_plugin_reads_its_task_as_it_is(tmp_path: Path) -> None:
    """Keywords have their rendered values."""
    body = (
        "t, p = self._task, self._play_context\n"
        "Path(t.name + '.txt').write_text(repr((t.no_log, t.delegate_to, t.environment,"
        " t.become, p.become_user, p.become_method)))"
    )
    task = f"name: '{tmp_path}/told', no_log: true, delegate_to: other, become: true"
    _write(tmp_path, body)
    play(tmp_path, f"    - {{mine: {{}}, {task}, become_user: app, environment: {{A: 1}}}}\n")
    told = (tmp_path / "told.txt").read_text()
    assert told == "(True, 'other', [{'A': '1'}], True, 'app', 'sudo')"


@pytest.mark.parametrize(("more", "shown"), [("", ["so ********"]), (", no_log: true", [])])
def test_what_a_plugin_warns_of_is_an_event(
    tmp_path: Path, more: str, shown: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """It is masked, and a task with `no_log` tells nothing."""
    body = "Display().warning('so hunter22')\nself._display.warning('so hunter22')"
    played = _play(tmp_path, body, f"{more}, vars: {{ansible_password: hunter22}}")
    assert [event.message for event in played.all(Warned)] == shown
    assert "hunter22" not in "".join(capfd.readouterr())


def test_a_plugin_that_is_changed_is_read_again(tmp_path: Path) -> None:
    """Until then its file is run once, whatever the number of hosts."""
    body = "type(self).count = getattr(type(self), 'count', 0) + 1\nreturn {'n': self.count}"
    _write(tmp_path, body)
    played = play(tmp_path, "    - {name: it, mine: {}}\n", hosts=("a", "b", "c"), forks=1)
    assert sorted(end.result["n"] for end in played.ends("it").values()) == [1, 2, 3]
    path = _write(tmp_path, "return {'n': 'new'}")
    os.utime(path, ns=(1, 1))
    assert play(tmp_path, "    - {name: it, mine: {}}\n").result("it")["n"] == "new"


def test_the_arguments_of_a_plugin_that_are_secret_stay_so(tmp_path: Path) -> None:
    """Not even the fault that its own validation finds quotes them."""
    body = "self.validate_argument_spec({'pin': {'type': 'int', 'no_log': True}})\nreturn {}"
    _write(tmp_path, body)
    played = play(tmp_path, "    - {name: it, mine: {pin: hunter2secret}}\n")
    told = str(played.result("it"))
    assert "cannot be converted" in told
    assert "hunter2" not in told
