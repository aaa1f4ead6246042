"""`hostname`: the machine has the name that it should have, now and after its next boot.

Where systemd runs, `hostnamectl` is told; elsewhere the file that the distribution reads at boot is
written, and the name of the running machine is left alone, but on Alpine.
"""

import os
import re
import socket

from understudy.connections import target_files as files
from understudy.modules.shared import required_program

LONGEST = 64
"""Characters in a name that Linux takes."""
OF_IDS = (
    ("alpine", "alpine"),
    ("gentoo", "openrc"),
    ("rhel", "redhat"),
    ("fedora", "redhat"),
    ("centos", "redhat"),
    ("suse", "sles"),
    ("sles", "sles"),
)
"""Words of ID and ID_LIKE in os-release, and the way that goes with them."""


def run(args, target):
    """Set the name where it is another one; tell the facts that follow from it."""
    name = args["name"]
    way = _way(args.get("use"), target)
    way.check(name)
    before, changed = None, False
    for read, write in ((way.current, way.set_current), (way.permanent, way.set_permanent)):
        now = read()
        if now != name:
            before = before if changed else now
            changed = True
            if not target.check_mode:
                write(name)
    full = socket.getfqdn()
    facts = {
        "ansible_hostname": name.split(".")[0],
        "ansible_nodename": name,
        "ansible_fqdn": full,
        "ansible_domain": ".".join(full.split(".")[1:]),
    }
    result = {"changed": changed, "name": name, "ansible_facts": facts}
    if changed and target.diff:
        texts = ("hostname = %s\n" % text for text in (before, name))
        result["diff"] = dict(zip(("before", "after"), texts))
    return result


def _way(use, target):
    """Return how the name is set: what is asked for, else what fits the machine."""
    has_systemd = os.path.isdir("/run/systemd/system") and required_program.find("hostnamectl")
    if use == "systemd" or (has_systemd and use in (None, "debian")):
        return Systemd(target)
    kind = use or _of_machine()
    if kind not in WAYS:
        target.fail("the way %s of setting a name is not one of Linux" % kind)
    return WAYS[kind](target)


def _of_machine():
    try:
        with open("/etc/os-release", encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.strip() for line in file if re.match("ID(_LIKE)?=", line)]
    except OSError:
        lines = []
    words = " ".join(line.partition("=")[2].strip("\"'") for line in lines).split()
    return next((way for word, way in OF_IDS if word in words), "debian")


class Systemd:
    """The three names that systemd knows: of now, of the next boot, and for people."""

    def __init__(self, target):
        self.target = target
        self.program = required_program.require(target, "hostnamectl")

    def check(self, name):
        """Fail for a name that cannot be."""
        if len(name) > LONGEST:
            text = "name cannot be longer than %d characters on systemd servers, try a shorter name"
            self.target.fail(text % LONGEST)

    def _call(self, *words):
        done = self.target.command([self.program, *words])
        if done.rc:
            said = (done.rc, done.stdout, done.stderr)
            self.target.fail("Command failed rc=%d, out=%s, err=%s" % said)
        return done.stdout.strip()

    def current(self):
        """Return the name of now."""
        return self._call("--transient", "status")

    def set_current(self, name):
        """Set the name of now."""
        self._call("--transient", "set-hostname", "--", name)

    def permanent(self):
        """Return the name of the next boot."""
        return self._call("--static", "status")

    def set_permanent(self, name):
        """Set the name of the next boot, and the one for people."""
        for kind in ("--pretty", "--static"):
            self._call(kind, "set-hostname", "--", name)


class File:
    """A file with the name in it."""

    path = "/etc/hostname"

    def __init__(self, target):
        self.target = target

    def check(self, name):
        """Fail for a name that would not fit, or make another line of the file."""
        if "\n" in name or len(name) > LONGEST:
            text = "a host name is one line of at most %d characters"
            self.target.fail(text % LONGEST)

    def read(self):
        """Return the file's text; none if it is not there."""
        try:
            with open(self.path, encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except FileNotFoundError:
            return ""
        except OSError as error:
            self.target.fail("failed to read hostname: %s" % error)

    def replace(self, text):
        """Put a text in the place of the file's; in a container the file may be a mount."""
        try:
            content = text.encode("utf-8", "surrogateescape")
            files.write(self.target, os.path.realpath(self.path), content, unsafe_writes=True)
        except OSError as error:
            self.target.fail("failed to update hostname: %s" % error)

    def permanent(self):
        """Return the name in the file."""
        return self.read().strip()

    def set_permanent(self, name):
        """Write the name."""
        self.replace(name + "\n")

    def current(self):
        """Return what stands for the name of now."""
        return self.permanent()

    def set_current(self, name):
        """Leave the running machine alone."""


class Alpine(File):
    """The file, and a program that reads it."""

    def set_permanent(self, name):
        """Write the name, and let the running machine have it."""
        self.replace(name + "\n")
        done = self.target.command(
            [required_program.require(self.target, "hostname"), "-F", self.path]
        )
        if done.rc:
            said = (done.rc, done.stdout, done.stderr)
            self.target.fail("Command failed rc=%d, out=%s, err=%s" % said)


class Sles(File):
    """The file of SUSE."""

    path = "/etc/HOSTNAME"


class Setting(File):
    """One setting among others in a file."""

    pattern = r""
    form = ""
    missing = None

    def permanent(self):
        """Return the value of the setting."""
        found = re.search(self.pattern, self.read(), re.MULTILINE)
        if found is None and self.missing:
            self.target.fail(self.missing)
        return found.group(1).strip() if found else ""

    def set_permanent(self, name):
        """Write the setting, in its place."""
        text, line = self.read(), self.form % name
        if re.search(self.pattern, text, re.MULTILINE):
            self.replace(re.sub(self.pattern, lambda _: line, text, flags=re.MULTILINE))
        else:
            self.replace(text + "\n" * (text[-1:] not in ("", "\n")) + line + "\n")


class RedHat(Setting):
    """The network's settings of Red Hat."""

    path = "/etc/sysconfig/network"
    pattern = r"^HOSTNAME=(.*)$"
    form = "HOSTNAME=%s"
    missing = "Unable to locate HOSTNAME entry in /etc/sysconfig/network"


class OpenRc(Setting):
    """A shell's variable in a file of OpenRC."""

    path = "/etc/conf.d/hostname"
    pattern = r"^hostname=[\"']?([^\"'\n]*)[\"']?.*$"
    form = 'hostname="%s"'


WAYS = {
    "alpine": Alpine,
    "debian": File,
    "generic": File,
    "openrc": OpenRc,
    "redhat": RedHat,
    "sles": Sles,
}
