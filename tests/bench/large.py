"""`python -m tests.bench.large`: checks of playbooks that are larger than anybody writes.

Time is to grow with the number of tasks, and memory to stay bounded.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.lint import OURS
from tests.bench.scenarios import CHECK
from tests.bench.usage import measure, summarise

_HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"
_RESCUED = """\
    - block:
        - command: echo {{{{ item }}}}
          loop: [1, 2]
          register: r{n}
          when: inventory_hostname is defined
        - debug: {{msg: "{{{{ r{n}.results }}}}"}}
      rescue:
        - command: /bin/false
          register: f{n}
        - debug: {{msg: "{{{{ f{n}.rc }}}} {{{{ r{n}.results }}}}"}}
"""
_LAUNCH = "    - {{command: /opt/job {n}, async: 600, poll: 0, register: j{n}}}\n"
_WAIT = """\
    - async_status: {{jid: "{{{{ j{n}.ansible_job_id }}}}"}}
      register: w{n}
      until: w{n} is finished
      retries: 60
      delay: 10
"""
_INCLUDE = "    - {{include_tasks: part.yml, vars: {{n: {n}}}}}\n"
_PART = "- command: echo {{ n }}\n  register: r\n- debug: {msg: '{{ r.stdout }}'}\n"
_ANY = 0, 2, 3
"""How a check ends that found nothing, something, or something that it does not look at."""


def _repeated(*parts: str, times: int) -> Iterator[str]:
    """Yield a playbook in pieces: a command that is measured has its parent's memory at first."""
    yield _HEAD
    for part in parts:
        yield from (part.format(n=n) for n in range(times))


def _playbooks() -> Mapping[str, Iterator[str]]:
    """Return each playbook by what is told of it."""
    return {
        "2,000 tasks, each with a loop, a condition and a register": iter([CHECK.playbook]),
        "2,000 tasks in blocks with `rescue`": _repeated(_RESCUED, times=500),
        "10,000 tasks in blocks with `rescue`": _repeated(_RESCUED, times=2500),
        "500 jobs and a wait for each": _repeated(_LAUNCH, _WAIT, times=500),
        "2,000 jobs and a wait for each": _repeated(_LAUNCH, _WAIT, times=2000),
        "300 includes of one file": _repeated(_INCLUDE, times=300),
        "a file of 50 MB, which is refused": _repeated("    - ping:\n", times=5_000_000),
    }


def main() -> None:
    """Measure and print a table."""
    print("| what | wall time | processor time | memory |\n|---|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "part.yml").write_text(_PART)
        for what, text in _playbooks().items():
            with (folder / "site.yml").open("w") as playbook:
                playbook.writelines(text)
            words = [OURS, "check", "--no-cache", "site.yml"]
            cost = summarise([measure(words, folder, None, _ANY) for _ in range(3)])
            cells = f"{cost.median_s:.2f} s | {cost.cpu_s:.2f} s | {cost.peak_mib:.0f} MiB"
            print(f"| {what} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
