"""Text of the console in, a Run out. One parser reads Ansible's default output and ours.

Four things are left out on purpose: blank lines; the block that Ansible prints on stdout before a
failed result (`[ERROR]: …`, its origin and source lines), because the result itself follows and the
block is printed once for several hosts; the line that names the configuration file; and a task's
banner with nothing under it, as `meta` has it. The order of hosts inside a task is not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.parity import masks
from tests.parity.shapes import HostResult, Json, Run, Step

BANNER = re.compile(
    r"^(PLAY RECAP|PLAY|TASK|RUNNING HANDLER|NO MORE HOSTS LEFT)(?: \[(.*)\])? \*+$", re.MULTILINE
)
LABEL = r"\(item=(.*?)\)"
RESULT = re.compile(
    rf"(ok|changed|skipping|fatal|failed): \[([^\]\n]+)\](?:: (FAILED|UNREACHABLE)!)?"
    rf"(?: => )?(?: ?{LABEL} +=> )?(?=\{{)",
    re.DOTALL,
)
BARE_RESULT = re.compile(rf"(ok|changed|skipping): \[([^\]\n]+)\](?: => {LABEL} *)?$")
ERROR_BLOCK = re.compile(r"\[(ERROR|WARNING|DEPRECATION WARNING)\]: ")
HOST_LINE = re.compile(
    r"ASYNC (?:POLL|OK|FAILED) on ([^:]+): |FAILED - RETRYING: \[([^\]]+)\]: |included: \S+ for ()"
)
INCLUDED = re.compile(r"(included: \S+ for )([^=]+?)( => .*)?$")
RECAP = re.compile(r"^(\S+)\s+: ((?:[a-z]+=\d+\s*)+)$", re.MULTILINE)
FAILURES = {"FAILED": "failed", "UNREACHABLE": "unreachable"}
NOT_COMPARED = ("No config file found; using defaults", "Using inventory plugin ")


def read_console(text: str, exit_code: int) -> Run:
    """Read a whole console output; volatile values come out masked."""
    first = BANNER.search(text)
    run = Run(exit_code, _preamble(text[: first.start()] if first else text))
    for match, body in _banners(text):
        if match[1] == "PLAY RECAP":
            run.recap = _recap(body)
        else:
            run.steps.append(StepReader(Step(match[1], match[2] or "")).read(body))
    run.steps = _merged([step for step in run.steps if not step.is_empty_task])
    return run


def _merged(steps: list[Step]) -> list[Step]:
    """Join neighbouring `meta` steps: Ansible prints one banner for each host.

    It also says twice that no host is left.
    """
    merged: list[Step] = []
    for step in steps:
        if merged and step.name == merged[-1].name == "meta":
            merged[-1].hosts |= step.hosts
        elif merged and step == merged[-1] and step.kind == "NO MORE HOSTS LEFT":
            continue
        else:
            merged.append(step)
    return merged


def _preamble(text: str) -> list[str]:
    lines = (line.rstrip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(NOT_COMPARED)]


def _banners(text: str) -> Iterator[tuple[re.Match[str], str]]:
    found = list(BANNER.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=bool(found)):
        yield match, text[match.end() : end]


def _recap(body: str) -> dict[str, dict[str, int]]:
    return {match[1]: _counts(match[2]) for match in RECAP.finditer(body)}


def _counts(text: str) -> dict[str, int]:
    pairs = (pair.split("=") for pair in text.split())
    return {name: int(count) for name, count in pairs}


@dataclass
class StepReader:
    """Reads what stands under one banner; an error block lasts until a line that is known."""

    step: Step
    last: HostResult = field(default_factory=lambda: HostResult(""))
    in_error_block: bool = False

    def read(self, body: str) -> Step:
        """Read the text under the banner, line by line and result by result."""
        at = 0
        while at < len(body):
            match = RESULT.match(body, at)
            at = self._read_result(match) if match else self._read_line(body, at)
        self.step.lines.sort(key=_host_of)
        self.step.hosts = dict(sorted(self.step.hosts.items()))
        return self.step

    def _read_result(self, match: re.Match[str]) -> int:
        value: Json
        value, end = json.JSONDecoder().raw_decode(match.string, match.end())
        status = FAILURES.get(match[3] or "", match[1])
        self._note(status, match[2], match[4], masks.mask(value))
        return end

    def _read_line(self, body: str, at: int) -> int:
        end = body.find("\n", at)
        end = len(body) if end < 0 else end
        self._add_line(body[at:end].rstrip())
        return end + 1

    def _add_line(self, line: str) -> None:
        bare = BARE_RESULT.match(line)
        if bare:
            self._note(bare[1], bare[2], bare[3], None)
        elif line == "...ignoring":
            self.last.ignored = True
        elif ERROR_BLOCK.match(line):
            self.in_error_block = True
        elif line and (HOST_LINE.match(line) or not self.in_error_block):
            self.in_error_block = False
            self.step.lines.append(masks.mask_text(_sorted_hosts(line)))

    def _note(self, status: str, hosts: str, label: str | None, value: Json) -> None:
        host, _, delegate = hosts.partition(" -> ")
        item = None if label is None else masks.mask_text(label)
        self.last = HostResult(status, value, item, delegate or None)
        self.step.hosts.setdefault(host, []).append(self.last)
        self.in_error_block = False


def _host_of(line: str) -> str:
    match = HOST_LINE.match(line)
    return (match[1] or match[2] or "") if match else ""


def _sorted_hosts(line: str) -> str:
    match = INCLUDED.match(line)
    if not match:
        return line
    return match[1] + ", ".join(sorted(match[2].split(", "))) + (match[3] or "")
