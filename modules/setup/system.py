"""Facts about the system itself: kernel, names, user, Python, time, boot command line."""

import getpass
import importlib.util
import os
import platform
import pwd
import shlex
import socket
import struct
import sys
import time
from datetime import datetime, timezone

from understudy.modules.setup import reading


def collect_platform(host):
    """Return the kernel's and the host's names."""
    kernel = os.uname()
    fqdn = socket.getfqdn()
    bits = str(struct.calcsize("P") * 8)
    machine = kernel.machine
    facts = {
        "system": kernel.sysname,
        "kernel": kernel.release,
        "kernel_version": kernel.version,
        "machine": machine,
        "architecture": _architecture(machine),
        "userspace_bits": bits,
        "userspace_architecture": _userspace_architecture(machine, bits),
        "python_version": platform.python_version(),
        "nodename": kernel.nodename,
        "hostname": kernel.nodename.split(".")[0],
        "fqdn": fqdn,
        "domain": ".".join(fqdn.split(".")[1:]),
    }
    machine_id = reading.read("/var/lib/dbus/machine-id") or reading.read("/etc/machine-id")
    if machine_id:
        facts["machine_id"] = machine_id
    return facts


def _architecture(machine):
    """Return `i386` for all of its successors, else the machine's own name."""
    return "i386" if _is_32_bit_pc(machine) else machine


def _is_32_bit_pc(machine):
    return machine in ("i386", "i486", "i586", "i686", "i86pc")


def _userspace_architecture(machine, bits):
    if machine == "x86_64":
        return "x86_64" if bits == "64" else "i386"
    if _is_32_bit_pc(machine):
        return "x86_64" if bits == "64" else "i386"
    return machine


def collect_user(host):
    """Return who we are here, and who we run as."""
    try:
        entry = pwd.getpwnam(getpass.getuser())
    except (KeyError, OSError):
        entry = pwd.getpwuid(os.getuid())
    return {
        "user_id": entry.pw_name,
        "user_uid": entry.pw_uid,
        "user_gid": entry.pw_gid,
        "user_gecos": entry.pw_gecos,
        "user_dir": entry.pw_dir,
        "user_shell": entry.pw_shell,
        "real_user_id": os.getuid(),
        "effective_user_id": os.geteuid(),
        "real_group_id": os.getgid(),
        "effective_group_id": os.getgid(),
    }


def collect_env(host):
    """Return the environment."""
    return {"env": dict(os.environ)}


def collect_python(host):
    """Return what is known about this Python."""
    version = sys.version_info
    return {
        "python": {
            "version": {
                "major": version.major,
                "minor": version.minor,
                "micro": version.micro,
                "releaselevel": version.releaselevel,
                "serial": version.serial,
            },
            "version_info": list(version),
            "executable": sys.executable,
            "has_sslcontext": importlib.util.find_spec("_ssl") is not None,
            "type": sys.implementation.name,
        }
    }


def collect_date_time(host):
    """Return the present time in all its forms, as texts."""
    now = time.time()
    utc = datetime.fromtimestamp(now, timezone.utc)
    local = utc.astimezone()
    epoch = str(int(now))
    return {
        "date_time": {
            "year": local.strftime("%Y"),
            "month": local.strftime("%m"),
            "weekday": local.strftime("%A"),
            "weekday_number": local.strftime("%w"),
            "weeknumber": local.strftime("%W"),
            "day": local.strftime("%d"),
            "hour": local.strftime("%H"),
            "minute": local.strftime("%M"),
            "second": local.strftime("%S"),
            "epoch": epoch,
            "epoch_int": epoch,
            "date": local.strftime("%Y-%m-%d"),
            "time": local.strftime("%H:%M:%S"),
            "iso8601_micro": utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "iso8601": utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "iso8601_basic": local.strftime("%Y%m%dT%H%M%S%f"),
            "iso8601_basic_short": local.strftime("%Y%m%dT%H%M%S"),
            "tz": time.strftime("%Z"),
            "tz_dst": time.tzname[1],
            "tz_offset": time.strftime("%z"),
        }
    }


def collect_cmdline(host):
    """Return the kernel's command line: the last value of each name, and all of them."""
    text = reading.read("/proc/cmdline")
    if not text:
        return {}
    last, every = {}, {}
    for name, value in _words_of(text):
        last[name] = value
        if name not in every:
            every[name] = value
        elif isinstance(every[name], list):
            every[name].append(value)
        else:
            every[name] = [every[name], value]
    return {"cmdline": last, "proc_cmdline": every}


def _words_of(text):
    """Yield the name and value of each word of the kernel's command line; True for one without."""
    try:
        words = shlex.split(text, posix=False)
    except ValueError:
        words = text.split()
    for word in words:
        name, separator, value = word.partition("=")
        yield name, value if separator else True


def collect_loadavg(host):
    """Return the load of the last 1, 5 and 15 minutes."""
    try:
        averages = os.getloadavg()
    except OSError:
        return {}
    return {"loadavg": dict(zip(("1m", "5m", "15m"), averages))}


def collect_chroot(host):
    """Compare our root with that of the first process, where that may be seen."""
    if os.environ.get("debian_chroot"):  # noqa: SIM112 (Debian names it so)
        return {"is_chroot": True}
    ours = os.stat("/")
    try:
        theirs = os.stat("/proc/1/root/.")
    except OSError:
        # The root of the usual file systems has one of these inode numbers (xfs, btrfs: 128, 256).
        return {"is_chroot": ours.st_ino not in (2, 128, 256)}
    return {"is_chroot": (ours.st_ino, ours.st_dev) != (theirs.st_ino, theirs.st_dev)}
