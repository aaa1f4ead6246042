"""`copy`: put a file, a directory or a text in its place on the target.

The source is a file that the controller has put on the target (`_uploaded`: it is moved), or with
`remote_src` a file or directory that stays there. The two give results with different keys, as
Ansible's do: a file from the controller that need not be written is like a call of `file`. What
`assemble` has joined on the controller (`_assembled`) is moved too, and told like the second. What
a job is to copy of a directory of the controller comes all at once (`_files`); `_changed` tells
whether making the directories and links of it was a change.
"""

import os
import stat

from understudy.connections import target_files as files
from understudy.connections.target import ModuleFailed
from understudy.modules.shared import held

DIFF_LIMIT = 104448


class Copying:
    """One file on its way. `about` is told with every failure."""

    def __init__(self, target, args):
        self.target = target
        self.args = args
        self.uploaded = bool(args.get("_uploaded"))
        self.is_moved = self.uploaded or bool(args.get("_assembled"))
        self.src = files.expand(args["src"])
        self.written_dest = self.dest = files.expand(args["dest"])
        self.about = {}

    def fail(self, msg, **more):
        """End the module with a failure."""
        self.target.fail(msg, **dict(self.about, **more))

    def own(self, path, diff=None):
        """Give a file the owner and permissions asked for; return whether that changes it."""
        args = dict(self.args)
        if args.get("mode") == "preserve":
            args["mode"] = _mode(self)
        return self.telling(files.apply_attributes, path, args, diff)

    def telling(self, function, *args):
        """Call a function with the target; what it fails with tells about the copy too."""
        try:
            return function(self.target, *args)
        except ModuleFailed as failed:
            failed.result = dict(self.about, **failed.result)
            raise


def run(args, target):
    """Put the source in its place; return what is there then."""
    if args.get("_files") is not None:
        return _copy_each(args, target)
    return _copy(Copying(target, args))


def _copy_each(args, target):
    """Put the files of a directory in their places, until one fails."""
    changed = bool(args.get("_changed"))
    for one in args["_files"]:
        changed = _copy(Copying(target, dict(args, **one)))["changed"] or changed
    return {"changed": changed, "dest": args["dest"], "src": args["src"]}


def _copy(copying):
    _check_source(copying)
    if os.path.isdir(copying.src):
        return _copy_directory(copying)
    if not stat.S_ISREG(os.stat(copying.src).st_mode):
        copying.fail("Cannot copy invalid source '%s': not a file" % copying.src)
    return _copy_file(copying)


def _check_source(copying):
    if not os.path.exists(copying.src):
        copying.fail("Source %s not found" % copying.src)
    if not os.access(copying.src, os.R_OK):
        copying.fail("Source %s not readable" % copying.src)


def _copy_file(copying):
    _place_below_directory(copying)
    dest = copying.dest
    if os.path.exists(dest) and not copying.args.get("force", True):
        return _already_there(copying)
    checksum = files.digest(copying.src)
    differs = os.path.islink(dest) or not os.path.isfile(dest) or files.digest(dest) != checksum
    if copying.uploaded:
        copying.about = {"checksum": checksum, "diff": []}
        if not differs:
            return _own_unchanged(copying)
        if copying.target.diff:
            copying.about["diff"].append(_difference(copying))
        if copying.target.check_mode:
            # Nothing else is looked at: an earlier task may not have made the directory.
            return {"changed": True, "diff": copying.about["diff"]}
    _check_checksum(copying, checksum)
    _check_destination(copying)
    result = dict(copying.about, dest=dest, src=copying.src, checksum=checksum, changed=differs)
    result["md5sum"] = files.digest(copying.src, "md5")
    if differs:
        if copying.target.diff and copying.is_moved and not copying.uploaded:
            result["diff"] = _difference(copying)
        _write(copying, result)
    if os.path.exists(dest) and not (differs and copying.target.check_mode):
        result["changed"] = copying.own(dest) or result["changed"]
    result.update(files.describe(dest))
    return result


def _place_below_directory(copying):
    """Find the file that is meant: below a directory, or where a link points to."""
    name = copying.args.get("_original_basename")
    if not copying.uploaded:
        name = os.path.basename(copying.src)
    if copying.dest.endswith("/") or os.path.isdir(copying.dest):
        if not name:
            more = {} if copying.dest.endswith("/") else {"diff": []}
            copying.fail("can not use content with a dir as dest", **more)
        if copying.dest.endswith("/"):
            _make_directories(copying, copying.dest)
        copying.dest = os.path.join(copying.dest, name)
    elif copying.args.get("_make_parents"):
        _make_directories(copying, os.path.dirname(copying.dest))
    elif copying.uploaded and not os.path.dirname(copying.dest):
        copying.dest = os.path.join(".", copying.dest)
    if copying.args.get("follow") and os.path.islink(copying.dest):
        copying.dest = os.path.realpath(copying.dest)


def _make_directories(copying, path):
    """Make a directory and those above it, with the owner and `directory_mode` asked for."""
    args = dict(copying.args, mode=copying.args.get("directory_mode"))
    if copying.target.check_mode:
        return
    try:
        held.make(copying.target, path, args)
    except OSError as error:
        copying.fail("There was an issue creating %s as requested: %s" % (error.filename, error))


def _already_there(copying):
    result = {"changed": False, "dest": copying.dest, "src": copying.src}
    if not copying.uploaded:
        result["msg"] = "file already exists"
        result.update(files.describe(copying.dest))
    return result


def _own_unchanged(copying):
    """Only set owner and permissions; the result is that of `file`."""
    dest = copying.dest
    diff = {"before": {"path": dest}, "after": {"path": dest}}
    changed = copying.own(dest, diff)
    result = dict(copying.about, changed=changed, dest=dest, path=dest)
    result["diff"] = diff if copying.target.diff else []
    result.update(files.describe(dest))
    return result


def _check_checksum(copying, checksum):
    expected = copying.args.get("checksum")
    if expected and expected != checksum:
        copying.about["checksum"] = checksum
        copying.fail(
            "Copied file does not match the expected checksum. Transfer failed.",
            expected_checksum=expected,
        )


def _check_destination(copying):
    files.refuse_device(copying.target, copying.dest)
    above = os.path.dirname(copying.dest) or "."
    if not os.path.exists(above):
        # Check mode has not made the directories that it would make.
        if not (copying.target.check_mode and copying.written_dest.endswith("/")):
            copying.fail("Destination directory %s does not exist" % above)
    elif not os.access(above, os.W_OK) and not copying.args.get("unsafe_writes"):
        copying.fail("Destination %s not writable" % above)


def _write(copying, result):
    """Check the new file and put it in the place of the old one, in one step."""
    dest = copying.dest
    _validate(copying)
    if copying.target.check_mode:
        return
    if copying.args.get("backup") and os.path.exists(dest):
        result["backup_file"] = files.back_up(dest)
    unsafe_writes = bool(copying.args.get("unsafe_writes"))
    try:
        if copying.is_moved:
            files.replace(copying.src, dest, unsafe_writes, mode=_mode(copying))
        else:
            _put_copy(copying.src, dest, unsafe_writes, keep=False, mode=_mode(copying))
    except OSError as error:
        copying.fail("Could not replace '%s' with '%s': %s" % (dest, copying.src, error))


def _mode(copying):
    if copying.args.get("mode") == "preserve":
        return stat.S_IMODE(os.stat(copying.src).st_mode)
    return copying.args.get("mode")


def _put_copy(source, dest, unsafe_writes=False, keep=True, mode=None):
    """Copy a file beside its destination, with its times and permissions, and put it in place."""
    try:
        staged = files.stage(source, dest)
    except OSError as error:
        if not unsafe_writes or error.errno not in files.WRITABLE_IN_PLACE:
            raise
        files.write_in_place(source, dest, mode)
        return
    try:
        files.copy_stat(source, staged, mode)
        files.replace(staged, dest, unsafe_writes, keep=keep, mode=mode)
    except OSError:
        files.remove(staged)
        raise


def _validate(copying):
    command = copying.args.get("validate")
    if not command:
        return
    ran = copying.telling(files.run_validation, command, copying.src)
    if ran.rc != 0:
        copying.fail("failed to validate", exit_status=ran.rc, stdout=ran.stdout, stderr=ran.stderr)


def _difference(copying):
    """Return both contents for a diff, as far as they are text and not too long."""
    found = {}
    if os.path.exists(copying.dest):
        found.update(_side(copying.dest, "before", "dst", copying.written_dest))
    else:
        found["before"] = ""
    name = copying.args.get("_source_name") or copying.written_dest
    found.update(_side(copying.src, "after", "src", name))
    return found


def _side(path, key, kind, header):
    if os.path.getsize(path) > DIFF_LIMIT:
        return {kind + "_larger": DIFF_LIMIT}
    with open(path, "rb") as file:
        content = file.read()
    if b"\x00" in content:
        return {kind + "_binary": 1}
    return {key: content.decode("utf-8", "surrogateescape"), key + "_header": header}


def _copy_directory(copying):
    source, dest = copying.src, copying.dest
    into = shown = dest
    if not source.endswith("/"):
        name = os.path.basename(source)
        if dest.endswith("/") or os.path.isdir(dest):
            into = shown = os.path.join(dest, name)
        else:
            into = os.path.join(dest, name)
    elif os.path.isdir(dest) and not dest.endswith("/"):
        shown = dest + "/"
    if os.path.exists(dest) and not os.path.isdir(dest):
        copying.fail("Could not replace '%s' with '%s': Not a directory" % (dest, source))
    if dest.endswith("/"):
        _make_directories(copying, dest)
    copying.dest = dest.rstrip("/") if dest.endswith("/") else dest
    if not dest.endswith("/"):
        _check_destination(copying)
    try:
        changed = _copy_below(copying, source, into)
    except OSError as error:
        copying.fail("Could not copy %s to %s: %s" % (source, into, error))
    if os.path.exists(shown):
        changed = copying.own(shown) or changed
    result = {"changed": changed, "dest": shown, "src": source, "checksum": None, "md5sum": None}
    result.update(files.describe(shown))
    return result


def _copy_below(copying, source, dest):
    """Make what is below `source` be below `dest` too; return whether anything was missing."""
    changed = not os.path.isdir(dest)
    names = sorted(os.listdir(source))  # before `dest` is made: it may be below `source`
    if changed and not copying.target.check_mode:
        os.makedirs(dest)
    for name in names:
        changed = (
            _copy_entry(copying, os.path.join(source, name), os.path.join(dest, name)) or changed
        )
    return changed


def _copy_entry(copying, source, dest):
    follows = copying.args.get("local_follow") and os.path.exists(source)
    if os.path.islink(source) and not follows:
        changed = _copy_link(copying, source, dest)
    elif os.path.isdir(source):
        new = not os.path.isdir(dest)
        changed = _copy_below(copying, source, dest)
        if new:
            _set_mode_as(copying, source, dest)
    else:
        changed = _copy_content(copying, source, dest)
    if changed and os.path.lexists(dest):
        owner = {key: copying.args.get(key) for key in ("owner", "group")}
        files.apply_attributes(copying.target, dest, owner)
    return changed


def _copy_link(copying, source, dest):
    to = os.readlink(source)
    if os.path.islink(dest) and os.readlink(dest) == to:
        return False
    if not copying.target.check_mode:
        files.remove(dest)
        os.symlink(to, dest)
    return True


def _copy_content(copying, source, dest):
    if os.path.isfile(dest) and files.digest(dest) == files.digest(source):
        return False
    if not copying.target.check_mode:
        _put_copy(source, dest, mode=stat.S_IMODE(os.stat(source).st_mode))
        _set_mode_as(copying, source, dest)
    return True


def _set_mode_as(copying, source, dest):
    if not copying.target.check_mode:
        # through no link: whoever owns the directory above may have put one there
        files.set_mode(copying.target, dest, stat.S_IMODE(os.stat(source).st_mode))
