"""What the modules for Debian's packages share: how its programs are run, and the lists updated.

The environment makes the programs speak English and ask nothing, and is Ansible's.
"""

import os
import random
import time

from understudy.modules.shared import required_program

ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
    "LANG": "C",
    "LC_ALL": "C",
    "LC_MESSAGES": "C",
    "LC_CTYPE": "C",
}
STAMP = "/var/lib/apt/periodic/update-success-stamp"
LISTS = "/var/lib/apt/lists"
PATIENCE_S = 60
"""How long another program may hold the lock of the lists, where no argument says it."""
_LOCK_WORDS = ("Could not get lock", "Could not open lock file")


def run(target, words, stdin=None):
    """Run one of Debian's programs, the first of the words; fail if it is not there."""
    path = required_program.require(target, words[0])
    return target.command([path, *words[1:]], stdin=stdin, environment=ENVIRONMENT)


def updated_at():
    """Return when the lists of packages changed last, in seconds since 1970; 0 if never."""
    for path in (STAMP, LISTS):
        try:
            return os.stat(path).st_mtime
        except OSError:
            pass
    return 0


def update(target, args):
    """Fetch the lists of packages, again after a failure; return whether they changed.

    Uses `update_cache_retries`, `update_cache_retry_max_delay` and `lock_timeout` of the arguments.
    """
    before = updated_at()
    locked_until = time.time() + args.get("lock_timeout", PATIENCE_S)
    retries = args["update_cache_retries"]
    failures = 0
    while True:
        done = run(target, ["apt-get", "-q", "update"])
        if done.rc == 0:
            return updated_at() != before
        locked = [line for line in done.stderr.splitlines() if any(w in line for w in _LOCK_WORDS)]
        if locked and ("(13:" in locked[0] or time.time() >= locked_until):
            why = "Failed to lock directory %s/: %s" % (LISTS, _short(locked[0]))
            target.fail("Failed to lock apt for exclusive operation: %s" % why)
        failures += not locked
        if failures >= max(1, retries):
            text = "Failed to update apt cache after %s retries: %s"
            target.fail(text % (retries, problems(done.stderr)))
        _sleep(target, failures, args["update_cache_retry_max_delay"])


def _sleep(target, failures, longest_s):
    """Wait before the next try: a second for a lock, longer after every failure."""
    seconds = 1
    if failures:
        seconds = min(2 ** (failures - 1) + random.randint(0, 1000) / 1000, longest_s)  # noqa: S311
        text = "Sleeping for %d seconds, before attempting to refresh the cache again"
        target.warn(text % round(seconds))
    time.sleep(seconds)


def problems(text):
    """Return apt's warnings and errors as its library tells them: `E:one, E:another`."""
    lines = [_short(line) for line in text.splitlines() if line[:2] in {"E:", "W:"}]
    return ", ".join(lines) or text.strip()


def _short(line):
    return line[:2] + line[2:].lstrip()
