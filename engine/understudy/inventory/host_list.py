"""The host list: `-i web1,web2:2222,` with ranges, the form that needs no file."""

from __future__ import annotations

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


def _expanded(
    part: str, text: str, inventory: Inventory, *, strict: bool
) -> tuple[list[str], int | None]:
    try:
        return expand(part)
    except BadRange as error:
        message = f"{error} in `-i {text}`"
        severity = Severity.ERROR if strict else Severity.WARNING
        said = Diagnostic(code="invalid-host", message=message, severity=severity)
        if strict:
            raise PlaybookInvalid([said]) from None
        inventory.warnings.append(said)
        return [part], None
