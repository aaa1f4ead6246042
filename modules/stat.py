"""`stat`: tell what is known about a file."""

import errno
import os
import shutil

from understudy.connections import target_files as files

FLAGS = {
    "A": "noatime",
    "a": "append",
    "c": "compressed",
    "C": "nocow",
    "d": "nodump",
    "D": "dirsync",
    "e": "extents",
    "E": "encrypted",
    "h": "blocksize",
    "i": "immutable",
    "I": "indexed",
    "j": "journalled",
    "N": "inline",
    "s": "zero",
    "S": "synchronous",
    "t": "notail",
    "T": "blockroot",
    "u": "undelete",
    "X": "compressedraw",
    "Z": "compresseddirty",
}


def run(args, target):
    """Return `stat`: only that it is not there, or everything about it."""
    path = files.expand(args["path"])
    try:
        info = os.stat(path) if args.get("follow") else os.lstat(path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            target.fail(os.strerror(error.errno))
        return {"changed": False, "stat": {"exists": False}}
    found = {"exists": True, "path": path}
    found.update(files.inode_facts(info))
    found.update(_storage(info))
    found.update(_access(path))
    if found["islnk"]:
        found["lnk_source"] = os.path.realpath(path)
        found["lnk_target"] = os.readlink(path)
    if found["isreg"] and found["readable"] and args.get("get_checksum", True):
        found["checksum"] = files.digest(path, args.get("checksum_algorithm", "sha1"))
    if args.get("get_mime", True):
        found.update(_mime(target, path))
    if args.get("get_attributes", True):
        found.update(_flags(target, path))
    return {"changed": False, "stat": found}


def _storage(info):
    return {
        "blocks": info.st_blocks,
        "block_size": info.st_blksize,
        "device_type": info.st_rdev,
    }


def _access(path):
    return {
        "readable": os.access(path, os.R_OK),
        "writeable": os.access(path, os.W_OK),
        "executable": os.access(path, os.X_OK),
    }


def _mime(target, path):
    unknown = {"mimetype": "unknown", "charset": "unknown"}
    if shutil.which("file") is None:
        return unknown
    ran = target.command(["file", "-b", "--mime-type", "--mime-encoding", files.operand(path)])
    kind, separator, charset = ran.stdout.strip().partition("; charset=")
    return {"mimetype": kind, "charset": charset} if ran.rc == 0 and separator else unknown


def _flags(target, path):
    found = files.list_flags(target, path)
    version, field = found or (None, "")
    letters = field.replace("-", "")
    return {
        "version": version,
        "attr_flags": letters,
        "attributes": [FLAGS[letter] for letter in letters if letter in FLAGS],
    }
