"""Facts about storage: what is mounted, block devices and their names, logical volumes."""

import os
import re
import select
import shutil
import signal
import time

from understudy.modules.setup import programs, reading

NOT_OURS = ("nfs", "cifs", "smb", "fuse", "ceph", "gluster", "9p", "afs", "lustre", "autofs")
"""Beginnings of the names of file systems whose server may not answer."""
FSTAB = ("device", "mount", "kind", "options", "dump", "passno")
_PCI_ADDRESS = re.compile("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]")
_ESCAPE = re.compile(r"\\([0-7]{3})")


def collect(host):
    """Return mounts, devices, their names and logical volumes."""
    asked = _ask_for_volumes()  # they take a while, and wait for most of it
    links = device_links()
    return {
        "mounts": mounts(host),
        "devices": devices(links),
        "device_links": links,
        "lvm": _volumes(asked, host.patience_s),
    }


def mounts(host):
    """Return what is mounted from a device or a server, with sizes in bytes."""
    found, seen = [], set()
    uuids = {os.path.realpath(path): name for name, path in disk_links("by-uuid")}
    until = time.time() + max(1, host.patience_s)
    for line in reading.lines("/etc/mtab") or reading.lines("/proc/mounts"):
        fields = [
            _ESCAPE.sub(lambda code: chr(int(code.group(1), 8)), field) for field in line.split()
        ]
        if len(fields) != len(FSTAB) or not _is_device(fields[0], fields[2]):
            continue
        device, mount, kind, options, dump, passno = fields
        one = {
            "mount": mount,
            "device": device,
            "fstype": kind,
            "options": options + (",bind" if (device, kind) in seen else ""),
            "dump": int(dump),
            "passno": int(passno),
            "uuid": uuids.get(os.path.realpath(device), "N/A"),
        }
        seen.add((device, kind))
        one.update(_space(mount, kind, until - time.time()))
        found.append(one)
    return found


def _is_device(device, kind):
    return kind != "none" and (device.startswith(("/", "\\")) or ":/" in device)


def _space(mount, kind, patience_s):
    """Ask a file system for its size; do not wait for a server that does not answer."""
    if not kind.startswith(NOT_OURS):
        return measure(mount) or {}
    return measured_by_child(mount, patience_s)


def measure(mount):
    """Return sizes of the file system at a path; None if it does not tell them."""
    try:
        info = os.statvfs(mount)
    except OSError:
        return None
    return {
        "size_total": info.f_frsize * info.f_blocks,
        "size_available": info.f_frsize * info.f_bavail,
        "block_size": info.f_bsize,
        "block_total": info.f_blocks,
        "block_available": info.f_bavail,
        "block_used": info.f_blocks - info.f_bavail,
        "inode_total": info.f_files,
        "inode_available": info.f_favail,
        "inode_used": info.f_files - info.f_favail,
    }


def measured_by_child(mount, patience_s):
    """Measure in a child process: it can be left behind when the call never comes back."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        size = measure(mount)
        if size is not None:
            os.write(writer, repr(sorted(size.items())).encode("ascii"))
        os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], max(0.1, patience_s))
    answer = os.read(reader, 4096) if ready else b""
    os.close(reader)
    if not ready:
        os.kill(child, signal.SIGKILL)
        return {"note": "Timed out while attempting to get extra information."}
    os.waitpid(child, 0)
    pairs = re.findall(r"\('(\w+)', (\d+)\)", answer.decode("ascii"))
    return {name: int(value) for name, value in pairs}


def disk_links(kind):
    """Yield the names below /dev/disk and where they point to."""
    directory = "/dev/disk/" + kind
    for name in reading.names(directory):
        yield _unescaped(name), reading.at(directory + "/" + name)


def _unescaped(name):
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda code: chr(int(code.group(1), 16)), name)


def device_links():
    """Return, by kind of name, which names each device has, and which devices are built on it."""
    links = {"ids": {}, "uuids": {}, "labels": {}, "masters": {}}
    for key, kind in (("ids", "by-id"), ("uuids", "by-uuid"), ("labels", "by-label")):
        for name, path in disk_links(kind):
            device = os.path.basename(os.path.realpath(path))
            links[key].setdefault(device, []).append(name)
    for block in reading.names("/sys/block"):
        for part in reading.names("/sys/block/%s/slaves" % block):
            links["masters"].setdefault(part, []).append(block)
    return links


def devices(links):
    """Return each block device with its partitions."""
    found = {}
    adapters = _adapters()
    for block in reading.names("/sys/block"):
        path = "/sys/block/" + block
        one = {
            "virtual": 1,
            "links": _links_of(links, block),
            "vendor": reading.read(path + "/device/vendor"),
            "model": reading.read(path + "/device/model"),
            "sas_address": reading.read(path + "/device/sas_address"),
            "sas_device_handle": reading.read(path + "/device/sas_device_handle"),
            "removable": reading.read(path + "/removable"),
            "support_discard": reading.read(path + "/queue/discard_granularity"),
            "rotational": reading.read(path + "/queue/rotational"),
            "scheduler_mode": _scheduler(path),
            "partitions": _partitions(links, path),
            "host": _adapter_of(path, adapters),
            "holders": _holders(path),
        }
        serial = reading.read(path + "/device/serial")
        if serial:
            one["serial"] = serial
        one.update(_size_of(path))
        found[block] = one
    return found


def _adapters():
    """Return what `lspci` calls each device, by its address; nothing where it is not installed."""
    lspci = shutil.which("lspci")
    if lspci is None or reading.root or not reading.exists("/sys/bus/pci/devices"):
        return {}
    lines = programs.outputs([[lspci, "-D"]])[0].splitlines()
    return dict(line.partition(" ")[::2] for line in lines)


def _adapter_of(path, adapters):
    found = _PCI_ADDRESS.findall(os.path.realpath(reading.at(path)))
    return adapters.get(found[-1], "") if found else ""


def _links_of(links, device):
    return {
        kind: sorted(links[kind].get(device, [])) for kind in ("ids", "uuids", "labels", "masters")
    }


def _size_of(path):
    sectors = reading.number(path + "/size") or 0
    sector_size = reading.read(path + "/queue/logical_block_size") or "512"
    return {
        "sectors": sectors,
        "sectorsize": sector_size,
        # The kernel counts in units of 512 bytes, whatever the device's own are.
        "size": reading.in_words(sectors * 512),
    }


def _scheduler(path):
    found = re.search(r"\[([^\]]+)\]", reading.read(path + "/queue/scheduler") or "")
    return found.group(1) if found else ""


def _holders(path):
    """Return what is built on a device; a mapped one under its name."""
    found = []
    for name in reading.names(path + "/holders"):
        mapped = reading.read("/sys/block/%s/dm/name" % name)
        found.append(mapped or name)
    return found


def _partitions(links, path):
    found = {}
    for name in reading.names(path):
        part = path + "/" + name
        if reading.read(part + "/partition") is None:
            continue
        one = {
            "links": _links_of(links, name),
            "start": reading.read(part + "/start", "0"),
            "uuid": next(iter(links["uuids"].get(name, [])), None),
            "holders": _holders(part),
        }
        one.update(_size_of(part))
        one["sectorsize"] = reading.number(path + "/queue/logical_block_size") or 512
        found[name] = one
    return found


VOLUMES = (
    ("vgs", "vg_name,pv_count,lv_count,vg_size,vg_free"),
    ("lvs", "lv_name,vg_name,lv_size"),
    ("pvs", "pv_name,vg_name,pv_size,pv_free"),
)
_AS_TABLE = ("--noheadings", "--nosuffix", "--units", "g", "--separator", ",")


def _ask_for_volumes():
    """Start the tools of LVM, which only answer root; none where they are not installed."""
    if os.geteuid() != 0 or shutil.which("vgs") is None or reading.root:
        return []
    return [programs.Running([tool, *_AS_TABLE, "-o", columns]) for tool, columns in VOLUMES]


def _volumes(asked, patience_s):
    if not asked:
        return "N/A"
    groups, logical, physical = (
        _rows(one.output(patience_s), columns) for one, (_, columns) in zip(asked, VOLUMES)
    )
    return {
        "vgs": {
            name: {"num_pvs": pvs, "num_lvs": lvs, "size_g": size, "free_g": free}
            for name, pvs, lvs, size, free in groups
        },
        "lvs": {name: {"vg": group, "size_g": size} for name, group, size in logical},
        "pvs": {
            name: {"vg": group, "size_g": size, "free_g": free}
            for name, group, size, free in physical
        },
    }


def _rows(text, columns):
    rows = (line.strip().split(",") for line in text.splitlines())
    return [row for row in rows if len(row) == columns.count(",") + 1]
