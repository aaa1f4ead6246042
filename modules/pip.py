"""`pip`: Python packages installed, updated or removed, on the system or in a virtual environment.

pip itself does the work, and says what it did. Check mode compares versions where names are plain;
else pip's own dry run foretells it, and where pip has none, or the source is not an index, a change
is assumed.
"""

import importlib.util
import os
import re
import shlex
import site
import sys
import tempfile

from understudy.connections import target_files as files
from understudy.modules.shared import addresses, operands, required_program, requirement, umask

STATES = {
    "present": ["install"],
    "absent": ["uninstall", "-y"],
    "latest": ["install", "-U"],
    "forcereinstall": ["install", "-U", "--force-reinstall"],
}
VERSION_CONTROL = re.compile(r"(svn|git|hg|bzr)\+")
TWICE = (
    "The 'version' argument conflicts with any version specifier provided along with a package"
    " name. Please keep the version specifier, but remove the 'version' argument."
)
AMBIGUOUS = (
    "'version' argument is ambiguous when installing multiple package distributions. Please"
    " specify version restrictions next to each package in 'name' argument."
)
OF_PYTHON = ("-m", "pip")
ELSEWHERE = (
    "import sys; sys.path = [one for one in sys.path if one];"
    " import runpy; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)
"""The same without the directory it runs in: whoever may write there would be pip."""
NO_VENV_PIP = (
    "Unable to find pip in the virtualenv, %s, under any of these names: pip3."
    " Make sure pip is present in the virtualenv."
)
NOT_FOR_VENV = (
    "virtualenv_python should not be used when using the venv module or pyvenv"
    " as virtualenv_command"
)


def run(args, target):
    """Install, update or remove packages, in an environment that is made if need be."""
    operands.check(target, args, "name")
    with umask.as_asked(args, target):
        return Pip(args, target).change()


class Pip:
    """What is asked for, where pip is, and what was said on the way."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.state = args.get("state", "present")
        self.out = self.err = ""
        chdir = files.expand(args.get("chdir"))
        self.cwd = chdir if chdir and os.path.isdir(chdir) else tempfile.gettempdir()
        venv = files.expand(args.get("virtualenv"))
        self.venv = os.path.join(chdir, venv) if chdir and venv else venv
        self.program = []

    def change(self):
        """Do it, or foretell it; return the result."""
        wanted = self._wanted()
        made = self._make_venv()
        if made and self.target.check_mode:
            return {"changed": True}
        self.program = self._find()
        if not self.args.get("name") and not self.args.get("requirements"):
            self.target.warn("No valid name or requirements file found.")
            return {"changed": made}
        if self.target.check_mode:
            return self._foretold(wanted)
        changed = self._run(wanted) or made
        told = {name: self.args.get(name) for name in ("name", "version", "requirements")}
        command = [*self.program, *self._words(wanted)]
        told.update(changed=changed, cmd=command, state=self.state, virtualenv=self.venv)
        return addresses.hidden(dict(told, stdout=self.out, stderr=self.err))

    def _wanted(self):
        """Return the packages; fail where the version is not clear."""
        version = self.args.get("version")
        if version is not None and self.state == "latest":
            self.target.fail("version is incompatible with state=latest")
        wanted = [requirement.Requirement(one) for one in _rejoined(self.args.get("name") or [])]
        if version and wanted:
            if len(wanted) > 1:
                self.target.fail(AMBIGUOUS)
            if wanted[0].specifiers:
                self.target.fail(TWICE)
            glue = "" if version.strip()[:1] in requirement.OPERATORS else "=="
            wanted = [requirement.Requirement(wanted[0].text + glue + version)]
        return wanted

    def _words(self, wanted):
        """Return the arguments of pip."""
        words = STATES[self.state] + shlex.split(self.args.get("extra_args") or "")
        is_editable = self.args.get("editable") and self.state != "absent"
        for one in wanted:
            words += ["-e"] * bool(is_editable and "-e" not in words[-1:]) + [one.text]
        if self.args.get("requirements"):
            words += ["-r", self.args["requirements"]]
        return words

    def _run(self, wanted):
        """Let pip do it; tell whether that changed anything."""
        by_list = bool(self.args.get("requirements")) or _is_versioned(wanted)
        before = self._freeze() if by_list else None
        done = self._ask(*self._words(wanted))
        self.out += done.stdout
        self.err += done.stderr
        is_absent = self.state == "absent"
        was_never_there = is_absent and "not installed" in done.stdout + done.stderr
        if done.rc != 0 and not (done.rc == 1 and was_never_there):
            self._fail([*self.program, *self._words(wanted)])
        if is_absent:
            return "Successfully uninstalled" in done.stdout
        if before is None or self.state == "forcereinstall":
            return "Successfully installed" in done.stdout
        return self._freeze() != before

    def _ask(self, *words):
        more = {"PIP_BREAK_SYSTEM_PACKAGES": "1"} if self.args.get("break_system_packages") else {}
        command = [*self.program, *words]
        run = command
        if tuple(self.program[1:]) == OF_PYTHON:
            run = [self.program[0], "-c", ELSEWHERE, *words]
        try:
            return self.target.command(run, cwd=self.cwd, environment=more)
        except (IOError, OSError) as error:
            told = {"rc": error.errno, "stdout": "", "stderr": "", "cmd": " ".join(command)}
            self.target.fail("Error executing command.", **told)

    def _freeze(self):
        return self._ask("list", "--format=freeze").stdout

    def _foretold(self, wanted):
        """Return what the result would say of a change."""
        if self.state == "forcereinstall":
            return {"changed": True}
        if self.state != "absent" and (self.args.get("extra_args") or self._is_asked_of_index()):
            return {"changed": _is_versioned(wanted) or self._dry_run(wanted)}
        listed = self._freeze()
        there = requirement.installed(listed)
        command = " ".join([*self.program, "list", "--format=freeze"])
        if self.state == "absent":
            names = wanted or self._required()
            changed = any(one.name is None or one.key in there for one in names)
        else:
            changed = any(not one.is_met_by(there) for one in wanted)
        return {"changed": changed, "cmd": command, "stdout": listed, "stderr": ""}

    def _is_asked_of_index(self):
        args = self.args
        return args.get("requirements") or args.get("editable") or self.state == "latest"

    def _dry_run(self, wanted):
        done = self._ask(*self._words(wanted), "--dry-run")
        return done.rc != 0 or "Would install" in done.stdout

    def _required(self):
        """Return what a requirements file names."""
        try:
            path = os.path.join(self.cwd, self.args["requirements"])
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in file]
        except (IOError, OSError):
            return [requirement.Requirement("")]
        return [requirement.Requirement(line) for line in lines if line]

    def _find(self):
        """Return the command that is pip."""
        executable = files.expand(self.args.get("executable"))
        if self.venv:
            path = os.path.join(self.venv, "bin", "pip3")
            if not os.access(path, os.X_OK):
                self.target.fail(NO_VENV_PIP % self.venv)
            return [path]
        if executable and os.path.isabs(executable):
            return [executable]
        if not executable and sys.executable and _is_pythons_own():
            return [sys.executable, *OF_PYTHON]
        path = required_program.find(executable or "pip3")
        if path is None:
            text = "Unable to find any of %s to use.  pip needs to be installed."
            self.target.fail(text % (executable or "pip3"))
        return [path]

    def _make_venv(self):
        """Make the virtual environment if it is not there; tell whether that was needed."""
        if not self.venv or os.path.exists(os.path.join(self.venv, "bin", "activate")):
            return False
        if self.target.check_mode:
            return True  # what makes it may be what an earlier task has foretold
        command = self._venv_command()
        # `python -m venv` is not what lies in a directory where everybody may write
        place = self.cwd if self.args.get("chdir") else os.sep
        done = self.target.command(command, cwd=place)
        self.out += done.stdout
        self.err += done.stderr
        if done.rc != 0:
            self._fail(command)
        return True

    def _venv_command(self):
        command = shlex.split(self.args.get("virtualenv_command") or "virtualenv")
        command[0] = os.path.expanduser(command[0])
        if os.path.basename(command[0]) == command[0]:
            command[0] = required_program.require(self.target, command[0])
        is_venv = "venv" in command[1:] or os.path.basename(command[0]).startswith("pyvenv")
        python = self.args.get("virtualenv_python")
        if is_venv and python:
            self.target.fail(NOT_FOR_VENV)
        if self.args.get("virtualenv_site_packages"):
            command.append("--system-site-packages")
        elif not is_venv and self._can_leave_out_system(command[0]):
            command.append("--no-site-packages")
        if not is_venv and (python or sys.executable):
            command.append("-p%s" % (python or sys.executable))
        return [*command, os.path.join(self.target.cwd or os.getcwd(), self.venv)]

    def _can_leave_out_system(self, program):
        """Tell whether virtualenv is so old that it has to be told not to use the system's."""
        done = self.target.command([program, "--help"])
        if done.rc != 0:
            told = done.stdout + done.stderr
            self.target.fail("Could not get output from %s --help: %s" % (program, told))
        return "--no-site-packages" in done.stdout

    def _fail(self, command):
        msg = "stdout: %s" % self.out if self.out else ""
        msg += "\n:stderr: %s" % self.err if self.err else ""
        self.target.fail(addresses.hidden(msg), cmd=addresses.hidden(command))


def _is_pythons_own():
    """Tell whether this Python has pip; the agent's knows of no packages until it is told."""
    if sys.flags.no_site:
        site.main()
        own = site.getusersitepackages()
        if os.path.isdir(own):
            site.addsitedir(own)
    return importlib.util.find_spec("pip") is not None


def _rejoined(names):
    """Return names with what a comma has cut off: further specifiers, further extras."""
    found = []
    for name in names:
        is_open = found and found[-1].count("[") > found[-1].count("]")
        if found and (is_open or name.strip()[:1] in requirement.OPERATORS):
            found[-1] += "," + name
        else:
            found.append(name)
    return found


def _is_versioned(wanted):
    return any(VERSION_CONTROL.match(one.text) for one in wanted)
