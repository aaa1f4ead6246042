"""What modules share that edit a text file of the target: read it, check and write it, tell of it.

Content is bytes: what is not UTF-8 stays as it is. A file is written in one step, through links.
Runs on the target: standard library and Python 3.6 only. Messages and keys are Ansible's.
"""

import os

from understudy.connections import target_files as files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from understudy.connections.target import Target

_OWNED = "ownership, perms or SE linux context changed"


class Edit:
    """One file and what shall become of it. `before` is None for a file that is not there yet.

    `missing` is what is said of one that is not there and may not be made either.
    """

    def __init__(
        self,
        target: "Target",
        args: "dict[str, Any]",
        missing: str = "Path %s does not exist !",
    ) -> None:
        self.target = target
        self.args = args
        self.path = files.expand(args["path"]) or ""
        if os.path.isdir(self.path):
            target.fail("Path %s is a directory !" % self.path, rc=256)
        if os.path.exists(self.path) and not self._may_be_read():
            target.fail("Path %s is not a regular file !" % self.path, rc=256)
        self.before = self._read() if os.path.exists(self.path) else None
        self._mode_kept = None  # type: int | None
        if self.before is None and not args.get("create"):
            target.fail(missing % self.path, rc=257)

    def _may_be_read(self) -> bool:
        """Tell whether reading ends: a FIFO or a device may wait for ever."""
        return os.path.isfile(self.path) or os.path.samefile(self.path, os.devnull)

    def _read(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read()

    def make_parents(self, why: "Callable[[OSError], str]") -> None:
        """Make the directories above a file that is new; fail with what `why` makes of an error."""
        above = os.path.dirname(self.path)
        if not above or os.path.exists(above) or self.target.check_mode:
            return
        try:
            os.makedirs(os.fsencode(above))
        except OSError as error:
            self.target.fail("Error creating %s %s" % (above, why(error)))

    def difference(self, after: bytes) -> "dict[str, Any]":
        """Return both contents for a diff; only their names if there shall be none."""
        header = "%s (content)" % self.path
        shown = (self.before or b"", after) if self.target.diff else (b"", b"")
        before, changed = (content.decode("utf-8", "surrogateescape") for content in shown)
        return {
            "before": before,
            "after": changed,
            "before_header": header,
            "after_header": header,
        }

    def keep_old(self) -> "str | None":
        """Copy the old file beside itself if that is asked for; return the copy's path."""
        if not self.args.get("backup") or self.before is None or self.target.check_mode:
            return None
        return files.back_up(self.path)

    def write(self, after: bytes) -> None:
        """Check the new content and put it in the place of the old; nothing in check mode."""
        files.refuse_device(self.target, self.path)
        if self.target.check_mode:
            return
        staged = self.target.temporary()
        with open(staged, "wb") as file:
            file.write(after)
        self._validate(staged)
        unsafe_writes = bool(self.args.get("unsafe_writes"))
        dest = os.path.realpath(self.path)
        try:
            mode = self.args.get("mode")
            self._mode_kept = files.replace(staged, dest, unsafe_writes, mode=mode)
        except OSError as error:
            above = os.path.dirname(dest)
            if isinstance(error, PermissionError) and not os.access(above, os.W_OK):
                msg = "The destination directory '%s' is not writable by the current user"
                self.target.fail(msg % above)
            self.target.fail("Could not replace '%s' with '%s': %s" % (dest, staged, error))

    def _validate(self, path: str) -> None:
        command = self.args.get("validate")
        if command:
            ran = files.run_validation(self.target, command, path)
            if ran.rc != 0:
                self.target.fail("failed to validate: rc:%s error:%s" % (ran.rc, ran.stderr))

    def finish(self, result: "dict[str, Any]", difference: "dict[str, Any]") -> "dict[str, Any]":
        """Set owner and permissions; return the result with all that is different."""
        if self.before is None and self.target.check_mode:
            return dict(result, diff=difference)
        owned = self.own(result)
        return dict(result, diff=[difference, owned])

    def own(self, result: "dict[str, Any]") -> "dict[str, Any]":
        """Set owner and permissions; add to `changed` and `msg`, and return the difference."""
        header = "%s (file attributes)" % self.path
        diff = {"before_header": header, "after_header": header}  # type: dict[str, Any]
        noted = {"before": {}, "after": {}}  # type: dict[str, dict[str, Any]]
        there = os.path.lexists(self.path)
        changed = there and files.apply_attributes(self.target, self.path, self.args, noted)
        if self._is_narrower(noted) or changed:
            result["changed"] = True
            result["msg"] = "%s and %s" % (result["msg"], _OWNED) if result["msg"] else _OWNED
            diff.update(noted)
        return diff

    def _is_narrower(self, noted: "dict[str, dict[str, Any]]") -> bool:
        """Tell whether the file was written with fewer permissions than it had; note them."""
        if self._mode_kept is None or self.args.get("mode") is None:
            return False
        now, kept = files.octal(os.stat(self.path).st_mode), files.octal(self._mode_kept)
        if now != kept:
            noted["before"]["mode"], noted["after"]["mode"] = kept, now
        return now != kept
