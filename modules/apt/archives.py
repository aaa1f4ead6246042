"""A package's archive, a `.deb`: installed by dpkg, when what it needs is there."""

import os
import re

from understudy.connections import target_files as files
from understudy.modules.apt import packages
from understudy.modules.shared import apt_cache, web, web_file

_UNMET = re.compile(r"^ ?\S+ : (?:Pre-)?Depends: (\S+(?: \([^)]*\))?)", re.MULTILINE)
_UNMET_NEXT = re.compile(r"^ +(?:Pre-)?Depends: (\S+(?: \([^)]*\))?)", re.MULTILINE)
_STEP = re.compile(r"^(Inst|Remv) (\S+)", re.MULTILINE)


def install(job, path):
    """Install an archive, from an address too; a lower version only if that is allowed."""
    target, args = job.target, job.args
    if "://" in path:
        trouble = "Failure downloading %s, " % web.shown(path)
        path = web_file.fetch(target, path, trouble, ".deb")
    path = files.operand(path)
    about = _about(target, path)
    installed = packages.Installed(target)
    version = installed.version("%(Package)s:%(Architecture)s" % about)
    if version is not None:
        if packages.is_version(target, about["Version"], "eq", version):
            return {"changed": False, "stdout": "", "stderr": "", "diff": {}}
        is_older = packages.is_version(target, about["Version"], "lt", version)
        if is_older and not (args.get("allow_downgrade") or args.get("force")):
            target.fail("A later version is already installed", changed=False)
    needs = [] if args.get("force") else _needs(target, path, about["Package"])
    before = job.install(needs) if needs else {}
    return job.with_diff(_unpack(job, path, before), always=True)


def _about(target, path):
    """Return the fields that say which package an archive holds."""
    if not os.path.exists(path):
        why = "E:Could not open file %s - open (2: No such file or directory)" % path
        target.fail("Unable to install package: %s" % why, changed=False)
    fields = ("Package", "Version", "Architecture")
    done = apt_cache.run(target, ["dpkg-deb", "--field", path, *fields])
    about = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    if done.rc or len(about) < len(fields):
        why = done.stderr.strip() or "it has no name, version or architecture"
        target.fail("Unable to install package: %s" % why, changed=False)
    return about


def _needs(target, path, name):
    """Return the packages that an archive needs and that are missing; fail if that cannot be."""
    path = os.path.abspath(path)
    if not path.endswith(".deb"):  # or apt-get takes it for a name
        link = target.temporary(".deb")
        os.unlink(link)
        os.symlink(path, link)
        path = link
    words = ["-q", "--simulate", "--no-install-recommends", "--allow-downgrades"]
    words += ["--allow-change-held-packages", "-y", "install", "--", path]
    done = apt_cache.run(target, ["apt-get", *words])
    if done.rc:
        unmet = _UNMET.findall(done.stdout) or _UNMET_NEXT.findall(done.stdout)
        if unmet:
            target.fail("Dependency is not satisfiable: %s\n" % unmet[0], changed=False)
        why = apt_cache.problems(done.stderr)
        target.fail("Unable to install package: %s" % why, changed=False)
    steps = _STEP.findall(done.stdout)
    for step, other in steps:
        if step == "Remv":
            target.fail("Conflicts with the installed package '%s'" % other, changed=False)
    return [other for step, other in steps if step == "Inst" and other != name]


def _unpack(job, path, before):
    target = job.target
    options = [*job.dpkg_options, *["--force-all"] * bool(job.args.get("force"))]
    simulate = ["--simulate"] * target.check_mode
    done = apt_cache.run(target, ["dpkg", *simulate, *options, "-i", path])
    if done.rc:
        msg = " ".join(["dpkg", *simulate, *options, "-i", path, "failed"])
        target.fail(msg, changed=False, stdout=done.stdout, stderr=done.stderr)
    stdout, stderr = (before.get(key, "") for key in ("stdout", "stderr"))
    return {"changed": True, "stdout": stdout + done.stdout, "stderr": stderr + done.stderr}
