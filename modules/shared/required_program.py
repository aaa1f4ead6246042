"""The place of a program that a module cannot do without."""

import os

_ALSO_IN = ("/sbin", "/usr/sbin", "/usr/local/sbin")
"""Where a service's PATH or a user's may not lead, and system programs are."""


def find(name):
    """Return the path of a program, or None."""
    return next((path for path in _places(name) if _can_run(path)), None)


def require(target, name):
    """Return the path of a program; fail the module with Ansible's words where it is not."""
    path = find(name)
    if path is None:
        paths = os.pathsep.join(_folders())
        target.fail('Failed to find required executable "%s" in paths: %s' % (name, paths))
    return path


def _folders():
    given = os.environ.get("PATH", "").split(os.pathsep)
    more = [folder for folder in _ALSO_IN if folder not in given and os.path.exists(folder)]
    return given + more


def _places(name):
    return (os.path.join(folder, name) for folder in _folders() if folder)


def _can_run(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)
