"""The files of a project as rules see them: what each is for, its text, its tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from understudy.text.nodes import Node
from understudy.text.source import Source


class Kind(Enum):
    """What a file of a project is for."""

    PLAYBOOK = "playbook"
    TASKS = "file of tasks"
    HANDLERS = "file of handlers"
    ROLE_META = "role's meta"
    VARIABLES = "file of variables"
    INVENTORY = "inventory"
    CONFIG = "ansible.cfg"


@dataclass(frozen=True, slots=True)
class File:
    """One file that has been read. `root` is None where it is not YAML, or is empty."""

    path: Path
    kind: Kind
    source: Source
    root: Node | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What is checked by itself: a playbook with all it brings, a role, a file.

    `path` is the file, or the role's directory (its kind is then TASKS).
    """

    path: Path
    kind: Kind
    role: Path | None = None
    """The directory of the role that a file of tasks or variables is part of."""
    is_rest: bool = False
    """Whether it is only checked if no unit before has read it."""

    @property
    def is_role(self) -> bool:
        """Whether it is a whole role."""
        return self.path == self.role
