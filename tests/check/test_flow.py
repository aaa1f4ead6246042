"""What names can mean at a task, and what may read a result later."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.check.work import calls_of
from understudy.check.engine import in_order
from understudy.check.flow.visits import Flow, Registered, Unclear
from understudy.check.flow.walk import walk
from understudy.check.settings.settings import Settings
from understudy.cli.loading import loader_of
from understudy.config import load_config
from understudy.values.scope import Scope


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the directory of the playbook."""
    return tmp_path


def flow_of(text: str, project: Path, *, is_open: bool = False) -> Flow:
    """Return the flow of a playbook."""
    path = project / "site.yml"
    path.write_text(dedent(text), "utf-8")
    loader, _ = loader_of(Scope(()), load_config(), runs=False)
    playbook, _ = loader.look(path)
    return walk(playbook, loader, Settings(), is_open=is_open)


def sources_of(name: str, flow: Flow) -> set[object]:
    """Return what a name can mean where it is read last: names of tasks, and what is unclear."""
    read = [read for visit in flow.visits for read in visit.reads if read.chain.name == name][-1]
    return {
        str(one.task.name) if isinstance(one, Registered) else one
        for one in read.sources
        if isinstance(one, Registered | Unclear)
    }


def plays(*hosts: str) -> str:
    """Return plays in which each but the last registers `r`, which the last reads."""
    first = "".join(
        f"- hosts: {one}\n  tasks: [{{name: {number}, command: x, register: r}}]\n"
        for number, one in enumerate(hosts[:-1])
    )
    return f"{first}- hosts: {hosts[-1]}\n  tasks: [{{debug: {{var: r}}}}]\n"


@pytest.mark.parametrize(
    ("hosts", "sources"),
    [
        (("web", "web"), {"0"}),
        (("web", "db"), {"0", Unclear.NOWHERE}),
        (("all", "web"), {"0"}),
        (("all", "localhost"), {"0", Unclear.NOWHERE}),
        (("web", "db", "web"), {"0", "1", Unclear.NOWHERE}),
        (("web", "db", "cache"), {"0", "1", Unclear.NOWHERE}),
        (("web", "web", "db"), {"1", Unclear.NOWHERE}),
        (("all", "web", "all"), {"0", "1"}),
    ],
)
def test_a_host_may_not_have_been_in_every_play(
    hosts: tuple[str, ...], sources: set[object], project: Path
) -> None:
    """What a play gives, hosts of another play have only if they are surely the same."""
    assert sources_of("r", flow_of(plays(*hosts), project)) == sources


@pytest.mark.parametrize(
    ("keywords", "sources"),
    [
        ("vars: {}", {Unclear.NOWHERE}),
        ("vars_prompt: [{name: x}]", set()),
        ("vars_files: [some.yml]", {Unclear.ANYWHERE}),
    ],
)
def test_a_play_gives_names(keywords: str, sources: set[object], project: Path) -> None:
    """An answer to a prompt is a variable; what files of variables give is not known."""
    text = f"- hosts: all\n  {keywords}\n  tasks:\n    - debug: {{var: x}}\n"
    assert sources_of("x", flow_of(text, project)) == sources


def test_the_loop_of_an_include_gives_its_variable(project: Path) -> None:
    """What is brought reads the item of the include's loop."""
    (project / "brought.yml").write_text("- debug: {var: item}\n", "utf-8")
    text = """
        - hosts: all
          tasks:
            - include_tasks: brought.yml
              loop: [a, b]
        """
    assert sources_of("item", flow_of(text, project)) == set()


@pytest.mark.parametrize(
    ("module", "sources"),
    [
        ("some.own.module", {Unclear.NOWHERE}),
        ("docker_container", {Unclear.NOWHERE}),
        ("include_taks", {Unclear.ANYWHERE}),
    ],
)
def test_an_unknown_module_may_read_everything(
    module: str, sources: set[object], project: Path
) -> None:
    """Its arguments are not known; a name that no collection has may be an include misspelt."""
    text = f"""
        - hosts: all
          tasks:
            - {{command: x, register: r}}
            - {module}: {{}}
            - debug: {{var: x}}
        """
    flow = flow_of(text, project)
    assert flow.visits[0].given.may_be_read
    assert sources_of("x", flow) == sources


@pytest.mark.parametrize("is_open", [True, False])
def test_what_uses_a_part_may_read_its_results(project: Path, *, is_open: bool) -> None:
    """What a role alone registers, a playbook may read later."""
    text = "- hosts: all\n  tasks: [{command: x, register: r}]\n"
    flow = flow_of(text, project, is_open=is_open)
    assert flow.visits[0].given.may_be_read is is_open


@pytest.mark.parametrize(
    ("text", "path"),
    [("{{ r.rc }}", ("rc",)), ("{{ r.rc | int }}", ("rc",)), ("{{ r.rc == 0 }}", None)],
)
def test_only_what_is_a_variable_alone_is_another_name_for_it(
    text: str, path: tuple[str, ...] | None, project: Path
) -> None:
    """A variable that compares a result is not the result."""
    (visit,) = flow_of(
        f"""
        - hosts: all
          vars: {{v: "{text}"}}
          tasks: [{{command: x, register: r, until: v}}]
        """,
        project,
    ).visits
    read = next(one for one in visit.reads_in("until") if one.chain.name == "v")
    assert visit.meaning(read)[1].path == (path or ())
    assert visit.meaning(read)[1].name == ("r" if path else "v")


@pytest.mark.parametrize(
    ("loop", "meaning"),
    [
        ("loop: '{{ r.results }}'", ("r", ("results", None, "id"))),
        ("with_items: '{{ r.results }}'", ("r", ("results", None, "id"))),
        ("loop: '{{ r.results | rejectattr(\"x\") | list }}'", ("r", ("results", None, "id"))),
        ("loop: '{{ r.results | map(attribute=\"item\") }}'", ("item", ("id",))),
        ("with_dict: '{{ r.results }}'", ("item", ("id",))),
    ],
)
def test_what_an_item_means(loop: str, meaning: tuple[str, object], project: Path) -> None:
    """An item is a part of what the loop is over, if no filter or lookup makes it anew."""
    text = f"""
        - hosts: all
          tasks:
            - {{command: x, register: r}}
            - ping:
                data: "{{{{ item.id }}}}"
              {loop}
        """
    visit = flow_of(text, project).visits[-1]
    read = next(visit.reads_in("args.data"))
    _, chain = visit.meaning(read)
    assert (chain.name, chain.path) == meaning


def tasks(text: str, *, more: str = "") -> str:
    """Return a play of tasks, of which the last reads `r`."""
    inner = "".join(f"    {line}\n" for line in dedent(text).strip().splitlines())
    return f"- hosts: all\n{more}  tasks:\n{inner}    - debug: {{var: r}}\n"


A = "{name: a, command: x, register: r}"
B = "{name: b, command: x, register: r}"
FAILS = "{fail: {}}"


@pytest.mark.parametrize(
    ("steps", "sources"),
    [
        (f"- {A}\n- {B}", {"b"}),
        (f"- block: [{A}]\n  rescue: [{B}]", {"a", "b"}),
        (f"- block: [{A}, {{command: y}}]\n  rescue: [{{command: y}}]", {"a", Unclear.NOWHERE}),
        (f"- {A}\n- block: [{B}]\n  rescue: [{{command: y}}]", {"a", "b"}),
        (f"- block: [{A}]\n  rescue: [{FAILS}]", {"a"}),
        (f"- block: [{A}, {FAILS}]\n  rescue: [{B}]", {"b"}),
        (f"- block: [{A}]\n  always: [{B}]", {"b"}),
        (f"- block: [{A}]\n  always: [{{command: y}}]", {"a", Unclear.NOWHERE}),
        (f"- block: [{{block: [{A}]}}]\n  rescue: [{{command: y}}]", {"a", Unclear.NOWHERE}),
    ],
)
def test_a_body_may_fail_anywhere(steps: str, sources: set[object], project: Path) -> None:
    """`rescue` and `always` are come to from every task of the body; what fails ends there."""
    assert sources_of("r", flow_of(tasks(steps), project)) == sources


@pytest.mark.parametrize(
    ("steps", "is_dead"),
    [
        (f"- {FAILS}", True),
        ("- fail: {}\n  when: x", False),
        ("- fail: {}\n  ignore_errors: true", False),
        ("- meta: end_play", True),
        ("- meta: end_host\n  when: x", False),
        ("- meta: flush_handlers", False),
        (f"- block: [{FAILS}]", True),
        (f"- block: [{FAILS}]\n  rescue: [{{command: x}}]", False),
        (f"- block: [{FAILS}]\n  rescue: [{FAILS}]", True),
        (f"- block: [{FAILS}]\n  always: [{{command: x}}]", True),
        (f"- block: [{{command: x}}]\n  rescue: [{FAILS}]", False),
    ],
)
def test_nothing_comes_after_what_ends_a_host(steps: str, project: Path, *, is_dead: bool) -> None:
    """A task is unreachable if every way to it ends before; handlers are no way around that."""
    handlers = "  handlers: [{name: h, debug: {}}]\n"
    for more in ("", handlers):
        flow = flow_of(tasks(steps, more=more), project)
        last = [one for one in flow.visits if one.task.action.args.get("var") == "r"][-1]
        assert (last.unreachable is not None) is is_dead
    after = flow_of(tasks(steps, more=handlers) + "- hosts: all\n  tasks: [{ping: }]\n", project)
    assert after.visits[-1].unreachable is None


def test_a_handler_may_run_or_not(project: Path) -> None:
    """What a handler registers, later tasks may find or not; it may read what came before."""
    text = """
        - hosts: all
          tasks:
            - {name: a, command: x, register: r, notify: h}
            - meta: flush_handlers
            - debug: {var: r}
          handlers:
            - {name: h, command: "{{ r.rc }}", register: r}
        """
    flow = flow_of(text, project)
    assert sources_of("r", flow) == {"a", "h"}
    assert [visit.task.action.name for visit in flow.visits].count("command") == 3
    assert {read.visit.task.action.name for read in flow.visits[0].given.reads} == {
        "command",
        "debug",
    }


@pytest.mark.parametrize(
    ("include", "sources"),
    [
        ("include_tasks: inner.yml", {"inner"}),
        ("import_tasks: inner.yml", {"inner"}),
        ("{include_tasks: inner.yml, when: x}", {"inner", "a"}),
        ("{include_tasks: inner.yml, loop: [1, 2]}", {"inner", "a"}),
        ('include_tasks: "{{ x }}.yml"', {"a", Unclear.ANYWHERE}),
        (
            '{include_tasks: "{{ item }}.yml", loop: [inner, "{{ x }}"]}',
            {"inner", "a", Unclear.ANYWHERE},
        ),
        ("include_tasks: missing.yml", {"a", Unclear.ANYWHERE}),
        ("include_role: {name: some}", {"of role"}),
        ("import_role: {name: some}", {"of role"}),
        ('include_role: {name: "{{ x }}"}', {"a", Unclear.ANYWHERE}),
    ],
)
def test_what_includes_bring(include: str, sources: set[object], project: Path) -> None:
    """A file that is known gives what it registers; one that is not may give anything."""
    (project / "inner.yml").write_text("- {name: inner, command: x, register: r}\n", "utf-8")
    role = project / "roles" / "some" / "tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text("- {name: of role, command: x, register: r}\n", "utf-8")
    assert sources_of("r", flow_of(tasks(f"- {A}\n- {include}"), project)) == sources


def test_an_include_in_a_loop_sees_its_last_round(project: Path) -> None:
    """What the second item's tasks read, the first item's may have given."""
    (project / "inner.yml").write_text(
        "- debug: {var: r}\n- {name: inner, command: x, register: r}\n", "utf-8"
    )
    flow = flow_of(tasks('- include_tasks: inner.yml\n  loop: "{{ some }}"'), project)
    rounds = [read.sources for visit in flow.visits[1:4:2] for read in visit.reads]
    assert rounds[0] == {Unclear.NOWHERE}
    assert rounds[1] == {flow.visits[2].given}


def test_a_file_may_include_itself(project: Path) -> None:
    """A recursion is gone into once; what comes after it is still seen."""
    (project / "inner.yml").write_text(
        "- {name: inner, command: x, register: r}\n- include_tasks: inner.yml\n  when: r.rc\n",
        "utf-8",
    )
    flow = flow_of(tasks("- include_tasks: inner.yml"), project)
    assert len(flow.visits) == 4
    assert sources_of("r", flow) == {"inner"}


@pytest.mark.parametrize(
    ("step", "name", "known"),
    [
        ("include_vars: known.yml", "x", "of file"),
        ("include_vars: {file: known.yml}", "x", "of file"),
        ("include_vars: known.yml", "y", Unclear.NOWHERE),
        ('include_vars: "{{ z }}.yml"', "y", Unclear.ANYWHERE),
        ("include_vars: {dir: some}", "y", Unclear.ANYWHERE),
        ("set_fact: {y: 1}", "y", "1"),
        ('set_fact: {"{{ z }}": 1}', "y", Unclear.ANYWHERE),
        ("{set_fact: {y: 1}, loop: [1]}", "y", Unclear.NOWHERE),
        ("set_fact: {y: 1, cacheable: true}", "cacheable", Unclear.NOWHERE),
        ("add_host: {name: h, y: 1}", "y", Unclear.NOWHERE),
        ("package_facts: {}", "packages", "Unknown.UNKNOWN"),
        ("getent: {database: group}", "getent_group", "Unknown.UNKNOWN"),
        ("some.where.disk_facts: {}", "y", Unclear.ANYWHERE),
    ],
)
def test_what_gives_variables(step: str, name: str, known: object, project: Path) -> None:
    """Files, facts and assignments give names; those that are not known do not hide results."""
    (project / "known.yml").write_text("x: of file\n", "utf-8")
    flow = flow_of(tasks(f"- {A}\n- {step}\n- debug: {{var: {name}}}"), project)
    read = flow.visits[2].reads[0]
    found = {
        one if isinstance(one, Unclear) else str(getattr(one, "value", "")) for one in read.sources
    }
    assert known in found
    assert sources_of("r", flow) == {"a"}


def test_what_include_vars_loads_is_read_where_it_is_used(project: Path) -> None:
    """A variable of a file that names a result is a reading of that result."""
    (project / "known.yml").write_text('x: "{{ r.rc }}"\nr: hidden\n', "utf-8")
    text = tasks(f"- {A}\n- include_vars: known.yml\n- debug: {{var: x}}")
    flow = flow_of(text, project)
    assert [read.via for read in flow.visits[0].given.reads] == [("x",), ()]


@pytest.mark.parametrize(
    ("keyword", "sources"),
    [("known.yml", set()), ('"{{ y }}.yml"', {Unclear.ANYWHERE})],
)
def test_files_of_variables_of_a_play(keyword: str, sources: set[object], project: Path) -> None:
    """Those that are known are read; others may give any name, to this play alone."""
    (project / "known.yml").write_text("x: 1\n", "utf-8")
    text = f"""
        - hosts: all
          vars_files: [{keyword}]
          tasks: [{{debug: {{var: x}}}}]
        - hosts: all
          tasks: [{{debug: {{var: x}}}}]
        """
    flow = flow_of(text, project)
    assert [set(one.reads[0].sources) for one in flow.visits] == [sources, {Unclear.NOWHERE}]


def test_vars_of_an_include_reach_what_it_brings(project: Path) -> None:
    """They hide what tasks have given, and a loop's item is known round by round."""
    (project / "inner.yml").write_text("- async_status: {jid: x}\n  retries: '{{ r }}'\n", "utf-8")
    text = tasks(
        f"- {A}\n- include_tasks: inner.yml\n  vars: {{r: '{{{{ item }}}}'}}\n  loop: [1, 2]"
    )
    flow = flow_of(text, project)
    assert [visit.retries for visit in flow.visits[2:4]] == [1, 2]
    assert flow.visits[0].given not in flow.visits[2].reads[0].sources


def test_meta_end_role_ends_its_role_alone(project: Path) -> None:
    """The rest of the role is unreachable, what comes after the role is not."""
    role = project / "roles" / "some" / "tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text("- meta: end_role\n- ping:\n", "utf-8")
    flow = flow_of(tasks("- include_role: {name: some}"), project)
    assert [visit.unreachable is not None for visit in flow.visits] == [False, False, True, False]


def test_what_a_rescue_is_around(project: Path) -> None:
    """It is around the body of its block, with all that this includes, and nothing else."""
    (project / "inner.yml").write_text("- ping:\n", "utf-8")
    text = tasks(
        """
        - block:
            - include_tasks: inner.yml
          rescue:
            - ping:
          always:
            - ping:
        - block:
            - ping:
          always:
            - ping:
        """
    )
    flow = flow_of(text, project)
    assert [visit.is_rescued for visit in flow.visits] == [True, True, *[False] * 5]


@pytest.mark.slow
def test_a_large_playbook_takes_in_proportion(project: Path) -> None:
    """The work grows with the number of tasks, not with its square."""

    def calls(count: int) -> int:
        steps = "".join(
            f"- {{command: x, register: r{number}}}\n"
            "- block: [{ping: }]\n  rescue: [{ping: }]\n"
            for number in range(count)
        )
        text = tasks(steps)
        flow_of(text, project)
        return calls_of(lambda: flow_of(text, project))

    assert calls(500) < 6 * calls(100)


@pytest.mark.parametrize(
    ("wait", "is_open"),
    [
        ("{async_status: {jid: '{{ r.ansible_job_id }}'}}", False),
        ("{async_status: {jid: '{{ item.ansible_job_id }}'}, loop: '{{ r.results }}'}", False),
        ("{debug: {var: r}}", True),
    ],
)
def test_a_job_runs_beside_until_it_is_asked_for(
    wait: str, project: Path, *, is_open: bool
) -> None:
    """An `async_status` takes its job away, also that of each item."""
    launch = "{command: x, async: 9, poll: 0, register: r, loop: [1]}"
    flow = flow_of(f"- hosts: all\n  tasks: [{launch}, {wait}, {{ping: }}]\n", project)
    assert (flow.visits[0].given in flow.visits[2].jobs) is is_open


UNKNOWN_FILE = "include_tasks: '{{ x }}.yml'"


@pytest.mark.parametrize(
    ("steps", "is_unclear"),
    [
        (f"- {A}\n- {UNKNOWN_FILE}", True),
        (f"- {A}\n- {{{UNKNOWN_FILE}, when: y}}", True),
        (f"- {UNKNOWN_FILE}\n- {A}", False),
        (f"- {A}\n- block: [{{{UNKNOWN_FILE}}}]\n  rescue: [{{ping: }}]", True),
        (f"- {A}\n- block: [{{{UNKNOWN_FILE}}}, {FAILS}]\n  rescue: [{{ping: }}]", True),
        (f"- block: [{{{UNKNOWN_FILE}}}, {FAILS}]\n  rescue: [{A}]", False),
        (f"- {A}\n- block: [{{ping: }}]\n  rescue: [{{{UNKNOWN_FILE}}}]", True),
        (f"- {A}\n- block: [{{ping: }}]\n  rescue: [{{{UNKNOWN_FILE}}}, {FAILS}]", False),
    ],
)
def test_what_is_not_known_may_give_every_name_anew(
    steps: str, project: Path, *, is_unclear: bool
) -> None:
    """On every way that leads on from there, and on no other."""
    assert (Unclear.ANYWHERE in sources_of("r", flow_of(tasks(steps), project))) is is_unclear


def test_a_variable_is_looked_into_once_for_each_text(project: Path) -> None:
    """Variables that name each other twice do not double what is read with each of them."""
    names = "".join(f"    v{n}: '{{{{ v{n + 1} }}}} {{{{ v{n + 1} }}}}'\n" for n in range(40))
    flow = flow_of(tasks(f"- debug: {{msg: '{{{{ v0 }}}}'}}\n  vars:\n{names}"), project)
    assert len(flow.visits[0].reads) < 200


_RESCUED = "- block: [{include_tasks: deeper.yml}]\n  rescue: [{ping: }]"


@pytest.mark.parametrize(
    ("steps", "severities"),
    [
        ("- include_tasks: missing.yml", ["error"]),
        ("- {include_tasks: missing.yml, ignore_errors: true}", ["error"]),
        ("- block: [{include_tasks: missing.yml}]\n  rescue: [{ping: }]", ["warning"]),
        ("- block: [{include_role: {name: missing}}]\n  rescue: [{ping: }]", ["warning"]),
        ("- block: [{ping: }]\n  rescue: [{include_tasks: missing.yml}]", ["error"]),
        ("- block: [{include_tasks: missing.yml}]\n  always: [{ping: }]", ["error"]),
        ("- block: [{import_tasks: deeper.yml}]\n  rescue: [{ping: }]", ["warning"]),
        (_RESCUED, ["warning"]),
        ("- block: [{include_tasks: broken.yml}]\n  rescue: [{ping: }]", ["error"]),
        (f"{_RESCUED}\n- include_tasks: deeper.yml", ["error"]),
    ],
)
def test_a_missing_file_can_be_rescued(steps: str, severities: list[str], project: Path) -> None:
    """It fails the include and not the run; what is wrong in a file ends the run all the same."""
    (project / "deeper.yml").write_text("- include_tasks: missing.yml\n")
    (project / "broken.yml").write_text("- nope:\n")
    found = in_order(flow_of(tasks(steps), project).invalid)
    assert [one.severity.value for one in found] == severities
