"""The locale whose messages can be parsed."""

import subprocess


def get_best_parsable_locale(module, preferences=None, raise_on_locale=False):
    """Return the first of the preferred locales that there is, else `C`."""
    wanted = preferences or ["C.utf8", "C.UTF-8", "en_US.utf8", "en_US.UTF-8", "C", "POSIX"]
    try:
        listed = subprocess.check_output(["/usr/bin/env", "locale", "-a"]).decode().splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = []
    return next((name for name in wanted if name in listed), "C")
