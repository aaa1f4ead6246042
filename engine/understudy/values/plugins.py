"""Filters, tests and lookups of the project's own: Python files beside the playbook or in a role.

They are written for Ansible, so `ansible.errors` and the few other modules that such files import
stand in `plugin_api/` here; `ansible.module_utils` is what user modules get on targets.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, cast

from understudy.resources import MODULES
from understudy.text.diagnostic import Diagnostic, Severity
from understudy.text.source import Position, Source, span_at
from understudy.values.environment import environment
from understudy.values.errors import NOT_RUN, TemplateFailed
from understudy.values.hostvars import VariablesView
from understudy.values.lazy import finalise
from understudy.values.lookups import LOOKUPS
from understudy.values.lookups.base import Lookup, Request
from understudy.values.registry import guarded
from understudy.values.texts import Value

_PACKAGES = {
    "ansible": Path(__file__).parent / "plugin_api",
    "ansible.module_utils": MODULES / "module_utils",
}


class _StandIns:
    """Finds our packages in the place of Ansible's; what is in them is found as usual."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how to import a package that we stand in for."""
        if name not in _PACKAGES:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(_PACKAGES[name])]
        return spec


@contextmanager
def no_exit() -> Iterator[None]:
    """Let a plugin that would end the process only fail: the run is not its to end."""
    try:
        yield
    except SystemExit as end:
        raise RuntimeError(f"the plugin called for an exit with status {end.code!r}") from end


def as_data(value: Value) -> Value:
    """Return what a plugin gave as plain data; raise TypeError for what is none.

    So nothing else has to know sets, tuples or bytes, masking least of all.
    """
    return finalise(_in_text(value))


def _in_text(value: Value) -> Value:
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {_in_text(key): _in_text(value[key]) for key in value}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_in_text(item) for item in value]
    return value


@cache
def load_plugins(folder: Path, kind: str, *, last: bool = False) -> tuple[Diagnostic, ...]:
    """Make the plugins of a folder known to every template; return why one cannot be.

    `kind` is the usual name of such a folder; a plugin is Python code, which is run. The first
    folder with a name wins; one that comes `last` yields to folders that are read after it.
    """
    warnings: list[Diagnostic] = []
    for path in _files(folder):
        try:
            with no_exit():
                found = _LOADERS[kind](path.stem, _imported(path))
            _take_in(kind, found, last=last)
        except Exception as error:  # noqa: BLE001 (whatever a plugin raises)
            warnings.append(_not_loaded(path, error))
    return tuple(warnings)


def _take_in(kind: str, found: Mapping[str, Any], *, last: bool) -> None:
    """Make plugins known by their names: before ours, after those that are there already."""
    env = environment()
    registries = {"filter_plugins": env.filters, "test_plugins": env.tests}
    known: dict[str, Any] = registries.get(kind, LOOKUPS)
    for name, plugin in found.items():
        if _yields.get((kind, name), True):
            known[name] = plugin
            _yields[kind, name] = last


_yields: dict[tuple[str, str], bool] = {}
"""The names that a project's plugins have, and whether another one may still have them."""


@cache
def declare_plugins(folder: Path, kind: str) -> tuple[Diagnostic, ...]:
    """Make the names of a folder's plugins known, without running any of their code.

    A name is what a file calls its filters by: a key of a mapping that it writes out.
    """
    for path in _files(folder):
        names = [path.stem] if kind == "lookup_plugins" else _keys_in(path)
        for name in names:
            if kind == "lookup_plugins":
                LOOKUPS.setdefault(name, Lookup(_never, does_io=True))
            else:
                env = environment()
                known = env.filters if kind == "filter_plugins" else env.tests
                known.setdefault(name, _never)
    return ()


def can_import(module: str, name: str | None) -> bool:
    """Tell whether a plugin can import a module, or a name from it; none of it is run."""
    package, _, _ = module.partition(".")
    if package != "ansible":
        return find_spec(package) is not None
    parts = module.split(".")
    file = _stand_in(parts)
    if name is None or file is None:
        return file is not None
    return name == "*" or _stand_in([*parts, name]) is not None or _defines(file, name)


def _stand_in(parts: Sequence[str]) -> Path | None:
    """Return the file of a module that stands for one of Ansible's."""
    in_utils = parts[:2] == ["ansible", "module_utils"]
    folder = _PACKAGES["ansible.module_utils" if in_utils else "ansible"]
    place = folder.joinpath(*parts[2 if in_utils else 1 :])
    found = (place / "__init__.py", place.with_suffix(".py"))
    return next((path for path in found if path.is_file()), None)


def _defines(file: Path, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", file.read_text("utf-8")) is not None


def _never(*_args: object) -> list[Value]:
    message = "it needs a plugin of the project, whose code is not run here"
    raise TemplateFailed(message, code=NOT_RUN)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def _keys_in(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        for key in node.keys if isinstance(node, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "dict":
            yield from (one.arg for one in node.keywords if one.arg)


def _imported(path: Path) -> ModuleType:
    if not any(finder is _StandIns for finder in sys.meta_path):
        sys.meta_path.insert(0, cast("Any", _StandIns))
    name = f"understudy_plugins.{path.parent.name}.{path.stem}_{abs(hash(str(path)))}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python module")
    module = module_from_spec(spec)
    # dataclasses, among others, look for the module of a class by its name
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _not_loaded(path: Path, error: Exception) -> Diagnostic:
    source = Source(str(path), path.read_bytes().decode("utf-8", "replace"))
    return Diagnostic(
        code="plugin-not-loaded",
        message=f"`{path.name}` cannot be used: {error or type(error).__name__}",
        span=span_at(source, Position(_line_of(error, path), 1), 1),
        severity=Severity.WARNING,
        help="it is passed over, and what it defines is not there",
    )


def _line_of(error: Exception, path: Path) -> int:
    """Return the line of the plugin that raised an error, the first one if none did."""
    trace = error.__traceback__
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return getattr(error, "lineno", None) or line


def load_action(path: Path) -> Callable[..., Any]:
    """Return the class of an action plugin; raise whatever its file raises."""
    with _loading:
        return _action_in(path, path.stat().st_mtime_ns)


_loading = Lock()


@cache
def _action_in(path: Path, _changed_ns: int) -> Callable[..., Any]:
    made: Callable[..., Any] = _imported(path).ActionModule
    return made


def _load_filters(_name: str, module: ModuleType) -> Mapping[str, Any]:
    found: Mapping[str, Callable[..., Any]] = module.FilterModule().filters()
    return {name: guarded("filter", name, _plain(function)) for name, function in found.items()}


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function plain data in the place of views; a generator ends in here."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = {key: _finalised(value) for key, value in kwargs.items()}
        with no_exit():
            value = function(*map(_finalised, args), **given)
            return list(value) if isinstance(value, Iterator) else value

    return call


def _finalised(value: Value) -> Value:
    return finalise(value) if isinstance(value, (dict, list, tuple, str)) else value


def _load_tests(_name: str, module: ModuleType) -> Mapping[str, Any]:
    found: Mapping[str, Callable[..., Any]] = module.TestModule().tests()
    return {name: guarded("test", name, _plain(function)) for name, function in found.items()}


def _load_lookup(name: str, module: ModuleType) -> Mapping[str, Any]:
    documentation = getattr(module, "DOCUMENTATION", "")

    def run(request: Request) -> list[Value]:
        terms = [finalise(term) for term in request.terms]
        options = {key: finalise(value) for key, value in request.options.items()}
        variables = VariablesView(request.rendering)
        with no_exit():
            plugin = module.LookupModule()
            plugin.prepare(name, documentation, request)
            return list(plugin.run(terms, variables=variables, **options))

    return {name: Lookup(run, does_io=True)}


_LOADERS: Mapping[str, Callable[[str, ModuleType], Mapping[str, Any]]] = {
    "filter_plugins": _load_filters,
    "lookup_plugins": _load_lookup,
    "test_plugins": _load_tests,
}
