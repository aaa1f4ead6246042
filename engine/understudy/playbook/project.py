"""What a project brings itself lies in folders beside its playbooks and in its roles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from understudy.playbook.fields import Report
from understudy.playbook.user_modules import UserModule, find_user_module, programs, user_module
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Span

PLUGIN_FOLDERS = ("filter_plugins", "test_plugins", "lookup_plugins")
ACTION_FOLDER = "action_plugins"
NOT_RUN = (
    "become_plugins cache_plugins callback_plugins cliconf_plugins"
    " connection_plugins httpapi_plugins inventory_plugins netconf_plugins strategy_plugins"
    " terminal_plugins vars_plugins"
).split()
"""Folders with plugins of kinds that are ours alone."""
Plugins: TypeAlias = Callable[[Path, str], Iterable[Diagnostic]]


@dataclass(slots=True)
class Project:
    """The folders of everything read so far, in that order: the first with a module wins.

    So a role's module is there for what is read after the role, in other roles too, as in Ansible.
    """

    libraries: tuple[Path, ...] = ()
    """Where modules are looked for as well, after the `library/` of each folder."""
    actions: tuple[Path, ...] = ()
    """Where action plugins are looked for, after the `action_plugins/` of each folder."""
    plugins: Plugins = field(default=lambda _folder, _kind: ())
    """Makes the filters, tests or lookups of a folder known; returns warnings."""
    warn: Report = field(default=lambda _found: None)
    folders: dict[Path, None] = field(default_factory=dict)
    _modules: dict[str, Path] = field(default_factory=dict)
    _actions: dict[str, Path] = field(default_factory=dict)

    def add(self, folder: Path) -> None:
        """Note the folder of a playbook or a role that is read."""
        if folder in self.folders:
            return
        self.folders[folder] = None
        self._modules = {**programs(folder / "library"), **self._modules}
        self._actions = {**programs(folder / ACTION_FOLDER), **self._actions}
        for kind in PLUGIN_FOLDERS:
            if (folder / kind).is_dir():
                self.load(folder / kind, kind)

    def load(self, folder: Path, kind: str) -> None:
        """Make the plugins of a folder known."""
        for warning in self.plugins(folder, kind):
            self.warn(warning)

    def places(self, name: str) -> list[Path]:
        """Return the folders of this name, whether they exist or not."""
        return [folder / name for folder in self.folders]

    def module(self, written: str, called_at: Span) -> UserModule | Diagnostic | None:
        """Return the project's own module of a name, which wins over one of ours."""
        name = written.removeprefix("ansible.legacy.")
        if "." in name:
            return None
        action = self._actions.get(name) or find_user_module(name, self.actions)
        if action is not None:
            return UserModule(action, is_action=True)
        path = self._modules.get(name) or find_user_module(name, self.libraries)
        return user_module(path, self.places("module_utils"), called_at) if path else None
