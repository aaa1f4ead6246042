"""What names can mean at a task, and what may read a result later."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from understudy.check.flow import Flow, Registered, Unclear
from understudy.check.settings import Settings
from understudy.check.walk import walk
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
    [("some.own.module", {Unclear.NOWHERE}), ("include_taks", {Unclear.ANYWHERE})],
)
def test_an_unknown_module_may_read_everything(
    module: str, sources: set[object], project: Path
) -> None:
    """Its arguments are not known; a name without a dot may also be an include misspelt."""
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
