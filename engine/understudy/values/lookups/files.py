"""Lookups that read the controller's files or run its commands: never on the event loop."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping
from glob import glob
from pathlib import Path

from understudy.values.environment import Syntax
from understudy.values.lazy import finalise
from understudy.values.lookups.base import Lookup, Request
from understudy.values.template_files import SYNTAX, about_file, rendered_file, with_templates
from understudy.values.texts import Value
from understudy.values.vault import decrypted


def read_file(request: Request) -> list[Value]:
    """Return the content of files, without white space at the end."""
    return [
        _stripped(_read(request, "files", str(term)), request.options) for term in request.terms
    ]


def unvault(request: Request) -> list[Value]:
    """Return the content of files as it is; an encrypted one needs a secret."""
    return [_read(request, "files", str(term)) for term in request.terms]


def _read(request: Request, folder: str, name: str) -> str:
    path = request.find(folder, name)
    if path is None:
        raise FileNotFoundError(
            f"Unable to access the file {name!r}: File not found. Use -vvvvv to see paths searched."
        )
    try:
        return decrypted(path.read_bytes()).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise OSError(
            f"Unable to access the file {name!r}: An error occurred while trying to read the file "
            f"{str(path)!r}: {error}"
        ) from None


def _stripped(text: str, options: Mapping[str, Value]) -> str:
    text = text.lstrip() if options.get("lstrip", False) else text
    return text.rstrip() if options.get("rstrip", True) else text


def fileglob(request: Request) -> list[Value]:
    """Return the files that patterns match; a relative pattern is tried in `files/` first."""
    return [path for term in request.terms for path in _globbed(request, str(term))]


def _globbed(request: Request, pattern: str) -> list[str]:
    places = [base / part for base in request.search_path() for part in ("files", "")]
    patterns = [pattern] if os.path.isabs(pattern) else [str(p / pattern) for p in places]  # noqa: PTH117
    for one in patterns:
        found = [path for path in glob(one) if Path(path).is_file()]  # noqa: PTH207 (text out)
        if found:
            return found
    return []


def first_found(request: Request) -> list[Value]:
    """Return the first of the named files that exists."""
    options = dict(request.options)
    names: list[str] = []
    for term in _terms(request.terms):
        if isinstance(term, Mapping):
            options |= term
            names += _candidates(options)
        else:
            names.append(str(term))
    if not request.terms:
        names = _candidates(options)
    for name in names:
        found = _existing(request, name)
        if found is not None:
            return [str(found)]
    if options.get("skip", False):
        return []
    raise FileNotFoundError("No file was found when using first_found.")


def _existing(request: Request, name: str) -> Path | None:
    for folder in ("templates", "vars", "tasks", "files"):
        found = request.find(folder, name) if name else None
        if found is not None and not found.is_dir():
            return found
    return None


def _terms(terms: Value) -> list[Value]:
    flat: list[Value] = []
    for term in terms:
        flat += _terms(term) if isinstance(term, (list, tuple)) else [term]
    return flat


def _candidates(options: Mapping[str, Value]) -> list[str]:
    files = _split(options.get("files", []), ",;")
    paths = _split(options.get("paths", []), ",:;")
    if not paths:
        return files
    return [os.path.join(path, name) for path in paths for name in files]  # noqa: PTH118


def _split(value: Value, separators: str) -> list[str]:
    if not isinstance(value, str):
        return [part for one in value for part in _split(str(one), separators)]
    for separator in separators[1:]:
        value = value.replace(separator, separators[0])
    return [part.strip() for part in value.split(separators[0]) if part.strip()]


def pipe(request: Request) -> list[Value]:
    """Return what shell commands print, without white space at the end."""
    return [_output("pipe", str(term), request).rstrip() for term in request.terms]


def lines(request: Request) -> list[Value]:
    """Return the lines that shell commands print."""
    outputs = [_output("lines", str(term), request) for term in request.terms]
    return [line for output in outputs for line in output.splitlines()]


def _output(lookup: str, command: str, request: Request) -> str:
    import subprocess  # costs milliseconds

    directory = request.variable("playbook_dir")
    done = subprocess.run(  # noqa: S602 (the lookup is for shell commands)
        command,
        shell=True,
        cwd=directory if isinstance(directory, str) else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise OSError(f"lookup_plugin.{lookup}({command}) returned {done.returncode}")
    return done.stdout.decode("utf-8", "surrogateescape")


def template(request: Request) -> list[Value]:
    """Return template files rendered; marks may be given as to the action, and variables."""
    syntax = Syntax(**{name: request.options[name] for name in SYNTAX if name in request.options})
    given: Value = finalise(request.options.get("template_vars") or {})
    rendered: list[Value] = []
    for term in request.terms:
        text = _read(request, "templates", str(term))
        path = request.find("templates", str(term)) or Path(str(term))
        own = {**about_file(str(term), path, request.rendering.scope), **given}
        outer = request.rendering.with_layer(own)
        folders = [path.parent, *with_templates(request.search_path())]
        value = rendered_file(text, path, syntax, outer, folders)
        rendered.append("" if value is None else value)
    return rendered


def csvfile(request: Request) -> list[Value]:
    """Return a column of the row whose first column is the term."""
    found: list[Value] = []
    if not request.terms:
        raise LookupError(_NO_KEY)
    for term in request.terms:
        key, options = _csv_options(request, str(term))
        value = _cell(request, options, key)
        if value is not None:
            found += [value] if not isinstance(value, list) else value
    return found


_NO_KEY = "Search key is required but was not found"
_CSV_OPTIONS: Mapping[str, Value] = {
    "file": "ansible.csv",
    "delimiter": "TAB",
    "col": "1",
    "keycol": 0,
    "default": None,
    "encoding": "utf-8",
}


def _csv_options(request: Request, term: str) -> tuple[str, dict[str, Value]]:
    """Return the key and the options of a term, which may hold both: `key a=b c=d`."""
    options = {**_CSV_OPTIONS, **request.options}
    words, pairs = _words_and_pairs(term)
    for name, value in pairs:
        if name not in _CSV_OPTIONS:
            raise ValueError(f"{name!r} is not a valid option")
        options[name] = value
    if not words:
        raise LookupError(_NO_KEY)
    return words, options


_PAIR = re.compile(
    r"(?:^|(?<=\s))(?P<name>\w+)=(?:(?P<q>[\"'])(?P<quoted>.*?)(?P=q)|(?P<value>\S*))"
)
"""An option within a term. What stands before the options is the key, quotes and all."""


def _words_and_pairs(term: str) -> tuple[str, list[tuple[str, str]]]:
    pairs = [(found["name"], found["quoted"] or found["value"]) for found in _PAIR.finditer(term)]
    return _PAIR.sub("", term).strip(), pairs


def _column(name: str, options: Mapping[str, Value]) -> int:
    try:
        return int(options[name])
    except ValueError:
        raise ValueError(
            f"Config {name!r} for 'csvfile' lookup plugin from 'Direct' has an invalid value: "
            f"Invalid value provided for 'integer': {options[name]!r}"
        ) from None


def _cell(request: Request, options: Mapping[str, Value], key: str) -> Value:
    delimiter = "\t" if options["delimiter"] in ("TAB", "t") else str(options["delimiter"])
    path = request.find("files", str(options["file"]))
    if path is None:
        raise FileNotFoundError(f"No such file or directory: {str(options['file'])!r}")
    text = path.read_text(encoding=str(options["encoding"]))
    column, key_column = _column("col", options), _column("keycol", options)
    for row in csv.reader(text.splitlines(), delimiter=delimiter):
        if row and row[key_column] == key:
            return row[column]
    return options.get("default")


def ini(request: Request) -> list[Value]:
    """Return keys of an INI or properties file."""
    options = {"file": "ansible.ini", "section": "global", "type": "ini", **request.options}
    found: list[Value] = []
    for term in request.terms:
        key, *pairs = str(term).split()
        chosen = options | dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        value = _ini_value(request, chosen, key)
        found += value if isinstance(value, list) else [] if value is None else [value]
    return found


def _ini_value(request: Request, options: Mapping[str, Value], key: str) -> Value:
    import configparser  # costs milliseconds

    parser = configparser.RawConfigParser()
    if options.get("case_sensitive", False):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
    text = _read(request, "files", str(options["file"]))
    section = str(options["section"])
    if options["type"] == "properties":
        section, text = "java_properties", "[java_properties]\n" + text
    parser.read_string(text)
    if not parser.has_section(section):
        path = request.find("files", str(options["file"]))
        raise LookupError(f"No section {section!r} in {str(path)!r}.")
    if options.get("re", False):
        return [value for name, value in parser.items(section) if re.match(key, name)]
    return parser.get(section, key, fallback=options.get("default", ""))


LOOKUPS: Mapping[str, Lookup] = {
    "file": Lookup(read_file, does_io=True),
    "unvault": Lookup(unvault, does_io=True),
    "fileglob": Lookup(fileglob, does_io=True),
    "first_found": Lookup(first_found, does_io=True),
    "pipe": Lookup(pipe, does_io=True),
    "lines": Lookup(lines, does_io=True),
    "template": Lookup(template, does_io=True),
    "csvfile": Lookup(csvfile, does_io=True),
    "ini": Lookup(ini, does_io=True),
}
