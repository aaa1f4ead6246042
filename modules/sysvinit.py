"""`sysvinit`: a service with a script in `/etc/init.d` runs or does not, is started at boot or not.

A script without a working `status` is believed to be down, with a warning; `pattern` looks for a
process instead.
"""

import time

from understudy.modules.shared import init_scripts

UNSURE = "Unable to determine if service is up, assuming it is down"
HOLDS = {"started": True, "stopped": False}
"""States that last, and whether the service runs in them."""
ORDERS = {"started": "start", "stopped": "stop", "restarted": "restart", "reloaded": "reload"}


def run(args, target):
    """Bring one service to what is asked for."""
    service = Service(args, target)
    enabled = service.enable()
    state = service.bring_to_state()
    asked = args.get("state")
    return {
        "name": service.name,
        "changed": enabled["changed"] or state["changed"],
        "status": {"enabled": enabled, "null" if asked is None else asked: state},
    }


class Service:
    """One service and its script."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.name = args["name"]
        self.script = init_scripts.path_of(self.name)
        if self.script is None:
            target.fail("Could not find the requested service %s: " % self.name)

    def enable(self):
        """Let it be started at boot, or not; return what was done."""
        wanted, levels = self.args.get("enabled"), self.args.get("runlevels") or []
        told = {"changed": False, "rc": None, "stdout": None, "stderr": None}
        if levels:
            told["runlevels"] = levels
        if wanted is None or init_scripts.is_enabled(self.name, levels) == wanted:
            return told
        told["changed"] = True
        if not self.target.check_mode:
            done = init_scripts.enable(self.target, self.name, wanted, levels)
            if done.rc:
                self._fail("enable" if wanted else "disable", done)
            told.update(rc=done.rc, stdout=done.stdout, stderr=done.stderr)
        return told

    def bring_to_state(self):
        """Start, stop, restart or reload it; return what was done."""
        state = self.args.get("state")
        told = {"changed": False, "rc": None, "stdout": None, "stderr": None}
        if state is None or (state in HOLDS and self._runs() == HOLDS[state]):
            return told
        told["changed"] = True
        if not self.target.check_mode:
            done = self._give_order(ORDERS[state])
            if done.rc:
                self._fail(ORDERS[state], done)
            told.update(rc=done.rc, stdout=done.stdout, stderr=done.stderr)
        return told

    def _runs(self):
        pattern = self.args.get("pattern")
        if pattern:
            found = init_scripts.has_process(pattern)
        else:
            found = init_scripts.runs(self.target.command([self.script, "status"]))
        if found is None:
            self.target.warn(UNSURE)
        return bool(found)

    def _give_order(self, word):
        if word != "restart":
            return self._call(word)
        done = self._call("stop")
        if done.rc:
            return done
        time.sleep(self.args.get("sleep", 1))
        return self._call("start")

    def _call(self, word):
        more = (self.args.get("arguments") or "").split()
        apart = ["setsid"] if self.args.get("daemonize") and word == "start" else []
        return self.target.command([*apart, self.script, word, *more])

    def _fail(self, word, done):
        text = "Failed to %s service: %s" % (word, self.name)
        self.target.fail(text, rc=done.rc, stdout=done.stdout, stderr=done.stderr)
