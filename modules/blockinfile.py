"""`blockinfile`: keep a block of lines between two marker lines in a file, or remove it."""

import re

from understudy.connections.target_text import Edit


class Markers:
    """The lines around the block, in bytes with their ends."""

    def __init__(self, args):
        marker = args.get("marker", "# {mark} ANSIBLE MANAGED BLOCK")
        self.begin = _line(marker.replace("{mark}", args.get("marker_begin", "BEGIN")))
        self.end = _line(marker.replace("{mark}", args.get("marker_end", "END")))


def run(args, target):
    """Put the block in its place, between its markers."""
    edit = Edit(target, args)
    present = args.get("state", "present") == "present"
    if edit.before is None and not present:
        return {"changed": False, "msg": "File %s not present" % edit.path}
    if edit.before is None:
        edit.make_parents(_why)
    block = _block(args) if present else []
    after = b"".join(_edited(args, edit.before or b"", block))
    result = {"changed": edit.before != after, "msg": _message(edit, after, block)}
    difference = edit.difference(after)
    if result["changed"]:
        backup = edit.keep_old()
        if backup is not None:
            result["backup_file"] = backup
        edit.write(after)
    return edit.finish(result, difference)


def _why(error):
    return "Error code: %s Error description: %s" % (error.errno, error.strerror)


def _message(edit, after, block):
    if edit.before == after:
        return ""
    if edit.before is None:
        return "File created"
    return "Block inserted" if block else "Block removed"


def _line(text):
    return text.encode("utf-8", "surrogateescape") + b"\n"


def _block(args):
    """Return the lines of the block with its markers; none if it is empty."""
    text = (args.get("block") or "").encode("utf-8", "surrogateescape")
    if not text:
        return []
    markers = Markers(args)
    if not text.endswith(b"\n"):
        text += b"\n"
    return [markers.begin, text, markers.end]


class Place:
    """Where a new block goes: at an end, or beside what matches a regular expression."""

    def __init__(self, args):
        before, after = args.get("insertbefore"), args.get("insertafter")
        self.at_start = before == "BOF"
        self.is_before = before is not None
        wanted = before if self.is_before else after
        if self.at_start or (after == "EOF" and not self.is_before):
            wanted = None
        self.pattern = None
        if wanted is not None:
            self.pattern = re.compile(wanted.encode("utf-8", "surrogateescape"))

    def number(self, content, lines):
        """Return the number of the line before which the block goes."""
        if self.at_start:
            return 0
        number = None if self.pattern is None else self._matching(content, lines)
        if number is None:
            return len(lines)
        return number if self.is_before else number + 1

    def _matching(self, content, lines):
        """Return the number of the last matching line; the first match of a `(?m)` counts."""
        if not self.pattern.flags & re.MULTILINE:
            matching = [n for n, line in enumerate(lines) if self.pattern.search(line)]
            return matching[-1] if matching else None
        match = self.pattern.search(content)
        if match is None:
            return None
        return content.count(b"\n", 0, match.start() if self.is_before else match.end())


def _edited(args, content, block):
    """Return the lines of the file with the block in its place."""
    lines = content.splitlines(True)
    place = Place(args)
    start = _take_out(lines, Markers(args))
    if start is None:
        start = place.number(content, lines)
    if not block:
        return lines
    if start > 0 and not lines[start - 1].endswith(b"\n"):
        lines[start - 1] += b"\n"
    if args.get("prepend_newline") and start > 0 and lines[start - 1] != b"\n":
        block = [b"\n", *block]
    if args.get("append_newline") and start < len(lines) and lines[start] != b"\n":
        block = [*block, b"\n"]
    lines[start:start] = block
    return lines


def _take_out(lines, markers):
    """Remove the block from the lines; return where it was, None if it was not there.

    The last line that is one of the markers counts, in whatever order they come.
    """
    begins = [number for number, line in enumerate(lines) if line == markers.begin]
    ends = [number for number, line in enumerate(lines) if line == markers.end]
    if not begins or not ends:
        return None
    first, last = sorted((begins[-1], ends[-1]))
    del lines[first : last + 1]
    return first
