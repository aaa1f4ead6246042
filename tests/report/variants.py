"""What is recorded of Ansible's console, and the settings under which ours must look the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent.parent / "cases" / "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One recording: a case, how Ansible is called for it, and our settings for the same."""

    case: str
    name: str = "plain"
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file with what Ansible printed; `{dir}` stands for the case's directory."""
        return CASES / self.case / f"{self.name}.out"


_COLOUR = {"ANSIBLE_FORCE_COLOR": "1"}
_QUIET = {"ANSIBLE_DISPLAY_OK_HOSTS": "0", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0"}
_STARTS = {"ANSIBLE_SHOW_PER_HOST_START": "1", "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE": "1"}
_MARKERS = {"ANSIBLE_CHECK_MODE_MARKERS": "1"}

VARIANTS = (
    Variant(case="results"),
    Variant(case="results", name="colour", environment=_COLOUR, settings={"coloured": True}),
    Variant(
        case="results",
        name="quiet",
        environment=_QUIET,
        settings={"display_ok": False, "display_skipped": False},
    ),
    Variant(case="flow", name="vv", arguments=("-vv",), settings={"verbosity": 2}),
    Variant(
        case="flow",
        name="starts",
        environment=_STARTS,
        settings={"per_host_start": True, "task_path_on_failure": True},
    ),
    Variant(case="waiting"),
    Variant(case="unreachable"),
    Variant(case="unreachable", name="colour", environment=_COLOUR, settings={"coloured": True}),
    Variant(case="diffs"),
    Variant(case="diffs", name="colour", environment=_COLOUR, settings={"coloured": True}),
    Variant(case="verbose", name="colour", environment=_COLOUR, settings={"coloured": True}),
    Variant(case="verbose", name="v", arguments=("-v",), settings={"verbosity": 1}),
    Variant(case="verbose", name="vvv", arguments=("-vvv",), settings={"verbosity": 3}),
    Variant(
        case="verbose",
        name="yaml",
        arguments=("-v",),
        environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        settings={"verbosity": 1, "result_format": "yaml"},
    ),
    Variant(
        case="results",
        name="yaml",
        environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        settings={"result_format": "yaml"},
    ),
    Variant(
        case="verbose",
        name="pretty",
        arguments=("-v",),
        environment={"ANSIBLE_CALLBACK_FORMAT_PRETTY": "1"},
        settings={"verbosity": 1, "pretty": True},
    ),
    Variant(
        case="verbose",
        name="check",
        arguments=("--check",),
        environment=_MARKERS,
        settings={"check_mode_markers": True},
    ),
)
