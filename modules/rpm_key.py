"""`rpm_key`: a public key is among those that rpm trusts, or is not.

gpg reads the key, rpm keeps it: as a package `gpg-pubkey`, whose version is the end of the key's
identifier. A file may hold several keys; all of them count.
"""

import os
import re
import tempfile

from understudy.connections import target_files as files
from understudy.modules.shared import required_program, web, web_file

IDENTIFIER = re.compile(r"(0x)?[0-9a-fA-F]{8,40}")
INSTALLED = ["-q", "--qf", "%{VERSION}-%{RELEASE}\\n", "gpg-pubkey"]
ARMOUR = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


def run(args, target):
    """Import the keys that are missing, or remove those that are there."""
    keys = Keys(target)
    keyfile, wanted = keys.named(args)
    if args.get("fingerprint") and keyfile:
        keys.verify(keyfile, args["fingerprint"])
    there = keys.installed()
    found = {key: [one for one in there if _is_same(one, key)] for key in wanted}
    if args.get("state") == "absent":
        gone = sorted({one for ones in found.values() for one in ones})
        if gone and not target.check_mode:
            keys.rpm("--erase", "--allmatches", *("gpg-pubkey-%s" % one for one in gone))
        return {"changed": bool(gone)}
    missing = [key for key in wanted if not found[key]]
    if missing and not keyfile:
        target.fail("When importing a key, a valid file must be given")
    if missing and not target.check_mode:
        keys.rpm("--import", keyfile)
    return {"changed": bool(missing)}


class Keys:
    """What rpm and gpg say of keys."""

    def __init__(self, target):
        self.target = target
        self.rpm_program = required_program.require(target, "rpm")
        self.gpg_program = required_program.find("gpg")
        self.gpg_program = self.gpg_program or required_program.require(target, "gpg2")

    def named(self, args):
        """Return the file with the keys, if there is one, and the identifiers of the keys."""
        key = args["key"]
        if "://" in key:
            path = self._fetched(key, bool(args.get("validate_certs", True)))
            return path, [found for found, _ in self._in_file(path)]
        if os.path.isfile(key):
            key = files.operand(key)
            return key, [found for found, _ in self._in_file(key)]
        if not IDENTIFIER.fullmatch(key):
            self.target.fail("Not a valid key %s" % key)
        return None, [re.sub("^0x", "", key).lower()]

    def verify(self, path, wanted):
        """Fail if none of the keys has one of these fingerprints."""
        wanted = {re.sub(r"\s", "", one).upper() for one in wanted}
        found = {fingerprint for _, fingerprint in self._in_file(path)}
        if not wanted & found:
            text = "The specified fingerprint, '%s', does not match any key fingerprints in '%s'"
            self.target.fail(text % (_set(wanted), _set(found)))

    def installed(self):
        """Return version and release of the keys that rpm has."""
        done = self.target.command([self.rpm_program, *INSTALLED])
        return done.stdout.split() if done.rc == 0 else []

    def rpm(self, *words):
        """Let rpm do something."""
        done = self.target.command([self.rpm_program, *words])
        if done.rc != 0:
            more = {"rc": done.rc, "stdout": done.stdout, "stderr": done.stderr}
            self.target.fail((done.stderr or done.stdout).strip(), **more)

    def _in_file(self, path):
        """Return identifier and fingerprint of each primary key of a file."""
        command = [self.gpg_program, "--no-tty", "--batch", "--with-colons"]
        command += ["--fixed-list-mode", "--with-fingerprint", path]
        with tempfile.TemporaryDirectory(prefix=".understudy-") as home:  # gpg makes one, else
            done = self.target.command(command, environment={"LC_ALL": "C", "GNUPGHOME": home})
        found = []
        is_primary = False
        for fields in (line.split(":") for line in done.stdout.splitlines()):
            if fields[0] in ("pub", "sub", "sec"):
                is_primary = fields[0] == "pub"
            elif fields[0] == "fpr" and is_primary:
                found.append((fields[9][-16:].lower(), fields[9]))
        if not found:
            self.target.fail(done.stderr or "Unexpected gpg output")
        return found

    def _fetched(self, url, verify):
        """Return a temporary file with what a URL holds, if that is a key."""
        trouble = "failed to fetch key at %s , error was: " % web.shown(url)
        path = web_file.fetch(self.target, url, trouble, ".asc", verify)
        with open(path, "rb") as file:
            if ARMOUR not in file.read():
                self.target.fail("Not a public key: %s" % web.shown(url))
        return path


def _is_same(installed, key):
    """Tell whether a key of rpm's is this one: one of the two names may be the longer one."""
    version = installed.partition("-")[0].lower()
    length = min(len(version), len(key))
    return version[-length:] == key[-length:]


def _set(found):
    return "{%s}" % ", ".join(repr(one) for one in sorted(found))
