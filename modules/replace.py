"""`replace`: put a text in the place of all matches of a regular expression in a file."""

import re

from understudy.connections.target_text import Edit


def run(args, target):
    """Replace what matches, everywhere or between two matches of other expressions."""
    edit = Edit(target, args)
    encoding = args.get("encoding", "utf-8")
    before = edit.before.decode(encoding, "surrogateescape")
    start, end = _section(args, before)
    if start is None:
        return {"changed": False, "msg": "%s: %s" % (_NO_SECTION, end), "rc": 0}
    pattern = re.compile(args["regexp"], re.MULTILINE)
    try:
        section, count = pattern.subn(args.get("replace", ""), before[start:end])
    except re.error as error:
        target.fail("Unable to process replace due to error: %s" % error)
    after = before[:start] + section + before[end:]
    result = {"changed": after != before, "msg": "", "rc": 0}
    if result["changed"]:
        result["msg"] = "%d replacements made" % count
        if target.diff:
            result["diff"] = {
                "before": before,
                "after": after,
                "before_header": edit.path,
                "after_header": edit.path,
            }
        backup = edit.keep_old()
        if backup is not None:
            result["backup_file"] = backup
        edit.write(after.encode(encoding, "surrogateescape"))
    edit.own(result)
    return result


_NO_SECTION = "Pattern for before/after params did not match the given file"


def _section(args, content):
    """Return where the part to search begins and ends; None and the expression if it is nowhere."""
    after, before = args.get("after") or "", args.get("before") or ""
    if not after and not before:
        return 0, len(content)
    expression = "%s(?P<subsection>.*%s)%s" % (after, "?" if after and before else "", before)
    match = re.search(expression, content, re.DOTALL)
    return match.span("subsection") if match else (None, expression)
