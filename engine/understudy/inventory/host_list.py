"""The host list: `-i web1,web2:2222,` with ranges, the form that needs no file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from understudy.inventory.model import Inventory
from understudy.inventory.ranges import BadRange, expand
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid, Severity


def read_host_list(text: str, inventory: Inventory, *, strict: bool = False) -> None:
    """Add the hosts of a comma-separated list; a range that cannot be read names a host as it is.

    If `strict` it is refused: raise PlaybookInvalid.
    """
    for part in filter(None, map(str.strip, text.split(","))):
        names, port = _expanded(part, text, inventory, strict=strict)
        for name in names:
            host = inventory.enlist(name, "ungrouped", text)
            if port is not None:
                host.values["ansible_port"] = port


_ANSIBLE_SAYS = "Ansible says: Failed to parse inventory with 'advanced_host_list' plugin"

_NO_END = (
    "Ansible says: Unable to parse address from hostname, leaving unchanged: "
    "host range must specify end value"
)


def _expanded(
    part: str, text: str, inventory: Inventory, *, strict: bool
) -> tuple[Iterable[str], int | None]:
    try:
        return expand(part)
    except BadRange as error:
        said = Diagnostic(code="invalid-host", message=f"{error} in `-i {text}`")
        if strict and not part.endswith(":]"):
            raise PlaybookInvalid([replace(said, notes=(_ANSIBLE_SAYS,))]) from None
        notes = (_NO_END,) if strict else ()
        inventory.warnings.append(replace(said, severity=Severity.WARNING, notes=notes))
        return [part], None
