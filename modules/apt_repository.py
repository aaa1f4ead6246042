"""`apt_repository`: a line of apt's sources is there, or not; its other lines stay as they are.

If the lists of packages cannot be fetched after a change, the files are as before.
"""

import glob
import json
import os
import re

from understudy.connections import target_files as files
from understudy.modules.shared import apt_cache, web_file

MAIN = "/etc/apt/sources.list"
PARTS = "/etc/apt/sources.list.d"
TRUSTED = "/etc/apt/trusted.gpg.d"
PPA = "deb https://ppa.launchpadcontent.net/%s/%s/ubuntu %s main"
OLD_PPA = "deb http://ppa.launchpad.net/%s/%s/ubuntu %s main"
ABOUT_PPA = "https://api.launchpad.net/1.0/~%s/+archive/%s"
KEYS = "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x%s"
TYPES = ("deb", "deb-src")


def run(args, target):
    """Add or remove the line, and have apt fetch the lists of packages."""
    given = args.get("repo") or ""
    if not given:
        target.fail("Please set argument 'repo' to a non-empty value")
    is_wanted = args["state"] == "present"
    wanted, suggested, others = _meant(args, target, given.strip())
    sources = Sources(target)
    if is_wanted:
        sources.add(wanted, _path(args, suggested), others)
    else:
        for line in (wanted, *others):
            sources.remove(line)
    changes = sources.changes()
    result = {
        "changed": bool(changes),
        "repo": given,
        "sources_added": sorted(path for path, (old, _) in changes.items() if old is None),
        "sources_removed": sorted(path for path, (_, new) in changes.items() if new is None),
        "state": args["state"],
        "diff": [],
    }
    if target.diff:
        result["diff"] = [_difference(path, *both) for path, both in sorted(changes.items())]
    if changes and not target.check_mode:
        if is_wanted and given.strip().startswith("ppa:"):
            _fetch_key(args, target, *_owner_and_name(given.strip()))
        _apply(args, target, changes)
    return result


def _meant(args, target, given):
    """Return the line, what a file for it is called, and other lines that mean the same."""
    if not given.startswith("ppa:"):
        enabled, source, _ = parsed(given)
        if source is None or not enabled:
            target.fail("Invalid repository string: %s" % given.lstrip("#"))
        return source, source, ()
    codename = args.get("codename") or _codename(target)
    about = (*_owner_and_name(given), codename)
    return PPA % about, "%s_%s" % (given, codename), (OLD_PPA % about,)


def _owner_and_name(ppa):
    owner, _, name = ppa[len("ppa:") :].partition("/")
    return owner, name or "ppa"


def _codename(target):
    """Return the name of this machine's release."""
    names = {}
    try:
        with open("/etc/os-release", encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.strip().partition("=")
                names[key] = value.strip("\"'")
    except OSError:
        pass
    found = names.get("UBUNTU_CODENAME") or names.get("VERSION_CODENAME")
    return found or target.fail("this release has no codename: give `codename` for a ppa")


def _path(args, suggested):
    filename = args.get("filename")
    if not filename:
        return os.path.join(PARTS, file_name(suggested))
    return os.path.normpath(os.path.join(PARTS, filename + ".list"))


def file_name(source):
    """Return what Ansible calls a file: the address, without credentials, in words."""
    text = re.sub(r"\[[^\]]+\]", "", source)
    parts = text.split()
    address = parts[1] if parts[0] in TYPES and len(parts) > 1 else text.strip()
    address = re.sub(r"^[a-zA-Z+]+://", "", address)
    address = address.split("@", 1)[-1]
    return "_".join(re.sub(r"[^a-zA-Z0-9]", " ", address).split()) + ".list"


def parsed(line):
    """Return whether a line is enabled, the source (None if it has none) and its comment."""
    text = line.strip()
    enabled = not text.startswith("#")
    text, _, comment = text.lstrip("#").partition("#")
    words = text.split()
    source = " ".join(words) if words and words[0] in TYPES else None
    return enabled, source, comment.strip()


class Sources:
    """The files with lines of apt's sources, as they are and as they shall be."""

    def __init__(self, target):
        paths = [MAIN, *sorted(glob.glob(PARTS + "/*.list"))]
        self._before = {path: _read(target, path) for path in paths if os.path.isfile(path)}
        self._lines = {path: text.splitlines(True) for path, text in self._before.items()}
        self._target = target

    def add(self, source, path, others=()):
        """Have a source; enable it where it is switched off, or write it at the end of a file."""
        for lines in self._lines.values():
            for index, line in enumerate(lines):
                enabled, found, comment = parsed(line)
                if found == source or (found in others and enabled):
                    if not enabled:
                        lines[index] = found + (" # " + comment if comment else "") + "\n"
                    return
        if path not in self._lines and os.path.isfile(path):
            self._before[path] = _read(self._target, path)
            self._lines[path] = self._before[path].splitlines(True)
        lines = self._lines.setdefault(path, [])
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines.append(source + "\n")

    def remove(self, source):
        """Have no such line that is enabled."""
        for lines in self._lines.values():
            lines[:] = [line for line in lines if parsed(line)[:2] != (True, source)]

    def changes(self):
        """Return the old and the new text of the files that change; None for no file."""
        changes = {}
        for path, lines in self._lines.items():
            before = self._before.get(path)
            after = "".join(lines) or ("" if path == MAIN else None)
            if after != before and not (after is None and before == ""):
                changes[path] = (before, after)
        return changes


def _read(target, path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")
    except OSError as error:
        return target.fail("Could not read %s: %s" % (path, error))


def _difference(path, before, after):
    return {
        "before": before or "",
        "after": after or "",
        "before_header": "/dev/null" if before is None else path,
        "after_header": "/dev/null" if after is None else path,
    }


def _apply(args, target, changes):
    try:
        for path, (before, after) in changes.items():
            _write(target, path, after, args.get("mode") if before is None else None)
        if args.get("update_cache"):
            apt_cache.update(target, args)
    except BaseException:
        for path, (before, _) in changes.items():
            _write(target, path, before, None)
        raise


def _write(target, path, text, mode):
    """Write a file in one step, or remove it; a link stays one."""
    path = os.path.realpath(path)
    try:
        if text is None:
            if os.path.lexists(path):
                os.unlink(path)
            return
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        is_new = not os.path.exists(path)
        content = text.encode("utf-8", "surrogateescape")
        files.write(target, path, content, mode=mode if is_new else None)
        if is_new:
            files.set_mode(target, path, "0644" if mode is None else mode)
    except OSError as error:
        target.fail("Could not write %s: %s" % (path, error))


def _fetch_key(args, target, owner, name):
    """Have apt trust the key that Launchpad signs a personal archive with."""
    checked = args.get("validate_certs", True)
    trouble = "failed to fetch PPA information, error was: "
    told = web_file.fetch(target, ABOUT_PPA % (owner, name), trouble, checked=checked)
    try:
        with open(told, encoding="utf-8") as file:
            fingerprint = str(json.load(file).get("signing_key_fingerprint") or "")
    except (ValueError, AttributeError) as error:
        target.fail("%s%s" % (trouble, error))
    if not re.match(r"[0-9A-Fa-f]{16,}$", fingerprint):
        target.fail("%sthe archive has no key" % trouble)
    path = os.path.join(TRUSTED, fingerprint + ".asc")
    if os.path.exists(path):
        return
    trouble = "failed to fetch the key %s of the PPA: " % fingerprint
    fetched = web_file.fetch(target, KEYS % fingerprint, trouble, checked=checked)
    files.replace(fetched, path)
    files.set_mode(target, path, "0644")
