"""`deb822_repository`: a file with one source of apt in the form of fields, and its key.

A key that is given by its address is fetched into `/etc/apt/keyrings`, under the source's name.
"""

import os
import re

from understudy.connections import target_files as files
from understudy.modules.shared import web_file

SOURCES = "/etc/apt/sources.list.d"
KEYRINGS = "/etc/apt/keyrings"
NAMES = {"name": "X-Repolib-Name", "uris": "URIs"}
ARMOUR = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


def run(args, target):
    """Write or remove the files of a source."""
    slug = re.sub(r"[^a-z0-9-]+", "", re.sub(r"[_\s]+", "-", args["name"].lower()))
    dest = os.path.join(SOURCES, slug + ".sources")
    if not slug:
        target.fail("the name %r gives no name of a file" % args["name"])
    if args["state"] == "absent":
        return _remove(target, slug, dest)
    key, changed = None, False
    fields = dict(args)
    if re.match(r"https?://|ftp://|file://", args.get("signed_by") or ""):
        key, changed = _fetch_key(target, args["signed_by"], slug)
        fields["signed_by"] = key
    elif os.path.isfile(args.get("signed_by") or ""):
        key = args["signed_by"]
    text = _text(fields)
    result = {"dest": dest, "key_filename": key, "repo": text}
    written, difference = _write(target, dest, text, args["mode"])
    if target.diff:
        result["diff"] = difference
    result["changed"] = changed or written
    if os.path.exists(dest):
        attributes = {"mode": args["mode"]}
        result["changed"] = files.apply_attributes(target, dest, attributes) or result["changed"]
    result.update(files.describe(dest))
    return result


def _remove(target, slug, dest):
    keys = [os.path.join(KEYRINGS, slug + ending) for ending in (".gpg", ".asc")]
    there = [path for path in (dest, *keys) if os.path.lexists(path)]
    for path in there if not target.check_mode else ():
        try:
            os.unlink(path)
        except OSError as error:
            target.fail("Could not remove %s: %s" % (path, error))
    result = {"changed": bool(there), "dest": dest, "key_filename": keys[0], "repo": None}
    result.update(files.describe(dest))
    return result


def _text(args):
    """Return the fields that are given, in the order of the arguments' names."""
    lines = []
    for key in sorted(args):
        value = args[key]
        if value is None or key in {"mode", "state"}:
            continue
        name = NAMES.get(key, "-".join(word.capitalize() for word in key.split("_")))
        lines.append("%s:%s\n" % (name, _shown(value)))
    return "".join(lines)


def _shown(value):
    """Return a value as it stands after the colon; lines after the first are indented."""
    if isinstance(value, bool):
        return " yes" if value else " no"
    if isinstance(value, list):
        return " " + " ".join(" ".join(map(str, value)).split())
    lines = [line.strip() or "." for line in str(value).strip().splitlines()]
    if len(lines) > 1:
        return "".join("\n    " + line for line in lines)
    return " " + "".join(lines)


def _fetch_key(target, address, slug):
    """Have the key in its file; return its path, and whether it is new there."""
    trouble = "Could not fetch signed_by key: "
    fetched = web_file.fetch(target, address, trouble, prefix="Request failed: ")
    with open(fetched, "rb") as file:
        content = file.read()
    path = os.path.join(KEYRINGS, slug + (".asc" if ARMOUR in content else ".gpg"))
    changed = not os.path.isfile(path) or files.digest(path) != files.digest(fetched)
    if target.check_mode:
        return path, changed
    try:
        if not os.path.isdir(KEYRINGS):
            os.makedirs(KEYRINGS, 0o755)
        if changed:
            files.replace(fetched, path)
    except OSError as error:
        target.fail("Could not write %s: %s" % (path, error))
    return path, files.set_mode(target, path, "0644") or changed


def _write(target, dest, text, mode):
    """Put the text into the file; return whether it was another one, and the difference."""
    try:
        with open(dest, encoding="utf-8", errors="surrogateescape") as file:
            before = file.read()
    except OSError:
        before = None
    difference = {"before": before or "", "after": text}
    difference.update(before_header=dest, after_header=dest)
    if before == text:
        return False, {}
    if not target.check_mode:
        try:
            files.write(target, dest, text.encode("utf-8", "surrogateescape"), mode=mode)
        except OSError as error:
            target.fail("Could not write %s: %s" % (dest, error))
    return True, difference
