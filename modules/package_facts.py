"""`package_facts`: tell which packages are installed on the target, in which versions."""

import json
import os
import shutil
import sys

ALIASES = {
    "dnf": "rpm",
    "dnf5": "rpm",
    "openbsd_pkg": "pkg_info",
    "pkg5": "pkg",
    "pkgng": "pkg",
    "yum": "rpm",
    "zypper": "rpm",
}
PYTHON_APT = """\
import json, apt
cache = apt.Cache()
print(json.dumps([
    [name, one.version, one.architecture, one.section, one.origins[0].origin]
    for name in cache.keys() for one in [cache[name].installed] if one
]))
"""
RPM = "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n"
DPKG = "${db:Status-Status}\\t${Package}\\t${Version}\\t${Architecture}\\t${Section}\\n"
PKG = "%n\t%v\t%R\t%t\t%a\t%q\t%o\t%p\t%V"


class Unlisted(Exception):  # noqa: N818 (one manager is passed over, the others go on)
    """A package manager is there, and does not say what is installed."""


def run(args, target):
    """Return the fact `packages`: by name, a list of what is installed."""
    asked = args.get("manager") or []
    _check(asked, target)
    names = list(MANAGERS) if "auto" in asked else asked
    packages = {}
    for name in dict.fromkeys(ALIASES.get(name, name) for name in names):
        if packages and args.get("strategy", "first") == "first":
            break
        for one in _listed_by(target, name, name in asked):
            packages.setdefault(one["name"], []).append(dict(one, source=name))
    if not packages:
        target.fail(
            "Could not detect a supported package manager from the following list: %s, or the"
            " required Python library is not installed. Check warnings for details." % asked
        )
    return {"changed": False, "ansible_facts": {"packages": packages}}


def _check(asked, target):
    unknown = [name for name in asked if name not in {*MANAGERS, *ALIASES, "auto"}]
    if unknown:
        target.fail("Unsupported package managers requested: %s" % ", ".join(sorted(unknown)))


def _listed_by(target, name, is_asked_for):
    """Return the packages that a manager knows of; warn if it is asked for and cannot be used."""
    program, listed = MANAGERS[name]
    if shutil.which(program) is None:
        if is_asked_for:
            paths = os.environ.get("PATH", "")
            target.warn(
                "Requested package manager %s was not usable by this module:"
                ' Failed to find required executable "%s" in paths: %s' % (name, program, paths)
            )
        return []
    found = []
    try:
        found = listed(target)
    except (OSError, ValueError, IndexError, KeyError, Unlisted) as error:
        target.warn("Failed to retrieve packages with %s: %s" % (name, error))
    if not found:
        target.warn('Found "%s" but no associated packages' % name)
    return found


def _output(target, *command):
    """Return the lines that a package manager writes."""
    ran = target.command(command, environment=dict(os.environ, LC_ALL="C"))
    if ran.rc != 0:
        raise Unlisted("Unable to list packages rc=%s : %s" % (ran.rc, ran.stderr))
    return ran.stdout.splitlines()


def _apt(target):
    """Ask python3-apt, which knows where a package comes from; without it, dpkg."""
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        if python and os.path.exists(python):
            ran = target.command([python, "-c", PYTHON_APT])
            if ran.rc == 0:
                keys = ("name", "version", "arch", "category", "origin")
                return [dict(zip(keys, one)) for one in json.loads(ran.stdout)]
    return _dpkg(target)


def _dpkg(target):
    native = (_output(target, "dpkg", "--print-architecture")[0], "all")
    found = []
    for line in _output(target, "dpkg-query", "-W", "-f", DPKG):
        state, name, version, arch, category = line.split("\t")
        if state == "installed":
            shown = name if arch in native else "%s:%s" % (name, arch)
            about = {"version": version, "arch": arch, "category": category}
            found.append(dict(about, name=shown, origin=""))
    return found


def _rpm(target):
    found = []
    for line in _output(target, "rpm", "-qa", "--qf", RPM):
        name, version, release, epoch, arch = line.split("\t")
        about = {"name": name, "version": version, "release": release}
        about["epoch"] = int(epoch) if epoch.isdigit() else None
        about["arch"] = None if arch == "(none)" else arch
        found.append(about)
    return found


def _apk(target):
    keys = ("name", "version", "release")
    return [dict(zip(keys, line.rsplit("-", 2))) for line in _output(target, "apk", "info", "-v")]


def _pacman(target):
    """Return the packages of Arch: one paragraph each, lines of `name : value`."""
    found = []
    for paragraph in "\n".join(_output(target, "pacman", "-Qi")).split("\n\n"):
        lines = (line.partition(" : ") for line in paragraph.splitlines())
        fields = {key.strip(): value.strip() for key, colon, value in lines if colon}
        about = {"name": fields["Name"], "version": fields["Version"]}
        about["arch"] = fields["Architecture"]
        provides = [one.partition("=")[0] for one in fields["Provides"].split()]
        found.append(dict(about, provides=None if provides == ["None"] else provides))
    return found


def _portage(target):
    names = _output(target, "qlist", "-Iv")
    keys = ("category", "name", "version", "ebuild_revision", "slots")
    atoms = (_output(target, "qatom", name)[0].split() for name in names)
    return [dict(zip(keys, atom)) for atom in atoms]


def _pkg(target):
    """Return the packages of FreeBSD; a version is `1.2_revision,epoch`."""
    found = []
    for line in _output(target, "pkg", "query", PKG):
        fields = line.split("\t")
        version, _, epoch = fields[1].partition(",")
        version, _, revision = version.partition("_")
        about = {"name": fields[0], "version": version}
        about.update(port_epoch=epoch or 0, revision=revision or "0")
        if fields[8:]:
            about.update(origin=fields[2], installed=fields[3], automatic=fields[4] == "1")
            about.update(arch=fields[5].split(":")[-1], category=fields[6].split("/")[0])
            about.update(prefix=fields[7], vital=fields[8] == "1")
        found.append(about)
    return found


def _pkg_info(target):
    """Return the packages of OpenBSD: `name-version  comment`."""
    lines = _output(target, "pkg_info", "-a")
    return [dict(zip(("name", "version"), line.split()[0].rsplit("-", 1))) for line in lines]


MANAGERS = {
    "apk": ("apk", _apk),
    "apt": ("apt", _apt),
    "pacman": ("pacman", _pacman),
    "pkg": ("pkg", _pkg),
    "pkg_info": ("pkg_info", _pkg_info),
    "portage": ("qlist", _portage),
    "rpm": ("rpm", _rpm),
}
"""The program that tells whether a manager is there, and what lists its packages.

Their order is that in which `auto` asks them.
"""
