"""The loader that every command reads playbooks with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from understudy.config import Config
from understudy.playbook.fields import Report
from understudy.playbook.files import Loader
from understudy.playbook.project import PLUGIN_FOLDERS, Project
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.values.scope import Scope
from understudy.values.texts import Template, Value

_DUPLICATES = {"error": Severity.ERROR, "warn": Severity.WARNING, "ignore": None}


def loader_of(
    scope: Scope,
    config: Config,
    deferred: frozenset[str] = frozenset(),
    libraries: Sequence[str] = (),
    *,
    runs: bool = True,
) -> tuple[Loader, list[Diagnostic]]:
    """Return a loader that renders names in a scope, and the list that its warnings go to.

    Findings with a code in `deferred` are left to the run. `libraries` are directories with modules
    of the project's own, before those of the configuration. Where nothing `runs`, no plugin of the
    project does either: their names are read, not their code.
    """
    warnings: list[Diagnostic] = []

    def render(text: str | Template, layers: Sequence[Mapping[str, Value]]) -> str:
        from understudy.values.template import render_text

        seen = Scope((*scope.layers, *layers), scope.world)
        return str(text) if isinstance(text, str) else render_text(text, seen)

    loader = Loader(
        render,
        warnings.append,
        deferred,
        roles_path=tuple(map(Path, config.roles_path)),
        duplicate_keys=_DUPLICATES[config.duplicate_dict_key],
        project=_project(config, libraries, warnings.append, runs=runs),
        merges_hashes=config.hash_behaviour == "merge",
    )
    return loader, warnings


def _project(config: Config, libraries: Sequence[str], warn: Report, *, runs: bool) -> Project:
    """Return what finds the project's own modules and plugins, with those of the configuration."""
    plugins = _load_plugins if runs else _declare_plugins
    project = Project(
        tuple(map(Path, (*libraries, *config.library))),
        tuple(map(Path, config.action_plugins)),
        plugins,
        warn,
    )
    for kind in PLUGIN_FOLDERS:
        for folder in getattr(config, kind):
            for warning in plugins(Path(folder), kind, last=True):
                warn(warning)
    return project


def _load_plugins(folder: Path, kind: str, *, last: bool = False) -> Iterable[Diagnostic]:
    from understudy.values.plugins import load_plugins

    return load_plugins(folder, kind, last=last)


def _declare_plugins(folder: Path, kind: str, **_order: bool) -> Iterable[Diagnostic]:
    from understudy.values.plugins import declare_plugins

    return declare_plugins(folder, kind)
