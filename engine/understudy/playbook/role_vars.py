"""What the tasks of a role see of it, of the roles that led to it, and of its dependencies.

The order of precedence is Ansible's: defaults and `vars/` of dependencies come before the role's
own, the parents' before both; parameters of a parent hold in what it brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from understudy.playbook.model import Role, RoleVars
from understudy.values.merging import layered
from understudy.values.texts import Value

Layer = Mapping[str, Value]


def defaults_of(
    own: RoleVars, parents: Iterable[Role], dependencies: Iterable[Role], *, deep: bool
) -> Layer:
    """Return the defaults that a role's tasks see."""
    below = [role.defaults for role in dependencies]
    return layered([*below, *(role.own.defaults for role in parents), own.defaults], deep=deep)


def vars_of(
    own: RoleVars, parents: Iterable[Role], dependencies: Iterable[Role], *, deep: bool
) -> Layer:
    """Return the variables that a role's tasks see."""
    above = [layer for role in parents for layer in (role.own.entry, role.own.files)]
    return layered([*above, *(role.vars for role in dependencies), own.files, own.entry], deep=deep)


def exports_of(own: RoleVars, dependencies: Iterable[Role], *, deep: bool) -> Layer:
    """Return the variables that the play sees of a public role."""
    return layered([*(role.exports for role in dependencies), own.files], deep=deep)


def params_of(own: RoleVars, parents: Iterable[Role], *, deep: bool) -> Layer:
    """Return a role's parameters with those of the roles that led to it."""
    return layered([*(role.own.params for role in parents), own.params], deep=deep)
