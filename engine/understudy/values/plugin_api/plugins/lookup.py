"""The base of lookups: options by their documentation, files on the search path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from understudy.text.document import parse_document
from understudy.text.nodes import Mapping as MappingNode
from understudy.text.source import Source
from understudy.values.argument_types import CONVERTERS
from understudy.values.load import load
from understudy.values.lookups.base import Request
from understudy.values.missing import NOTHING

from ..errors import AnsibleFileNotFound
from ..utils.display import Display

display = Display()
Options = dict[str, Any]


class LookupBase:
    """One call of a lookup; `run(terms, variables, **options)` is the lookup's own."""

    _display = display

    def __init__(self, loader: object = None, templar: object = None, **_: object) -> None:
        self._loader = loader
        self._templar = templar
        self._options: Options = {}

    def prepare(self, name: str, documentation: str, request: Request) -> None:
        """Take what a call is about; the options are complete after `set_options`."""
        self._load_name = name
        self._request = request
        self._documented = _options_of(name, documentation)
        self._loader = self._loader or _Loader(request)
        self._templar = self._templar or _Templar(request)
        self.set_options(direct=dict(request.options))

    def set_options(self, var_options: object = None, direct: Options | None = None) -> None:
        """Take the options: given, of a variable, of the environment, the documented default."""
        given = direct or {}
        for name, about in self._documented.items():
            value = given[name] if name in given else self._found(about)
            convert = CONVERTERS.get(about.get("type", "raw"), CONVERTERS["raw"])
            self._options[name] = value if value is None else convert(value)
        self._options |= {name: given[name] for name in given if name not in self._documented}

    def _found(self, about: Mapping[str, Any]) -> Any:
        for one in about.get("vars", ()):
            value = self._request.variable(one["name"])
            if value is not NOTHING:
                return value
        names = [one["name"] for one in about.get("env", ())]
        return next(
            (os.environ[name] for name in names if name in os.environ), about.get("default")
        )

    def get_option(self, name: str, hostvars: object = None) -> Any:
        """Return an option; raise KeyError for one that is neither given nor documented."""
        return self._options[name]

    def get_options(self, hostvars: object = None) -> Options:
        """Return all options."""
        return self._options

    def has_option(self, name: str) -> bool:
        """Whether there is an option."""
        return name in self._options

    def set_option(self, name: str, value: Any, **_: object) -> None:
        """Set an option."""
        self._options[name] = value

    def get_basedir(self, variables: object = None) -> str:
        """Return the directory of the role or the playbook."""
        return str(self._request.search_path()[0])

    def find_file_in_search_path(
        self,
        myvars: object,
        subdir: str,
        needle: str,
        ignore_missing: bool = False,
    ) -> str | None:
        """Return the path of a file, looked for as Ansible does; raise AnsibleFileNotFound."""
        found = self._request.find(subdir, needle)
        if found is None and not ignore_missing:
            raise AnsibleFileNotFound(f"Unable to find '{needle}' in expected paths.")
        return None if found is None else str(found)

    @staticmethod
    def _flatten(terms: Iterable[Any]) -> list[Any]:
        return [
            item for term in terms for item in (term if isinstance(term, (list, tuple)) else [term])
        ]

    @staticmethod
    def _combine(a: Iterable[Any], b: Iterable[Any]) -> list[Any]:
        right = list(b)
        return [LookupBase._flatten([x, y]) for x in a for y in right]


class _Templar:
    """What plugins call to render a value: a text that came from elsewhere stays as it is."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def template(self, value: Any, **_: object) -> Any:
        return self._request.rendering.adopt(value)


class _Loader:
    """What plugins call to read files."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def get_basedir(self) -> str:
        return str(self._request.variable("playbook_dir"))

    def path_dwim(self, given: str) -> str:
        return str(Path(self.get_basedir(), Path(given).expanduser()))

    get_real_file = path_dwim


def _options_of(name: str, documentation: str) -> Mapping[str, Options]:
    """Return the options that a plugin's documentation has; none where it cannot be read."""
    if not documentation:
        return {}
    root = parse_document(Source(f"{name}.py", documentation), lambda _: None)
    about = root.get("options") if isinstance(root, MappingNode) else None
    options = load(about) if about is not None else None
    return {str(key): dict(one) for key, one in options.items()} if options else {}
