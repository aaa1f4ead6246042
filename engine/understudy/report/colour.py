"""Whether output is coloured, and the colours that Ansible gives to what it says."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.config import Config

OK = "0;32"
CHANGED = "0;33"
ERROR = "0;31"
UNREACHABLE = "1;31"
SKIPPED = "0;36"
WARNING = "1;35"
VERBOSE = "0;34"
DEBUG = "1;30"
NORMAL = ""

_FORCED = ("FORCE_COLOR", "CLICOLOR_FORCE")


def wants_colour(
    config: Config, environ: Mapping[str, str], *, is_terminal: bool, asked: str = "auto"
) -> bool:
    """Decide by `--color always|never|auto`, then by settings and environment, then the terminal.

    To force wins over to forbid, as in Ansible; `NO_COLOR` and `FORCE_COLOR` count with any text.
    """
    if asked != "auto":
        return asked == "always"
    if config.force_color or any(environ.get(name, "0") not in ("", "0") for name in _FORCED):
        return True
    if config.nocolor or environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return is_terminal


def paint(text: str, colour: str) -> str:
    """Colour each line of a text for itself, so that a pager may cut anywhere."""
    return "\n".join(f"\033[{colour}m{line}\033[0m" for line in text.split("\n"))


def plain(text: str, _colour: str) -> str:
    """Leave a text as it is: the painter of an output without colours."""
    return text
