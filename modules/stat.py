"""`stat`: tell what is known about a file."""

import errno
import grp
import os
import pwd
import shutil
import stat

from understudy.connections import target_files as files

KINDS = {
    "isdir": stat.S_ISDIR,
    "ischr": stat.S_ISCHR,
    "isblk": stat.S_ISBLK,
    "isreg": stat.S_ISREG,
    "isfifo": stat.S_ISFIFO,
    "islnk": stat.S_ISLNK,
    "issock": stat.S_ISSOCK,
}
BITS = {
    "wusr": stat.S_IWUSR,
    "rusr": stat.S_IRUSR,
    "xusr": stat.S_IXUSR,
    "wgrp": stat.S_IWGRP,
    "rgrp": stat.S_IRGRP,
    "xgrp": stat.S_IXGRP,
    "woth": stat.S_IWOTH,
    "roth": stat.S_IROTH,
    "xoth": stat.S_IXOTH,
    "isuid": stat.S_ISUID,
    "isgid": stat.S_ISGID,
}
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
    found.update(_inode_facts(info))
    found.update(_access(path))
    found.update(_names(info))
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


def _inode_facts(info):
    found = {
        "mode": "%04o" % stat.S_IMODE(info.st_mode),
        "uid": info.st_uid,
        "gid": info.st_gid,
        "size": info.st_size,
        "inode": info.st_ino,
        "dev": info.st_dev,
        "nlink": info.st_nlink,
        "atime": info.st_atime,
        "mtime": info.st_mtime,
        "ctime": info.st_ctime,
        "blocks": info.st_blocks,
        "block_size": info.st_blksize,
        "device_type": info.st_rdev,
    }
    found.update((key, test(info.st_mode)) for key, test in KINDS.items())
    found.update((key, bool(info.st_mode & bit)) for key, bit in BITS.items())
    return found


def _access(path):
    return {
        "readable": os.access(path, os.R_OK),
        "writeable": os.access(path, os.W_OK),
        "executable": os.access(path, os.X_OK),
    }


def _names(info):
    """Return the names of owner and group, as far as they have one."""
    found = {}
    try:
        found["pw_name"] = pwd.getpwuid(info.st_uid).pw_name
    except KeyError:
        pass
    try:
        found["gr_name"] = grp.getgrgid(info.st_gid).gr_name
    except KeyError:
        pass
    return found


def _mime(target, path):
    unknown = {"mimetype": "unknown", "charset": "unknown"}
    if shutil.which("file") is None:
        return unknown
    ran = target.command(["file", "-b", "--mime-type", "--mime-encoding", path])
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
