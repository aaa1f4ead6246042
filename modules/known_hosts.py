"""`known_hosts`: the keys of a host in a file of SSH, added, replaced or removed.

Which lines are a host's is asked of `ssh-keygen`, which knows of hashed names, patterns and ports.
The file is written in one step; `ssh-keygen -R` works on a copy, and leaves no file beside it.
"""

import base64
import hashlib
import hmac
import os

from understudy.connections import target_files as files
from understudy.modules.shared import required_program

MISMATCH = "Host parameter does not match hashed host field in supplied key"
SEVERAL = (
    "Comma separated list of names is not supported."
    " Please pass a single name to lookup in the known_hosts file."
)


def run(args, target):
    """Bring the lines of one host to what is asked for."""
    hosts = KnownHosts(args, target)
    key = hosts.checked_key()
    before = hosts.read()
    after = hosts.changed(before, key)
    result = {"changed": after != before, "diff": hosts.difference(before, after)}
    if target.check_mode:
        return result
    if after != before:
        hosts.write(after)
    told = ("name", "key", "path", "hash_host", "state")
    result.update((name, args.get(name)) for name in told)
    result["path"] = hosts.path
    result.update(files.describe(hosts.path) or {"state": "absent"})
    return result


class KnownHosts:
    """The file, the host that is looked for, and what is asked of them."""

    def __init__(self, args, target):
        self.target = target
        self.args = args
        self.path = files.expand(args["path"])
        self.name = args["name"].lower()  # ssh-keygen finds no other
        self.present = args.get("state", "present") == "present"
        self.program = required_program.require(target, "ssh-keygen")

    def checked_key(self):
        """Return the lines to be there or gone; fail if they are not this host's."""
        key = self.args.get("key")
        if self.present and not key:
            self.target.fail("No key specified when adding a host")
        if key and not key.endswith("\n"):
            key += "\n"
        if "," in self.name:
            self.target.fail(SEVERAL)
        if not key:
            return None
        if not self._lines_of(key):
            self.target.fail(MISMATCH)
        if self.args.get("hash_host"):
            key = "".join(_hashed(line, self.name) for line in key.splitlines(True))
        return key

    def read(self):
        """Return the text of the file; nothing if there is none."""
        try:
            with open(self.path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return ""
        except (IOError, OSError) as error:
            self.target.fail("Failed to read '%s': %s" % (self.path, error))

    def changed(self, before, key):
        """Return the text as it shall be."""
        if not self.present and key is None:
            return self._without_host(before)
        index, is_same = self._find(before, key)
        if is_same if self.present else index is None:
            return before
        lines = before.splitlines(True)
        if index is not None:
            del lines[index]
        rest = "".join(lines)
        if not self.present:
            return rest
        if rest and not rest.endswith("\n"):
            rest += "\n"  # a last line without an end would swallow the new one
        return rest + key

    def difference(self, before, after):
        """Return the diff, which Ansible tells in any case."""
        header = self.path if os.path.exists(self.path) else "/dev/null"
        return {
            "before_header": header,
            "after_header": self.path,
            "before": before,
            "after": after,
        }

    def write(self, text):
        """Put the text in the place of the file, or of the file that a link leads to."""
        content = text.encode("utf-8", "surrogateescape")
        try:
            files.write(self.target, os.path.realpath(self.path), content)
        except (IOError, OSError) as error:
            self.target.fail("Failed to write to file '%s': %s" % (self.path, error))

    def _temporary(self, text):
        path = self.target.temporary()
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        return path

    def _lines_of(self, text):
        """Return the lines of a text that are this host's: their index and their fields."""
        if not text:
            return []
        asked = [self.program, "-F", self.name, "-f", self._temporary(text)]
        found = []
        lines = text.splitlines(True)
        prefix = "# Host %s found: line " % self.name
        for told in self.target.command(asked).stdout.splitlines():
            number = told[len(prefix) :].split(" ")[0]
            if told.startswith(prefix) and number.isdigit():
                index = int(number) - 1
                found.append((index, _fields(lines[index])))
        return found

    def _find(self, text, key):
        """Return the index of the line that the key replaces, and whether that is the same key.

        It is the first line of this host with the same type of key, as Ansible has it, be the key
        another one. A line with a marker gives way to no other.
        """
        wanted = _fields(next(iter(_lines(key)), ""))
        for index, fields in self._lines_of(text):
            if _without_hash(fields, wanted) == _without_hash(wanted, fields):
                return index, True
            if fields[2] == wanted[2] and not fields[0]:
                return index, False
        return None, False

    def _without_host(self, before):
        if not self._lines_of(before):
            return before
        path = self._temporary(before)
        command = [self.program, "-R", self.name, "-f", path]
        done = self.target.command(command)
        files.remove(path + ".old")
        if done.rc != 0:
            told = done.stderr.replace(path, self.path)
            command[-1] = self.path
            more = {"rc": done.rc, "stdout": done.stdout, "stderr": told}
            self.target.fail(told.rstrip("\r\n"), cmd=" ".join(command), **more)
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()


def _lines(text):
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _fields(line):
    """Return marker, host, type and key of a line, as much as it has; comments do not count."""
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    host, kind, key = (words + [""] * 3)[:3]
    return [marker, host, kind, key]


def _without_hash(fields, other):
    """Return the fields without the host if both are hashes: each has a salt of its own."""
    if fields[1].startswith("|") and other[1].startswith("|"):
        return fields[:1] + fields[2:]
    return fields


def _hashed(line, name):
    """Return a line with a hash of the name in the place of its host, unless it has one."""
    fields = _fields(line)
    if not line.strip() or line.startswith("#") or fields[1].startswith("|"):
        return line
    salt = os.urandom(20)
    proof = hmac.new(salt, name.encode("utf-8"), hashlib.sha1).digest()
    hashed = "|1|%s|%s" % tuple(base64.b64encode(part).decode() for part in (salt, proof))
    return line.replace(fields[1], hashed, 1)
