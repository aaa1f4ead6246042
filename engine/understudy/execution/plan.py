"""What a host goes through in a play: facts, then each section of tasks and its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from understudy.playbook.model import Action, Block, Play, Step, Task
from understudy.values.texts import Authored, Value

Sections = tuple[tuple[Step, ...], ...]


def plan(play: Play, sections: Sections, *, gather: bool, force_handlers: bool) -> Block:
    """Return the plan of a play: `sections` are its tasks after tags have been applied.

    The place of fact gathering is there for every host, so that positions are the same for all.
    With `force_handlers` a host that fails goes to the flush at the end of its section. A section
    without tasks has its flush, too: for what a handler notified that stands above it.
    """
    flush = _flush(play)
    steps: list[Step] = [Block(span=None, body=(_gathering(play),) if gather else ())]
    for section in sections:
        if force_handlers:
            steps.append(Block(span=None, body=section, always=(flush,)))
        else:
            steps += [*section, flush]
    return Block(span=None, body=tuple(steps))


def _flush(play: Play) -> Task:
    return _implicit(play, "meta", None, {}, "flush_handlers")


def _gathering(play: Play) -> Task:
    args: dict[str, Value] = {}
    if play.gather_subset:
        args["gather_subset"] = list(play.gather_subset)
    if play.gather_timeout_s is not None:
        args["gather_timeout"] = play.gather_timeout_s
    if play.fact_path is not None:
        args["fact_path"] = play.fact_path
    return _implicit(play, "gather_facts", "Gathering Facts", args, None)


def _implicit(
    play: Play, action: str, name: str | None, args: Mapping[str, Value], free_form: str | None
) -> Task:
    own = ("always",) if action == "meta" or not play.inherited.tags else play.inherited.tags
    return Task(
        span=play.span,
        name=None if name is None else Authored(name),
        action=Action(name=action, written=action, span=play.span, args=args, free_form=free_form),
        inherited=replace(play.inherited, tags=own, when=(), run_once=None, notify=()),
        implicit=True,
    )
