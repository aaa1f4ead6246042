"""How long a run waited for jobs, and how long Ansible's polling would have waited for the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from understudy.execution.timing import polled_s


@dataclass(slots=True)
class Waits:
    """Seconds by task: its hosts wait side by side, the tasks one after another."""

    ours: dict[str, float] = field(default_factory=dict)
    ansibles: dict[str, float] = field(default_factory=dict)
    _host: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def add(self, task_id: str, host: str, waited_s: float, interval_s: float) -> None:
        """Note that a host waited for a job's end that Ansible looks for every `interval_s`."""
        ours, ansibles = self._host.get((task_id, host), (0.0, 0.0))
        total = (ours + waited_s, ansibles + polled_s(waited_s, interval_s))
        self._host[task_id, host] = total
        self.ours[task_id] = max(self.ours.get(task_id, 0.0), total[0])
        self.ansibles[task_id] = max(self.ansibles.get(task_id, 0.0), total[1])

    def totals(self) -> tuple[float, float] | None:
        """Return our seconds and Ansible's, or None when nothing was waited for."""
        if not self._host:
            return None
        return sum(self.ours.values()), sum(self.ansibles.values())
