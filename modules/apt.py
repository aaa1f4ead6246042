"""`apt`: packages of Debian and its kin are installed, removed or brought up to date.

Everything goes through dpkg-query, apt-cache and apt-get: no library is needed on the target. Where
all is as asked for, one dpkg-query tells that. Commands in messages are as Ansible writes them.
"""

import contextlib
import fnmatch
import os
import time

from understudy.modules.apt import archives, packages
from understudy.modules.shared import apt_cache

POLICY = "/usr/sbin/policy-rc.d"
NOTHING_DONE = "\n0 upgraded, 0 newly installed, 0 to remove"
REMOVES = "The following packages will be REMOVED"
SWITCHES = (
    ("allow_unauthenticated", "--allow-unauthenticated"),
    ("allow_downgrade", "--allow-downgrades"),
    ("allow_change_held_packages", "--allow-change-held-packages"),
)


def run(args, target):
    """Do what is asked for, in Ansible's order; the first thing that is all ends it."""
    job = Job(args, target)
    names = [name.strip() for name in args.get("package") or []]
    upgrade = args["upgrade"] if args.get("upgrade", "no") != "no" else None
    has_work = bool(names or upgrade or args.get("deb"))
    if args.get("clean"):
        cleaned = job.clean()
        if not has_work:
            return cleaned
    if args.get("update_cache") or args.get("cache_valid_time"):
        job.update()
        if not has_work:
            return job.with_cache({"changed": job.is_updated})
    if "*" in names and args["state"] == "latest":
        if len(names) > 1:
            target.fail(
                "unable to install additional packages when upgrading all installed packages"
            )
        upgrade = "yes"
    with _services_held_back(args, target):
        return _act(job, [name for name in names if name != "*"], upgrade)


def _act(job, names, upgrade):
    args, state = job.args, job.args["state"]
    if upgrade:
        return job.upgrade(upgrade)
    if args.get("deb"):
        if state != "present":
            job.target.fail("deb only supports state=present")
        return archives.install(job, args["deb"])
    for operation in ("autoclean", "autoremove"):
        if args.get(operation) and not names:
            return job.tidy(operation)
    if state == "absent":
        return job.remove(names)
    if state == "build-dep":
        return job.with_cache(job.install_sources_needs(names))
    return job.with_cache(job.install(names, is_latest=state == "latest"))


class Job:
    """One call of the module: its arguments, and what has been found out."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.is_updated = False
        wanted = [one.strip() for one in (args.get("dpkg_options") or "").split(",")]
        self.dpkg_options = ["--" + one for one in wanted if one]

    def with_cache(self, result):
        """Return a result with what is known of the lists of packages."""
        known = {"cache_update_time": int(apt_cache.updated_at()), "cache_updated": self.is_updated}
        return dict(result, **known)

    def fail(self, msg, **more):
        """Fail after the lists of packages were looked at."""
        self.target.fail(msg, **self.with_cache(dict(more, changed=False)))

    def clean(self):
        """Remove all archives that apt has fetched."""
        done = self._run(["clean"]) if not self.target.check_mode else None
        if done and done.rc:
            self.target.fail("'apt-get clean' failed: %s" % done.stderr, **_output(done))
        return dict(_output(done), changed=True, msg="")

    def update(self):
        """Fetch the lists of packages if they are too old."""
        valid_until = int(apt_cache.updated_at()) + self.args.get("cache_valid_time", 0)
        if time.time() <= valid_until:
            return
        self.is_updated = True
        if not self.target.check_mode:
            self.is_updated = apt_cache.update(self.target, self.args)

    def upgrade(self, how):
        """Bring all packages up to date; only `dist` and `full` remove any for that."""
        is_full = how in {"dist", "full"}
        words = ["dist-upgrade"] if is_full else ["upgrade", "--with-new-pkgs"]
        words.append("--auto-remove" if self.args.get("autoremove") else "")
        options = [*self._force(), *self._choices()]
        options += ["--no-remove"] * bool(self.args.get("fail_on_autoremove"))
        done = self._run(["-y", *options, *words], simulated=True)
        if done.rc:
            msg = "'/usr/bin/apt-get %s' failed: %s" % (" ".join(words), done.stderr)
            self.target.fail(msg, changed=False, rc=done.rc, stdout=done.stdout)
        result = dict(_output(done), changed=NOTHING_DONE not in done.stdout, msg=done.stdout)
        return self.with_diff(result) if result["changed"] else result

    def tidy(self, operation):
        """Remove what nobody needs: old archives (`autoclean`), packages (`autoremove`)."""
        purge = ["--purge"] * bool(self.args.get("purge"))
        done = self._run(["-y", *purge, *self._force(), operation], simulated=True)
        if done.rc:
            msg = "'apt-get %s' failed: %s" % (operation, done.stderr)
            self.target.fail(msg, changed=False, rc=done.rc, **_output(done))
        mark = REMOVES if operation == "autoremove" else "Del "
        return self.with_diff(dict(_output(done), changed=mark in done.stdout))

    def remove(self, names):
        """Remove packages that are there, with `purge` also settings that are left."""
        available = packages.Available(self.target)
        specs = available.expand([packages.Spec(self.target, name) for name in names])
        installed = packages.Installed(self.target)
        gone = [spec.name for spec in specs if self._is_there(installed, spec)]
        if not gone:
            return {"changed": False}
        words = ["-q", "-y", *["--purge"] * bool(self.args.get("purge")), *self._force()]
        words += ["--auto-remove"] * bool(self.args.get("autoremove"))
        words += ["--allow-change-held-packages"] * bool(
            self.args.get("allow_change_held_packages")
        )
        done = self._run([*words, "remove", "--", *gone], simulated=True)
        if done.rc:
            msg = "'apt-get remove %s' failed: %s" % (_quoted(gone), done.stderr)
            self.target.fail(msg, changed=False, rc=done.rc, **_output(done))
        return self.with_diff(dict(_output(done), changed=True))

    def _is_there(self, installed, spec):
        version = installed.version(spec.name)
        if version is None:
            return bool(self.args.get("purge")) and installed.has_leftovers(spec.name)
        if spec.operator == "=":
            return bool(fnmatch.filter([version], spec.version))
        return not spec.operator or self._satisfies(spec, version)

    def _satisfies(self, spec, version):
        if spec.operator == ">=":
            return packages.is_version(self.target, version, "ge", spec.version)
        return version == spec.version

    def install(self, names, is_latest=False):
        """Install what is missing, or not of the version that is asked for."""
        available = packages.Available(self.target, self.args.get("default_release"))
        specs = available.expand([packages.Spec(self.target, name) for name in names])
        if not specs:
            return self._repair() if self.args["state"] == "fixed" else {"changed": False}
        installed = packages.Installed(self.target)
        wanted = self._missing(specs, installed, available, is_latest)
        result = self._install(wanted) if wanted else {"changed": False}
        self._mark_manual(specs, installed)
        return result

    def _missing(self, specs, installed, available, is_latest):
        """Return what apt-get has to install, each as `name=version` or a name."""
        open_questions = []
        for spec in specs:
            version = installed.version(spec.name)
            if version is None and self.args.get("only_upgrade"):
                continue
            settled = version is not None and not is_latest and self._is_settled(spec, version)
            if not settled:
                open_questions.append((spec, version))
        known = available.look_up([installed.plain(spec.name) for spec, _ in open_questions])
        wanted = []
        for spec, version in open_questions:
            found = known.get(installed.plain(spec.name))
            if found is None or not found.versions:
                wanted += self._virtual(spec, installed, available, is_latest)
                continue
            best = self._best(spec, found)
            if best is None and (version is None or spec.operator):
                self.fail("no available installation candidate for %s" % spec.text)
            if best not in (None, version):
                wanted.append("%s=%s" % (spec.name, best))
        return list(dict.fromkeys(wanted))

    def _is_settled(self, spec, version):
        """Tell whether an installed version will do, as far as that shows without asking apt."""
        return not spec.operator or self._satisfies(spec, version)

    def _best(self, spec, known):
        """Return the version to be installed: the highest that matches, or the candidate."""
        if spec.operator == "=":
            matching = fnmatch.filter(known.versions, spec.version)
            return matching[0] if matching else None
        if spec.operator and known.candidate and not self._satisfies(spec, known.candidate):
            return None
        return known.candidate

    def _virtual(self, spec, installed, available, is_latest):
        """Return what to install for a name that only others provide."""
        providers = installed.providers(spec.name)
        if providers:
            if not is_latest:
                return []
            specs = [packages.Spec(self.target, name) for name in providers]
            return self._missing(specs, installed, available, is_latest)
        if not available.is_provided(spec.name):
            self.target.fail("No package matching '%s' is available" % spec.name, changed=False)
        return [spec.name]

    def _install(self, wanted):
        args = self.args
        slots = [
            "--only-upgrade" if args.get("only_upgrade") else "",
            "--fix-broken" if args["state"] == "fixed" else "",
            "--force-yes" if args.get("force") else "",
            "--auto-remove" if args.get("autoremove") else "",
            "--no-remove" if args.get("fail_on_autoremove") else "",
            "--simulate" if self.target.check_mode else "",
        ]
        return self._get(slots, "install", wanted, {"changed": True})

    def _repair(self):
        """Complete what is half installed, if anything is."""
        if self._run(["check"]).rc == 0:
            return {"changed": False}
        slots = ["--fix-broken", "--simulate" if self.target.check_mode else ""]
        return self._get(slots, "install", [], {"changed": True})

    def install_sources_needs(self, names):
        """Install what the sources of packages need to be built."""
        args = self.args
        slots = [
            "--only-upgrade" if args.get("only_upgrade") else "",
            "",
            "--force-yes" if args.get("force") else "",
            "--no-remove" if args.get("fail_on_autoremove") else "",
            "--simulate" if self.target.check_mode else "",
        ]
        if not names:
            return {"changed": False}
        result = self._get(slots, "build-dep", names, {})
        result["changed"] = NOTHING_DONE not in result["stdout"]
        return result

    def _get(self, slots, operation, names, result):
        """Run apt-get; a failure tells the command as Ansible writes it, empty slots and all."""
        words = [word for word in slots if word and word != "--simulate"]
        done = self._run(["-y", *words, *self._choices(), operation, "--", *names], simulated=True)
        if done.rc:
            shown = ["/usr/bin/apt-get", "-y"]
            shown += ['-o "Dpkg::Options::=%s"' % one for one in self.dpkg_options]
            shown += ["-o DPkg::Lock::Timeout=%s" % self.args["lock_timeout"], *slots, operation]
            release = self.args.get("default_release")
            shown += [_quoted(names), *["-t '%s'" % release] * bool(release)]
            command = " ".join(shown + self._choices()[2 * bool(release) :])
            self.fail("'%s' failed: %s" % (command, done.stderr), rc=done.rc, **_output(done))
        return self.with_diff(dict(_output(done), **result))

    def _choices(self):
        """Return the options that say what may be chosen; the release is the first."""
        args = self.args
        words = ["-t", args["default_release"]] if args.get("default_release") else []
        if args.get("install_recommends") is not None:
            answer = "yes" if args["install_recommends"] else "no"
            words += ["-o", "APT::Install-Recommends=%s" % answer]
        return words + self._switches()

    def _switches(self):
        return [switch for name, switch in SWITCHES if self.args.get(name)]

    def _force(self):
        return ["--force-yes"] * bool(self.args.get("force"))

    def _run(self, words, simulated=False):
        """Run apt-get; in check mode, and if it can do so, it only tells what it would do."""
        options = ["-o", "DPkg::Lock::Timeout=%s" % self.args["lock_timeout"]]
        for one in self.dpkg_options:
            options += ["-o", "Dpkg::Options::=%s" % one]
        if simulated and self.target.check_mode:
            options.append("--simulate")
        return apt_cache.run(self.target, ["apt-get", *options, *filter(None, words)])

    def with_diff(self, result, always=False):
        """Return a result with what apt was about to do, if a difference is asked for."""
        shown = always or self.target.diff
        result["diff"] = {"prepared": _prepared(result["stdout"])} if shown else {}
        return result

    def _mark_manual(self, specs, installed):
        """Have apt keep what was installed for another package and is asked for now."""
        names = [spec.name for spec in specs if installed.version(spec.name)]
        if self.target.check_mode or not names:
            return
        marked = packages.automatic(installed)
        names = [name for name in names if installed.plain(name) in marked]
        if names:
            done = apt_cache.run(self.target, ["apt-mark", "manual", "--", *names])
            if done.rc:
                text = "could not mark packages as installed by hand: %s"
                self.target.warn(text % apt_cache.problems(done.stderr))


def _output(done):
    return {"stdout": done.stdout if done else "", "stderr": done.stderr if done else ""}


def _quoted(names):
    return " ".join("'%s'" % name for name in names)


def _prepared(stdout):
    """Return the part of apt-get's words that tells what it is about to do."""
    lines = stdout.splitlines()
    start = 0
    for index, line in enumerate(lines):
        if line == "Reading state information...":
            start = index + 1
        elif " upgraded, " in line and line[:1].isdigit():
            return "\n".join(lines[start : index + 1])
    return "\n".join(lines[start:])


@contextlib.contextmanager
def _services_held_back(args, target):
    """Have scripts of packages get `policy_rc_d` when they ask whether they may start a service."""
    code = args.get("policy_rc_d")
    if code is None or target.check_mode:
        yield
        return
    kept = POLICY + ".kept"  # if it is there, who wrote it was killed: it is the machine's own
    try:
        if os.path.lexists(POLICY) and not os.path.lexists(kept):
            os.rename(POLICY, kept)
        staged = target.temporary(directory=os.path.dirname(POLICY))
        with open(staged, "w") as file:
            file.write("#!/bin/sh\nexit %d\n" % code)
        os.chmod(staged, 0o755)  # noqa: S103 (a program that everyone may ask)
        os.rename(staged, POLICY)
    except (IOError, OSError) as error:
        if os.path.lexists(kept):
            os.rename(kept, POLICY)
        target.fail("Failed to create or chmod %s: %s" % (POLICY, error))
    try:
        yield
    finally:
        if os.path.lexists(kept):
            os.rename(kept, POLICY)
        else:
            os.unlink(POLICY)
