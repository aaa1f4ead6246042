"""A case: a folder with a playbook, whose head says what it covers and how it is run."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CASES = HERE / "cases"
DEFAULT_INVENTORY = HERE / "inventory"
HEAD_LINE = re.compile(
    r"^# (covers|args|env|sandbox|boots|needs|later|differs): *(.*)$", re.MULTILINE
)


@dataclass(frozen=True)
class Case:
    """One case folder: its facts, arguments, changes to the environment, and excuse if any."""

    slug: str
    folder: Path
    covers: tuple[str, ...]
    args: tuple[str, ...]
    env: tuple[tuple[str, str | None], ...]
    excuse: str = ""
    in_sandbox: bool = False
    """It changes the system, so it runs in a throw-away copy of the machine, as root."""
    boots: bool = False
    """That copy has systemd as its first process."""
    needs: tuple[str, ...] = ()
    """Tiers of tests; `mysql` starts a server, whose socket is `mysql.sock` beside the playbook."""

    @property
    def inventory(self) -> Path | None:
        """Return the shared inventory where the case brings none of its own."""
        return None if (self.folder / "inventory").exists() else DEFAULT_INVENTORY

    def files(self) -> list[Path]:
        """Return every file that a run of the case depends on, in a fixed order."""
        own = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return own + ([self.inventory] if self.inventory else [])

    def sha256(self) -> str:
        """Return a digest of names and contents, by which a changed case is known."""
        digest = hashlib.sha256()
        for path in self.files():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()


def load_case(folder: Path) -> Case:
    """Read a case's head: `# covers: S1 S2`, `# args: --check`, `# env: NAME=value -UNSET`.

    `# later: reason` marks a case that understudy does not support yet, `# differs: reason` one in
    which it differs on purpose; both must fail, so that the mark goes when the reason does.
    `# sandbox: reason` runs it in a throw-away copy of this machine, `# boots: reason` in one with
    systemd as its first process.
    `# sandbox: reason` runs it in a throw-away copy of this machine; `# needs: mysql`, with a
    server.
    """
    text = (folder / "playbook.yml").read_text(encoding="utf-8")
    head = {match[1]: shlex.split(match[2]) for match in HEAD_LINE.finditer(text)}
    return Case(
        slug=folder.name,
        folder=folder,
        covers=tuple(head.get("covers", [])),
        args=tuple(head.get("args", [])),
        env=tuple(_setting(word) for word in head.get("env", [])),
        excuse=" ".join(head.get("later", head.get("differs", []))),
        in_sandbox="sandbox" in head or "boots" in head,
        boots="boots" in head,
        needs=tuple(head.get("needs", [])),
    )


def _setting(word: str) -> tuple[str, str | None]:
    if word.startswith("-"):
        return word[1:], None
    name, _, value = word.partition("=")
    return name, value


def all_cases() -> list[Case]:
    """Return every case, sorted by slug."""
    return [load_case(path.parent) for path in sorted(CASES.glob("*/playbook.yml"))]


def choose(slugs: list[str]) -> list[Case]:
    """Return the named cases, or all; raise SystemExit for a name that no case has."""
    cases = {case.slug: case for case in all_cases()}
    unknown = sorted(set(slugs) - set(cases))
    if unknown:
        raise SystemExit(f"no such case: {', '.join(unknown)}")
    return [cases[slug] for slug in slugs or cases]
