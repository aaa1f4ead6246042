"""`wait_for`: wait until a port opens or closes, a file comes, goes or holds a text; or wait.

Between two looks it sleeps, never longer than time is left; a look itself never outlasts the time
either. `delay` counts as waiting time, as in Ansible, but is never cut short.
"""

import contextlib
import errno
import mmap
import os
import re
import select
import socket
import struct
import time

from understudy.connections import target_files as files

TCP_STATES = {
    "ESTABLISHED": "01",
    "SYN_SENT": "02",
    "SYN_RECV": "03",
    "FIN_WAIT1": "04",
    "FIN_WAIT2": "05",
    "TIME_WAIT": "06",
}
EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 (nothing is bound)
SHORTEST_SLEEP_S = 0.05
NO_MATCH = ((), {})


class Wait:
    """What is waited for, and until when."""

    def __init__(self, target, args):
        self.target = target
        self.started = time.time()
        self.timeout_s = args.get("timeout", 300)
        self.until = self.started + self.timeout_s
        self.host = args.get("host", "127.0.0.1")
        self.port = args.get("port")
        self.path = files.expand(args.get("path"))
        self.state = args.get("state", "started")
        self.sleep_s = args.get("sleep", 1)
        self.delay_s = args.get("delay", 0)
        self.connect_timeout_s = args.get("connect_timeout", 5)
        self.msg = args.get("msg")
        self.search_regex = args.get("search_regex")
        self.pattern = _compiled(target, self.search_regex)
        self.excluded = args.get("exclude_hosts")
        self.active = args.get("active_connection_states") or list(TCP_STATES)

    @property
    def left_s(self):
        """The seconds that are left."""
        return self.until - time.time()

    def elapsed_s(self):
        """Return the whole seconds since the beginning."""
        return int(time.time() - self.started)

    def fail(self, msg):
        """End the wait with a failure."""
        self.target.fail(msg, elapsed=self.elapsed_s())

    def pause(self):
        """Sleep until the next look, or until the time is up."""
        time.sleep(max(0, min(max(self.sleep_s, SHORTEST_SLEEP_S), self.left_s)))


def _compiled(target, regex):
    if regex is None:
        return None
    try:
        return re.compile(regex.encode("utf-8", "surrogateescape"), re.MULTILINE)
    except re.error as error:
        target.fail("Invalid regular expression: %s" % error)


def run(args, target):
    """Wait; fail when the time is up."""
    if target.check_mode:
        msg = "remote module (wait_for) does not support check mode"
        return {"changed": False, "skipped": True, "msg": msg}
    wait = Wait(target, args)
    _refuse_contradictions(wait)
    time.sleep(wait.delay_s)
    match = _look_until(wait, _look_of(wait))
    if match is None:
        wait.fail(wait.msg or _timeout_message(wait))
    result = {
        "changed": False,
        "elapsed": wait.elapsed_s(),
        "match_groupdict": match[1],
        "match_groups": list(match[0]),
        "path": wait.path,
        "port": wait.port,
        "search_regex": wait.search_regex,
        "state": wait.state,
    }
    result.update(files.describe(wait.path) if wait.path else {})
    return result


def _refuse_contradictions(wait):
    if wait.port is not None and wait.path is not None:
        wait.fail("port and path parameter can not both be passed to wait_for")
    if wait.path is not None and wait.state in ("stopped", "drained"):
        msg = "state=%s should only be used for checking a port in the wait_for module"
        wait.fail(msg % wait.state)
    if wait.excluded is not None and wait.state != "drained":
        wait.fail("exclude_hosts should only be with state=drained")
    if wait.state == "drained" and wait.port is None:
        wait.fail("port is required with state=drained")
    for state in wait.active:
        if state not in TCP_STATES:
            wait.fail("unknown active_connection_state (%s) defined" % state)
    if min(wait.sleep_s, wait.delay_s) < 0:
        wait.target.fail("sleep length must be non-negative")


def _look_of(wait):
    """Return the function that looks once: it returns groups and named groups, or None."""
    gone = wait.state in ("absent", "stopped")
    if wait.state == "drained":
        return _look_for_no_connection
    if wait.path is not None:
        return _look_for_no_file if gone else _look_for_file
    if wait.port is not None:
        return _look_for_closed_port if gone else _look_for_open_port
    return None


def _look_until(wait, look):
    """Look, sleep and look again until it is there or the time is up."""
    if look is None:
        time.sleep(max(0, wait.timeout_s))
        return NO_MATCH
    while wait.left_s > 0:
        match = look(wait)
        if match is not None:
            return match
        wait.pause()
    return None


def _look_for_file(wait):
    try:
        os.stat(wait.path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        wait.fail("Failed to stat %s, %s" % (wait.path, os.strerror(error.errno)))
    return NO_MATCH if wait.pattern is None else _search_file(wait)[1]


def _look_for_no_file(wait):
    if not os.path.exists(wait.path):
        return NO_MATCH
    if wait.pattern is None:
        return None
    could_read, match = _search_file(wait)
    return NO_MATCH if could_read and match is None else None


def _search_file(wait):
    """Return whether a file can be read, and the groups of the match; it is not held in memory."""
    try:
        with open(wait.path, "rb") as file:
            try:
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError):  # empty, or one of the kernel's
                return True, _groups_of(wait.pattern.search(file.read()))
            with contextlib.closing(content):
                return True, _groups_of(wait.pattern.search(content))
    except OSError:
        return False, None


def _groups_of(match):
    if match is None:
        return None
    named = {name: _as_text(value) for name, value in match.groupdict().items()}
    return tuple(_as_text(value) for value in match.groups()), named


def _as_text(value):
    return None if value is None else value.decode("utf-8", "surrogateescape")


def _connect(wait):
    """Return a connected socket, or None."""
    timeout_s = max(0.001, min(wait.connect_timeout_s or wait.left_s, wait.left_s))
    try:
        return socket.create_connection((wait.host, wait.port), timeout_s)
    except (OSError, OverflowError, UnicodeError):
        return None


def _look_for_closed_port(wait):
    connection = _connect(wait)
    if connection is None:
        return NO_MATCH
    _hang_up(connection)
    return None


def _look_for_open_port(wait):
    connection = _connect(wait)
    if connection is None:
        return None
    try:
        return NO_MATCH if wait.pattern is None else _search_stream(wait, connection)
    finally:
        _hang_up(connection)


def _search_stream(wait, connection):
    """Read what the port sends until the text is in it, the stream ends or the time is up."""
    received = b""
    while wait.left_s > 0:
        ready, _, _ = select.select([connection], [], [], max(0, wait.left_s))
        if not ready:
            return None
        try:
            data = connection.recv(1 << 16)
        except OSError:
            return None
        if not data:
            return None
        received += data
        match = _groups_of(wait.pattern.search(received))
        if match is not None:
            return match
    return None


def _hang_up(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


def _look_for_no_connection(wait):
    ours = _addresses(wait, wait.host)
    excluded = set()
    for host in wait.excluded or ():
        excluded |= _addresses(wait, host)
    codes = {TCP_STATES[state] for state in wait.active}
    for local, port, remote, code in _connections():
        if port != wait.port or code not in codes or remote in excluded:
            continue
        if local in ours or ours & EVERY_ADDRESS:
            return None
    return NO_MATCH


def _addresses(wait, host):
    try:
        found = socket.getaddrinfo(host, None, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        wait.target.fail(str(error))
    return {entry[4][0] for entry in found}


def _connections():
    """Yield local address, local port, remote address and state of the TCP connections here."""
    for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        try:
            with open("/proc/net/" + name) as table:
                lines = table.readlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, remote, code = line.split()[:4]
            address, _, port = local.partition(":")
            there = remote.partition(":")[0]
            yield _readable(address, family), int(port, 16), _readable(there, family), code


def _readable(address, family):
    """Return an address of the kernel's table as text; one of IPv4 within IPv6 as IPv4."""
    words = [address[at : at + 8] for at in range(0, len(address), 8)]
    packed = b"".join(struct.pack("=I", int(word, 16)) for word in words)
    text = socket.inet_ntop(family, packed)
    return text[7:] if text.startswith("::ffff:") else text


def _timeout_message(wait):
    place = "%s:%s" % (wait.host, wait.port)
    if wait.state == "drained":
        return "Timeout when waiting for %s to drain" % place
    if wait.state in ("absent", "stopped"):
        if wait.port is not None:
            return "Timeout when waiting for %s to stop." % place
        return "Timeout when waiting for %s to be absent." % wait.path
    if wait.search_regex is not None:
        where = wait.path if wait.port is None else place
        return "Timeout when waiting for search string %s in %s" % (wait.search_regex, where)
    if wait.port is not None:
        return "Timeout when waiting for %s" % place
    return "Timeout when waiting for file %s" % wait.path
