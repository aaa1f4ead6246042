"""What a file of a project holds, told by its place, its name and its text."""

from __future__ import annotations

import os
import re

from understudy.check.files import Kind
from understudy.check.project.project_files import PROGRAMS, FoundFile
from understudy.inventory.script import is_program
from understudy.inventory.yaml import looks_like_yaml
from understudy.playbook.module_names import (
    BUILTIN_PREFIXES,
    find_module,
    is_full_name,
    is_known_elsewhere,
)
from understudy.text import nodes
from understudy.text.nodes import Mapping, Node

VARIABLES = frozenset({"defaults", "group_vars", "host_vars", "meta", "vars"})
TASKS = frozenset({"handlers", "tasks"})
CONFIG = "ansible.cfg"
_YAML = (".yml", ".yaml")
_NO_PLAIN_FILES = frozenset({"galaxy", "requirements"})
_IMPORT = ("import_playbook", *(f"{prefix}import_playbook" for prefix in BUILTIN_PREFIXES))
_OF_ANSIBLE = re.compile(
    r"(?m)^(?:- name|[ -]*(?:hosts|tasks|(?:ansible\.builtin\.)?import_playbook))\s*:"
)
_OF_GROUPS = frozenset({"children", "hosts", "vars"})


def is_template(file: FoundFile) -> bool:
    """Tell whether a file is rendered before anybody reads it."""
    return file.path.suffix == ".j2" or "templates" in file.folders


def may_be_read(file: FoundFile) -> bool:
    """Tell whether a file may hold plays, tasks, variables or hosts; its text is not looked at."""
    if file.is_in(PROGRAMS) or is_template(file):
        return False
    return file.path.suffix in _YAML or file.is_named or _is_data(file)


def _is_data(file: FoundFile) -> bool:
    """Tell whether a file without YAML's ending holds variables or hosts, and is no program."""
    if file.is_in(VARIABLES):
        is_data = file.path.suffix in ("", ".json")
    else:
        is_data = file.path.suffix in ("", ".ini", ".cfg") and is_of_inventory(file)
    return is_data and os.path.isfile(file.path) and not is_program(file.path)  # noqa: PTH113 (Path's fails for odd names)


def is_of_inventory(file: FoundFile) -> bool:
    """Tell whether a file is called as inventories are, or lies in a folder of them."""
    return file.path.name.startswith(("hosts", "inventory")) or any(
        folder.startswith("inventor") for folder in file.folders
    )


def is_ini(file: FoundFile, text: str) -> bool:
    """Tell whether a file is an inventory in INI."""
    if file.path.suffix:
        return file.path.suffix in (".ini", ".cfg")
    return not (file.is_in(VARIABLES | TASKS) or looks_like_yaml(text))


def is_ours(file: FoundFile, text: str) -> bool:
    """Tell whether a text that is no YAML was meant for Ansible."""
    is_placed = file.is_named or file.is_in(VARIABLES | TASKS)
    return is_placed or _OF_ANSIBLE.search(text) is not None


def is_of_others(file: FoundFile, text: str) -> bool:
    """Tell whether a text that is no list is called as those of other programs are."""
    is_data = file.path.suffix in ("", ".json", *_YAML)
    return bool(text.strip()) and not is_data and _OF_ANSIBLE.search(text) is None


def kind_of(root: Node | None, file: FoundFile) -> Kind | None:
    """Return what a tree is; None: nothing that Ansible would read."""
    if isinstance(root, Mapping):
        return _kind_of_mapping(root, file)
    if not isinstance(root, nodes.Sequence):
        return None
    keys = {str(key) for item in root.items if isinstance(item, Mapping) for key in item.entries}
    if not keys.isdisjoint(("hosts", *_IMPORT)):
        return Kind.PLAYBOOK
    if file.is_in(TASKS):
        return Kind.HANDLERS if "handlers" in file.folders else Kind.TASKS
    if file.is_in(VARIABLES) or file.path.stem in _NO_PLAIN_FILES:
        return None
    return Kind.TASKS if any(map(_is_of_a_task, keys)) else None


def _kind_of_mapping(root: Mapping, file: FoundFile) -> Kind:
    is_variables = file.is_in(VARIABLES)
    if not is_variables and ("plugin" in root.entries or is_of_inventory(file)):
        return Kind.INVENTORY
    is_meta = file.folders[-1:] == ("meta",) and file.path.stem == "main"
    return Kind.ROLE_META if is_meta else Kind.VARIABLES


def kind_of_named(root: Node | None, file: FoundFile) -> Kind | None:
    """Return what a file is that the user named: if in doubt a playbook, whose reader says why."""
    if isinstance(root, Mapping):
        known = file.is_in(VARIABLES) or is_of_inventory(file) or "var" in file.path.stem
        if known or "plugin" in root.entries or _holds_groups(root):
            return Kind.INVENTORY if _holds_groups(root) else kind_of(root, file)
        return None if file.path.stem in _NO_PLAIN_FILES else Kind.PLAYBOOK
    if root is None or not isinstance(root, nodes.Sequence) or not root.items:
        return kind_of_place(file)
    found = kind_of(root, file)
    is_other = file.is_in(VARIABLES) or file.path.stem in _NO_PLAIN_FILES
    return found or (None if is_other else Kind.PLAYBOOK)


def kind_of_place(file: FoundFile) -> Kind:
    """Return what a file would be whose text does not say."""
    if file.is_in(TASKS):
        return Kind.HANDLERS if "handlers" in file.folders else Kind.TASKS
    return Kind.VARIABLES if file.is_in(VARIABLES) else Kind.PLAYBOOK


def _holds_groups(root: Mapping) -> bool:
    """Tell whether every value is a group of an inventory, and one says what it holds."""
    groups = [value for _, value in root.pairs()]
    held = [one for one in groups if isinstance(one, Mapping) and one.entries]
    return bool(held) and all(set(one.entries) <= _OF_GROUPS for one in held)


def _is_of_a_task(key: str) -> bool:
    known = find_module(key) is not None or is_known_elsewhere(key)
    return known or is_full_name(key) or key in ("block", "action", "local_action")
