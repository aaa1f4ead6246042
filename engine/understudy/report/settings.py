"""What a console shows, from the command line and the options of Ansible's default callback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from understudy.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """What a console shows. The fields after `width` are options of Ansible's default callback."""

    verbosity: int = 0
    classic: bool = False
    coloured: bool = False
    width: int = 79
    display_ok: bool = True
    display_skipped: bool = True
    check_mode_markers: bool = False
    per_host_start: bool = False
    task_path_on_failure: bool = False
    failed_to_stderr: bool = False
    diff_context: int = 3
    result_format: str = "json"
    pretty: bool = False
    custom_stats: bool = False

    @classmethod
    def of(cls, config: Config, **more: Any) -> ConsoleSettings:
        """Take the options of the callback from the configuration; `more` are the other fields."""
        return cls(
            display_ok=config.display_ok_hosts,
            display_skipped=config.display_skipped_hosts,
            check_mode_markers=config.check_mode_markers,
            per_host_start=config.show_per_host_start,
            task_path_on_failure=config.show_task_path_on_failure,
            failed_to_stderr=config.display_failed_stderr,
            diff_context=config.diff_context,
            result_format=config.result_format,
            pretty=config.pretty_results,
            custom_stats=config.show_custom_stats,
            **more,
        )
