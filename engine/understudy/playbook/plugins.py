"""Plugins that a playbook names: what we do not have is refused before a host is touched."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.playbook.fields import Field, Fields, Report
from understudy.text.diagnostic import Diagnostic, did_you_mean
from understudy.text.source import Span
from understudy.values.texts import Template

_AVAILABLE: Mapping[str, frozenset[str]] = {
    "connection": frozenset({"local", "smart", "ssh"}),
    "strategy": frozenset({"free", "host_pinned", "linear"}),
    "become_method": frozenset({"doas", "su", "sudo"}),
    "debugger": frozenset({"never"}),
    "order": frozenset({"inventory", "reverse_inventory", "reverse_sorted", "shuffle", "sorted"}),
}
_NOT_YET: Mapping[str, frozenset[str]] = {
    "connection": frozenset(
        "chroot docker httpapi kubectl netconf network_cli paramiko paramiko_ssh podman psrp"
        " winrm".split()
    ),
    "strategy": frozenset({"debug"}),
    "become_method": frozenset("dzdo enable ksu machinectl pbrun pfexec pmrun runas sesu".split()),
    "debugger": frozenset({"always", "on_failed", "on_skipped", "on_unreachable"}),
    "order": frozenset(),
}


def check_plugins(fields: Fields, report: Report) -> None:
    """Report a connection, strategy, debugger, order or become method that we do not have."""
    for name in _AVAILABLE:
        if name in fields:
            _check_name(fields[name], report)


def _check_name(field: Field, report: Report) -> None:
    if not field.given or isinstance(field.value, Template):
        return
    found = missing_plugin(field.key.written, str(field.value), field.node.span)
    if found is not None:
        report(found)


def missing_plugin(keyword: str, written: str, span: Span) -> Diagnostic | None:
    """Return the finding for the plugin that a keyword names, None if we have it."""
    name = written.removeprefix("ansible.builtin.")
    if name in _AVAILABLE[keyword]:
        return None
    known = _AVAILABLE[keyword] | _NOT_YET[keyword]
    near = did_you_mean(name, known)
    late = name in _NOT_YET[keyword] or "." in name
    listed = ", ".join(f"`{one}`" for one in sorted(_AVAILABLE[keyword]))
    return Diagnostic(
        code="not-supported" if late else "unknown-plugin",
        message=f"the {keyword} `{name}` is not supported yet"
        if late
        else f"there is no {keyword} `{name}`",
        span=span,
        help=f"did you mean `{near}`?" if near and not late else f"there is {listed}",
    )
