"""`assemble`: join the fragments in a directory of the target to one file."""

import codecs
import os
import re

from understudy.connections import target_files as files


def run(args, target):
    """Join the fragments, in the order of their names; return what the file is then."""
    src, dest = files.expand(args["src"]), files.expand(args["dest"])
    staged = target.temporary()
    with open(staged, "wb") as file:
        file.write(_joined(_fragments(args, target, src), _delimiter(args, target)))
    checksum = files.digest(staged)
    result = {"src": staged, "dest": dest, "checksum": checksum, "changed": False, "msg": "OK"}
    result["md5sum"] = files.digest(staged, "md5")
    if os.path.isdir(dest):
        target.fail("attempted to take checksum of directory: %s" % dest)
    files.refuse_device(target, dest)
    if not os.path.isfile(dest) or files.digest(dest) != checksum:
        result["changed"] = True
        _validate(args, target, staged, result)
        if not target.check_mode:
            _put(args, target, staged, result)
    if os.path.exists(dest):
        result["changed"] = files.apply_attributes(target, dest, args) or result["changed"]
        result.update(files.describe(dest))
    return result


def _fragments(args, target, src):
    """Return the contents of the files that are chosen."""
    if not os.path.exists(src):
        target.fail("Source (%s) does not exist" % src)
    if not os.path.isdir(src):
        target.fail("Source (%s) is not a directory" % src)
    pattern = args.get("regexp") or ""
    try:
        chosen = re.compile(pattern)
    except re.error as error:
        target.fail('Invalid Regexp (%s) in "%s"' % (error, pattern))
    found = []
    for name in sorted(os.listdir(src)):
        path = os.path.join(src, name)
        if args.get("ignore_hidden") and name.startswith("."):
            continue
        if chosen.search(name) and os.path.isfile(path):
            with open(path, "rb") as file:
                found.append(file.read())
    return found


def _delimiter(args, target):
    """Return the line between fragments, its escapes replaced; nothing if there is none."""
    text = args.get("delimiter")
    if not text:
        return b""
    try:
        delimiter, _ = codecs.escape_decode(text.encode("utf-8", "surrogateescape"))
    except ValueError as error:
        target.fail("the delimiter cannot be read: %s" % error)
    return delimiter if delimiter.endswith(b"\n") else delimiter + b"\n"


def _joined(fragments, delimiter):
    """Return the fragments in one; each begins on a line of its own.

    After an empty one there is an empty line, as Ansible has it: it does not end with a line's end.
    """
    joined = b""
    for number, fragment in enumerate(fragments):
        if number and not fragments[number - 1].endswith(b"\n"):
            joined += b"\n"
        joined += delimiter + fragment if number else fragment
    return joined


def _validate(args, target, staged, result):
    command = args.get("validate")
    if not command:
        return
    ran = files.run_validation(target, command, staged)
    if ran.rc != 0:
        target.fail("failed to validate: rc:%s error:%s" % (ran.rc, ran.stderr))
    result["validation"] = {"rc": ran.rc, "stdout": ran.stdout, "stderr": ran.stderr}


def _put(args, target, staged, result):
    dest = result["dest"]
    if args.get("backup") and os.path.exists(dest):
        result["backup_file"] = files.back_up(dest)
    try:
        files.replace(staged, dest, bool(args.get("unsafe_writes")), mode=args.get("mode"))
    except OSError as error:
        target.fail("Could not replace '%s' with '%s': %s" % (dest, staged, error))
