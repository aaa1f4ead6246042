"""Packages of rpm by the program dnf: the way of `dnf`, `dnf5` and `yum`.

dnf decides and does; what changed is read from rpm's own list, before and after, so that nothing
hangs on how a version of dnf prints its work. Only check mode, which changes nothing, reads the
table that dnf shows before it asks whether to go on. Where Ansible's module uses dnf's Python
library, these are the options that give the same: a package that is there is left as it is, no
version goes down unasked, signatures are asked for.
"""

import os
import re
import time

from understudy.modules.shared import operands, required_program

NEVRA = "%{NAME}\\t%{EPOCH}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\n"
LISTED = "%{name}\\t%{epoch}\\t%{version}\\t%{release}\\t%{arch}\\t%{reponame}\\n"
PROGRAMS = {
    "dnf": ("dnf-3", "dnf4", "dnf"),
    "dnf4": ("dnf-3", "dnf4", "dnf"),
    "yum4": ("dnf-3", "dnf4", "dnf"),
    "dnf5": ("dnf5",),
}
"""The programs of a backend; of any other the first of `dnf` and `dnf5` is taken."""
ENVIRONMENT = {"LC_ALL": "C", "COLUMNS": "200"}
FORETOLD = "Check mode: No changes made, but would have if not in check mode"
INCOMPLETE = "Failed to install some of the specified packages"
LOCKED = re.compile("lock.*held by|[Ww]aiting for.* lock|locked by")
NO_GROUP = re.compile(r"(?:Module or Group '|No match for argument: @)([^'\n]+?)'?(?: is not|\n|$)")
NO_PACKAGE = re.compile(r"No match for argument: (?!@)(.+)")
EXCLUDED = re.compile(r"All matches were filtered out by .* for argument: (.+)")
UNSIGNED = re.compile(r"Package (\S+)\.rpm is not signed")
CREDENTIALS = re.compile(r"://[^/@\s]+@")
NO_KEY = "checking of packages via GPG keys"
PROBLEM = re.compile(r"^ ?Problem(?: \d+)?:(?s:.*?)(?=^\(try |\Z)", re.MULTILINE)
UP, DOWN, GONE = ("Installing", "Upgrading", "Reinstalling"), ("Downgrading",), ("Removing",)
WILD = set("*?[")


def run(args, target):
    """Install, update, remove or list packages."""
    return Packages(args, target).result()


class Packages:
    """What is asked for, and the program that does it."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.root = args.get("installroot") or "/"
        self.program = self._program(args.get("use_backend") or "auto")
        self.is_new = os.path.realpath(self.program).endswith("dnf5")
        self.rpm_program = required_program.require(target, "rpm")
        self.notes = []

    def _program(self, backend):
        names = PROGRAMS.get(backend, ("dnf", "dnf5"))
        found = [path for path in map(required_program.find, names) if path]
        return found[0] if found else required_program.require(self.target, names[-1])

    def result(self):
        """Do what is asked for and return the module's result."""
        args = self.args
        operands.check(self.target, args, "name", "list")
        conf = args.get("conf_file")
        if conf and not os.access(conf, os.R_OK):
            self.target.fail("cannot read configuration file", conf_file=conf, results=[])
        if args.get("list"):
            return {"changed": False, "msg": "", "results": self._listed(args["list"])}
        state = args.get("state") or ("absent" if args.get("autoremove") else "present")
        names = [name.strip() for name in args.get("name") or [] if name.strip()]
        if args.get("autoremove") and state not in ("absent", "removed"):
            msg = "Autoremove should be used alone or with state=absent"
            self.target.fail(msg, results=[])
        if args.get("update_cache") and not names:
            self._dnf(["makecache", "--refresh"])
            return {"changed": False, "msg": "Cache updated", "results": [], "rc": 0}
        return self._transact(self._steps(state, names))

    def _steps(self, state, names):
        """Return the commands of dnf, each with what it is about."""
        if state in ("absent", "removed"):
            return self._removal(names)
        names, files = self._files(names)
        groups = [name for name in names if name.startswith("@")]
        names = [name for name in names if not name.startswith("@")]
        if state == "latest":
            return self._newest(names, groups + files)
        missing = [name for name in names if not self._is_there(name)]
        wanted = self._without_downgrades(missing + groups + files)
        return [["install", *wanted]] if wanted else []

    def _removal(self, names):
        if not names:
            return [["autoremove"]] if self.args.get("autoremove") else []
        there = [name for name in names if name.startswith("@") or self._is_there(name)]
        self.notes += ["No match for argument: " + name for name in names if name not in there]
        clean = "--setopt=clean_requirements_on_remove=%d" % bool(self.args.get("autoremove"))
        return [["remove", clean, *there]] if there else []

    def _newest(self, names, others):
        kinds = ["--" + kind for kind in ("security", "bugfix") if self.args.get(kind)]
        if "*" in names:
            return [["upgrade", *kinds]]
        there = [name for name in names if self._is_there(name, in_any_version=True)]
        missing = [name for name in names if name not in there]
        if self.args.get("update_only"):
            text = "Packages providing %s not installed due to update_only specified"
            self.notes += [text % name for name in missing]
            missing = []
        steps = [["install", *kinds, *missing, *others]] if missing + others else []
        return steps + ([["upgrade", *kinds, *there]] if there else [])

    def _files(self, names):
        """Return what are no packages' files or URLs, and those that are."""
        files = [name for name in names if "://" in name or name.endswith(".rpm")]
        for path in files:
            if "://" not in path and not os.path.exists(path):
                text = "Error occurred attempting remote rpm operation: Could not open: %s"
                self.target.fail(text % path, rc=1, results=[])
        self.notes += ["Installed " + path for path in files]
        return [name for name in names if name not in files], files

    def _without_downgrades(self, wanted):
        """Leave out what would bring an older version than the one that is there."""
        if self.args.get("allow_downgrade") or not any(map(self._has_other_version, wanted)):
            return wanted
        down = [name for kind, name, _, _ in self._plan(["install", *wanted]) if kind in DOWN]
        return [one for one in wanted if _name(os.path.basename(one)) not in down]

    def _has_other_version(self, name):
        base = _name(os.path.basename(name))
        return base != name and self._asks_rpm("-q", base)

    def _is_there(self, name, in_any_version=False):
        if WILD & set(name):
            return bool(self._rpm("-qa", name).stdout.strip())
        if in_any_version and self._asks_rpm("-q", _name(name)):
            return True
        return self._asks_rpm("-q", name) or self._asks_rpm("-q", "--whatprovides", name)

    def _asks_rpm(self, *words):
        return self._rpm(*words).rc == 0

    def _rpm(self, *words):
        root = ["--root", self.root] if self.root != "/" else []
        return self.target.command([self.rpm_program, *root, *words], environment=ENVIRONMENT)

    def _installed(self):
        lines = self._rpm("-qa", "--qf", NEVRA).stdout.splitlines()
        return {tuple(line.split("\t")) for line in lines}

    def _transact(self, steps):
        """Run the commands, or foretell what they do; return the result."""
        only_planned = self.target.check_mode or self.args.get("download_only")
        before = self._installed()
        if only_planned:
            new, old = self._planned(steps, before)
        if not self.target.check_mode:
            for step in steps:
                self._dnf(step)
        if not only_planned:
            after = self._installed()
            new, old = after - before, before - after
        done = "Downloaded" if self.args.get("download_only") else "Installed"
        results = sorted("%s: %s" % (done, _shown(one)) for one in new)
        results += sorted("Removed: %s" % _shown(one) for one in old)
        msg = "" if results else "Nothing to do"
        if results and self.target.check_mode:
            msg = FORETOLD
        told = {"changed": bool(results), "msg": msg, "rc": 0}
        return dict(told, results=self.notes + results)

    def _planned(self, steps, before):
        new, old = set(), set()
        for step in steps:
            for kind, name, arch, version in self._plan(step):
                epoch, _, rest = version.rpartition(":")
                one = (name, epoch if epoch not in ("", "0") else "(none)", rest, arch)
                if kind in GONE:
                    old.add(one)
                else:
                    new.add(one)
                    if kind != "Installing" and not self.args.get("download_only"):
                        old |= {was for was in before if (was[0], was[3]) == (name, arch)}
        return new, old

    def _plan(self, words):
        """Return what dnf would do: kind of change, name, architecture and version."""
        done = self._tried([*self._options(), "--assumeno", *words])
        rows = list(_table(done.stdout + done.stderr))
        if not rows and done.rc != 0:
            self._judge(done)
        self._note_missing(done)
        return rows

    def _dnf(self, words):
        download = ["--downloadonly"] * bool(self.args.get("download_only"))
        if words[0] not in ("install", "upgrade"):
            download = []
        folder = self.args.get("download_dir")
        if download and folder:
            download += ["--destdir" if self.is_new else "--downloaddir", folder]
        done = self._tried([*self._options(), "-y", words[0], *download, *words[1:]])
        if done.rc != 0:
            self._judge(done)
        self._note_missing(done)
        return done

    def _note_missing(self, done):
        """Tell what dnf passes over with `skip_broken`."""
        if self.args.get("skip_broken"):
            names = NO_PACKAGE.findall(done.stderr + done.stdout)
            notes = ["No package %s available." % name for name in names]
            self.notes += [note for note in notes if note not in self.notes]

    def _tried(self, words):
        """Run dnf; wait for its lock as long as is allowed."""
        deadline = time.monotonic() + max(0, self.args.get("lock_timeout") or 0)
        while True:
            done = self.target.command([self.program, *words], environment=ENVIRONMENT)
            if done.rc == 0 or not LOCKED.search(done.stdout + done.stderr):
                return done
            if time.monotonic() >= deadline:
                msg = "dnf lockfile is held by another process"
                self.target.fail(msg, rc=1, results=[], failures=[])
            time.sleep(1)

    def _judge(self, done):
        """Fail with what dnf says."""
        text = done.stderr + done.stdout
        more = {"rc": 1, "results": []}
        group, unsigned = NO_GROUP.search(text), UNSIGNED.search(text)
        if group:
            self.target.fail("No group %s available." % group.group(1), results=[])
        if unsigned:
            shown = "Failed to validate GPG signature for %s: %s"
            self.target.fail(shown % (unsigned.group(1), unsigned.group(0)), results=[])
        failures = ["No package %s available." % name for name in NO_PACKAGE.findall(text)]
        filtered = EXCLUDED.finditer(text)
        failures += ["%s %s" % (match.group(1), match.group(0)) for match in filtered]
        if failures:
            self.target.fail(INCOMPLETE, failures=list(dict.fromkeys(failures)), **more)
        if NO_KEY in text:
            msg = "Failed to validate GPG signature: there is no key for the repository"
            self.target.fail(msg, results=[])  # dnf shows its settings, with passwords
        problem = PROBLEM.search(done.stderr)
        if problem:
            msg = "Depsolve Error occurred: \n %s" % problem.group().strip()
            self.target.fail(msg, failures=[], **more)
        said = (done.stderr or done.stdout).strip()
        self.target.fail(CREDENTIALS.sub("://****:****@", said), failures=[], **more)

    def _options(self):
        """Return the options of dnf that go before its command."""
        args, words = self.args, []
        if args.get("conf_file"):
            words += ["-c", args["conf_file"]]
        if self.root != "/":
            words += ["--installroot", self.root]
        if args.get("releasever"):
            words += ["--releasever", args["releasever"]]
        for name in ("disablerepo", "enablerepo", "exclude"):
            words += ["--%s=%s" % (name, one) for one in args.get(name) or [] if one]
        for name in ("disable_plugin", "enable_plugin"):
            words += ["--%s=%s" % (name.replace("_", ""), one) for one in args.get(name) or []]
        for name in ("allowerasing", "cacheonly"):
            words += ["--" + name] * bool(args.get(name))
        words += ["--refresh"] * bool(args.get("update_cache"))
        words += ["--skip-broken"] * bool(args.get("skip_broken"))
        words += ["--skip-unavailable"] * bool(args.get("skip_broken") and self.is_new)
        return words + ["--setopt=" + setting for setting in self._settings()]

    def _settings(self):
        args = self.args
        checks = 0 if args.get("disable_gpg_check") else 1
        found = ["gpgcheck=%d" % checks, "localpkg_gpgcheck=%d" % checks]
        if not args.get("install_weak_deps", True):
            found.append("install_weak_deps=0")
        if not (args.get("sslverify", True) and args.get("validate_certs", True)):
            found.append("sslverify=0")
        if args.get("best") is not None or args.get("nobest") is not None:
            best = args["best"] if args.get("best") is not None else not args["nobest"]
            found.append("best=%d" % best)
        if args.get("disable_excludes"):
            found.append("disable_excludes=%s" % args["disable_excludes"])
        return found + ([] if self.is_new else ["exit_on_lock=1"])

    def _listed(self, what):
        if what in ("repos", "repositories"):
            lines = self._dnf(["-q", "repolist", "--enabled"]).stdout.splitlines()[1:]
            return [{"repoid": line.split()[0], "state": "enabled"} for line in lines if line]
        kinds = {"installed": ["--installed"], "available": ["--available"]}
        kinds["updates"] = kinds["upgrades"] = ["--upgrades"]
        if what in kinds:
            return self._queried(kinds[what])
        return self._queried(["--installed", what]) + self._queried(["--available", what])

    def _queried(self, words):
        state = "installed" if "--installed" in words else "available"
        done = self._dnf(["-q", "repoquery", "--qf", LISTED, *words])
        found = []
        for line in done.stdout.splitlines():
            fields = line.split("\t")
            if len(fields) < len(LISTED.split("\\t")):
                continue
            one = dict(zip(("name", "epoch", "version", "release", "arch", "repo"), fields))
            one["nevra"] = "%(epoch)s:%(name)s-%(version)s-%(release)s.%(arch)s" % one
            found.append(dict(one, envra=one["nevra"], yumstate=state))
        return found


def _name(spec):
    """Return the name in `name-version…`, `name.arch` or `name >= version`, as far as one sees."""
    return re.split(r"-(?=\d)|\s*[<>=]|\.(?:noarch|x86_64|aarch64|i686|rpm)$", spec)[0]


def _shown(one):
    name, epoch, version, arch = one
    shown = "" if epoch in ("(none)", "0") else epoch + ":"
    return "%s-%s%s.%s" % (name, shown, version, arch)


def _table(text):
    """Return the rows of the table of a transaction; a long name stands on a line of its own."""
    kind, name = None, None
    for line in text.splitlines():
        words = line.split()
        if re.match(r"[A-Z][\w ,/]*:$", line):
            kind = line.split()[0].rstrip(":")
        elif not line.startswith(" ") or not words:
            kind = None if line.startswith(("=", "Transaction")) else kind
        elif kind in UP + DOWN + GONE and words[0] != "replacing":
            words = [name, *words] if name else words
            name = words[0] if len(words) == 1 else None
            if name is None:
                yield kind, words[0], words[1], words[2]
