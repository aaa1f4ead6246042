"""An archive of `zip`: compared here, member by member, and unpacked by `unzip`."""

import calendar
import fnmatch
import os
import shutil
import stat
import struct
import time
import zipfile
import zlib

from understudy.connections import target_files as files
from understudy.modules.unarchive import members

WITH_EVERY_NAME = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
_UNIX = 3
_WITH_LINKS = (2, _UNIX, 5, 16, 30)
"""The systems of whose archives unzip makes links."""
LONGEST_LINK = 4096
_OTHER_NAME = 0x7075  # the extra field with the name in UTF-8, which unzip prefers
_IS_UTF8 = 0x800
_ENCRYPTED = 1
_TIMES = 0x5455  # the extra field with the seconds since 1970
_STEP_S = 2  # of the times that every archive has


class Zipped:
    """The archive, and what is asked of it."""

    name = "ZipArchive"

    def __init__(self, target, args, src, dest):
        self.target = target
        self.args = args
        self.src = src
        self.dest = dest
        self.program = shutil.which("unzip")
        self._infos = []

    def problem(self):
        """Return what keeps this archive from being read; None if nothing does."""
        if self.program is None:
            return "Unable to find required 'unzip' binary in the path"
        try:
            with zipfile.ZipFile(self.src) as archive:
                found = archive.infolist()
        except (OSError, zipfile.BadZipFile, NotImplementedError, struct.error) as error:
            return 'Command "%s" could not handle archive: %s' % (self.program, error)
        self._infos = [info for info in found if self._is_chosen(_name(info))]
        for pattern in self.args.get("include") or ():
            if pattern.startswith("-"):  # unzip knows no end of options
                return "a name cannot begin with a hyphen: %s" % pattern
            if not any(fnmatch.fnmatchcase(_name(info), pattern) for info in found):
                return "filename not matched: %s" % pattern
        options = " ".join(self.args.get("extra_opts") or ())
        if any(info.flag_bits & _ENCRYPTED for info in self._infos) and "-P" not in options:
            return "Its members are encrypted, and extra_opts give no password (-P)."
        return None if found else 'Command "%s" could not handle archive: empty' % self.program

    def _is_chosen(self, name):
        exclude, include = self.args.get("exclude") or (), self.args.get("include") or ()
        if any(fnmatch.fnmatchcase(name, one) for one in exclude):
            return False
        return not include or any(fnmatch.fnmatchcase(name, one) for one in include)

    def scan(self, known):
        """Note all members, before anything of them is written; raise Escape."""
        with zipfile.ZipFile(self.src) as archive:
            for info in archive.infolist():
                for name in {_name(info), _other_name(info) or _name(info)}:
                    known.add(name.replace("\\", "/"), self._link(archive, info, name))

    def _link(self, archive, info, name):
        """Return what a link leads to, None for what is no link; raise Escape if nobody knows."""
        if not _is_link(info):
            return None
        if info.flag_bits & _ENCRYPTED:
            raise members.Escape("member '%s' is an encrypted link" % name)
        if info.file_size > LONGEST_LINK:
            raise members.Escape("member '%s' is a link without end" % name)
        return _linked(archive, info)

    def listed(self):
        """Return the names of the members."""
        return [_name(info) for info in self._infos]

    def missing(self):
        """Return what is not yet as in the archive: lines in the form of rsync's."""
        with zipfile.ZipFile(self.src) as archive:
            found = [(self._difference(archive, info), _name(info)) for info in self._infos]
        return ["%s %s" % pair for pair in found if pair[0]]

    def differences(self, missing):
        """Return lines for a diff."""
        return {"prepared": "".join("%s\n" % line for line in missing)}

    def _difference(self, archive, info):
        """Return how a file differs: `.fcst....??`, `>f++++++.??` if it is not there, or None."""
        kind = "L" if _is_link(info) else "d" if info.filename.endswith("/") else "f"
        path = os.path.join(self.dest, _name(info))
        try:
            there = os.lstat(path)
        except OSError:
            return ">%s++++++.??" % kind
        flags = ["."] * 6
        if kind == "L":
            if not stat.S_ISLNK(there.st_mode) or os.readlink(path) != _linked(archive, info):
                flags[0] = "c"
        elif kind == "f":
            if self.args.get("keep_newer") and there.st_mtime > _time(info) + _STEP_S:
                return None
            flags[:3] = self._content(path, info, there)
        wanted = info.external_attr >> 16 & 0o777
        if kind != "L" and self.args.get("mode") is None and info.create_system == _UNIX and wanted:
            flags[3] = "." if there.st_mode & 0o777 == wanted else "p"
        return ".%s%s.??" % (kind, "".join(flags)) if flags != ["."] * 6 else None

    def _content(self, path, info, there):
        if not stat.S_ISREG(there.st_mode):
            return "cs."
        size = "." if there.st_size == info.file_size else "s"
        same = size == "." and self._checksum(path) == info.CRC
        is_newer = abs(there.st_mtime - _time(info)) > _STEP_S
        return "." if same else "c", size, "t" if is_newer else "."

    def _checksum(self, path):
        found = 0
        with open(path, "rb") as file:
            size = self.args.get("io_buffer_size") or 1 << 16
            for chunk in iter(lambda: file.read(size), b""):
                found = zlib.crc32(chunk, found)
        return found & 0xFFFFFFFF

    def unpack(self):
        """Write the members; return the command and what it said."""
        args = self.args
        command = [self.program, "-o"]
        if args.get("keep_newer"):
            command.append("-u")
        command += [*(args.get("extra_opts") or ()), self.src, *(args.get("include") or ())]
        if args.get("exclude"):
            command += ["-x", *args["exclude"]]
        command += ["-d", self.dest]
        ran = self.target.command(command, cwd=self.dest, environment=WITH_EVERY_NAME)
        return ran, command

    def attributes(self, path):
        """Set owner and permissions of what was unpacked; return whether that changed them."""
        return files.apply_attributes(self.target, path, self.args)


def _name(info):
    """Return a member's name as `unzip` writes it: one of Unix is bytes, whatever they mean."""
    if info.flag_bits & _IS_UTF8 or info.create_system != _UNIX:
        return info.filename
    return info.filename.encode("cp437").decode("utf-8", "surrogateescape")


def _is_link(info):
    return info.create_system in _WITH_LINKS and stat.S_ISLNK(info.external_attr >> 16)


def _linked(archive, info):
    return archive.read(info).decode("utf-8", "surrogateescape")


def _other_name(info):
    """Return the name in the extra field; None if there is none."""
    for kind, data in _extra(info):
        if kind == _OTHER_NAME:
            return data[struct.calcsize("<BI") :].decode("utf-8", "surrogateescape")
    return None


def _extra(info):
    """Yield the extra fields of a member: their numbers and their bytes."""
    extra = info.extra
    while len(extra) >= struct.calcsize("<HH"):
        kind, size = struct.unpack("<HH", extra[:4])
        yield kind, extra[4 : 4 + size]
        extra = extra[4 + size :]


def _time(info):
    """Return when a member was changed, as `unzip` sets it: the exact time if it is known."""
    for kind, data in _extra(info):
        if kind == _TIMES and len(data) > struct.calcsize("<i") and data[0] & 1:
            return struct.unpack("<i", data[1:5])[0]
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return calendar.timegm((1980, 1, 1, 0, 0, 0))
