"""`tempfile`: make a temporary file or directory on the target."""

import os
import tempfile

from understudy.connections import target_files as files


def run(args, target):
    if target.check_mode:
        return unsupported("tempfile")
    where = {
        "prefix": args.get("prefix", "ansible."),
        "suffix": args.get("suffix", ""),
        "dir": files.expand(args.get("path")),
    }
    try:
        path = make(args.get("state", "file"), where)
    except OSError as error:
        target.fail(str(error))
    result = {"changed": True, "path": path}
    result.update(files.describe(path))
    return result


def make(state, where):
    if state == "directory":
        return tempfile.mkdtemp(**where)
    handle, path = tempfile.mkstemp(**where)
    os.close(handle)
    return path


def unsupported(name):
    msg = "remote module (%s) does not support check mode" % name
    return {"changed": False, "skipped": True, "msg": msg}
