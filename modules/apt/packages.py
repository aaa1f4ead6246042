"""Packages: what was asked for, what dpkg says is installed, and what apt could install."""

import fnmatch
import re

from understudy.modules.shared import apt_cache

_FIELDS = ("Package", "Architecture", "db:Status-Status", "Version", "Provides")
_QUERY = "\\t".join("${%s}" % field for field in _FIELDS) + "\\n"
_THERE = ("installed", "triggers-awaited", "triggers-pending")
_EXTENDED = "/var/lib/apt/extended_states"
_VERSION_LINE = re.compile(r"^ (?:\*\*\*|   ) (\S+)(?: -?\d+)?$")
_WILD = re.compile(r"[*?\[\]!]")
_SPEC = re.compile(r"(.*?)(>=|=)(.*)", re.DOTALL)


class Spec:
    """One package that was asked for: `name`, `name=1.*`, `name>=1`."""

    def __init__(self, target, text):
        if text.count("=") > 1:
            target.fail("invalid package spec: %s" % text)
        match = _SPEC.fullmatch(text)
        self.text = text
        self.name, self.operator, self.version = match.groups() if match else (text, "", "")

    def named(self, target, name):
        """Return the same for another name."""
        return Spec(target, name + self.operator + self.version)


class Installed:
    """What dpkg knows: read once, by one program."""

    def __init__(self, target):
        self._versions = {}
        self._leftovers = set()
        self._providers = {}
        done = apt_cache.run(target, ["dpkg-query", "-W", "-f", _QUERY])
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        self.native = next((row[1] for row in rows if row[0] == "dpkg"), "")
        for name, architecture, status, version, provides in rows:
            keys = ["%s:%s" % (name, architecture)]
            if architecture in (self.native, "all"):
                keys += [name, "%s:%s" % (name, self.native)]
            if status in _THERE:
                self._versions.update((key, version) for key in keys)
                for one in provides.split(", ") if provides else ():
                    self._providers.setdefault(one.split(" ")[0], []).append(keys[-1])
            elif status != "not-installed":
                self._leftovers.update(keys)

    def version(self, name):
        """Return the version of a package that is installed, else None."""
        return self._versions.get(name)

    def providers(self, name):
        """Return the installed packages that provide one."""
        return self._providers.get(name, [])

    def has_leftovers(self, name):
        """Tell whether a package is removed but for its settings, or in the middle of something."""
        return name in self._leftovers

    def plain(self, name):
        """Return a name without the machine's own architecture."""
        own = (":" + self.native, ":all")
        return name.rpartition(":")[0] if self.native and name.endswith(own) else name


class Known:
    """What apt could install of one package: versions from the highest to the lowest."""

    def __init__(self):
        self.candidate = None
        self.versions = []


class Available:
    """What apt could install, with the priorities of a release if one is given."""

    def __init__(self, target, release=None):
        self._target = target
        self._options = ["-t", release] if release else []

    def look_up(self, names):
        """Return what is known of packages, by name; nothing for those that nobody has heard of."""
        found = {}
        if not names:
            return found
        command = ["apt-cache", *self._options, "policy", "--", *names]
        done = apt_cache.run(self._target, command)
        if done.rc:
            self._target.fail(apt_cache.problems(done.stderr))
        current = Known()
        for line in done.stdout.splitlines():
            match = _VERSION_LINE.match(line)
            if not line.startswith(" "):
                current = found.setdefault(line.rstrip(":"), Known())
            elif line.startswith("  Candidate: "):
                candidate = line.split(": ", 1)[1]
                current.candidate = None if candidate == "(none)" else candidate
            elif match:
                current.versions.append(match.group(1))
        return found

    def is_provided(self, name):
        """Tell whether some package provides one that is none itself.

        What apt takes for a pattern, such as `foo+` or `~nfoo`, is the name of no package.
        """
        done = apt_cache.run(self._target, ["apt-cache", "showpkg", "--", name])
        first, _, rest = done.stdout.partition("\n")
        is_one = first == "Package: " + name and "\nPackage: " not in rest
        return is_one and bool(rest.partition("Reverse Provides: \n")[2].strip())

    def expand(self, specs):
        """Put the packages whose names match in the place of names with wildcards."""
        if not any(_WILD.search(spec.name) for spec in specs):
            return specs
        names = apt_cache.run(self._target, ["apt-cache", "pkgnames"]).stdout.split()
        expanded = []
        for spec in specs:
            expanded += self._matching(spec, names) if _WILD.search(spec.name) else [spec]
        return expanded

    def _matching(self, spec, names):
        pattern, colon, architecture = spec.name.partition(":")
        found = sorted(fnmatch.filter(names, pattern))
        if not found:
            self._target.fail("No package(s) matching '%s' available" % spec.name)
        return [spec.named(self._target, name + colon + architecture) for name in found]


def is_version(target, one, relation, other):
    """Compare two versions as dpkg does; a relation is `lt`, `le`, `eq`, `ge` or `gt`."""
    return target.command(["dpkg", "--compare-versions", one, relation, other]).rc == 0


def automatic(installed):
    """Return the packages that apt may remove when no other needs them."""
    names = set()
    try:
        with open(_EXTENDED, encoding="utf-8", errors="surrogateescape") as file:
            paragraphs = file.read().split("\n\n")
    except OSError:
        return names
    for paragraph in paragraphs:
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line)
        if fields.get("Auto-Installed") == "1":
            names.add(installed.plain("%(Package)s:%(Architecture)s" % fields))
    return names
