"""Facts about the machine: processors, memory, firmware, time since it was started."""

import os

from understudy.modules.setup import reading

DMI = {
    "bios_date": "bios_date",
    "bios_vendor": "bios_vendor",
    "bios_version": "bios_version",
    "board_asset_tag": "board_asset_tag",
    "board_name": "board_name",
    "board_serial": "board_serial",
    "board_vendor": "board_vendor",
    "board_version": "board_version",
    "chassis_asset_tag": "chassis_asset_tag",
    "chassis_serial": "chassis_serial",
    "chassis_vendor": "chassis_vendor",
    "chassis_version": "chassis_version",
    "form_factor": "chassis_type",
    "product_name": "product_name",
    "product_serial": "product_serial",
    "product_uuid": "product_uuid",
    "product_version": "product_version",
    "system_vendor": "sys_vendor",
}
# The numbers are those of the SMBIOS specification, table "System Enclosure or Chassis Types".
FORM_FACTORS = (
    "Unknown,Other,Unknown,Desktop,Low Profile Desktop,Pizza Box,Mini Tower,Tower,Portable,Laptop,"
    "Notebook,Hand Held,Docking Station,All In One,Sub Notebook,Space-saving,Lunch Box,"
    "Main Server Chassis,Expansion Chassis,Sub Chassis,Bus Expansion Chassis,Peripheral Chassis,"
    "RAID Chassis,Rack Mount Chassis,Sealed-case PC,Multi-system,CompactPCI,AdvancedTCA,Blade,"
    "Blade Enclosure,Tablet,Convertible,Detachable,IoT Gateway,Embedded PC,Mini PC,Stick PC"
).split(",")


def collect(host):
    """Return processors, memory, firmware and uptime."""
    facts = {}
    facts.update(processor_facts())
    facts.update(memory_facts())
    facts.update(firmware_facts())
    uptime = reading.read("/proc/uptime")
    if uptime:
        facts["uptime_seconds"] = int(float(uptime.split()[0]))
    return facts


def _processors():
    """Return one mapping of /proc/cpuinfo per processor, without what stands before the first."""
    found = []
    for line in reading.lines("/proc/cpuinfo"):
        name, _, value = (part.strip() for part in line.partition(":"))
        if name == "processor" and value.isdigit():
            found.append({})
        if found:
            found[-1][name] = value
    return found


def processor_facts():
    """Count sockets, cores and threads, and describe each processor."""
    found = _processors()
    described = []
    for number, one in enumerate(found):
        described.append(one.get("processor", str(number)))
        described.extend(one[key] for key in ("vendor_id", "model name", "cpu model") if key in one)
    first = found[0] if found else {}
    sockets = {one["physical id"] for one in found if "physical id" in one}
    count = len(sockets) or len(found)
    cores = int(first.get("cpu cores", 1)) if sockets else 1
    siblings = int(first.get("siblings", cores)) if sockets else 1
    threads = max(1, siblings // cores)
    facts = {
        "processor": described,
        "processor_count": count,
        "processor_cores": cores,
        "processor_threads_per_core": threads,
        "processor_vcpus": threads * count * cores,
        "processor_nproc": _usable_processors(found),
    }
    flags = first.get("flags") or first.get("Features")
    if flags:
        facts["flags"] = flags.split()
    return facts


def _usable_processors(found):
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return len(found)


def memory_facts():
    """Return memory and swap in MiB; `nocache` counts caches as free."""
    kilobytes = {}
    for line in reading.lines("/proc/meminfo"):
        name, _, value = line.partition(":")
        if value.split() and value.split()[0].isdigit():
            kilobytes[name] = int(value.split()[0])

    def megabytes(name):
        return kilobytes.get(name, 0) // 1024

    total, free = megabytes("MemTotal"), megabytes("MemFree")
    available = free + megabytes("Cached") + megabytes("Buffers")
    swap, swap_free = megabytes("SwapTotal"), megabytes("SwapFree")
    return {
        "memtotal_mb": total,
        "memfree_mb": free,
        "swaptotal_mb": swap,
        "swapfree_mb": swap_free,
        "memory_mb": {
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": available, "used": total - available},
            "swap": {
                "total": swap,
                "free": swap_free,
                "used": swap - swap_free,
                "cached": megabytes("SwapCached"),
            },
        },
    }


def firmware_facts():
    """Read what the firmware says of itself; `NA` where it says nothing or may not be read."""
    facts = {}
    for fact, name in DMI.items():
        text = reading.read("/sys/devices/virtual/dmi/id/" + name)
        facts[fact] = text or "NA"
    kind = facts["form_factor"]
    if kind.isdigit():
        known = int(kind) < len(FORM_FACTORS)
        facts["form_factor"] = FORM_FACTORS[int(kind)] if known else "unknown (%s)" % kind
    return facts
