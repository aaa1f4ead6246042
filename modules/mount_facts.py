"""`mount_facts`: what is mounted, and what is to be, from files and from the program `mount`.

The first definition of a mount point counts; all of them are `aggregate_mounts`.
"""

import fnmatch
import os
import re
import shutil
import subprocess

from understudy.modules.setup import reading, storage

STATIC = ("/etc/fstab", "/etc/vfstab", "/etc/filesystems")
DYNAMIC = ("/etc/mtab", "/proc/mounts", "/etc/mnttab")
ALIASES = {"all": (*DYNAMIC, *STATIC), "dynamic": DYNAMIC, "static": STATIC}
NOT_TABLES = ("/etc/filesystems", "/etc/vfstab")
"""They have other forms, and belong to other systems; Linux has a list of names in the first."""
MOUNTED = re.compile(r"^(?P<device>.*?) on (?P<mount>.*) type (?P<fstype>\S+) \((?P<options>.*)\)$")
TEXTS = ("device", "mount", "fstype", "options")
ESCAPE = re.compile(r"\\([0-7]{3})")
REPEATED_SOURCES = (
    "mount_facts option 'sources' contains duplicate entries, repeat sources will be ignored: %s"
)
REPEATED_MOUNTS = (
    "mount_facts: ignoring repeat mounts in the following sources: %s. You can disable this warning"
    " by configuring the 'include_aggregate_mounts' option as True or False."
)


def run(args, target):
    """Gather them from every source, as far as the patterns match."""
    _check(args, target)
    found = [
        (source, mount)
        for source, parse, lines in _sources(args, target)
        for mount in map(parse, lines)
        if mount is not None and _is_wanted(mount, args)
    ]
    uuids = {os.path.realpath(path): name for name, path in storage.disk_links("by-uuid")}
    for source, mount in found:
        _complete(mount, source, uuids, args, target)
    points, repeated = {}, {}
    for source, mount in found:
        if points.setdefault(mount["mount"], mount) is not mount:
            repeated.setdefault(source, []).append(mount["mount"])
    wanted = args.get("include_aggregate_mounts")
    if wanted is None and repeated:
        named = ("%s (%s)" % (source, mounts) for source, mounts in repeated.items())
        target.warn(REPEATED_MOUNTS % ", ".join(named))
    aggregate = [mount for _, mount in found] if wanted else []
    return {"ansible_facts": {"mount_points": points, "aggregate_mounts": aggregate}}


def _check(args, target):
    timeout_s, program = args.get("timeout"), args.get("mount_binary", "mount")
    if timeout_s is not None and timeout_s <= 0:
        text = "argument 'timeout' must be a positive number or null, not %s"
        target.fail(text % timeout_s)
    if program is not None and not isinstance(program, str):
        target.fail("argument 'mount_binary' must be a string or null, not %s" % (program,))
    if "" in (args.get("sources") or []):
        target.fail("sources contains an empty string")


def _sources(args, target):
    """Yield each source, what makes a mount of a line, and its lines.

    The program stands for the files of what is mounted, where there is none.
    """
    program = args.get("mount_binary", "mount")
    asked = args.get("sources") or ["all"]
    names = [name for one in asked for name in ALIASES.get(one, (one,))]
    if len(set(names)) < len(names):
        target.warn(REPEATED_SOURCES % names)
    seen = set()
    for name in names:
        is_program = program is not None and name in ("mount", program)
        place = program if is_program else os.path.realpath(name)
        if place in seen:
            continue
        lines = _printed(program, args, target) if is_program else _listed(name)
        if lines:
            seen.add(place)
            yield (program, _of_program, lines) if is_program else (name, _of_table, lines)
    is_dynamic = any(name in DYNAMIC for name in names)
    told = {os.path.realpath(name) for name in DYNAMIC} | {program}
    if is_dynamic and program and not seen & told:
        yield program, _of_program, _printed(program, args, target)


def _listed(path):
    if path in NOT_TABLES or not os.path.isabs(path) or os.path.isdir(path):
        return []
    lines = (line.strip() for line in reading.lines(path))
    return [line for line in lines if line and not line.startswith("#")]


def _printed(program, args, target):
    """Return the lines of the program, which may take as long as `timeout` says."""
    path = shutil.which(program)
    if path is None:
        return []
    environment = dict(os.environ, LC_ALL="C")
    process = subprocess.Popen(
        [path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        output = process.communicate(timeout=args.get("timeout"))[0]
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.stdout.close()
        _late(str(error), args, target)
        return []
    return output.decode("utf-8", "surrogateescape").splitlines()


def _late(text, args, target):
    how = args.get("on_timeout", "error")
    if how == "error":
        target.fail(text)
    if how == "warn":
        target.warn(text)


def _of_table(line):
    fields = [ESCAPE.sub(lambda code: chr(int(code.group(1), 8)), one) for one in line.split()]
    if len(fields) < len(TEXTS):
        return None
    mount = dict(zip(TEXTS, fields))
    for name, number in zip(("dump", "passno"), fields[len(TEXTS) :]):
        if number.startswith("#"):
            break
        if not number.isdigit():
            return None
        mount[name] = int(number)
    return dict(mount, line=line)


def _of_program(line):
    match = MOUNTED.match(line)
    return dict(match.groupdict(), line=line) if match else None


def _is_wanted(mount, args):
    pairs = ((mount["device"], args.get("devices")), (mount["fstype"], args.get("fstypes")))
    return all(
        not patterns or any(fnmatch.fnmatch(value, one) for one in patterns)
        for value, patterns in pairs
    )


def _complete(mount, source, uuids, args, target):
    """Add where it was told, its sizes and the UUID of its device."""
    mount["ansible_context"] = {"source": source, "source_data": mount.pop("line")}
    device = mount["device"]
    mount["uuid"] = uuids.get(os.path.realpath(device)) if device.startswith("/") else None
    if device.startswith("UUID="):
        mount["uuid"] = device[len("UUID=") :]
    if args.get("timeout") is None:
        mount.update(storage.measure(mount["mount"]) or {})
        return
    size = storage.measured_by_child(mount["mount"], args["timeout"])
    if "note" in size:
        text = "Timed out getting mount size for mount %s (type %s) after %s seconds"
        _late(text % (mount["mount"], mount["fstype"], args["timeout"]), args, target)
    else:
        mount.update(size)
