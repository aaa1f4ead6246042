"""`service_facts`: tell which services the target has, and whether they run.

systemd is asked where it is the first process; old init scripts, upstart and OpenRC are looked for
too, as a machine may have both.
"""

import re
import shutil

NOTHING = (
    "Failed to find any services. This can be due to privileges or some other configuration issue."
)
BROKEN = ("not-found", "masked", "failed")
"""What systemd says of a service that cannot run; the first one counts."""
SYSV = re.compile(r"\s*\[ *([-+]) *\]\s+(\S.*?)\s*")
UPSTART = re.compile(r"\s?(.*)\s(\w+)/(\w+)(?:,\sprocess\s[0-9]+)?\s*")


def run(args, target):
    """Return the fact `services`, by name."""
    services = {}
    services.update(_sysv(target))
    services.update(_systemd(target))
    if not services:
        return {"changed": False, "skipped": True, "msg": NOTHING}
    return {"changed": False, "ansible_facts": {"services": services}}


def _has(*programs):
    return all(shutil.which(name) is not None for name in programs)


def _service(name, state, source, **more):
    return dict(more, name=name, state=state, source=source)


def _sysv(target):
    """Return the services with scripts of their own, those of upstart or of OpenRC."""
    if _has("rc-status", "rc-update") and not (_has("chkconfig") or _has("initctl")):
        return _openrc(target)
    if not _has("service"):
        return {}
    if _has("chkconfig"):
        return _chkconfig(target)
    found = _status_all(target)
    if _has("initctl"):
        found.update(_upstart(target))
    return found


def _status_all(target):
    matches = _matches(SYSV, target.command(["service", "--status-all"]).stdout)
    states = {"+": "running", "-": "stopped"}
    return {name: _service(name, states[sign], "sysv") for sign, name in matches}


def _upstart(target):
    matches = _matches(UPSTART, target.command(["initctl", "list"]).stdout)
    return {name: _service(name, state, "upstart", goal=goal) for name, goal, state in matches}


def _matches(pattern, text):
    found = (pattern.fullmatch(line) for line in text.splitlines())
    return [match.groups() for match in found if match]


def _chkconfig(target):
    """Return the services of Red Hat's init scripts; level 3 tells whether one is enabled."""
    found = {}
    for line in target.command(["chkconfig"]).stdout.splitlines():
        name, _, levels = line.partition("0:")
        if "3:" not in levels or not name.strip():
            continue
        name = name.strip()
        runs = target.command(["service", name, "status"]).rc == 0
        status = "enabled" if "3:on" in levels.split() else "disabled"
        state = "running" if runs else "stopped"
        found[name] = _service(name, state, "sysv", status=status)
    return found


def _openrc(target):
    """Return the services of all levels of OpenRC; those in none may run too."""
    levels = {}
    for line in target.command(["rc-update", "show", "-v"]).stdout.splitlines():
        name, sign, listed = line.partition("|")
        if sign:
            levels[name.strip()] = listed.split() or None
    found = {}
    lines = target.command(["rc-status", "-a", "-s", "-m"]).stdout.splitlines()
    for fields in (
        line.replace("[", " ").replace("]", " ").split() for line in lines if line[:1] == " "
    ):
        if len(fields) > 1:
            name, state = fields[:2]
            found[name] = _service(name, state, "openrc", runlevels=levels.get(name))
    return found


def _systemd(target):
    if not _has("systemctl") or not _runs_systemd():
        return {}
    found = {}
    for fields in _listed(target, "list-units", "--plain"):
        state = "running" if fields[3:4] == ["running"] else "stopped"
        status = next((bad for bad in (*BROKEN, *fields[2:3]) if bad in fields[1:4]), "unknown")
        found[fields[0]] = _service(fields[0], state, "systemd", status=status)
    files = {fields[0]: fields[1] for fields in _listed(target, "list-unit-files")}
    states = _states(target, [name for name in files if name not in found])
    for name, status in files.items():
        if name not in found:
            found[name] = _service(name, states.get(name, "unknown"), "systemd", status=status)
        elif found[name]["status"] not in BROKEN:
            found[name]["status"] = status
    return found


def _runs_systemd():
    try:
        with open("/proc/1/comm") as file:
            return "systemd" in file.read()
    except OSError:
        return False


def _listed(target, what, *options):
    """Return the columns of each line about a service."""
    ran = target.command(["systemctl", what, "--no-pager", "--type", "service", "--all", *options])
    lines = (line.lstrip("\u25cf\u25cb\u00d7* ").split() for line in ran.stdout.splitlines())
    return [fields for fields in lines if len(fields) > 1 and fields[0].endswith(".service")]


def _states(target, names):
    """Return the active state of services that are not loaded, asking for all of them at once.

    A template (`getty@.service`) has no state.
    """
    names = [name for name in names if not name.endswith("@.service")]
    if not names:
        return {}
    ran = target.command(["systemctl", "show", "--property=ActiveState", "--", *names])
    lines = [line for line in ran.stdout.splitlines() if line.startswith("ActiveState=")]
    if ran.rc == 0 and len(lines) == len(names):
        return dict(zip(names, (line.partition("=")[2] for line in lines)))
    if len(names) == 1:
        return {}
    found = {}
    for name in names:
        found.update(_states(target, [name]))
    return found
