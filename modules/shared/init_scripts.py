"""Services as scripts in `/etc/init.d`, started at boot by links in `/etc/rc<level>.d`."""

import glob
import os

from understudy.modules.shared import required_program

FOLDER = "/etc/init.d"
DOWN = (1, 2, 3, 4, 69)
"""Return codes of `status` that say that a service does not run."""
DOWN_WORDS = ("not running", "stopped", "is down", "is dead", "inactive")


def path_of(name):
    """Return the path of a service's script, or None."""
    path = os.path.join(FOLDER, name)
    return path if os.path.isfile(path) and os.access(path, os.X_OK) else None


def runs(done):
    """Tell from what `status` said whether a service runs; None where that cannot be told."""
    if done.rc == 0:
        said = done.stdout.lower()
        return not any(words in said for words in DOWN_WORDS)
    return False if done.rc in DOWN else None


def has_process(pattern):
    """Tell whether a process, but this one and its parent, has a text in its command line."""
    own = (os.getpid(), os.getppid())
    numbers = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return any(pattern in _command_of(number) for number in numbers if number not in own)


def _command_of(number):
    try:
        with open("/proc/%d/cmdline" % number, "rb") as file:
            text = file.read().decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    return text.rstrip("\0").replace("\0", " ")


def is_enabled(name, levels=()):
    """Tell whether a service is started at boot: in any level, or in all of those given."""
    places = ["/etc/rc%s.d" % glob.escape(level) for level in levels] or ["/etc/rc?.d"]
    pattern = "S??" + glob.escape(name)
    return all(glob.glob(os.path.join(place, pattern)) for place in places)


def enable(target, name, wanted, levels=()):
    """Let a service be started at boot, or not; return what the program for that said.

    `update-rc.d` only changes links that are there: a new script is given the usual ones first.
    """
    program = required_program.find("update-rc.d")
    if program is None:
        return _enable_by_chkconfig(target, name, wanted, levels)
    done = None
    if not glob.glob("/etc/rc?.d/[SK]??" + glob.escape(name)):
        done = target.command([program, name, "defaults"])
    if done is None or (done.rc == 0 and is_enabled(name, levels) != wanted):
        word = "enable" if wanted else "disable"
        done = target.command([program, name, word, *levels])
    return done


def _enable_by_chkconfig(target, name, wanted, levels):
    program = required_program.find("chkconfig")
    if program is None:
        target.fail("Cannot enable %s: neither update-rc.d nor chkconfig is there" % name)
    if wanted:
        target.command([program, "--add", name])
    level = ["--level", "".join(levels)] if levels else []
    return target.command([program, *level, name, "on" if wanted else "off"])
