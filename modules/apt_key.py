"""`apt_key`: a key that apt trusts is there, or not.

Keys are files that gpg reads: the program `apt-key` is gone from newer releases. A new key gets a
file of its own, unless a keyring is given.
"""

import contextlib
import glob
import os
import re
import shutil
import tempfile

from understudy.connections import target_files as files
from understudy.modules.shared import apt_cache, web, web_file

TRUSTED = "/etc/apt/trusted.gpg"
PARTS = "/etc/apt/trusted.gpg.d"
SHORT, LONG = 8, 16
NO_SOURCE = "No key to add ... how did i get here?!?!"
NOT_ADDED = (
    "apt-key did not return an error, but failed to add the key"
    " (check that the id is correct and *not* a subkey)"
)


def run(args, target):
    """Add or remove a key."""
    with _gpg(target) as gpg:
        key_id = _key_id(args.get("id"), target) if args.get("id") else None
        material = None
        if args["state"] == "present" and (key_id is None or _source(args)):
            material = _material(args, target)
            found = gpg.keys_in_material(material, _source(args)) if material else []
            key_id = key_id or (found[0] if found else None)
        if key_id is None:
            target.fail("Invalid key_id", id=None, changed=False)
        about = {"id": args.get("id") or key_id, "key_id": key_id}
        about.update(fp=key_id[-LONG:], short_id=key_id[-SHORT:])
        length = SHORT if len(key_id) == SHORT else LONG
        rings = Rings(gpg, args.get("keyring"), length)
        about["before"] = rings.keys()
        is_there = rings.has(key_id, about["before"])
        about["changed"] = is_there != (args["state"] == "present")
        if not about["changed"]:
            return about
        if args["state"] == "absent":
            return _remove(rings, key_id, about, target)
        return _add(args, rings, material, about, target)


def _add(args, rings, material, about, target):
    key_id = about["key_id"]
    if material is None and not args.get("keyserver"):
        target.fail(NO_SOURCE, **about)
    if target.check_mode:
        return about
    if material is not None and not rings.has(key_id, rings.gpg.keys_of(material)):
        target.fail(NOT_ADDED, **dict(about, after=about["before"], changed=False))
    if material is None:
        material = rings.gpg.received(args["keyserver"], key_id)
    rings.add(material, key_id)
    about["after"] = rings.keys()
    if not rings.has(key_id, about["after"]):
        target.fail(NOT_ADDED, **about)
    return about


def _remove(rings, key_id, about, target):
    if not target.check_mode:
        rings.remove(key_id)
        about["after"] = rings.keys()
    return about


def _key_id(given, target):
    """Return an identifier in the usual form: capital digits without `0x`."""
    digits = given.strip().upper()
    digits = digits[2:] if digits.startswith("0X") else digits
    if not re.match(r"[0-9A-F]+\Z", digits):
        target.fail("Invalid key_id", id=given, changed=False)
    if len(digits) not in (SHORT, LONG) and len(digits) < LONG:
        target.fail("Invalid key_id", id=given, changed=False)
    return digits


def _source(args):
    return args.get("file") or args.get("url") or (args.get("data") and "inline data")


def _material(args, target):
    """Return the path of a file with the key; None where only a server has it."""
    if args.get("file"):
        return files.operand(files.expand(args["file"]))
    if args.get("url"):
        trouble = "Failed to download key at %s: " % web.shown(args["url"])
        checked = args.get("validate_certs", True)
        return web_file.fetch(target, args["url"], trouble, checked=checked)
    if not args.get("data"):
        return None
    path = target.temporary()
    with open(path, "wb") as file:
        file.write(args["data"].encode("utf-8", "surrogateescape"))
    return path


@contextlib.contextmanager
def _gpg(target):
    """Give gpg with a home of its own, which is gone afterwards, and so is what it started."""
    home = tempfile.mkdtemp(prefix=".understudy-")
    gpg = Gpg(target, home)
    try:
        yield gpg
    finally:
        if gpg.has_asked:
            target.command(["gpgconf", "--homedir", home, "--kill", "all"])
        shutil.rmtree(home, ignore_errors=True)


class Gpg:
    """The program gpg, with a ring of keys that is empty at first."""

    def __init__(self, target, home):
        self.target = target
        self._home = home
        self.has_asked = False

    def run(self, *words):
        """Run it."""
        own = ["gpg", "--homedir", self._home, "--batch", "--no-tty", "--no-auto-check-trustdb"]
        return apt_cache.run(self.target, [*own, *words])

    def keys_of(self, path, kinds=("pub", "sub")):
        """Return the identifiers of the keys in a file, those that belong to others among them."""
        return _listed(self.run("--with-colons", "--show-keys", path).stdout, kinds)

    def keys_in_material(self, path, name):
        """Return the identifiers of the keys in a file; fail if it has none."""
        done = self.run("--with-colons", "--show-keys", path)
        found = _listed(done.stdout, ("pub",))
        if not found:
            output = {"stdout": done.stdout, "stderr": done.stderr}
            msg = "Unable to extract key from '%s'" % name
            self.target.fail(msg, changed=False, **output)
        return found

    def received(self, keyserver, key_id):
        """Return the path of a file with a key that a server sent."""
        self.has_asked = True
        done = self.run("--keyserver", keyserver, "--recv-keys", key_id)
        if done.rc:
            msg = "Error fetching key %s from keyserver: %s" % (key_id, keyserver)
            self.target.fail(msg, changed=False, stdout=done.stdout, stderr=done.stderr)
        return self.exported()

    def joined(self, paths, without=None):
        """Return the path of a file with the keys of several, but for one."""
        self.run(
            "--yes", "--delete-keys", *_listed(self.run("--with-colons", "-k").stdout, ("pub",))
        )
        for path in paths:
            self.run("--allow-non-selfsigned-uid", "--import", path)
        if without:
            self.run("--yes", "--delete-keys", without)
        return self.exported()

    def exported(self, armor=False):
        """Return the path of a file with all keys of the ring."""
        path = self.target.temporary()
        done = self.run("--yes", *["--armor"] * armor, "--output", path, "--export")
        if done.rc and "nothing exported" not in done.stderr:
            self.target.fail("could not export keys: %s" % done.stderr)
        with open(path, "ab"):  # gpg leaves no file where there is no key
            pass
        return path


def _listed(text, kinds):
    fields = (line.split(":") for line in text.splitlines())
    return [one[4] for one in fields if one[0] in kinds]


class Rings:
    """The files with keys that apt trusts, or the one that was given."""

    def __init__(self, gpg, only, length):
        self.gpg = gpg
        self._only = files.expand(only)
        self.length = length

    def _paths(self):
        if self._only:
            paths = [self._only]
        else:
            parts = glob.glob(PARTS + "/*.gpg") + glob.glob(PARTS + "/*.asc")
            paths = [TRUSTED, *sorted(parts)]
        return [path for path in paths if os.path.isfile(path) and os.path.getsize(path)]

    def keys(self):
        """Return the identifiers of all keys, as long as the one that was given."""
        found = [key for path in self._paths() for key in self.gpg.keys_of(path)]
        return [key[-self.length :] for key in found]

    def has(self, key_id, keys):
        """Tell whether a key is among others."""
        return key_id[-self.length :] in [key[-self.length :] for key in keys]

    def add(self, material, key_id):
        """Put keys into the ring that was given, or into a new one."""
        path = self._only or os.path.join(PARTS, key_id[-LONG:] + ".gpg")
        self._write(path, self.gpg.joined([*self._paths()[: bool(self._only)], material]))

    def remove(self, key_id):
        """Take a key out of every ring."""
        for path in self._paths():
            keys = self.gpg.keys_of(path, ("pub",))
            found = [key for key in keys if key[-self.length :] == key_id[-self.length :]]
            if found and len(found) == len(keys) and not self._only:
                self._unlink(path)
            elif found:
                self._write(path, self.gpg.joined([path], found[0]))

    def _write(self, path, content):
        target = self.gpg.target
        try:
            if path.endswith(".asc") and os.path.getsize(content):
                content = self.gpg.exported(armor=True)
            is_new = not os.path.exists(path)
            files.replace(content, os.path.realpath(path))
            if is_new:
                files.set_mode(target, path, "0644")
        except OSError as error:
            target.fail("Could not write %s: %s" % (path, error), changed=False)

    def _unlink(self, path):
        try:
            os.unlink(path)
        except OSError as error:
            self.gpg.target.fail("Could not remove %s: %s" % (path, error), changed=False)
