"""Which rules between arguments are broken, by the names that are there; wording is elsewhere.

Runs on the targets too: standard library and Python 3.6 only.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    Names = tuple[str, ...]


class RequiredIf:
    """`needs` must be given (one of them, if `one_is_enough`) when `argument` has `value`."""

    def __init__(
        self, argument: str, value: "Any", needs: "Names", one_is_enough: bool = False
    ) -> None:
        self.argument = argument
        self.value = value
        self.needs = needs
        self.one_is_enough = one_is_enough


class Relations:
    """What holds between arguments: groups of names, conditions, and what a name needs."""

    def __init__(
        self,
        mutually_exclusive: "Iterable[Names]" = (),
        required_together: "Iterable[Names]" = (),
        required_one_of: "Iterable[Names]" = (),
        required_if: "Iterable[RequiredIf]" = (),
        required_by: "Iterable[tuple[str, Names]]" = (),
    ) -> None:
        self.mutually_exclusive = tuple(mutually_exclusive)
        self.required_together = tuple(required_together)
        self.required_one_of = tuple(required_one_of)
        self.required_if = tuple(required_if)
        self.required_by = tuple(required_by)


def conflicts(relations: Relations, given: "Collection[str]") -> "Iterator[Names]":
    """Yield each group of which more than one argument is given."""
    for group in relations.mutually_exclusive:
        if sum(name in given for name in group) > 1:
            yield group


def incomplete(relations: Relations, given: "Collection[str]") -> "Iterator[Names]":
    """Yield each group that must be given as a whole and is given in part."""
    for group in relations.required_together:
        if 0 < sum(name in given for name in group) < len(group):
            yield group


def without_any(relations: Relations, given: "Collection[str]") -> "Iterator[Names]":
    """Yield each group of which one argument must be given and none is."""
    for group in relations.required_one_of:
        if not any(name in given for name in group):
            yield group


def unmet(
    relations: Relations, given: "Collection[str]", values: "Mapping[str, Any]"
) -> "Iterator[tuple[RequiredIf, Names]]":
    """Yield each `required_if` whose condition holds in `values`, with what is missing."""
    for rule in relations.required_if:
        if rule.argument not in values or values[rule.argument] != rule.value:
            continue
        missing = tuple(name for name in rule.needs if name not in given)
        if len(missing) == len(rule.needs) if rule.one_is_enough else missing:
            yield rule, missing


def dependencies(relations: Relations, given: "Collection[str]") -> "Iterator[tuple[str, Names]]":
    """Yield each given argument that needs others, with those that are missing."""
    for name, needs in relations.required_by:
        missing = tuple(need for need in needs if need not in given)
        if name in given and missing:
            yield name, missing
