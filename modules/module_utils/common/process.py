"""Where programs are."""

import os


def get_bin_path(arg, opt_dirs=None, required=None):
    """Return the path of a program; raise ValueError when it is nowhere."""
    places = [folder for folder in opt_dirs or () if folder and os.path.exists(folder)]
    places += os.environ.get("PATH", "").split(os.pathsep)
    places += ["/sbin", "/usr/sbin", "/usr/local/sbin"]
    for folder in places:
        path = os.path.join(folder, arg)
        if folder and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    listed = os.pathsep.join(places)
    raise ValueError('Failed to find required executable "%s" in paths: %s' % (arg, listed))
