"""What a run knows of one host: its variables by layer, and where its connection leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from understudy.events import Tally
from understudy.execution.facts import LOCAL, may_be_variable, short_name
from understudy.inventory.fact_cache import GATHERED
from understudy.values.scope import Plain
from understudy.values.texts import Value


@dataclass(slots=True)
class HostState:
    """A host and what was learned of it. Layers are replaced or added to, never merged."""

    name: str
    inventory_layers: tuple[Mapping[str, Value], ...] = ()
    """Its inventory variables, highest precedence first."""
    facts: Plain = field(default_factory=Plain)
    """Facts by their names under `ansible_facts`, without the prefix `ansible_`."""
    known_facts: dict[str, Value] = field(default_factory=dict)
    """The same facts by the names they came with."""
    facts_by_name: Plain = field(init=False)
    """The variable `ansible_facts`."""
    injected_facts: Plain = field(default_factory=Plain)
    """Those that are variables too, with the prefix."""
    registered: Plain = field(default_factory=Plain)
    """`set_fact` and `register`."""
    included: dict[str, Value] = field(default_factory=dict)
    """`include_vars`; author's text, so it may hold templates."""
    tally: Tally = field(default_factory=Tally)
    failed: bool = False
    doomed: bool = False
    """Failed for good, though handlers that are forced are still to be run."""
    unreachable: bool = False
    ended: bool = False
    """Left the play by `meta: end_host` or `end_play`."""

    def __post_init__(self) -> None:
        self.facts_by_name = Plain(ansible_facts=self.facts)

    @property
    def active(self) -> bool:
        """Whether tasks may still run on it."""
        return not (self.failed or self.unreachable or self.ended)

    @property
    def facts_gathered(self) -> bool:
        """Whether its facts were gathered, not only set."""
        return bool(self.known_facts.get(GATHERED))

    def know(self, facts: Mapping[str, Value], *, inject: bool) -> list[str]:
        """Take in facts; return the names of those that may not be variables but would be."""
        self.known_facts.update(facts)
        refused = [name for name in facts if inject and not may_be_variable(name)]
        for name, value in facts.items():
            self.facts[short_name(name)] = value
            if name == LOCAL or (inject and may_be_variable(name)):
                self.injected_facts[name] = value
        return refused

    def forget_facts(self) -> None:
        """Forget the facts, as `meta: clear_facts` does."""
        self.facts.clear()
        self.known_facts.clear()
        self.injected_facts.clear()
