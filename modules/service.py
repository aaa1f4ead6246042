"""`service`: a service runs or does not, whatever manages it: systemd, OpenRC or init scripts.

This is what the action `service` runs where no module is made for the manager.
"""

import os
import time

from understudy.modules.shared import init_scripts, required_program, systemctl, systemd_unit

NOT_FOUND = "Could not find the requested service %s: host"
FORETOLD = {"changed": True, "msg": "service state changed"}
"""The result in check mode, if the state is another one."""
UNKNOWN = "failed determining service state, possible typo of service name?"


def run(args, target):
    """Bring one service to what is asked for."""
    if args.get("state") is None and args.get("enabled") is None:
        target.fail("one of the following is required: state, enabled")
    if os.path.isdir("/run/systemd/system") and required_program.find("systemctl"):
        return _by_systemd(args, target)
    service = Service(args, target, _manager(args, target))
    enabled, brought = service.enable(), service.bring_to_state()
    if brought and target.check_mode:
        return dict(FORETOLD)
    return service.result(enabled or brought)


def _by_systemd(args, target):
    result = systemd_unit.run(args, target)
    active = result.pop("status").get("ActiveState")
    state = args.get("state")
    if target.check_mode and state and systemctl.order(state, active) is not None:
        return dict(FORETOLD)
    return result


def _manager(args, target):
    if required_program.find("rc-service") and required_program.find("rc-update"):
        return OpenRc(args, target)
    return Scripts(args, target)


class Scripts:
    """The scripts of System V, called by `service` where there is such a program."""

    def __init__(self, args, target):
        self.target = target
        self.name = args["name"]

    def is_there(self):
        """Tell whether there is such a service."""
        return init_scripts.path_of(self.name) is not None

    def words(self, order):
        """Return the command that gives an order."""
        program = required_program.find("service")
        return [program, self.name, order] if program else [init_scripts.path_of(self.name), order]

    def is_enabled(self):
        """Tell whether it is started at boot."""
        return init_scripts.is_enabled(self.name)

    def enable(self, wanted):
        """Let it be started at boot, or not."""
        return init_scripts.enable(self.target, self.name, wanted)


class OpenRc(Scripts):
    """OpenRC: the same scripts, and links for each of its named levels."""

    def __init__(self, args, target):
        super(OpenRc, self).__init__(args, target)
        self.level = args.get("runlevel") or "default"

    def words(self, order):
        """Return the command that gives an order."""
        return [required_program.find("rc-service"), self.name, order]

    def is_enabled(self):
        """Tell whether it is started in the level."""
        done = self.target.command([required_program.find("rc-update"), "show", self.level])
        return any(line.split("|")[0].strip() == self.name for line in done.stdout.splitlines())

    def enable(self, wanted):
        """Let it be started in the level, or not."""
        word = "add" if wanted else "del"
        program = required_program.find("rc-update")
        return self.target.command([program, word, self.name, self.level])


class Service:
    """One service, and what manages it."""

    def __init__(self, args, target, manager):
        self.args = args
        self.target = target
        self.manager = manager
        if not manager.is_there():
            target.fail(NOT_FOUND % args["name"])

    def enable(self):
        """Let it be started at boot, or not; tell whether that changed anything."""
        wanted = self.args.get("enabled")
        if wanted is None or self.manager.is_enabled() == wanted:
            return False
        if not self.target.check_mode:
            self._check(self.manager.enable(wanted))
        return True

    def bring_to_state(self):
        """Start, stop, restart or reload it; tell whether that was needed."""
        state = self.args.get("state")
        if state is None:
            return False
        runs = self._runs()
        if state in ("started", "stopped") and runs == (state == "started"):
            return False
        if not self.target.check_mode:
            self._give_order(state, runs)
        return True

    def _give_order(self, state, runs):
        sleep = self.args.get("sleep")
        if state == "stopped":
            self._call("stop")
        elif state == "started" or (state == "reloaded" and not runs):
            self._call("start")
        elif state == "reloaded":
            self._call("reload")
        elif sleep:
            self._call("stop")
            time.sleep(sleep)
            self._call("start")
        else:
            self._call("restart")

    def _runs(self):
        pattern = self.args.get("pattern")
        if pattern:
            return init_scripts.has_process(pattern)
        found = init_scripts.runs(self.target.command(self.manager.words("status")))
        if found is None:
            self.target.fail(UNKNOWN)
        return found

    def _call(self, order):
        more = (self.args.get("arguments") or "").split()
        self._check(self.target.command([*self.manager.words(order), *more]))

    def _check(self, done):
        if done.rc:
            self.target.fail(done.stderr or done.stdout)

    def result(self, changed):
        """Return the result."""
        result = {"changed": changed, "name": self.args["name"]}
        if self.args.get("enabled") is not None:
            result["enabled"] = self.args["enabled"]
        if self.args.get("state") is not None:
            result["state"] = "stopped" if self.args["state"] == "stopped" else "started"
        return result
