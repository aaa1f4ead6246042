"""Which filters, tests and globals a template may call: their names are put into the environment."""

from __future__ import annotations

from understudy.values.environment import AnsibleEnvironment
from understudy.values.lazy import OMIT


def install(environment: AnsibleEnvironment) -> None:
    """Give an environment every filter, test and global."""
    environment.globals["omit"] = OMIT
