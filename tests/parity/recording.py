"""What Ansible did with a case, kept in `recorded/<slug>.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.parity.case import HERE, Case
from tests.parity.shapes import Json, Run

RECORDED = HERE / "recorded"


@dataclass(frozen=True)
class Recording:
    """A stored run, with the digest of the case and the version that ran it."""

    sha256: str
    ansible: str
    run: dict[str, Json]


def path_of(case: Case) -> Path:
    """Return where the case's recording lies, or will lie."""
    return RECORDED / f"{case.slug}.json"


def load(case: Case) -> Recording | None:
    """Return the stored recording; None if the case was never recorded."""
    if not path_of(case).exists():
        return None
    content = json.loads(path_of(case).read_text(encoding="utf-8"))
    return Recording(content["sha256"], content["ansible"], cast("dict[str, Json]", content["run"]))


def store(case: Case, run: Run, ansible: str) -> None:
    """Write the run as the case's recording."""
    RECORDED.mkdir(exist_ok=True)
    content = {"sha256": case.sha256(), "ansible": ansible, "run": run.as_json()}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    path_of(case).write_text(text + "\n", encoding="utf-8")


def is_current(case: Case) -> bool:
    """Tell whether the recording was made from the case as it is now."""
    recording = load(case)
    return recording is not None and recording.sha256 == case.sha256()
