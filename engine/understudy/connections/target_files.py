"""What modules on a target share about files: describe, own, permit, write in one step.

Runs on the target: standard library and Python 3.6 only. Messages and keys are Ansible's.
"""

import errno
import grp
import hashlib
import os
import pwd
import re
import shlex
import shutil
import stat
import tempfile
import time

from understudy.connections.target import ModuleFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from understudy.connections.commands import Completed
    from understudy.connections.target import Target

    Diff = dict[str, dict[str, Any]]

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXstugo]*)*)")
_STEP = re.compile(r"([-+=])([rwxXst]*|[ugo]+)(?=[-+=]|$)")
_SHIFT = {"u": 6, "g": 3, "o": 0}
_SPECIAL = {"u": stat.S_ISUID, "g": stat.S_ISGID, "o": stat.S_ISVTX}
_CHUNK = 1 << 20
_EXTENDED = ("system.posix_acl_", "security.selinux", "user.")
SELINUX = "/sys/fs/selinux"
_CONTEXT = ("seuser", "serole", "setype", "selevel")
WRITABLE_IN_PLACE = (errno.EPERM, errno.EACCES, errno.EBUSY, errno.EROFS, errno.ETXTBSY)

_KINDS = {
    "isdir": stat.S_ISDIR,
    "ischr": stat.S_ISCHR,
    "isblk": stat.S_ISBLK,
    "isreg": stat.S_ISREG,
    "isfifo": stat.S_ISFIFO,
    "islnk": stat.S_ISLNK,
    "issock": stat.S_ISSOCK,
}
_BITS = {
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


def expand(path: "str | None") -> "str | None":
    """Return a path argument with `~` and `$NAME` of this user and environment replaced."""
    return os.path.expanduser(os.path.expandvars(path)) if path else path


def operand(path: str) -> str:
    """Return a path that no program takes for one of its options."""
    return "./" + path if path.startswith("-") else path


def state_of(path: str) -> str:
    """Return `absent`, `link`, `directory`, `hard` (more than one name) or `file`."""
    try:
        info = os.lstat(path)
    except OSError:
        return "absent"
    if stat.S_ISLNK(info.st_mode):
        return "link"
    if stat.S_ISDIR(info.st_mode):
        return "directory"
    return "hard" if info.st_nlink > 1 else "file"


def octal(mode: int) -> str:
    """Return the permission bits as Ansible writes them: `0644`, `04755`."""
    return "0%03o" % stat.S_IMODE(mode)


def describe(path: str) -> "dict[str, Any]":
    """Return owner, permissions, size and state of a file; nothing for one that is not there."""
    if not os.path.exists(path):
        return {}
    info = os.lstat(path)
    found = {
        "uid": info.st_uid,
        "gid": info.st_gid,
        "owner": user_name(info.st_uid),
        "group": group_name(info.st_gid),
        "mode": octal(info.st_mode),
        "size": info.st_size,
        "state": state_of(path),
    }  # type: dict[str, Any]
    selinux = _selinux()
    context = selinux and selinux.context_of(path)
    if context:
        found["secontext"] = ":".join(context)
    return found


def _selinux() -> "Any":
    """Return what knows of contexts, where there are any: few machines have a use for it."""
    if not os.path.isdir(SELINUX):
        return None
    from understudy.connections import selinux

    return selinux if selinux.is_on() else None


def inode_facts(info: os.stat_result) -> "dict[str, Any]":
    """Return what `stat` and `find` tell of a file: kind, permissions, owner, size and times."""
    return Inodes().facts(info)


class Inodes:
    """Tells of many files: what their modes and owners mean is found out once for each."""

    def __init__(self) -> None:
        self._modes = {}  # type: dict[int, dict[str, Any]]
        self._owners = {}  # type: dict[tuple[int, int], dict[str, Any]]

    def facts(self, info: os.stat_result) -> "dict[str, Any]":
        """Return what there is to tell of one."""
        found = {
            "uid": info.st_uid,
            "gid": info.st_gid,
            "size": info.st_size,
            "inode": info.st_ino,
            "dev": info.st_dev,
            "nlink": info.st_nlink,
            "atime": info.st_atime,
            "mtime": info.st_mtime,
            "ctime": info.st_ctime,
        }  # type: dict[str, Any]
        mode, owner = info.st_mode, (info.st_uid, info.st_gid)
        if mode not in self._modes:
            self._modes[mode] = _mode_facts(mode)
        if owner not in self._owners:
            self._owners[owner] = _owner_facts(*owner)
        found.update(self._modes[mode])
        found.update(self._owners[owner])
        return found


def _mode_facts(mode: int) -> "dict[str, Any]":
    found = {"mode": "%04o" % stat.S_IMODE(mode)}  # type: dict[str, Any]
    found.update((key, test(mode)) for key, test in _KINDS.items())
    found.update((key, bool(mode & bit)) for key, bit in _BITS.items())
    return found


def _owner_facts(uid: int, gid: int) -> "dict[str, Any]":
    """Return the names of an owner and a group, as far as they have names."""
    found = {}
    try:
        found["pw_name"] = pwd.getpwuid(uid).pw_name
    except KeyError:
        pass
    try:
        found["gr_name"] = grp.getgrgid(gid).gr_name
    except KeyError:
        pass
    return found


def user_name(uid: int) -> str:
    """Return the name of a user, or the number as text."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return the name of a group, or the number as text."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def refuse_device(target: "Target", path: str) -> None:
    """Fail where a device would be replaced by a file: nobody means that."""
    try:
        kind = os.stat(path).st_mode
    except OSError:
        return
    if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
        fail_at(target, path, "%s is a device, which no file replaces" % path)


def digest(path: "str | bytes", algorithm: str = "sha1") -> "str | None":
    """Return the hexadecimal checksum of a file; None where the algorithm is not there."""
    try:
        hasher = hashlib.new(algorithm)
    except ValueError:
        return None
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            hasher.update(chunk)
    return hasher.hexdigest()


def apply_attributes(
    target: "Target", path: str, args: "dict[str, Any]", diff: "Diff | None" = None
) -> bool:
    """Set context, owner, group, mode and attributes as `args` asks; return whether any changed.

    In check mode nothing is set. What changes is noted in `diff`, which has `before` and `after`.
    """
    changed = _set_context(target, path, args, diff)
    changed = _set_owner(target, path, args.get("owner"), diff) or changed
    changed = _set_group(target, path, args.get("group"), diff) or changed
    changed = set_mode(target, path, args.get("mode"), diff) or changed
    return _set_flags(target, path, args.get("attributes"), diff) or changed


def fail_at(target: "Target", path: str, msg: str, **more: "Any") -> "NoReturn":
    """End the module with a failure that tells about the file it happened at."""
    result = {"path": path}
    result.update(describe(path))
    result.update(more)
    target.fail(msg, **result)


def _note(diff: "Diff | None", key: str, before: "Any", after: "Any") -> None:
    if diff is not None:
        diff["before"][key] = before
        diff["after"][key] = after


def _set_context(target: "Target", path: str, args: "dict[str, Any]", diff: "Diff | None") -> bool:
    """Set the SELinux context; without SELinux it is passed over, as in Ansible."""
    selinux = _selinux() if any(args.get(name) for name in _CONTEXT) else None
    if selinux is None:
        return False
    before = selinux.context_of(path)
    if before is None:
        fail_at(target, path, "failed to retrieve selinux context")
    after = selinux.wanted(args, path, before)
    if before == after:
        return False
    _note(diff, "secontext", before, after)
    if not target.check_mode:
        try:
            selinux.put(path, ":".join(after))
        except OSError as error:
            asked = [args.get(name) for name in _CONTEXT[: len(before)]]
            more = {"new_context": after, "cur_context": before, "input_was": asked}
            fail_at(target, path, "invalid selinux context: %s" % error, **more)
    return True


def _set_owner(target: "Target", path: str, owner: "str | None", diff: "Diff | None") -> bool:
    if owner is None:
        return False
    try:
        uid = int(owner)
    except ValueError:
        try:
            uid = pwd.getpwnam(owner).pw_uid
        except KeyError:
            fail_at(target, path, "chown failed: failed to look up user %s" % owner)
    before = os.lstat(path).st_uid
    if before == uid:
        return False
    _note(diff, "owner", before, uid)
    if not target.check_mode:
        try:
            os.lchown(path, uid, -1)
        except OSError as error:
            fail_at(target, path, "chown failed", details=str(error))
    return True


def _set_group(target: "Target", path: str, group: "str | None", diff: "Diff | None") -> bool:
    if group is None:
        return False
    try:
        gid = int(group)
    except ValueError:
        try:
            gid = grp.getgrnam(group).gr_gid
        except KeyError:
            fail_at(target, path, "chgrp failed: failed to look up group %s" % group)
    before = os.lstat(path).st_gid
    if before == gid:
        return False
    _note(diff, "group", before, gid)
    if not target.check_mode:
        try:
            os.lchown(path, -1, gid)
        except OSError as error:
            fail_at(target, path, "chgrp failed", details=str(error))
    return True


def set_mode(target: "Target", path: str, mode: "Any", diff: "Diff | None" = None) -> bool:
    """Set the permissions of a file, not of a link; return whether they changed."""
    if mode is None:
        return False
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return False
    before = stat.S_IMODE(info.st_mode)
    wanted = _wanted_mode(target, path, mode, info)
    if before == wanted:
        return False
    _note(diff, "mode", octal(before), octal(wanted))
    if not target.check_mode:
        try:
            _chmod(path, wanted)
        except OSError as error:
            fail_at(target, path, "chmod failed", details=str(error))
    return True


def _chmod(path: str, mode: int) -> None:
    """Set the permissions of what is no link: whoever owns the directory may have put one there."""
    if not hasattr(os, "O_PATH"):
        os.chmod(path, mode)
        return
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW)
    held = "/proc/self/fd/%d" % descriptor
    is_link = stat.S_ISLNK(os.fstat(descriptor).st_mode)
    error = OSError(errno.ELOOP, "it has become a link", path) if is_link else None
    try:
        if error is None:
            os.chmod(held if os.path.exists(held) else path, mode)
    except OSError as refused:
        error = OSError(refused.errno, refused.strerror, path)
    finally:
        os.close(descriptor)
    if error is not None:
        raise error


def _wanted_mode(target: "Target", path: str, mode: "Any", info: os.stat_result) -> int:
    try:
        return stat.S_IMODE(numeric_mode(mode, info))
    except (ValueError, OverflowError) as error:
        fail_at(target, path, "mode must be in octal or symbolic form", details=str(error))


def numeric_mode(mode: "Any", info: os.stat_result) -> int:
    """Return the bits that `mode` (int, octal or symbolic text) gives a file with stat `info`."""
    try:
        number = mode if isinstance(mode, int) else int(str(mode), 8)
    except ValueError:
        number = None
    if number is not None and number >= 0:
        return number
    mode = str(mode)
    bits = stat.S_IMODE(info.st_mode)
    for clause in mode.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise ValueError("bad symbolic permission for mode: %s" % mode)
        for sign, permissions in _steps(match.group(2), mode):
            bits = _step(bits, match.group(1), sign, permissions, info)
    return bits


def _steps(text: str, mode: "Any") -> "list[tuple[str, str]]":
    found = _STEP.findall(text)
    if sum(len(sign) + len(permissions) for sign, permissions in found) != len(text):
        raise ValueError("bad symbolic permission for mode: %s" % mode)
    return found


def _step(bits: int, users: str, sign: str, permissions: str, info: os.stat_result) -> int:
    every_user = not users or "a" in users
    umask = 0 if users else _umask()
    prior = bits
    for user in "ugo" if every_user else users:
        wanted = _permission_bits(user, permissions, prior, info) & ~umask
        if sign == "+":
            bits |= wanted
        elif sign == "-":
            bits &= ~wanted
        else:
            bits = bits & ~(0o7 << _SHIFT[user] | _SPECIAL[user]) | wanted
    return bits


def _permission_bits(user: str, permissions: str, bits: int, info: os.stat_result) -> int:
    """Return what one user gets. `X` is execution where it is a directory or someone has it."""
    shift = _SHIFT[user]
    wanted = 0
    for letter in permissions:
        if letter in "rwx":
            wanted |= {"r": 4, "w": 2, "x": 1}[letter] << shift
        elif letter == "X":
            if stat.S_ISDIR(info.st_mode) or info.st_mode & 0o111:
                wanted |= 1 << shift
        elif letter in _SHIFT:
            wanted |= (bits >> _SHIFT[letter] & 0o7) << shift
        elif (letter == "t") == (user == "o"):
            wanted |= _SPECIAL[user]
    return wanted


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _set_flags(target: "Target", path: str, wanted: "str | None", diff: "Diff | None") -> bool:
    if not wanted:
        return False
    sign, letters = (wanted[0], wanted[1:]) if wanted[0] in "-+=" else ("=", wanted)
    before = flags_of(target, path)
    there = set(before or "") - {"e"}
    changed = {"+": set(letters) - there, "-": set(letters) & there, "=": set(letters) ^ there}
    if not changed[sign]:
        return False
    _note(diff, "attributes", before, sign + letters)
    if not target.check_mode:
        ran = target.command(["chattr", sign + letters, operand(path)])
        if ran.rc != 0:
            problem = "Error while setting attributes: %s" % (ran.stdout + ran.stderr)
            fail_at(target, path, "chattr failed", details=problem)
    return True


def flags_of(target: "Target", path: str) -> "str | None":
    """Return the letters of a file's attributes as `lsattr` has them; None when it cannot say."""
    found = list_flags(target, path)
    return found[1].replace("-", "") if found else None


def list_flags(target: "Target", path: str) -> "tuple[str, str] | None":
    """Return version and flag field of `lsattr -vd`; None when it is missing or fails."""
    if shutil.which("lsattr") is None:
        return None
    ran = target.command(["lsattr", "-vd", operand(path)])
    version, _, rest = ran.stdout.strip().partition(" ")
    return (version, rest.split()[0]) if ran.rc == 0 and rest.strip() else None


def run_validation(target: "Target", command: str, path: str) -> "Completed":
    """Run the command that checks a file, which `%s` stands for; return it Completed."""
    if "%s" not in command:
        target.fail("validate must contain %%s: %s" % command)
    words = shlex.split(command.replace("%s", shlex.quote(path)))
    try:
        return target.command(words)
    except OSError as error:
        nothing = {"stdout": "", "stderr": ""}
        target.fail("Error executing command.", cmd=" ".join(words), rc=error.errno, **nothing)


def back_up(path: str) -> str:
    """Copy a file beside itself with its owner and times; return the copy's path.

    Fails, and leaves no half of a copy, when there is no room for it. Nobody reads the copy who may
    not read the file, and it goes through no link that somebody has put where it will be.
    """
    now = time.strftime("%Y-%m-%d@%H:%M:%S", time.localtime())
    copy = "%s.%d.%s~" % (path, os.getpid(), now)
    staged = None
    try:
        staged = stage(path, copy)
        shutil.copystat(path, staged)
        info = os.stat(path)
        try:
            os.chown(staged, info.st_uid, info.st_gid)
        except PermissionError:
            pass
        os.rename(staged, copy)
    except OSError as error:
        if staged is not None:
            remove(staged)
        msg = "Could not make backup of %s to %s: %s" % (path, copy, error)
        raise ModuleFailed(msg) from error
    return copy


def replace(
    source: str,
    dest: str,
    unsafe_writes: bool = False,
    keep: bool = True,
    mode: "Any" = None,
) -> int:
    """Move the file `source` to `dest` in one step: what is there is the old or the new, whole.

    A new file gets the permissions of the umask. With `keep` the owner and permissions of a file
    that was there stay, else the source's come. A link is replaced, not followed. Raises OSError;
    with `unsafe_writes` writes in place where the directory does not let a file be replaced.
    `mode` is what the caller sets next: what it takes away is never there, else others could read
    a secret meanwhile. Returns the permissions that there would be without it.
    """
    kept = stat.S_IMODE(os.stat(source).st_mode)
    try:
        if keep or not os.path.lexists(dest):
            kept = _dress(source, dest, mode)
        selinux = _selinux()
        if selinux is not None:
            selinux.label_as(source, dest)
        _rename(source, dest)
    except OSError as error:
        if not unsafe_writes or error.errno not in WRITABLE_IN_PLACE:
            raise
        write_in_place(source, dest, mode)
        remove(source)
    return kept


def _rename(source: str, dest: str) -> None:
    try:
        os.rename(source, dest)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    staged = stage(source, dest)
    try:
        shutil.copystat(source, staged)
        owner = os.stat(source)
        os.chown(staged, owner.st_uid, owner.st_gid)
        os.rename(staged, dest)
    except OSError:
        remove(staged)
        raise
    remove(source)


def stage(source: str, dest: str) -> str:
    """Copy a file to a temporary name beside `dest`, where a rename can put it in place."""
    handle, staged = tempfile.mkstemp(prefix=".ansible_tmp", dir=os.path.dirname(dest) or ".")
    try:
        with os.fdopen(handle, "wb") as copy, open(source, "rb") as original:
            shutil.copyfileobj(original, copy, _CHUNK)
    except OSError:
        remove(staged)
        raise
    return staged


def copy_stat(source: str, dest: str, mode: "Any" = None) -> None:
    """Copy times, attributes and permissions to a new file, without those that `mode` takes away.

    What is read by everybody may lie where nobody comes: its copy does not.
    """
    info = os.stat(source)
    bits = stat.S_IMODE(info.st_mode)
    narrowed = _narrowed(bits, mode)
    if narrowed == bits:
        shutil.copystat(source, dest)
        return
    _copy_extended(source, dest)
    os.utime(dest, ns=(info.st_atime_ns, info.st_mtime_ns))
    os.chmod(dest, narrowed)


def _dress(path: str, dest: str, mode: "Any" = None) -> int:
    """Give a file the owner and permissions of the file at `dest`, or those of a new file.

    Those that `mode` takes away are left out. Returns the permissions with them.
    """
    if os.path.islink(dest) or not os.path.isfile(dest):
        kept = 0o666 & ~_umask()
    else:
        old = os.stat(dest)
        kept = stat.S_IMODE(old.st_mode)
        try:
            os.chown(path, old.st_uid, old.st_gid)
        except PermissionError:
            pass
        _copy_extended(dest, path)
    os.chmod(path, _narrowed(kept, mode))
    return kept


def _narrowed(bits: int, mode: "Any") -> int:
    """Return permissions without what `mode` takes away; all of them if it cannot be told."""
    try:
        wanted = _mode_of_file(mode, bits)
        narrowed = bits & wanted
        return narrowed if _mode_of_file(mode, narrowed) == wanted else bits
    except (TypeError, ValueError):  # there is none, or it is told when it is set
        return bits


def _mode_of_file(mode: "Any", bits: int) -> int:
    return numeric_mode(mode, os.stat_result((stat.S_IFREG | bits, *[0] * 9)))


def _copy_extended(source: str, dest: str) -> None:
    """Copy access lists, the security context and the user's own attributes, where there are any.

    Not what lets a program do more than its user may: that was given to the old content.
    """
    if not hasattr(os, "listxattr"):
        return
    try:
        for name in os.listxattr(source):
            if name.startswith(_EXTENDED):
                os.setxattr(dest, name, os.getxattr(source, name))
    except OSError:
        pass


def write(
    target: "Target", dest: str, content: bytes, unsafe_writes: bool = False, mode: "Any" = None
) -> None:
    """Write a file in one step, as `replace` puts it in place; raise OSError."""
    staged = target.temporary()
    with open(staged, "wb") as file:
        file.write(content)
    replace(staged, dest, unsafe_writes, mode=mode)


def write_in_place(source: str, dest: str, mode: "Any" = None) -> None:
    """Write over a file: it is not whole meanwhile. `mode` is as for `replace`."""
    handle = os.open(dest, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _narrowed(0o666, mode))
    with os.fdopen(handle, "wb") as copy, open(source, "rb") as original:
        bits = stat.S_IMODE(os.fstat(handle).st_mode)
        try:
            os.fchmod(handle, _narrowed(bits, mode))
        except OSError:  # it is somebody else's: who sets the permissions next tells that
            pass
        shutil.copyfileobj(original, copy, _CHUNK)


def remove(path: str) -> None:
    """Remove a file, if it is there and may be removed."""
    try:
        os.unlink(path)
    except OSError:
        pass
