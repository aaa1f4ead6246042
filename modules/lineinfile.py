"""`lineinfile`: keep one line in a file, in the place of one that matches, or remove lines."""

import io
import os
import re

from understudy.connections import target_files as files
from understudy.connections.target_text import Edit

_MATCHES_ALL = (
    "The %s is an empty string, which will match every line in the file. This may have unintended"
    " consequences, such as replacing the last line in the file rather than appending."
)
_ANCHOR = " If this is desired, use '^' to match every line in the file and avoid this warning."


class Wish:
    """The arguments in bytes, as the file is."""

    def __init__(self, args):
        self.line = _bytes(args.get("line"))
        self.regexp = _compiled(args.get("regexp"))
        self.search_string = _bytes(args.get("search_string"))
        self.backrefs = bool(args.get("backrefs"))
        self.first = bool(args.get("firstmatch"))
        before, after = args.get("insertbefore"), args.get("insertafter")
        self.at_start = "BOF" in (before, after)
        self.is_before = bool(before)
        beside = None if self.at_start or (not before and after == "EOF") else before or after
        self.beside = _compiled(beside or None)

    def matches(self, line):
        """Tell whether a line of the file is one that is looked for."""
        if self.regexp is not None:
            return bool(self.regexp.search(line))
        if self.search_string is not None:
            return self.search_string in line
        return self.is_the_line(line)

    def is_the_line(self, line):
        """Tell whether a line of the file is just the one that is asked for."""
        return line.rstrip(b"\r\n") == self.line

    def chosen(self, numbers):
        """Return the first or the last of some numbers, None of none."""
        if not numbers:
            return None
        return numbers[0] if self.first else numbers[-1]


def run(args, target):
    """Put the line in its place or remove those that match."""
    path = files.expand(args["path"])
    _check(args, target, path)
    if args.get("state", "present") == "absent":
        if not os.path.exists(path):
            return {"changed": False, "msg": "file not present"}
        return _remove(Edit(target, args), Wish(args))
    edit = Edit(target, args, "Destination %s does not exist !")
    if edit.before is None:
        edit.make_parents("({})".format)
    return _ensure(edit, Wish(args))


def _check(args, target, path):
    if os.path.isdir(path):
        target.fail("Path %s is a directory !" % path, rc=256)
    if args.get("regexp") == "":
        target.warn(_MATCHES_ALL % "regular expression" + _ANCHOR)
    if args.get("search_string") == "":
        target.warn(_MATCHES_ALL % "search string")
    if args.get("state", "present") == "present":
        if args.get("backrefs") and args.get("regexp") is None:
            target.fail("regexp is required with backrefs=true")
        if args.get("line") is None:
            target.fail("line is required with state=present")
    elif all(args.get(name) is None for name in ("line", "search_string", "regexp")):
        target.fail("one of line, search_string, or regexp is required with state=absent")


def _bytes(text):
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _compiled(text):
    return None if text is None else re.compile(_bytes(text))


def _lines(content):
    """Return the lines with their ends; only a newline ends one."""
    return io.BytesIO(content).readlines()


def _remove(edit, wish):
    lines = _lines(edit.before)
    kept = [line for line in lines if not wish.matches(line)]
    found = len(lines) - len(kept)
    result = {"changed": found > 0, "found": found, "backup": ""}
    result["msg"] = "%d line(s) removed" % found if found else ""
    return _finish(edit, result, b"".join(kept))


def _ensure(edit, wish):
    lines = _lines(edit.before or b"")
    number = wish.chosen([n for n, line in enumerate(lines) if wish.matches(line)])
    if number is None and not wish.backrefs:
        equal = [n for n, line in enumerate(lines) if wish.is_the_line(line)]
        number = equal[-1] if equal else None
    msg = ""
    if number is not None:
        if _replace(lines, number, wish):
            msg = "line replaced"
    elif not wish.backrefs:
        _insert(lines, wish)
        msg = "line added"
    result = {"changed": bool(msg), "msg": msg, "backup": ""}
    return _finish(edit, result, b"".join(lines))


def _replace(lines, number, wish):
    """Put the line in the place of one that matches; return whether that changes anything."""
    line = wish.line
    if wish.backrefs:
        line = wish.regexp.search(lines[number]).expand(line)
    if not line.endswith(b"\n"):
        line += b"\n"
    if lines[number] == line:
        return False
    lines[number] = line
    return True


def _insert(lines, wish):
    number = 0 if wish.at_start else _place(lines, wish)
    if number > 0 and not lines[number - 1].endswith((b"\n", b"\r")):
        lines[number - 1] += b"\n"
    lines.insert(number, wish.line + b"\n")


def _place(lines, wish):
    matching = []
    if wish.beside is not None:
        matching = [n for n, line in enumerate(lines) if wish.beside.search(line)]
    number = wish.chosen(matching)
    if number is None:
        return len(lines)
    return number if wish.is_before else number + 1


def _finish(edit, result, after):
    difference = edit.difference(after)
    if result["changed"]:
        result["backup"] = edit.keep_old() or ""
        edit.write(after)
    return edit.finish(result, difference)
