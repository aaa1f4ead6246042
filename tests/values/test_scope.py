"""Which value a variable has, in whose scope it is rendered, and how long that is remembered."""

from __future__ import annotations

import pytest

from tests.values.worlds import FakeWorld, authored, place, scope_with
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.scope import PRECEDENCE, Plain, Rendering, Scope
from understudy.values.template import render
from understudy.values.texts import Template, VaultText
from understudy.values.world import NoWorld


def test_the_precedence_has_every_level_of_ansible_once() -> None:
    """There are 22 levels; extra vars are the highest, values of the command line the lowest."""
    names = [name for name, _ in PRECEDENCE]
    assert len(names) == len(set(names)) == 22
    assert (names[0], names[-1]) == ("extra", "command_line")


def test_the_first_layer_that_has_a_name_wins() -> None:
    """A name is looked up from the highest layer down; a false value is a value."""
    scope = Scope(({"a": None}, {"a": 1, "b": 2}, {"b": 3, "c": 4}))
    assert [scope.get(name) for name in "abc"] == [None, 2, 4]
    assert "a" in scope
    assert "z" not in scope


def test_a_layer_is_put_above_all_others() -> None:
    """`with_layer` leaves the scope itself as it was."""
    scope = Scope(({"a": 1},))
    assert scope.with_layer({"a": 2}).get("a") == 2
    assert scope.get("a") == 1


def test_names_come_once_and_highest_first() -> None:
    """Every variable is named once."""
    assert list(Scope(({"a": 1, "b": 1}, {"b": 2, "c": 3})).names()) == ["a", "b", "c"]


def test_a_variable_is_returned_rendered_or_raw() -> None:
    """`get` renders, `raw` does not, and each has a default."""
    scope = scope_with(one=1, text="<{{ one }}>")
    assert scope.get("text") == "<1>"
    assert isinstance(scope.raw("text"), Template)
    assert scope.get("nope", 5) == 5
    assert scope.raw("nope", 6) == 6
    with pytest.raises(TemplateFailed, match="'nope' is undefined"):
        scope.get("nope")


def test_a_variable_sees_what_is_above_its_own_layer() -> None:
    """A text is rendered in the scope of its reader, not of its layer."""
    play = authored({"name": "play", "greeting": "hi {{ name }}"})
    assert Scope(({"name": "task"}, play)).get("greeting") == "hi task"


def test_a_plain_layers_values_are_returned_themselves() -> None:
    """What hosts gave is not searched for templates, and not copied."""
    facts = {"deep": ["{{ not_a_template }}"]}
    assert Scope((Plain(facts=facts),)).get("facts") is facts


def test_a_reference_returns_the_very_object() -> None:
    """A text that is exactly one name gives that variable's value, uncopied."""
    data = {"a": [1]}
    assert render(Template("{{ data }}"), Scope(({"data": data},))) is data


def test_a_value_is_remembered_for_one_rendering() -> None:
    """A text that reads a variable twice, by whatever way, sees one value (S49)."""
    scope = scope_with(r="{{ (10 ** 12) | random }}", a="{{ r }}", b="{{ r }}", d={"r": "{{ r }}"})
    one = render(Template("{{ r == r and a == b and d.r == r }}"), scope)
    assert one is True


def test_every_text_is_evaluated_anew() -> None:
    """Two arguments of a task see two values of one variable (S49)."""
    scope = scope_with(r="{{ (10 ** 12) | random }}")
    first, second = render([Template("{{ r }}"), Template("{{ r }}")], scope)
    assert first != second


def test_constants_are_not_folded_into_a_compiled_text() -> None:
    """A filter without variables runs on every rendering."""
    text = Template("{{ [1, 2, 3, 4, 5, 6, 7, 8, 9] | shuffle | join }}")
    assert len({render(text, Scope(())) for _ in range(5)}) > 1


def test_a_variable_that_reads_itself_is_an_error() -> None:
    """A task's `x: "{{ x + 1 }}"` does not see the outer `x` (S57)."""
    scope = scope_with(x="{{ x + 1 }}").with_layer({})
    with pytest.raises(TemplateFailed, match=r"^Recursive loop detected in template") as failed:
        scope.get("x")
    assert failed.value.help == "each is rendered from the next: `x` -> `x`"


def test_a_recursion_names_every_variable_on_the_way() -> None:
    """The chain is in the help; a default does not hide it."""
    scope = scope_with(a="{{ b | default(1) }}", b="{{ c.d }}", c={"d": "{{ a }}"})
    with pytest.raises(TemplateFailed) as failed:
        scope.get("a")
    assert failed.value.code == "template-recursion"
    assert [name for name, _ in failed.value.chain] == ["a", "b"]


def test_a_key_may_read_another_key_of_its_own_variable() -> None:
    """Only a text that is reached from itself is a recursion."""
    assert scope_with(d={"a": 1, "b": "{{ d.a }}"}).get("d") == {"a": 1, "b": 1}


def test_a_recursion_through_another_host_is_found() -> None:
    """The scopes of other hosts share the list of texts being read."""
    world = FakeWorld({"a": {"x": "{{ hostvars.b.x }}"}, "b": {"x": "{{ hostvars.a.x }}"}})
    with pytest.raises(TemplateFailed, match="Recursive loop"):
        world.scope_of("a").get("x")


def test_a_groups_text_may_read_itself_of_another_host() -> None:
    """One text that several hosts share is no recursion where each reads the next host's."""
    shared = authored("{{ (hostvars[next].way ~ ' ' if next else '') ~ inventory_hostname }}")
    world = FakeWorld({"a": {"next": "b"}, "b": {"next": "c"}, "c": {"next": ""}})
    for own in world.variables.values():
        own["way"] = shared
    assert world.scope_of("a").get("way") == "c b a"


def test_hostvars_are_rendered_in_the_other_hosts_scope() -> None:
    """Variables of play and task are not seen there, not even for the host itself (S52)."""
    text = "{{ inventory_hostname }} {{ playvar | default('none') }}"
    world = FakeWorld({"a": {"x": text}, "b": {"x": text}})
    scope = world.scope_of("a").with_layer({"playvar": "seen"})
    assert scope.get("x") == "a seen"
    assert render(Template("{{ hostvars['b'].x }}"), scope) == "b none"
    assert render(Template("{{ hostvars[inventory_hostname].x }}"), scope) == "a none"


def test_hostvars_is_a_mapping_of_every_host() -> None:
    """Its keys, length, membership and values are the hosts' own."""
    world = FakeWorld({"a": {"n": 1}, "b": {"n": "{{ 1 + 1 }}"}})
    scope = world.scope_of("a")
    text = (
        "{{ hostvars | list }} {{ hostvars | length }} {{ 'b' in hostvars }} {{ 'z' in hostvars }}"
    )
    assert render(Template(text), scope) == "['a', 'b'] 2 True False"
    assert render(Template("{{ hostvars.values() | map(attribute='n') | list }}"), scope) == [1, 2]
    assert render(Template("{{ hostvars.b.get('zz', 5) }}"), scope) == 5
    assert render(Template("{{ hostvars.get('zz', 6) }}"), scope) == 6
    assert render(Template("{{ hostvars.b }}"), scope)["n"] == 2


def test_a_host_that_is_not_there_is_undefined() -> None:
    """Its message is Ansible's; a default applies."""
    scope = FakeWorld({"a": {}}).scope_of("a")
    with pytest.raises(TemplateFailed, match=r"^hostvars\['nope'\]$"):
        render(Template("{{ hostvars['nope'].x }}"), scope)
    assert render(Template("{{ hostvars['nope'].x | default(1) }}"), scope) == 1


def test_vars_holds_every_variable_of_the_reader() -> None:
    """`vars` is reached by name and does not hold itself."""
    scope = scope_with(a="{{ 1 + 1 }}")
    assert (
        render(Template("{{ vars.a }} {{ vars['a'] }} {{ 'vars' in vars }}"), scope) == "2 2 False"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{ l.append(4) }}{{ l }}",
        "{% set _ = l.append(4) %}{{ l }}",
        "{{ indirect.append(4) }}{{ indirect }}",
    ],
)
def test_a_text_changes_its_own_copy_only(text: str) -> None:
    """Layers are shared by hosts: a change in place lasts for one rendering."""
    shared = [1, 2, 3]
    scope = Scope(({"l": shared, "indirect": Template("{{ l }}")},))
    assert render(Template(text), scope) == [1, 2, 3, 4]
    assert shared == [1, 2, 3]


def test_a_change_in_another_hosts_variables_stays_in_the_rendering() -> None:
    """What `hostvars` gives is a copy too where a text changes it."""
    world = FakeWorld({"a": {}, "b": {"l": [1], "d": {"l": [1], "t": "{{ 1 }}"}}})
    scope = world.scope_of("a")
    text = "{% set _ = hostvars.b.l.append(2) %}{% set _ = hostvars.b.d.l.append(2) %}"
    assert render(Template(text + "{{ hostvars.b.l + hostvars.b.d.l }}"), scope) == [1, 2, 1, 2]
    assert world.variables["b"]["l"] == [1]
    assert world.variables["b"]["d"]["l"] == [1]


def test_the_place_of_a_failure_is_the_innermost_text() -> None:
    """A lazy variable's failure carries its own text and the names it was read by."""
    inner = Template("{{ nope }}", place(7, 9))
    scope = Scope(({"a": Template("{{ b }}", place(3, 5)), "b": inner},))
    with pytest.raises(TemplateFailed) as failed:
        render(Template("{{ a }}", place(1, 1)), scope)
    assert (failed.value.text, str(failed.value.span)) == ("{{ nope }}", "site.yml:7:9")
    assert [(name, str(span)) for name, span in failed.value.chain] == [
        ("a", "site.yml:3:5"),
        ("b", "site.yml:7:9"),
    ]


def test_a_text_in_the_vault_without_a_secret_is_a_clear_error() -> None:
    """Reading it fails; not reading it does not."""
    scope = Scope(({"secret": VaultText("$ANSIBLE_VAULT;1.1;AES256"), "d": {"k": VaultText("x")}},))
    for text in ("{{ secret }}", "{{ d.k }}", "{{ secret | default('x') }}"):
        with pytest.raises(TemplateFailed, match="no vault secrets found"):
            render(Template(text), scope)
    assert render(Template("{{ d | length }}"), scope) == 1


def test_a_lone_omit_is_returned_as_such() -> None:
    """Who renders one value learns that it is to be left out."""
    assert render(Template("{{ omit }}"), Scope(())) is OMIT
    assert render({"a": Template("{{ omit }}"), "b": [Template("{{ omit }}")]}, Scope(())) == {
        "b": []
    }


def test_a_scope_outside_a_run_keeps_its_warnings() -> None:
    """The `finished` test warns about a result of no job, and is true (S27)."""
    world = NoWorld()
    scope = Scope(({"r": {"rc": 0}},), world)
    assert render(Template("{{ r is finished and r is started }}"), scope) is True
    assert world.warnings == [
        f"The '{state}' test expects an async task, but a non-async task was tested."
        for state in ("finished", "started")
    ]


def test_a_rendering_starts_one_rendering_for_another_host() -> None:
    """Values of another host are remembered as long as those of this one."""
    world = FakeWorld({"a": {}, "b": {"r": "{{ (10 ** 12) | random }}"}})
    rendering = Rendering(world.scope_of("a"))
    assert rendering.in_scope_of("b") is rendering.in_scope_of("b")
    text = "{{ hostvars.b.r == hostvars.b.r }}"
    assert render(Template(text), world.scope_of("a")) is True
