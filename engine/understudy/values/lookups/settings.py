"""The lookup `config`: settings of the configuration, and options of the plugins that we have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from understudy.config import Config, load_config
from understudy.config.settings import SETTINGS
from understudy.values.lookups.base import Lookup, Request
from understudy.values.missing import NOTHING
from understudy.values.texts import Value

_ON_MISSING = ("error", "skip", "warn")


class _Option(NamedTuple):
    """An option of a plugin: the variables that set it, the setting that does, its default."""

    variables: tuple[str, ...]
    setting: str | None = None
    default: Value = None


def _become(exe: str, flags: str) -> Mapping[str, _Option]:
    return {
        "become_exe": _Option(("ansible_become_exe",), None, exe),
        "become_flags": _Option(("ansible_become_flags",), None, flags),
        "become_user": _Option(("ansible_become_user",), "become_user", "root"),
        "become_pass": _Option(("ansible_become_password", "ansible_become_pass")),
    }


_REMOTE_TMP = _Option(("ansible_remote_tmp",), "remote_tmp")
_PLUGINS: Mapping[tuple[str, str], Mapping[str, _Option]] = {
    ("become", "doas"): _become("doas", ""),
    ("become", "su"): _become("su", ""),
    ("become", "sudo"): _become("sudo", "-H -S -n"),
    ("connection", "ssh"): {
        "host": _Option(("inventory_hostname", "ansible_host", "ansible_ssh_host")),
        "port": _Option(("ansible_port", "ansible_ssh_port"), "remote_port"),
        "remote_user": _Option(("ansible_user", "ansible_ssh_user"), "remote_user"),
        "timeout": _Option(("ansible_timeout", "ansible_ssh_timeout"), "timeout"),
    },
    ("shell", "sh"): {
        "async_dir": _Option(("ansible_async_dir",), None, "~/.ansible_async"),
        "remote_tmp": _REMOTE_TMP,
    },
}


def config(request: Request) -> list[Value]:
    """Return settings, by the names that Ansible's documentation has for them."""
    on_missing = request.options.get("on_missing", "error")
    if on_missing not in _ON_MISSING:
        wrong = f"Invalid value {on_missing!r} for config 'on_missing' for 'config' lookup plugin."
        raise LookupError(wrong)
    find = _finder(request)
    found: list[Value] = []
    for term in request.terms:
        if not isinstance(term, str):
            kind = type(term)
            raise LookupError(  # noqa: TRY004 (all of them are failures of the lookup)
                f"Invalid setting identifier, {term} is not a <class 'str'>, its a {kind}."
            )
        value = find(term)
        if value is not None:
            found.append(list(value) if request.options.get("show_origin") else value[0])
        elif on_missing == "error":
            raise LookupError(f"No config definition exists for {term!r}.")
        elif on_missing == "warn":
            request.rendering.warn(f"Skipping, did not find setting {term!r}.")
    return found


def _finder(request: Request) -> Callable[[str], tuple[Value, str] | None]:
    """Return what finds a value and where it is from: of the configuration, or of a plugin."""
    kind, name = (request.options.get(f"plugin_{part}") for part in ("type", "name"))
    if (kind is None) is not (name is None):
        raise LookupError(
            "Both plugin_type and plugin_name are required, cannot use one without the other."
        )
    read = load_config()
    if kind is None:
        return lambda term: _setting(read, term)
    options = _PLUGINS.get((str(kind), str(name).removeprefix("ansible.builtin.")), {})
    return lambda term: _option(request, read, options[term]) if term in options else None


def _setting(read: Config, term: str) -> tuple[Value, str] | None:
    for name, names in SETTINGS.items():
        known = {name.upper(), f"DEFAULT_{name.upper()}", *names.env}
        if term in known or f"ANSIBLE_{term}" in known:
            return _plain(getattr(read, name)), str(read.origin(name))
    return None


def _option(request: Request, read: Config, option: _Option) -> tuple[Value, str]:
    for name in reversed(option.variables):
        value = request.variable(name)
        if value is not NOTHING:
            return value, f"var: {name}"
    if option.setting is not None and getattr(read, option.setting) is not None:
        return _plain(getattr(read, option.setting)), str(read.origin(option.setting))
    return option.default, "default"


def _plain(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


LOOKUPS: Mapping[str, Lookup] = {"config": Lookup(config, does_io=True)}
