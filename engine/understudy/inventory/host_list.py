"""The host list: `-i web1,web2:2222,` with ranges, the form that needs no file."""

from __future__ import annotations

from understudy.inventory.model import Inventory
from understudy.inventory.ranges import BadRange, expand
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid


def read_host_list(text: str, inventory: Inventory) -> None:
    """Add the hosts of a comma-separated list. Raise PlaybookInvalid with every finding."""
    findings: list[Diagnostic] = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            names, port = expand(part)
        except BadRange as error:
            findings.append(Diagnostic(code="invalid-host", message=f"{error} in `-i {text}`"))
            continue
        for name in names:
            host = inventory.enlist(name, "ungrouped", text)
            if port is not None:
                host.values["ansible_port"] = port
    if findings:
        raise PlaybookInvalid(findings)
