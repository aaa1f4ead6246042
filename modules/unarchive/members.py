"""Where the members of an archive would lie: none may lead out of the directory they belong in.

The links of the archive are followed as the system would, so that none leads out by a way round.
"""

import fnmatch
import posixpath

LINKS_IN_A_ROW = 40


class Escape(Exception):  # noqa: N818 (names what it is)
    """A member leads out: the text says which, and how."""


class Members:
    """The members that count, by name. `dest` is where they will lie."""

    def __init__(self, dest, args):
        self.dest = posixpath.normpath(dest)
        self.include = [one.rstrip("/") for one in args.get("include") or ()]
        self.exclude = [one.rstrip("/") for one in args.get("exclude") or ()]
        self._links = {}
        self._names = []

    def is_chosen(self, name):
        """Tell whether a member is to be unpacked, as far as names tell."""
        name = name.rstrip("/")
        if any(_covers(pattern, name) for pattern in self.exclude):
            return False
        return not self.include or any(_covers(pattern, name) for pattern in self.include)

    def add(self, name, symlink=None, hard=None):
        """Note a member; raise Escape if its name leads out."""
        if not self.is_chosen(name):
            return
        if name.startswith("/"):
            raise Escape("member '%s' has an absolute name" % name)
        if ".." in name.split("/"):
            raise Escape("member '%s' has `..` in its name" % name)
        if hard is not None and (hard.startswith("/") or ".." in hard.split("/")):
            raise Escape("member '%s' is a link that leads out: '%s'" % (name, hard))
        self._names.append(name)
        if hard is not None:  # a second name of a link is a link, and may lead elsewhere from there
            symlink = self._links.get(self._way(hard))
        if symlink is not None and self._links.setdefault(self._way(name), symlink) != symlink:
            raise Escape("member '%s' is there twice, as links to different places" % name)

    def _way(self, name):
        """Return where a member lies, by the links on the way to it; raise Escape if outside."""
        parts = _parts(name)
        above = self._resolved(parts[:-1])
        if above is None:
            raise Escape("member '%s' lies behind a link that leads out" % name)
        return (*above, *parts[-1:])

    def check_links(self):
        """Raise Escape for a link that leads out, itself or by others."""
        for way, to in sorted(self._links.items()):
            if self._resolved(list(way)) is None:
                raise Escape("member '%s' is a link that leads out: '%s'" % ("/".join(way), to))

    def _resolved(self, parts):
        """Follow all links on a way; return where it ends, None if that is outside."""
        done, left, followed = [], list(parts), 0
        while left:
            part = left.pop(0)
            if part == "..":
                if not done:
                    return None
                done.pop()
                continue
            to = self._links.get((*done, part))
            if to is None:
                done.append(part)
                continue
            followed += 1
            if followed > LINKS_IN_A_ROW:
                return done
            if to.startswith("/"):
                inside = self._inside(to)
                if inside is None:
                    return None
                done, left = [], inside + left
            else:
                left = _parts(to) + left
        return done

    def _inside(self, path):
        """Return an absolute path as one below the destination; None if it is none."""
        if path == self.dest or path.startswith(self.dest + "/"):
            return _parts(path[len(self.dest) :])
        return None


def _parts(name):
    return [part for part in name.split("/") if part not in ("", ".")]


def _covers(pattern, name):
    return fnmatch.fnmatchcase(name, pattern) or name.startswith(pattern + "/")
