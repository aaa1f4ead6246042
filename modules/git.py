"""`git`: a working copy of a repository is at the version that is asked for.

All is done by the git program, which never asks anything. One `ls-remote` tells what a version is:
the head, a branch or a tag of the other side, in this order, else a commit. Check mode decides by
it alone and changes nothing, not even what has been fetched. A secret in a URL is never shown.
"""

import os
import shutil
import tempfile

from understudy.connections import target_files as files
from understudy.modules.git import program
from understudy.modules.shared import operands, umask

FORMATS = ("tar.gz", "tar", "zip", "tgz")
NO_DEPTH = (
    "Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in"
    " combination with refspec."
)


def run(args, target):
    """Clone or update, check out, verify, make an archive; tell of both revisions."""
    if not args.get("dest") and args.get("clone", True):
        target.fail("the destination directory must be specified unless clone=no")
    operands.check(target, args, "repo", "version", "remote", "refspec")
    with umask.as_asked(args, target):
        return _Copy(args, target).bring()


class _Copy:
    """The working copy, or the bare repository, and what is asked of it."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.git = program.Git(args, target)
        self.dest = _place(args.get("dest"), target)
        self.url = program.absolute(args["repo"], target.cwd)
        self.version = args.get("version") or "HEAD"
        self.name = args.get("remote") or "origin"
        self.bare = bool(args.get("bare"))
        self.force = bool(args.get("force"))
        self.result = {"changed": False, "before": None}

    def bring(self):
        """Bring it to the version."""
        if self.dest is None or not self._is_there():
            return self._bring_new()
        self._check_separate()
        if not self.args.get("update", True):
            self.result["before"] = self.result["after"] = self._head()
            self._archive()
            return self.result
        return self._update()

    def _is_there(self):
        inside = self.dest if self.bare else os.path.join(self.dest, ".git")
        return os.path.isfile(inside) or os.path.exists(os.path.join(inside, "config"))

    def _bring_new(self):
        separate = self._separate()
        self.remote = program.Remote(self.git, self.url, self.version)
        self.result["changed"] = True
        if not self.args.get("clone", True) or self.target.check_mode:
            if not self.remote.revision:
                self.target.fail("Could not determine remote revision for %s" % self.version)
            self.result["after"] = self.remote.revision
        else:
            self._clone(separate)
            self._check_out()
            self.result["after"] = self._head()
            self._archive()
        if self.target.diff:
            text = ">> Newly checked out %s\n" % self.result["after"]
            self.result["diff"] = {"prepared": text}
        return self.result

    def _clone(self, separate):
        above = os.path.dirname(self.dest)
        try:
            os.makedirs(above, exist_ok=True)
        except OSError as error:
            self.target.fail("could not create %s: %s" % (above, error.strerror))
        words = ["clone"] + (["--bare"] if self.bare else ["--origin", self.name])
        words += self._depth(clone=True)
        if self.args.get("single_branch"):
            words.append("--single-branch")
            if self.version != "HEAD" and self.remote.is_named and "--branch" not in words:
                words += ["--branch", self.version]
        if self.args.get("reference"):
            words += ["--reference", files.expand(str(self.args["reference"]))]
        if separate:
            words.append("--separate-git-dir=%s" % separate)
        self.git.do(*words, "--", self.url, self.dest, cwd=above)
        if self.bare and self.name != "origin":
            self._in("remote", "add", self.name, self.url)
        if self.args.get("refspec"):
            self._fetched(["fetch", self.name, self.args["refspec"]])

    def _depth(self, clone=False):
        """Return the options of a shallow history, if that is possible."""
        depth = self.args.get("depth")
        if not depth or depth < 1:
            return []
        if not self.remote.is_named and not self.args.get("refspec"):
            if clone:
                self.target.warn(NO_DEPTH)
            return []
        named = self.version != "HEAD" and self.remote.is_named
        return ["--depth", str(depth)] + (["--branch", self.version] if clone and named else [])

    def _update(self):
        before = self.result["before"] = self._head(must=False)
        changed = before is None
        if before is not None and not self.bare and self._is_modified():
            changed = True
            self._drop_modifications()
        remote_url_changed = self._point()
        changed = changed or remote_url_changed
        self.result["remote_url_changed"] = remote_url_changed
        self.remote = program.Remote(self.git, self.url, self.version)
        changed = self._move_git_dir() or changed
        if self.target.check_mode:
            after = self._foretold(before)
            changed = changed or "submodules_changed" in self.result
        else:
            self._fetch()
            changed = self._check_out() or changed
            after = self._head()
        self.result.update(after=after, changed=changed or before != after)
        if self.target.diff and before and before != after:
            self._tell_difference(before, after)
        self._archive()
        return self.result

    def _foretold(self, before):
        if self.bare and self.remote.head:
            return self.remote.head
        if not self.remote.is_named:
            known = self._ask("rev-parse", "--verify", "--quiet", self.version + "^{commit}")
            if not known.rc:
                return known.stdout.strip()
        uninitialised = not self.bare and self.args.get("recursive", True)
        if uninitialised and self._has_new_submodules():
            self.result["submodules_changed"] = True
        return self.remote.revision or before

    def _drop_modifications(self):
        msg = "Local modifications exist in the destination: %s" % self.dest
        if not self.force:
            self.target.fail(msg + " (force=no).", before=self.result["before"])
        self.result["msg"] = msg
        if not self.target.check_mode:
            self._in("reset", "--hard", "HEAD", "--")

    def _is_modified(self):
        status = self._ask("status", "--porcelain")
        if status.rc:
            self.git.fail(status, status.stderr.rstrip(), ["status", "--porcelain"])
        return any(not line.startswith("??") for line in status.stdout.splitlines())

    def _point(self):
        """Let the remote be the repository; tell whether it was another one."""
        now = self._ask("config", "--get", "remote.%s.url" % self.name)
        if now.rc == 0 and program.absolute(now.stdout.strip(), self.dest) == self.url:
            return False
        if self.target.check_mode:
            return True
        known = self._ask("config", "--get", "remote.%s.fetch" % self.name).rc == 0
        lost = self.result["before"] is None and now.rc and not known
        words = ["remote", "add" if lost else "set-url", self.name, self.url]
        done = self._ask(*words)
        if done.rc:
            shown = (self.url, self.name, done.stdout, done.stderr)
            self.target.fail(program.hidden("Failed to set a new url %s for %s: %s %s" % shown))
        return True

    def _fetch(self):
        force = ["--force"] * self.force
        extra = [self.args["refspec"]] if self.args.get("refspec") else []
        depth = self._depth()
        if self.bare:
            words = ["fetch", *force, self.name]
            words += ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
        elif depth:
            words = ["fetch", *depth, *force, self.name, *self._shallow()]
        else:
            words = ["fetch", "--tags", *force, self.name]
        self._fetched(words + extra)
        if not self.bare and not depth and self.remote.branch and not self._has_tip():
            # a clone of a single branch does not fetch the others unless they are named
            self._fetched(["fetch", *force, self.name, *self._shallow()])

    def _shallow(self):
        branch = self.remote.branch
        if branch:
            return ["+refs/heads/%s:refs/remotes/%s/%s" % (branch, self.name, branch)]
        if self.remote.tag and self.version != "HEAD":
            return ["+refs/tags/%s:refs/tags/%s" % (self.version, self.version)]
        return []

    def _has_tip(self):
        tracking = self._tracking(self.remote.branch)
        found = self._ask("rev-parse", "--quiet", "--verify", tracking).stdout.strip()
        return found == self.remote.tip

    def _tracking(self, branch):
        return "refs/remotes/%s/%s" % (self.name, branch)

    def _branch(self):
        """Return the branch to check out; None for a tag or a commit."""
        if self.remote.branch or self.version != "HEAD":
            return self.remote.branch
        head = self._ask("symbolic-ref", "--quiet", self._tracking("HEAD")).stdout.strip()
        return head[len(self._tracking("")) :] or None

    def _fetched(self, words):
        done = self._ask(*words)
        if done.rc:
            msg = "Failed to download remote objects and refs: %s %s" % (done.stdout, done.stderr)
            self.target.fail(program.hidden(msg), cmd=[self.git.path, *words])

    def _check_out(self):
        """Check the version out; tell whether a submodule changed."""
        if self.bare:
            self._verify()
            return False
        branch = self._branch()
        if branch is None:
            why = "Failed to checkout %s" % self.version
            version = self.version if self.version != "HEAD" else self.remote.head or "HEAD"
            self._in("checkout", "--force", version, why=why)
        elif self._ask("rev-parse", "--quiet", "--verify", "refs/heads/" + branch).rc == 0:
            why = "Failed to checkout branch %s" % branch
            self._in("checkout", "--force", branch, "--", why=why)
            why = "Failed to reset branch %s" % branch
            self._in("reset", "--hard", self._tracking(branch), "--", why=why)
        else:
            # not --track: it fails for a branch that a shallow clone does not usually fetch
            words = ["-c", "branch.autoSetupMerge=true", "checkout", "--force", "-b", branch]
            why = "Failed to checkout branch %s" % branch
            self._in(*words, "%s/%s" % (self.name, branch), why=why)
        self._verify()
        return self._submodules()

    def _verify(self):
        """Fail unless the commit, or the annotated tag, is signed as it has to be."""
        if not self.args.get("verify_commit"):
            return
        allowed = self.args.get("gpg_allowlist") or []
        kind = self._ask("cat-file", "-t", "refs/tags/" + self.version).stdout.strip()
        words = ["verify-tag" if kind == "tag" else "verify-commit", self.version]
        done = self._ask(*(words + ["--raw"] * bool(allowed)))
        if done.rc:
            msg = 'Failed to verify GPG signature of commit/tag "%s"' % self.version
            self.target.fail(msg, rc=done.rc, stdout=done.stdout, stderr=done.stderr)
        if allowed:
            signer = _signer(done.stderr)
            if signer not in [str(one).replace(" ", "").upper() for one in allowed]:
                text = 'The gpg_allowlist does not include the public key "%s" for this commit'
                self.target.fail(text % signer)

    def _submodules(self):
        """Bring the submodules to what the version wants; tell whether one changed."""
        if not self.args.get("recursive", True):
            return False
        if not os.path.exists(os.path.join(self.dest, ".gitmodules")):
            return False
        before = self._heads()
        self._in("submodule", "sync", "--recursive")
        words = ["submodule", "update", "--init", "--recursive"]
        words += ["--remote"] * bool(self.args.get("track_submodules")) + ["--force"] * self.force
        done = self._ask(*words)
        if done.rc:
            msg = "Failed to init/update submodules: %s %s" % (done.stdout, done.stderr)
            self.git.fail(done, msg, words)
        if self._heads() == before:
            return False
        self.result["submodules_changed"] = True
        return True

    def _heads(self):
        """Return the status lines of the submodules without the mark of those that are behind."""
        lines = self._ask("submodule", "status", "--recursive").stdout.splitlines()
        return sorted(line[:1].replace("+", " ") + " ".join(line[1:].split()[:2]) for line in lines)

    def _has_new_submodules(self):
        if not os.path.exists(os.path.join(self.dest, ".gitmodules")):
            return False
        lines = self._ask("submodule", "status").stdout.splitlines()
        return any(line.startswith("-") for line in lines)

    def _separate(self):
        path = files.expand(self.args.get("separate_git_dir"))
        return os.path.realpath(path) if path else None

    def _check_separate(self):
        separate = self._separate()
        if separate and os.path.exists(separate) and self._git_dir() != separate:
            self.target.fail("Separate-git-dir path %s already exists." % separate)

    def _git_dir(self):
        found = self._in("rev-parse", "--git-dir")
        return os.path.realpath(os.path.join(self.dest, found))

    def _move_git_dir(self):
        """Move the repository out of the working copy; tell whether it had to be."""
        separate = self._separate()
        if not separate:
            return False
        now = self._git_dir()
        if now == separate:
            return False
        self.result.update(git_dir_before=now, git_dir_now=separate)
        if not self.target.check_mode:
            self._in("init", "--separate-git-dir", separate)
        return True

    def _head(self, must=True):
        """Return the commit that is checked out; None if there is none, as after a broken clone."""
        done = self._ask("rev-parse", "--verify", "HEAD")
        if done.rc == 0:
            return done.stdout.strip()
        dubious = "dubious ownership" in done.stderr or "not a git repository" in done.stderr
        if must or dubious:
            self.git.fail(done, done.stderr.rstrip(), ["rev-parse", "--verify", "HEAD"])
        return None

    def _tell_difference(self, before, after):
        """Add the difference of two commits, even of one that is not here yet."""
        text = self._ask("diff", before, after)
        if text.rc:
            text = self._difference_elsewhere(before, after)
        if text.rc == 0 and text.stdout:
            self.result["diff"] = {"prepared": text.stdout}

    def _difference_elsewhere(self, before, after):
        """Fetch into a folder that is thrown away: check mode leaves the repository as it is."""
        objects = self._in("rev-parse", "--git-path", "objects")
        with tempfile.TemporaryDirectory(prefix=".understudy-") as folder:
            self.git.ask("init", "-q", "--bare", folder)
            with open(os.path.join(folder, "objects", "info", "alternates"), "wb") as file:
                file.write(os.fsencode(os.path.join(self.dest, objects)) + b"\n")
            wanted = "HEAD" if self.version == "HEAD" else self.version
            self.git.ask("fetch", "-q", self.url, wanted, cwd=folder)
            return self.git.ask("diff", before, after, cwd=folder)

    def _archive(self):
        """Make the archive, if it is not there as it should be."""
        if not self.args.get("archive"):
            return
        path = os.path.join(self.target.cwd or os.getcwd(), files.expand(self.args["archive"]))
        kind = next((one for one in FORMATS if path.endswith("." + one)), None)
        if kind is None:
            choices = "['tar', 'tar.gz', 'zip', 'tgz']"
            self.target.fail(
                "Unable to get file extension from archive file name : %s" % path,
                details="Please specify archive as filename with extension."
                " File extension can be one of %s" % choices,
            )
        if self.target.check_mode and self.result["changed"]:
            return
        made = self._made_archive(path, kind)
        if os.path.exists(path) and files.digest(made) == files.digest(path):
            return
        self.result["changed"] = True
        if not self.target.check_mode:
            self._put(made, path)

    def _made_archive(self, path, kind):
        made = self.target.temporary("." + kind)
        words = ["archive", "--format", kind, "--output", made]
        if self.args.get("archive_prefix"):
            words += ["--prefix", self.args["archive_prefix"]]
        why = "Failed to perform archive operation"
        self._in(*words, self.version, why=why)
        return made

    def _put(self, made, path):
        try:
            files.replace(made, path)
        except (OSError, shutil.Error) as error:
            self.target.fail("Failed to write archive %s: %s" % (path, error))

    def _ask(self, *words, **more):
        return self.git.ask(*words, cwd=self.dest)

    def _in(self, *words, **more):
        return self.git.do(*words, cwd=self.dest, **more)


def _signer(text):
    """Return the fingerprint of the key, or of its primary key, that `--raw` tells of."""
    for line in text.splitlines():
        if line.startswith("[GNUPG:] VALIDSIG "):
            return line.split()[-1]
    return None


def _place(path, target):
    if not path:
        return None
    return os.path.normpath(os.path.join(target.cwd or os.getcwd(), files.expand(path)))
