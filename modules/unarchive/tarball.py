"""An archive of `tar`, packed or not: GNU tar compares and unpacks, so that its options work."""

import os
import re
import shutil
import subprocess
import tarfile

from understudy.connections import target_files as files

SPEAKING_ENGLISH = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"\x1f\x9d", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
MAGIC, MAGIC_AT = b"ustar\0", 257
NAME_LENGTH = 100
_ESCAPED = re.compile(r"\\([0-7]{3}|.)")
_LETTERS = {"n": "\n", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "r": "\r", "v": "\v"}
_DIFFERENCE = re.compile(r"^(?P<name>.*): (?P<what>[^:]*)$")


class Tarball:
    """The archive, and what is asked of it."""

    def __init__(self, target, args, src, dest):
        self.target = target
        self.args = args
        self.src = src
        self.dest = dest
        with open(src, "rb") as file:
            start = file.read(6)
        packers = [program for magic, program in PACKED if start.startswith(magic)]
        self.packer = packers[0] if packers else None
        self.name = "TgzArchive" if self.packer == "gzip" else "TarArchive"
        self.times = {}
        self.program = shutil.which("gtar") or shutil.which("tar")

    def problem(self):
        """Return what keeps this archive from being read; None if nothing does."""
        if self.program is None:
            return "Unable to find required 'gtar' or 'tar' binary in the path"
        if self.packer and shutil.which(self.packer) is None:
            return "Unable to find required '%s' binary in the path" % self.packer
        version = self.target.command([self.program, "--version"]).stdout
        if "GNU tar" not in version:
            text = 'Command "%s" detected as tar type %s. GNU tar required.'
            return text % (self.program, version.split("\n")[0].split(" ")[0] or "unknown")
        ran = self._run(["--list", "--quoting-style=escape"], [])
        if ran.rc != 0:
            text = 'Command "%s" could not handle archive: Unable to list files in the archive: %s'
            return text % (self.program, ran.stderr)
        self._listed = [_unescaped(line) for line in ran.stdout.splitlines() if line]
        return None if self._listed else 'Command "%s" found no files in the archive' % self.program

    def scan(self, members):
        """Note all members, before anything of them is written; raise Escape."""
        with self._unpacked() as stream, _opened(stream) as archive:
            for info in archive:
                symlink = info.linkname if info.issym() else None
                members.add(info.name, symlink, info.linkname if info.islnk() else None)
                self.times[info.name] = info.mtime

    def _unpacked(self):
        if self.packer is None:
            return open(self.src, "rb")
        return _Unpacking([self.packer, "-dc", self.src])

    def listed(self):
        """Return the names of the members, as the options change them."""
        return self._listed

    def missing(self):
        """Return what is not yet as in the archive: lines of what differs."""
        ran = self._run(["--diff", "--quoting-style=escape"], [])
        lines = (ran.stdout + ran.stderr).splitlines()
        return [line for line in lines if self._counts(line)]

    def _counts(self, line):
        """Tell whether unpacking would change what a line of `tar --diff` speaks of."""
        if line.startswith(self.program + ": "):
            line = line[len(self.program) + 2 :]
            # A name that an option has cut off altogether is nothing to be unpacked.
            if line.startswith((": ", "Removing leading", "Exiting with failure")):
                return False
        found = _DIFFERENCE.match(line)
        what = found.group("what") if found else ""
        if found and self._is_kept(_unescaped(found.group("name"))):
            return False
        asked = {"Uid differs": "owner", "Gid differs": "group", "Mode differs": "mode"}.get(what)
        if asked in ("owner", "group"):
            return os.geteuid() == 0 and not self.args.get(asked)
        return not asked or self.args.get("mode") is None

    def _is_kept(self, name):
        """Tell whether a file is to stay as it is, because it is as new as the archive's."""
        path = os.path.join(self.dest, name)
        if not self.args.get("keep_newer") or name not in self.times or not os.path.isfile(path):
            return False
        return os.path.getmtime(path) >= self.times[name]

    def differences(self, _missing):
        """Return lines for a diff; `tar` has none."""
        return {}

    def unpack(self):
        """Write the members; return the command and what it said."""
        return self._run(["--extract"], []), self._command(["--extract"])

    def _command(self, what):
        args = self.args
        options = ["-C", self.dest]
        if args.get("extra_opts"):
            options += ["--show-transformed-names", *args["extra_opts"]]
        for name in ("owner", "group"):
            if args.get(name):
                options.append("--%s=%s" % (name, args[name]))
        if args.get("keep_newer") and what == ["--extract"]:
            options.append("--keep-newer-files")
        options += ["--exclude=%s" % one for one in args.get("exclude") or ()]
        if self.packer == "gzip":
            options.append("-z")
        include = list(args.get("include") or ())
        if any(name.startswith("-") for name in include):
            include.insert(0, "--")
        return [self.program, *what, *options, "-f", self.src, *include]

    def _run(self, what, more):
        command = self._command(what) + more
        return self.target.command(command, cwd=self.dest, environment=SPEAKING_ENGLISH)

    def attributes(self, path):
        """Set owner and permissions of what was unpacked; return whether that changed them."""
        return files.apply_attributes(self.target, path, self.args)


def _opened(stream):
    return tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header)


class _Header(tarfile.TarInfo):
    """A member as GNU tar reads it, which must be known where its name is checked."""

    @classmethod
    def frombuf(cls, buf, encoding, errors):
        """Read a header; only those of POSIX have a part of the name in a second field."""
        info = super().frombuf(buf, encoding, errors)
        if buf[MAGIC_AT : MAGIC_AT + len(MAGIC)] != MAGIC:
            name = tarfile.nts(buf[:NAME_LENGTH], encoding, errors)
            info.name = name.rstrip("/") if info.isdir() else name
        return info


class _Unpacking:
    """What a program writes, as a stream to read."""

    def __init__(self, command):
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )

    def __enter__(self):
        return self._process.stdout

    def __exit__(self, *_):
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


def _unescaped(text):
    """Return a name as it is, of one as `tar --quoting-style=escape` writes it."""

    def plain(match):
        found = match.group(1)
        return chr(int(found, 8)) if len(found) > 1 else _LETTERS.get(found, found)

    raw = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return _ESCAPED.sub(plain, raw).encode("latin-1").decode("utf-8", "surrogateescape")
