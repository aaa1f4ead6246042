"""What is said in two ways: as Ansible words it, to the letter, and as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias

from understudy.events import (
    ConnectionLost,
    ConnectionRestored,
    HostEnded,
    ItemEnded,
    Retrying,
    RunEnded,
    Warned,
)
from understudy.report.diagnostics import render
from understudy.report.origin import failure_block, warning_block
from understudy.text.diagnostic import Diagnostic, Severity

End: TypeAlias = HostEnded | ItemEnded


class Wording(Protocol):
    """How a console says what Ansible says badly."""

    def retry(self, event: Retrying) -> str:
        """Return the line for an attempt that another one follows."""

    def connection(self, event: ConnectionLost | ConnectionRestored) -> str | None:
        """Return the line for a host of a job that is lost or found again, None for nothing."""

    def failure(self, event: End) -> str | None:
        """Return what stands before the line of a failure, None for nothing."""

    def warning(self, event: Warned) -> str:
        """Return the text of a warning."""

    def closing(self, event: RunEnded) -> Iterator[str]:
        """Yield the lines after the recap."""


class Classic:
    """Ansible's words, byte for byte as far as it is possible."""

    def retry(self, event: Retrying) -> str:
        """Return Ansible's line, which calls every retry a failure."""
        return (
            f"FAILED - RETRYING: [{host_label(event)}]: "
            f"{event.task.name} ({event.retries_left} retries left)."
        )

    def connection(self, _event: ConnectionLost | ConnectionRestored) -> str | None:
        """Say nothing: Ansible polls on in silence."""
        return None

    def failure(self, event: End) -> str | None:
        """Return the `[ERROR]` block."""
        cause = event.diagnostic.span if event.diagnostic else None
        return failure_block(event.task.action, event.result, event.task.place, cause)

    def warning(self, event: Warned) -> str:
        """Return the `[WARNING]` block."""
        return warning_block(event.message, event.place)

    def closing(self, _event: RunEnded) -> Iterator[str]:
        """Say nothing: Ansible ends with the recap."""
        yield from ()


class Frank(Classic):
    """Our words: waiting is no failure, and an error shows its place in the file."""

    def retry(self, event: Retrying) -> str:
        """Return how long a job is waited for, and how long it may still be."""
        if not event.status_check:
            return super().retry(event)
        job = f"job {event.job_id}" if event.job_id else "the job"
        return (
            f"waiting: [{host_label(event)}] {event.attempt}/{event.retries + 1} "
            f"({event.waited_s:.0f} s of {event.retries * event.delay_s:.0f} s): {job} running"
        )

    def connection(self, event: ConnectionLost | ConnectionRestored) -> str | None:
        """Return what became of the connection; the job does not care."""
        if isinstance(event, ConnectionLost):
            what = f"connection lost, job {event.job_id} continues, re-attaching ({event.why})"
        else:
            what = f"re-attached to job {event.job_id} after {event.lost_s:.0f} s"
        return f"waiting: [{event.host}] {what}"

    def failure(self, event: End) -> str | None:
        """Return the diagnostic; a failure that is ignored needs none."""
        if event.ignored or event.diagnostic is None:
            return None
        return render(event.diagnostic) + "\n"

    def warning(self, event: Warned) -> str:
        """Return a diagnostic."""
        found = Diagnostic(
            code="run-time", message=event.message, span=event.place, severity=Severity.WARNING
        )
        return render(found)

    def closing(self, event: RunEnded) -> Iterator[str]:
        """Say why the run failed, and what waiting cost here and would have cost there."""
        if event.exit_code:
            yield f"{event.reason} (exit code {event.exit_code})"
        if event.polling_s is not None and event.ansible_polling_s is not None:
            yield (
                f"Waited {event.polling_s:.1f} s for jobs; "
                f"Ansible's polling would have waited {event.ansible_polling_s:.1f} s."
            )


def host_label(event: End | Retrying) -> str:
    """Return the host as a line names it, with the host that the task was delegated to."""
    if event.delegated_to in (None, event.host):
        return event.host
    return f"{event.host} -> {event.delegated_to}"
