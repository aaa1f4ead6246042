"""`tempfile`: make a temporary file or directory on the target."""

import os
import tempfile

from understudy.connections import target_files as files


def run(args, target):
    """Return the path of a new file or directory that nobody else may open."""
    if target.check_mode:
        return _unsupported("tempfile")
    where = {
        "prefix": args.get("prefix", "ansible."),
        "suffix": args.get("suffix", ""),
        "dir": files.expand(args.get("path")),
    }
    for part in ("prefix", "suffix"):
        if os.sep in where[part]:
            msg = "%s must be a valid file name component, got '%s'"
            target.fail(msg % (part, where[part]))
    try:
        path = _make(args.get("state", "file"), where)
    except OSError as error:
        target.fail(str(error))
    result = {"changed": True, "path": path}
    result.update(files.describe(path))
    return result


def _make(state, where):
    if state == "directory":
        return tempfile.mkdtemp(**where)
    handle, path = tempfile.mkstemp(**where)
    os.close(handle)
    return path


def _unsupported(name):
    msg = "remote module (%s) does not support check mode" % name
    return {"changed": False, "skipped": True, "msg": msg}
