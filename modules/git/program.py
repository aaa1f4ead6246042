"""The git program and the other side of a repository, as the module `git` asks them."""

import os
import re
import shlex

from understudy.connections import target_files as files
from understudy.modules.shared import required_program

SECRET = re.compile(r"(\w+://[^/@\s:']*:)[^/\s']+(@)")


class Git:
    """The program, as this task wants it to be run."""

    def __init__(self, args, target):
        self.target = target
        self.path = files.expand(args.get("executable")) or required_program.require(target, "git")
        self.environment = {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": _ssh_command(args),
            "LC_ALL": "C.UTF-8",
            "LANGUAGE": "C",
        }

    def ask(self, *words, **where):
        """Run it and return it Completed, however it ended."""
        command = [self.path, *list(words)]
        try:
            done = self.target.command(command, cwd=where.get("cwd"), environment=self.environment)
        except OSError as error:
            line = hidden(shown(command))
            self.target.fail("Error executing command.", rc=error.errno, cmd=line)
        return done

    def do(self, *words, **where):
        """Run it and return what it printed; fail if it fails, with `why` or its own words."""
        done = self.ask(*words, **where)
        if done.rc:
            self.fail(done, where.get("why") or done.stderr.rstrip(), words)
        return done.stdout.strip()

    def fail(self, done, msg, words):
        """End with what a command that failed has said."""
        said = {"stdout": hidden(done.stdout), "stderr": hidden(done.stderr)}
        line = hidden(shown([self.path, *list(words)]))
        self.target.fail(hidden(msg), cmd=line, rc=done.rc, **said)


def shown(words):
    """Return a command as one line of a shell."""
    return " ".join(shlex.quote(word) for word in words)


def hidden(text):
    """Return a text without the passwords of the URLs in it."""
    return SECRET.sub(r"\1********\2", text)


def _ssh_command(args):
    """Return the ssh that git shall use: it asks for nothing, and does what the task says."""
    command = os.environ.get("GIT_SSH_COMMAND") or os.environ.get("GIT_SSH") or "ssh"
    options = args.get("ssh_opts") or ""
    if "StrictHostKeyChecking" not in options:
        if args.get("accept_hostkey"):
            options += " -o StrictHostKeyChecking=no"
        elif args.get("accept_newhostkey"):
            options += " -o StrictHostKeyChecking=accept-new"
    if "BatchMode" not in options:
        options += " -o BatchMode=yes"
    if args.get("key_file"):
        key = files.expand(args["key_file"])
        options += " -i %s -o IdentitiesOnly=yes" % shown([key])
    return "%s %s" % (command, options.strip())


class Remote:
    """What the other side has: its head, and a branch and a tag of the name that is asked for."""

    def __init__(self, git, url, version):
        self.version = version
        names = ["HEAD", "refs/heads/" + version, "refs/tags/" + version]
        wanted = [*names, "refs/tags/%s^{}" % version]
        self.branch_of_head = None
        found = {}
        asked = git.ask("ls-remote", "--symref", url, *wanted)
        # git before 2.8 does not know the option
        text = asked.stdout if asked.rc == 0 else git.do("ls-remote", url, *wanted)
        for line in text.splitlines():
            first, _, name = line.partition("\t")
            if first.startswith("ref: refs/heads/") and name == "HEAD":
                self.branch_of_head = first[len("ref: refs/heads/") :]
            elif not first.startswith("ref: "):
                found[name] = first
        self.head = found.get("HEAD")
        self.tag = found.get(names[2] + "^{}", found.get(names[2]))
        self.branch = self.branch_of_head if version == "HEAD" else None
        self.tip = self.head
        if version != "HEAD" and names[1] in found:
            self.branch, self.tip = version, found[names[1]]

    @property
    def is_named(self):
        """Whether the version is something that the other side has a name for."""
        return self.version == "HEAD" or bool(self.branch or self.tag)

    @property
    def revision(self):
        """The commit; the version itself if the other side has no such name."""
        if self.version == "HEAD" or self.branch:
            return self.tip
        return self.tag or self.version


def absolute(repo, cwd):
    """Return a repository as a URL: a path has to be absolute, as it is used from elsewhere."""
    if repo.startswith("~"):
        repo = os.path.expanduser(repo)
    if repo.startswith(("./", "../")):
        repo = os.path.join(cwd or os.getcwd(), repo)
    return "file://" + os.path.normpath(repo) if repo.startswith("/") else repo
