"""What plugins tell people: warnings are shown, the rest is not."""

from __future__ import annotations

from understudy.values.plugin_warnings import plugin_warns


class Display:
    """Takes texts to be shown; there is one verbosity, none."""

    verbosity = 0

    def display(self, msg: str, *_args: object, **_more: object) -> None:
        """Drop a text."""

    v = vv = vvv = vvvv = vvvvv = vvvvvv = verbose = debug = banner = display

    def warning(self, msg: str, *_args: object, **_more: object) -> None:
        """Warn of something."""
        plugin_warns(str(msg))

    error = error_as_warning = warning

    def deprecated(self, msg: str, *_args: object, **_more: object) -> None:
        """Drop a notice."""
