"""`subversion`: a working copy of a repository is at a revision, or its files are exported.

The password goes to svn by standard input, which it knows since 1.10; an older one gets it as an
argument, with a warning. Whether something changed is what svn says that it did.
"""

import os
import re

from understudy.connections import target_files as files
from understudy.modules.shared import addresses, operands, required_program

STDIN_SINCE = (1, 10)
INSECURE = (
    "The authentication provided will be used on the svn command line and is not secure. To"
    " securely pass credentials, upgrade svn to version 1.10.0 or greater."
)
NO_DEST = "the destination directory must be specified unless checkout=no, update=no, and export=no"
CHANGE = re.compile(r"^(?=.{0,3}[A-Z])[ABDUCGER ][ABDUCG ][B ][C ] \S", re.MULTILINE)
"""A line of `svn update` that tells of a file: four columns, and the path."""


def run(args, target):
    """Check out, update or export; tell of both revisions."""
    usual = (("checkout", True), ("update", True), ("export", False))
    asked = any(args.get(key, default) for key, default in usual)
    if not args.get("dest") and asked:
        target.fail(NO_DEST)
    operands.check(target, args, "repo")
    copy = _Copy(args, target)
    if not asked or (not args.get("checkout", True) and not args.get("update", True)):
        return {"changed": False, "after": copy.remote_revision()}
    if args.get("export") or not os.path.exists(copy.dest):
        return copy.bring_new()
    return copy.bring()


class _Copy:
    """The working copy, and what is asked of it."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.path = files.expand(args.get("executable")) or required_program.require(target, "svn")
        dest = files.expand(args.get("dest"))
        self.dest = os.path.join(target.cwd or os.getcwd(), dest) if dest else None
        self.repo, self.revision = args["repo"], args.get("revision") or "HEAD"
        self.usual, self.stdin = self._usual()

    def _usual(self):
        """Return the options of every command, and its input."""
        args = self.args
        words = ["--non-interactive", "--no-auth-cache"]
        words += [] if args.get("validate_certs") else ["--trust-server-cert"]
        words += ["--username", args["username"]] if args.get("username") else []
        password = args.get("password")
        if not password:
            return words, None
        told = self._run([self.path, "--version", "--quiet"]).stdout
        if tuple(int(part) for part in re.findall(r"\d+", told)[:2]) >= STDIN_SINCE:
            return [*words, "--password-from-stdin"], password.encode("utf-8", "surrogateescape")
        self.target.warn(INSECURE)
        return [*words, "--password", password], None

    def _run(self, words, stdin=None):
        try:
            return self.target.command(words, stdin=stdin, environment={"LC_ALL": "C.UTF-8"})
        except OSError as error:
            self.target.fail("Error executing command.", rc=error.errno, cmd=" ".join(words))

    def ask(self, *words):
        """Run svn, however it ends."""
        return self._run([self.path, *self.usual, *words], self.stdin)

    def do(self, *words):
        """Run svn and return what it printed; fail with its words if it fails."""
        done = self.ask(*words)
        if done.rc:
            told = [word for word in self.usual if word != self.args.get("password")]
            command = " ".join([self.path, *told, *words])
            said = {"rc": done.rc, "stdout": done.stdout, "stderr": done.stderr}
            shown = addresses.hidden(dict(said, cmd=command))
            self.target.fail(shown["stderr"].rstrip(), **shown)
        return done.stdout

    def remote_revision(self):
        """Return the line of the revision of the repository."""
        return _line("Revision", self.do("info", self.repo))

    def bring_new(self):
        """Make what is not there, or export."""
        args, export = self.args, self.args.get("export")
        if not export and not args.get("checkout", True):
            return {"changed": False}
        if self.target.check_mode:
            return {"changed": True}
        force = ["--force"] * bool(args.get("force") if export else args.get("in_place"))
        kind = "export" if export else "checkout"
        self.do(kind, *force, "-r", self.revision, self.repo, self.dest)
        return {"changed": True} if export else self._told(True, None)

    def bring(self):
        """Bring what is there to the revision."""
        args = self.args
        if self.ask("info", self.dest).rc:
            return self._take_over()
        if not args.get("update", True):
            return {"changed": False}
        before = self._info(self.dest)
        modified = self._is_modified()
        if modified and not args.get("force"):
            self.target.fail("ERROR: modified files exist in the repository.")
        if self.target.check_mode:
            return self._foretold(modified)
        said = ""
        if args.get("switch", True):
            said += self.do("switch", "--revision", self.revision, self.repo, self.dest)
        if modified:
            self.do("revert", "-R", self.dest)
        said += self.do("update", "-r", self.revision, self.dest)
        return self._told(bool(modified or CHANGE.search(said)), before)

    def _take_over(self):
        """Check out over a directory that is no working copy yet."""
        if not self.args.get("in_place"):
            text = "ERROR: %s folder already exists, but its not a subversion repository."
            self.target.fail(text % self.dest)
        if self.target.check_mode:
            return {"changed": True}
        result = self.bring_new()
        if result["changed"] and self._is_modified() and self.args.get("force"):
            self.do("revert", "-R", self.dest)
        return result

    def _foretold(self, modified):
        """Compare what was checked out with what would be."""
        before, url = self._info(self.dest)
        after = _line("Revision", self.do("info", "-r", self.revision, self.dest))
        url = url[len("URL: ") :]
        old = "%s@%s" % (url, before.split()[-1])
        new = "%s@%s" % (self.repo if self.args.get("switch", True) else url, self.revision)
        words = ("diff", "--summarize", old, new)
        compared = self.ask(*words)
        changed = bool(compared.stdout.strip()) if compared.rc == 0 else before != after
        return {"changed": changed or modified, "before": before, "after": after}

    def _is_modified(self):
        lines = self.do("status", "--quiet", "--ignore-externals", self.dest).splitlines()
        return any(line.strip() and line[0] not in "?X" for line in lines)

    def _info(self, path):
        text = self.do("info", path)
        return [_line("Revision", text), _line("URL", text)]

    def _told(self, changed, before):
        return {"changed": changed, "before": before, "after": self._info(self.dest)}


def _line(name, text):
    """Return the line of `svn info` that begins with a name."""
    found = re.search(r"^%s: .*$" % name, text, re.MULTILINE)
    return found.group(0) if found else "%s: unknown" % name
