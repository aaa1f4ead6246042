"""A unit of systemd runs or does not, is started at boot or is not, is masked or is not.

What is so is asked of `systemctl show`, and told as `status`. In a chroot systemctl answers nothing
that means something: units can be enabled there, and are not started.
"""

import glob
import os

from understudy.modules.shared import required_program, systemctl

OFFLINE = (
    "Target is a chroot or systemd is offline. This can lead to false positives or prevent the init"
    " system tools from working."
)
NOT_FOUND = "Could not find the requested service %s: host"
GLOBBED = (
    "This module does not currently support using glob patterns, found '%s' in service name: %s"
)
FILE_STATES = frozenset(
    "enabled enabled-runtime linked linked-runtime masked masked-runtime static indirect disabled"
    " generated transient".split()
)
"""What `is-enabled` says of a unit that exists."""
NOT_REALLY = ("enabled-runtime", "indirect", "alias")
"""What `is-enabled` calls a success though `enable` still has something to do.

With links below that it is enabled, under another name: an alias, an instance of a template.
"""


def run(args, target):
    """Bring one unit to what is asked for, after the manager was reloaded if that is asked for."""
    name = args.get("name")
    for sign in "*?[":
        if name and sign in name:
            target.fail(GLOBBED % (sign, name))
    unit = Unit(args, target)
    result = {"name": name, "changed": False, "status": {}}
    for key, command in (("daemon_reload", "daemon-reload"), ("daemon_reexec", "daemon-reexec")):
        if args.get(key):
            unit.tell_manager(command)
    if name:
        unit.look()
        result["status"] = unit.status
        if args.get("masked") is not None:
            unit.mask(result)
        if args.get("enabled") is not None:
            unit.enable(result)
        if args.get("state") is not None:
            unit.bring_to_state(result)
    return result


class Unit:
    """One unit, how systemctl is called for it, and what it said."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.name = args.get("name")
        self.status = {}
        self.found = False
        self.offline = False
        self.words = [required_program.require(target, "systemctl"), *self._options()]

    def _options(self):
        scope = self.args.get("scope") or "system"
        options = ["--" + scope] * (scope != "system")
        options += ["--no-block"] * bool(self.args.get("no_block"))
        return options + ["--force"] * bool(self.args.get("force"))

    def _ask(self, *words):
        return self.target.command([*self.words, *words], environment=self._environment())

    def _environment(self):
        """Return what a user's manager is found by where no login has said it."""
        is_users = (self.args.get("scope") or "system") != "system"
        if not is_users or "XDG_RUNTIME_DIR" in os.environ:
            return None
        return {"XDG_RUNTIME_DIR": "/run/user/%d" % os.geteuid()}

    def tell_manager(self, command):
        """Let the manager read its files anew, or be executed anew."""
        if self.target.check_mode:
            return
        done = self._ask(command)
        if done.rc == 0:
            return
        if systemctl.is_offline(done):
            self._say_offline()
        else:
            self.target.fail("failure %d during %s: %s" % (done.rc, command, done.stderr))

    def _say_offline(self):
        if not self.offline:
            self.target.warn(OFFLINE)
        self.offline = True

    def look(self):
        """See what there is of the unit; fail where systemd cannot be asked at all."""
        done = self._ask("show", "--", self.name)
        if systemctl.is_offline(done):
            self._say_offline()
            self.found = self._has_file()
        elif done.rc == 0:
            self._take_status(systemctl.properties(done.stdout))
        else:
            self.found = self._has_file()
            if not self.found:
                self._check_connection()

    def _take_status(self, status):
        self.status = status
        self.found = status.get("LoadState", "not-found") != "not-found"
        if self.found and status.get("LoadState") != "masked" and "LoadError" in status:
            text = "Error loading unit file '%s': %s" % (self.name, status["LoadError"])
            self.target.fail(text)

    def _has_file(self):
        return self._ask("is-enabled", "--", self.name).stdout.strip() in FILE_STATES

    def _check_connection(self):
        done = self._ask()
        if done.rc:
            said = {"stdout": done.stdout, "stderr": done.stderr}
            text = done.stderr.rstrip()
            self.target.fail(text, rc=done.rc, cmd=" ".join(self.words), **said)

    @property
    def _has_script(self):
        return os.access("/etc/init.d/" + self.name, os.X_OK)

    def _must_exist(self):
        if not self.found and not self._has_script:
            self.target.fail(NOT_FOUND % self.name)

    def _order(self, word, failure):
        """Give an order, but in check mode; fail if it is refused."""
        if self.target.check_mode:
            return
        done = self._ask(word, "--", self.name)
        if done.rc:
            self.target.fail(failure(done))

    def mask(self, result):
        """Make it impossible to start the unit, or possible again."""
        wanted = bool(self.args["masked"])
        if self.status:
            masked = self.status.get("LoadState") == "masked"
        else:
            masked = self._ask("is-enabled", "--", self.name).stdout.strip() == "masked"
        if wanted != masked:
            word = "mask" if wanted else "unmask"
            words = "Failed to %s the service (%s): %s"
            result["changed"] = True
            self._order(word, lambda done: words % (word, self.name, done.stderr.strip()))

    def enable(self, result):
        """Let the unit be started at boot, or not."""
        wanted = bool(self.args["enabled"])
        self._must_exist()
        result["enabled"] = enabled = self._is_enabled()
        if wanted == enabled:
            return
        word = "enable" if wanted else "disable"
        words = "Unable to %s service %s: %s"
        self._order(word, lambda done: words % (word, self.name, done.stdout + done.stderr))
        result["changed"] = True
        result["enabled"] = wanted

    def _is_enabled(self):
        done = self._ask("is-enabled", "--full", "--", self.name)
        said = done.stdout.strip()
        if done.rc == 0:
            return said not in NOT_REALLY
        # a unit made of an init script is enabled by the script's links
        is_script = self._has_script and self._options() == []
        return is_script and not said.endswith("disabled") and _has_links(self.name)

    def bring_to_state(self, result):
        """Start, stop, restart or reload the unit."""
        self._must_exist()
        wanted = self.args["state"]
        result["state"] = wanted if wanted in ("started", "stopped") else "started"
        if "ActiveState" not in self.status:
            if not self.offline:
                self.target.fail("Service is in unknown state", status=self.status)
            return
        word = systemctl.order(wanted, self.status["ActiveState"])
        if word is not None:
            result["changed"] = True
            words = "Unable to %s service %s: %s"
            self._order(word, lambda done: words % (word, self.name, done.stderr))


def _has_links(name):
    return bool(glob.glob("/etc/rc?.d/S??" + glob.escape(name)))
