"""`find`: list the files below directories that have a name, age, size, mode or content.

A directory that cannot be looked into is skipped: the result says which and why, and the task
succeeds.
"""

import fnmatch
import functools
import os
import re
import stat
import time

from understudy.connections import target_files as files

AGE_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
SIZE_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


class Search:
    """What is looked for, and what is found so far."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.now_s = time.time()
        self.age_s = self._number("age", AGE_UNITS)
        self.size = self._number("size", SIZE_UNITS)
        self.limit = args.get("limit")
        if not args.get("patterns"):
            args["patterns"] = [".*" if args.get("use_regex") else "*"]
        self.examined = 0
        self.found = []
        self.skipped = {}
        self.inodes = files.Inodes()
        self.patterns = self._compiled("patterns")
        self.excludes = self._compiled("excludes")
        self._check()

    def _number(self, name, units):
        """Return the value of a text like `-2w`; None if there is none."""
        text = self.args.get(name)
        if text is None:
            return None
        match = re.match("(-?[0-9]+)([%s]?)$" % "".join(units), text.lower())
        if match is None:
            self.target.fail("failed to process %s" % name, **{name: text})
        return int(match.group(1)) * units[match.group(2)]

    def _compiled(self, name):
        """Return functions that tell whether a name matches; a wrong expression fails when used."""
        texts = self.args.get(name) or []
        if self.args.get("use_regex"):
            return [functools.partial(re.match, text) for text in texts]
        return [re.compile(fnmatch.translate(text)).match for text in texts]

    def _check(self):
        if self.limit is not None and self.limit <= 0:
            self.target.fail("limit cannot be %d (use None for unlimited)" % self.limit)
        mode = self.args.get("mode")
        if mode is not None and not isinstance(mode, str):
            self.target.fail(
                "argument 'mode' is not a string and conversion is not allowed,"
                " value is of type %s" % type(mode).__name__
            )

    def skip(self, path, why):
        """Note a path that was not searched."""
        self.skipped[path] = str(why)
        self.target.warn("Skipped '%s' path due to this access issue: %s\n" % (path, why))

    def keep(self, path, info, checksum):
        """Note a file that matches."""
        facts = self.inodes.facts(info)
        facts["path"] = path
        if checksum:
            facts["checksum"] = files.digest(
                os.fsencode(path), self.args.get("checksum_algorithm", "sha1")
            )
        self.found.append(facts)

    @property
    def is_full(self):
        """Whether as many files are found as were asked for."""
        return len(self.found) == self.limit


def run(args, target):
    """Return `files`, how many were examined, and the paths that were skipped."""
    search = Search(args, target)
    complete = [_search_path(search, path) for path in args["paths"]]
    message = "Limit of matches reached" if search.is_full else "All paths examined"
    if not all(complete):
        message = "Not all paths examined, check warnings for details"
    return {
        "changed": False,
        "msg": message,
        "files": search.found,
        "matched": len(search.found),
        "examined": search.examined,
        "skipped_paths": search.skipped,
    }


def _search_path(search, path):
    """Search one of the paths; return whether nothing went wrong but unreadable directories."""
    top = files.expand(path)
    if not os.path.isdir(top):
        search.skip(path, "'%s' is not a directory" % path)
        return False
    try:
        _search_below(search, top)
    except (OSError, ValueError, LookupError, re.error) as error:
        search.skip(path, error)
        return False
    return True


def _search_below(search, top):
    follow = bool(search.args.get("follow"))
    depth = search.args.get("depth") or 0
    levels_above = top.rstrip(os.sep).count(os.sep)

    def unreadable(error):
        search.skipped[error.filename] = str(error)

    for root, directories, names in os.walk(top, onerror=unreadable, followlinks=follow):
        search.examined += len(directories) + len(names)
        if depth and root.rstrip(os.sep).count(os.sep) - levels_above >= depth:
            del directories[:]
            continue
        above = os.path.join(os.path.normpath(root), "")
        for name in names + directories:
            if not search.is_full:
                _examine(search, above + name, name)
        if search.is_full or not search.args.get("recurse"):
            break


def _examine(search, path, name):
    if name.startswith(".") and not search.args.get("hidden"):
        return
    try:
        info = os.lstat(path)
    except OSError as error:
        search.target.warn("Skipped entry '%s' due to this access issue: %s\n" % (path, error))
        return
    kind = search.args.get("file_type", "file")
    is_file = stat.S_ISREG(info.st_mode)
    if not KINDS[kind](info.st_mode) or not _is_named(search, name):
        return
    if not _has_age(search, info) or not _has_mode(search, info):
        return
    if is_file and not _has_size(search, info):
        return
    if kind == "file" and not _contains(search, path):
        return
    search.keep(path, info, is_file and search.args.get("get_checksum"))


KINDS = {
    "any": lambda mode: True,
    "file": stat.S_ISREG,
    "directory": stat.S_ISDIR,
    "link": stat.S_ISLNK,
}


def _is_named(search, name):
    if not any(matches(name) for matches in search.patterns):
        return False
    return not any(matches(name) for matches in search.excludes)


def _has_age(search, info):
    if search.age_s is None:
        return True
    stamp = getattr(info, "st_" + search.args.get("age_stamp", "mtime"))
    return _reaches(search.now_s - stamp, search.age_s)


def _has_size(search, info):
    return search.size is None or _reaches(info.st_size, search.size)


def _reaches(value, wanted):
    """Tell whether a value is at least what is wanted; at most, where that is negative."""
    return value >= wanted if wanted >= 0 else value <= -wanted


class _NoPermissions:
    """What a symbolic mode starts from."""

    st_mode = 0


def _has_mode(search, info):
    mode = search.args.get("mode")
    if not mode:
        return True
    wanted = stat.S_IMODE(files.numeric_mode(mode, _NoPermissions))
    bits = stat.S_IMODE(info.st_mode)
    return bits == wanted if search.args.get("exact_mode", True) else bool(bits & wanted)


def _contains(search, path):
    """Tell whether the content matches: a line from its beginning, or the whole anywhere."""
    wanted = search.args.get("contains")
    if wanted is None:
        return True
    encoding = search.args.get("encoding")
    pattern = re.compile(wanted)
    try:
        with open(path, encoding=encoding) as file:
            if search.args.get("read_whole_file"):
                return bool(pattern.search(file.read()))
            return any(pattern.match(line) for line in file)
    except OSError:
        return False
    except UnicodeDecodeError:
        if encoding is None:
            encoding = 'None (default determined by the Python built-in function "open")'
        raise ValueError(
            "Failed to read the file %s due to an encoding error. current encoding: %s"
            % (path, encoding)
        ) from None
