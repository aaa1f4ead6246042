"""What a run shows on the console, as data: the form in which two runs are compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass
class HostResult:
    """One result line of one host: `changed: [web -> db] => (item=x) => {...}`."""

    status: str
    result: Json = None
    item: str | None = None
    delegated_to: str | None = None
    ignored: bool = False


@dataclass
class Step:
    """What stands under one banner: a play, a task or a handler."""

    kind: str
    name: str
    hosts: dict[str, list[HostResult]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Return the banner's text, as the console shows it."""
        return f"{self.kind} [{self.name}]" if self.name else self.kind

    @property
    def is_empty_task(self) -> bool:
        """Tell whether this is a task or handler of which only the banner was printed."""
        is_task = self.kind in {"TASK", "RUNNING HANDLER"}
        return is_task and not self.hosts and not self.lines


@dataclass
class Run:
    """A whole run; `preamble` holds what was printed before the first banner."""

    exit_code: int
    preamble: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    recap: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """Return the run as plain values, ready to be written or compared."""
        return asdict(self)
