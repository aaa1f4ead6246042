"""How time passes for jobs and slots, ours and Ansible's: only the executor asks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Timing:
    """One model of waiting. Seconds throughout.

    - `slot_held_while_waiting`: a polling or delaying host keeps its slot of `forks`.
    - `push`: the end of a job makes the next scheduled check happen at once.
    - `supervisor_step_s`: a job's limit above this is rounded up to a multiple of it; 0 is exact.
    - `record_delay_s`: how long after the kill the job file tells of it.
    - `task_overhead_s`: what one task costs beside its module, for simulations.
    """

    slot_held_while_waiting: bool
    push: bool
    supervisor_step_s: int
    record_delay_s: float
    task_overhead_s: float

    def kill_after_s(self, limit_s: int) -> int:
        """Return when a job with this limit is killed, in seconds after its start."""
        step = self.supervisor_step_s
        if not step or limit_s <= step:
            return limit_s
        return math.ceil(limit_s / step) * step


UNDERSTUDY = Timing(
    slot_held_while_waiting=False,
    push=True,
    supervisor_step_s=0,
    record_delay_s=0.0,
    task_overhead_s=0.001,
)
STRICT_POLLING = replace(UNDERSTUDY, push=False, supervisor_step_s=5, record_delay_s=1.0)
ANSIBLE = Timing(
    slot_held_while_waiting=True,
    push=False,
    supervisor_step_s=5,
    record_delay_s=1.0,
    task_overhead_s=0.25,
)


def polled_s(elapsed_s: float, interval_s: float) -> float:
    """Return when polling every `interval_s` sees the end of a job that took `elapsed_s`.

    Ansible sleeps before it checks, so the first check is one interval after the launch.
    """
    if interval_s <= 0:
        return elapsed_s
    return max(1, math.ceil(elapsed_s / interval_s)) * interval_s
