"""Where the programs are that modules start: what every account finds, and what root's has."""

import os

ALSO = ("/sbin", "/usr/sbin", "/usr/local/sbin")


def find_program(target, name):
    """Return the path of a program; fail with Ansible's words when it is nowhere."""
    places = [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if place]
    places += [place for place in ALSO if place not in places]
    for place in places:
        path = os.path.join(place, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    listed = os.pathsep.join(places)
    return target.fail('Failed to find required executable "%s" in paths: %s' % (name, listed))


def shown(words):
    """Return a command as one line of a shell."""
    import shlex  # only a failure tells its command

    return " ".join(shlex.quote(word) for word in words)
