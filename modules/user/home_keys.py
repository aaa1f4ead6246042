"""A new SSH key in a home directory: its owner may put links there meanwhile."""

import errno
import os
import shutil

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pwd

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def place(owner: "pwd.struct_passwd", made: str, path: str) -> None:
    """Put a pair of keys that was made elsewhere in place, in their owner's name; raise OSError."""
    folder = _opened(owner, os.path.dirname(path))
    try:
        for ending, mode in (("", 0o600), (".pub", 0o644)):
            _put(owner, made + ending, os.path.basename(path) + ending, mode, folder)
    finally:
        os.close(folder)


def _opened(owner: "pwd.struct_passwd", path: str) -> int:
    """Open a directory, made if it is not there; a link leads to one of the owner's own only."""
    try:
        os.mkdir(path, 0o700)
        is_new = True
    except FileExistsError:
        is_new = False
    try:
        folder = os.open(path, _FOLDER | os.O_NOFOLLOW)
    except OSError as error:
        if is_new or error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        folder = os.open(path, _FOLDER)
        if os.fstat(folder).st_uid != owner.pw_uid:
            os.close(folder)
            raise OSError(errno.EPERM, "a link to a directory of somebody else", path) from error
    if is_new:
        os.fchown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def _put(owner: "pwd.struct_passwd", source: str, name: str, mode: int, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    handle = os.open(name, _NEW, mode, dir_fd=folder)
    with os.fdopen(handle, "wb") as copy, open(source, "rb") as made:
        shutil.copyfileobj(made, copy)
        os.fchmod(copy.fileno(), mode)
        os.fchown(copy.fileno(), owner.pw_uid, owner.pw_gid)
