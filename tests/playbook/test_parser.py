"""From a playbook's text to plays, blocks and tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.playbook.files import FAIL_WHEN_RUN, Loader
from understudy.playbook.model import Block, Play, Playbook, Task
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.texts import Authored, Expression, Template

HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"


@pytest.fixture
def warnings() -> list[Diagnostic]:
    """Collect warnings."""
    return []


@pytest.fixture
def load(tmp_path: Path, warnings: list[Diagnostic]) -> Any:
    """Return a function that loads a playbook's text, with other files beside it."""

    def load(text: str, **others: str) -> Playbook:
        for name, content in others.items():
            (tmp_path / f"{name}.yml").write_text(content, "utf-8")
        path = tmp_path / "site.yml"
        path.write_text(text, "utf-8")
        return Loader(warn=warnings.append).load_playbook(path)

    return load


@pytest.fixture
def load_task(load: Any) -> Any:
    """Return a function that loads the only task of a play."""

    def load_task(text: str, **others: str) -> Task:
        (step,) = load(HEAD + text, **others).plays[0].tasks
        assert isinstance(step, Task)
        return step

    return load_task


def codes(load: Any, text: str, **others: str) -> list[str]:
    """Return the codes of the errors that a text gives."""
    with pytest.raises(PlaybookInvalid) as invalid:
        load(text, **others)
    return [found.code for found in invalid.value.diagnostics]


@pytest.mark.parametrize(
    ("text", "name", "args", "free_form"),
    [
        ("debug: {msg: hi}", "debug", {"msg": "hi"}, None),
        ("debug: msg=hi verbosity=1", "debug", {"msg": "hi", "verbosity": "1"}, None),
        ("ansible.builtin.debug: {msg: hi}", "debug", {"msg": "hi"}, None),
        ("ansible.legacy.ping:", "ping", {}, None),
        ("command: echo a  b", "command", {}, "echo a  b"),
        ("command: echo x=1 chdir=/tmp", "command", {"chdir": "/tmp"}, "echo x=1"),
        ("shell: {cmd: 'a chdir=/x'}", "shell", {"cmd": "a chdir=/x"}, None),
        ("action: command echo a  b chdir=/tmp", "command", {"chdir": "/tmp"}, "echo a  b"),
        ("action: {module: debug, msg: hi}", "debug", {"msg": "hi"}, None),
        ("action: {module: command echo c, chdir: /t}", "command", {"chdir": "/t"}, "echo c"),
        ("action: {module: debug, args: {msg: q}}", "debug", {"msg": "q"}, None),
        (
            "{debug: {msg: a}, args: {msg: b, verbosity: 1}}",
            "debug",
            {"msg": "a", "verbosity": 1},
            None,
        ),
        ("{command: echo q, args: {chdir: /tmp}}", "command", {"chdir": "/tmp"}, "echo q"),
        ("meta: flush_handlers", "meta", {}, "flush_handlers"),
        ("set_fact: a=1 b=yes", "set_fact", {"a": "1", "b": "yes"}, None),
    ],
)
def test_forms_of_a_task(
    load_task: Any, text: str, name: str, args: object, free_form: str
) -> None:
    """Every form of writing a module's arguments gives the same action."""
    action = load_task(f"    - {text}\n").action
    assert (action.name, action.args, action.free_form) == (name, args, free_form)


def test_texts_in_arguments_know_their_place(load_task: Any) -> None:
    """A template in `k=v` is split off unrendered, and its place is that in the file."""
    task = load_task("    - debug: msg={{ 'a b' }} verbosity=0\n")
    template = task.action.args["msg"]
    assert template == Template("{{ 'a b' }}", template.span)
    assert template.span.start[:] == (4, 18)
    assert task.action.arg_spans["verbosity"].start[:] == (4, 30)


def test_a_command_that_is_one_template(load_task: Any) -> None:
    """A command line that is a template is not split: what looks like an option comes later."""
    task = load_task("    - command: \"{{ 'echo hi chdir=/x' }}\"\n")
    assert isinstance(task.action.free_form, Template)
    assert task.action.args == {}


def test_all_arguments_by_one_template(load_task: Any, warnings: list[Diagnostic]) -> None:
    """`module: "{{ dict }}"` is allowed, with a warning."""
    assert isinstance(load_task("    - debug: '{{ d }}'\n").action.template, Template)
    assert [w.code for w in warnings] == ["template-arguments"]


def test_local_action_runs_on_the_controller(load_task: Any) -> None:
    """`local_action` delegates to localhost, whatever `delegate_to` says."""
    task = load_task("    - local_action: debug msg=hi\n      delegate_to: other\n")
    assert task.inherited.delegate_to == "localhost"


def test_conditions(load_task: Any) -> None:
    """A condition is an expression, a template where it is one as a whole, or a boolean."""
    task = load_task("    - ping:\n      when: [a == 1, '{{ b }}', true, null]\n      until: c\n")
    first, second, third = task.inherited.when
    assert isinstance(first, Expression)
    assert first.text == "a == 1"
    assert isinstance(second, Template)
    assert third is True
    assert task.until[0].text == "c"


def test_keywords_of_a_task(load_task: Any) -> None:
    """Keywords of waiting and of results reach the task with their values and places."""
    task = load_task(
        "    - name: wait\n      command: sleep 1\n      async: 60\n      poll: '{{ p }}'\n"
        "      retries: 5.0\n      delay: 0.5\n      register: job\n      notify: [a, b]\n"
        "      changed_when: false\n      failed_when: job.rc > 1\n"
    )
    assert task.name == "wait"
    assert (task.async_s, task.retries, task.delay_s, task.register) == (60, 5, 0.5, "job")
    assert type(task.retries) is int
    assert isinstance(task.poll_s, Template)
    assert task.notify == ("a", "b")
    assert task.changed_when == (False,)
    assert task.keyword_spans["poll"].start[:] == (7, 13)


def test_blocks_pass_their_keywords_on(load: Any) -> None:
    """Conditions, tags and variables add up; of other keywords the nearest one counts."""
    play = load(
        "- hosts: all\n  tags: play\n  ignore_errors: true\n  environment: {A: 1}\n  vars: {v: 0}\n"
        "  tasks:\n"
        "    - name: outer\n      when: a\n      tags: [x, y]\n      vars: {v: 1}\n"
        "      notify: n\n"
        "      environment: {A: 2}\n      become: false\n      become_user: web\n"
        "      block:\n"
        "        - ping:\n          when: b\n          tags: z\n          vars: {v: 2}\n"
        "          ignore_errors: false\n          become: no\n          environment: {B: 3}\n"
        "        - ping:\n          notify: m\n"
        "      rescue:\n        - debug:\n"
        "      always:\n        - debug:\n"
    ).plays[0]
    (block,) = play.tasks
    assert isinstance(block, Block)
    assert (block.name, len(block.body), len(block.rescue), len(block.always)) == ("outer", 2, 1, 1)
    first, second = block.body
    own = first.inherited
    assert [condition.text for condition in own.when] == ["a", "b"]
    assert own.tags == ("play", "x", "y", "z")
    assert own.vars == ({"v": 2}, {"v": 1})
    assert own.environment == ({"A": 1}, {"A": 2}, {"B": 3})
    assert own.ignore_errors is False
    assert (own.become.become, own.become.user) == (False, "web")
    assert first.notify == ("n",)
    assert second.notify == ("m",)
    assert second.inherited.ignore_errors is True
    assert block.rescue[0].inherited.tags == ("play", "x", "y")
    assert play.vars == {"v": 0}


def test_loops(load_task: Any) -> None:
    """`loop` and `with_<lookup>` become one loop with its settings."""
    task = load_task(
        "    - debug: {msg: x}\n      loop: [1, 2]\n      loop_control:\n        loop_var: n\n"
        "        index_var: i\n        label: '{{ n }}'\n        pause: 0.5\n"
        "        extended: true\n        break_when: n == 1\n"
    )
    loop = task.loop
    assert (loop.items, loop.lookup, loop.loop_var, loop.index_var) == ([1, 2], None, "n", "i")
    assert (loop.pause_s, loop.extended, loop.break_when[0].text) == (0.5, True, "n == 1")
    other = load_task("    - debug: {msg: x}\n      with_dict: {a: 1}\n")
    assert (other.loop.lookup, other.loop.items) == ("dict", {"a": 1})
    assert load_task("    - debug: {msg: x}\n      loop:\n").loop is None


def test_imported_tasks_take_the_place_of_the_import(load: Any) -> None:
    """`import_tasks` is replaced by its tasks, which inherit its keywords as from a block."""
    steps = (
        load(
            HEAD + "    - import_tasks: more.yml\n      when: a\n      vars: {v: 1}\n    - ping:\n",
            more="- debug:\n  when: b\n- import_tasks: most.yml\n",
            most="- debug:\n  vars: {v: 2}\n",
        )
        .plays[0]
        .tasks
    )
    assert [step.action.name for step in steps] == ["debug", "debug", "ping"]
    assert [condition.text for condition in steps[0].inherited.when] == ["a", "b"]
    assert [condition.text for condition in steps[1].inherited.when] == ["a"]
    assert steps[1].inherited.vars == ({"v": 2}, {"v": 1})
    assert steps[1].span.source.name.endswith("most.yml")


def test_names_of_imports_are_rendered(tmp_path: Path) -> None:
    """A template in an import's file name is rendered by the caller's function."""
    (tmp_path / "web.yml").write_text("- ping:\n", "utf-8")
    path = tmp_path / "site.yml"
    path.write_text(HEAD + "    - import_tasks: '{{ which }}.yml'\n", "utf-8")
    asked = []

    def render(text: Any, _layers: Any) -> str:
        asked.append(text)
        return "web.yml"

    steps = Loader(render).load_playbook(path).plays[0].tasks
    assert [type(text) for text in asked] == [Template]
    assert len(steps) == 1


def test_included_tasks_come_later(tmp_path: Path) -> None:
    """`include_tasks` is a task; its tasks inherit what is around it, and what `apply` says."""
    (tmp_path / "more.yml").write_text("- ping:\n  when: c\n", "utf-8")
    path = tmp_path / "site.yml"
    path.write_text(
        HEAD + "    - block:\n        - include_tasks: {file: more.yml, apply: {tags: [t]}}\n"
        "          when: own\n          tags: own\n      when: a\n",
        "utf-8",
    )
    loader = Loader()
    (block,) = loader.load_playbook(path).plays[0].tasks
    assert isinstance(block, Block)
    (include,) = block.body
    assert isinstance(include, Task)
    assert include.action.args["file"] == "more.yml"
    apply = {"tags": ["t"], "when": Authored("b")}
    (task,) = loader.load_tasks(tmp_path / "more.yml", include, apply).steps
    assert isinstance(task, Task)
    assert [condition.text for condition in task.inherited.when] == ["a", "b", "c"]
    assert task.inherited.tags == ("t",)


def test_mistakes_in_an_included_file_are_found_when_it_is_loaded(tmp_path: Path) -> None:
    """An included file is refused with every finding, as a playbook is."""
    (tmp_path / "more.yml").write_text("- pong:\n- ping:\n  retrys: 1\n", "utf-8")
    path = tmp_path / "site.yml"
    path.write_text(HEAD + "    - include_tasks: more.yml\n", "utf-8")
    (include,) = Loader().load_playbook(path).plays[0].tasks
    assert isinstance(include, Task)
    with pytest.raises(PlaybookInvalid) as invalid:
        Loader().load_tasks(tmp_path / "more.yml", include, {})
    found = [one.code for one in invalid.value.diagnostics]
    assert found == ["unknown-module", "unknown-keyword"]


def test_imported_playbooks(load: Any, warnings: list[Diagnostic]) -> None:
    """An import's variables win, its conditions and tags are added, the rest has no effect."""
    plays: tuple[Play, ...] = load(
        "- import_playbook: other.yml\n  vars: {v: 1, w: 1}\n  tags: t\n  when: a\n"
        "  environment: {A: 1}\n- hosts: web\n  tasks: []\n",
        other="- hosts: db\n  vars: {v: 0, u: 0}\n  tags: p\n  tasks:\n"
        "    - ping:\n      when: b\n",
    ).plays
    assert [play.hosts for play in plays] == ["db", "web"]
    assert plays[0].vars == {"v": 1, "u": 0, "w": 1}
    (task,) = plays[0].tasks
    assert isinstance(task, Task)
    assert task.inherited.tags == ("t", "p")
    assert [condition.text for condition in task.inherited.when] == ["a", "b"]
    assert task.inherited.environment == ()
    assert plays[1].inherited.tags == ()
    assert [(w.code, w.message) for w in warnings] == [
        ("ignored-keyword", "`environment` has no effect on `import_playbook`")
    ]


def test_handlers(load: Any) -> None:
    """Handlers are tasks with names to listen to; imports among them give handlers."""
    play = load(
        "- hosts: all\n  handlers:\n    - name: restart\n      ping:\n      listen: [a, b]\n"
        "    - import_tasks: more.yml\n",
        more="- name: reload\n  debug:\n  listen: a\n",
    ).plays[0]
    assert [(handler.name, handler.listen) for handler in play.handlers] == [
        ("restart", ("a", "b")),
        ("reload", ("a",)),
    ]
    assert all(handler.is_handler for handler in play.handlers)


def test_keywords_of_a_play(load: Any) -> None:
    """A play's own keywords keep their values; sections may be empty."""
    play = load(
        "- name: 5\n  hosts: [web, 'db:!old']\n  serial: [1, 50%]\n  gather_subset: min\n"
        "  vars_files: [a.yml, [b.yml, c.yml]]\n  max_fail_percentage: 30%\n  order: sorted\n"
        "  strategy: linear\n  connection: local\n  any_errors_fatal: true\n  pre_tasks:\n"
    ).plays[0]
    assert play.name == "5"
    assert play.hosts == ["web", "db:!old"]
    assert play.serial == (1, "50%")
    assert play.gather_subset == ("min",)
    assert play.vars_files == ("a.yml", ["b.yml", "c.yml"])
    assert (play.order, play.inherited.any_errors_fatal) == ("sorted", True)
    assert play.tasks == play.pre_tasks == play.handlers == ()


def test_empty_entries_of_a_list_are_no_tasks(load: Any) -> None:
    """A `- ` without anything is passed over, as Ansible does."""
    assert len(load(HEAD + "    -\n    - ping:\n").plays[0].tasks) == 1


def test_everything_is_found_at_once(load: Any) -> None:
    """One wrong task does not hide the next."""
    text = HEAD + "    - pong:\n    - ping:\n      retrys: 1\n    - command: [a]\n    - {}\n"
    assert codes(load, text) == [
        "unknown-module",
        "unknown-keyword",
        "arguments-type",
        "no-module",
    ]


def test_defaults_of_a_module_may_bring_what_is_missing(load_task: Any, load: Any) -> None:
    """With `module_defaults` nothing is reported as missing."""
    load_task("    - stat:\n      module_defaults: {stat: {path: /}}\n")
    assert codes(load, HEAD + "    - stat:\n") == ["missing-argument"]


def test_what_fails_at_run_can_be_left_to_the_run(tmp_path: Path) -> None:
    """With codes deferred, a wrong value reaches the task, which fails when it is run."""
    path = tmp_path / "site.yml"
    path.write_text(HEAD + "    - ping:\n      poll: 1.5\n", "utf-8")
    deferring = Loader(deferred=FAIL_WHEN_RUN)
    (task,) = deferring.load_playbook(path).plays[0].tasks
    assert isinstance(task, Task)
    assert task.poll_s == 1.5


@given(st.text(alphabet="-: \n[]{}\"'#&*!|>abt=,~5%@", max_size=60))
def test_junk_is_a_playbook_or_invalid(text: str) -> None:
    """Any text gives a playbook or PlaybookInvalid, never another exception."""
    _load_or_refuse(text)


KEYS = st.sampled_from(
    "hosts tasks name block rescue command debug ping action args when loop with_items vars tags"
    " import_tasks include_tasks import_playbook loop_control async poll notify handlers roles"
    " environment register local_action module msg 5 yes ~ set_fact become serial".split()
)
LEAVES = st.sampled_from(
    ["x", "5", "1.5", "yes", "~", "'{{ a }}'", "'a=b'", '"it\'s"', "''", "all", "debug msg=x"]
)
FLOW = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEYS, inner, max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"
        )
    ),
    max_leaves=12,
)


@given(play=FLOW, tasks=FLOW)
def test_misplaced_structures_are_a_playbook_or_invalid(play: str, tasks: str) -> None:
    """Keywords and values in any place give a playbook or PlaybookInvalid."""
    _load_or_refuse(f"- {play}\n- hosts: all\n  tasks: [{tasks}]\n")


def _load_or_refuse(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "site.yml"
        path.write_text(text, "utf-8")
        try:
            loaded: object = Loader().load_playbook(path)
        except PlaybookInvalid as invalid:
            loaded = invalid.diagnostics or None
        assert isinstance(loaded, (Playbook, tuple))
