"""Facts about virtualization: what this machine runs in, and what it can run."""

import os
import re

from understudy.modules.setup import reading

# What the firmware calls the product or its maker → (what it is, its further names).
PRODUCTS = (
    ("KVM", "kvm", ()),
    ("KVM Server", "kvm", ()),
    ("Bochs", "kvm", ()),
    ("AHV", "kvm", ()),
    ("VMware", "VMware", ()),
    ("VirtualBox", "virtualbox", ()),
    ("OpenStack", "openstack", ("kvm",)),
    ("RHEV Hypervisor", "RHEV", ("kvm",)),
    ("oVirt", "oVirt", ("kvm",)),
    ("Google Compute Engine", "kvm", ()),
    ("DigitalOcean", "kvm", ()),
    ("HVM domU", "xen", ()),
    ("Parallels", "parallels", ()),
    ("Standard PC", "kvm", ()),
    ("Cloud Server", "kvm", ()),
)
MAKERS = (
    ("QEMU", "kvm"),
    ("Amazon EC2", "kvm"),
    ("DigitalOcean", "kvm"),
    ("Hetzner", "kvm"),
    ("Nutanix", "kvm"),
    ("Parallels", "parallels"),
    ("oVirt", "kvm"),
    ("OpenStack Foundation", "openstack"),
    ("innotek GmbH", "virtualbox"),
    ("VMware", "VMware"),
    ("Google", "kvm"),
    ("Xen", "xen"),
)
DMI = "/sys/devices/virtual/dmi/id/"


class Finding:
    """What is found. The first guest type found stays; every technology is collected."""

    def __init__(self):
        self.kind = None
        self.role = None
        self.guest = set()
        self.host = set()

    def inside(self, kind, *technologies):
        """Note that this machine runs in something."""
        self.guest.add(kind)
        self.guest.update(technologies)
        if self.kind is None:
            self.kind, self.role = kind, "guest"

    def can_host(self, kind):
        """Note that this machine can run others."""
        self.host.add(kind)
        if self.kind is None:
            self.kind, self.role = kind, "host"


def collect(host):
    """Return the first kind that is found, and all technologies."""
    finding = Finding()
    _look_for_container(finding)
    _look_at_hypervisor(finding)
    _look_at_firmware(finding)
    _look_at_processor(finding)
    _look_at_modules(finding)
    return {
        "virtualization_type": finding.kind or "NA",
        "virtualization_role": finding.role or "NA",
        "virtualization_tech_guest": sorted(finding.guest),
        "virtualization_tech_host": sorted(finding.host),
    }


def _look_for_container(finding):
    if reading.exists("/proc/vz") and not reading.exists("/proc/lve"):
        if reading.exists("/proc/bc"):
            finding.can_host("openvz")
        else:
            finding.inside("openvz")
    groups = reading.read("/proc/1/cgroup") or ""
    if re.search(r"/docker(/|-[0-9a-f]+\.scope)", groups) or reading.exists("/.dockerenv"):
        finding.inside("docker", "container")
    if reading.exists("/.dockerinit"):
        finding.inside("docker", "container")
    if re.search(r"/lxc/|/machine\.slice/machine-lxc", groups):
        finding.inside("lxc", "container")
    for text in (reading.read("/proc/1/environ") or "").split("\0"):
        if text.startswith("container="):
            finding.inside(text.partition("=")[2] or "container", "container")
    if reading.exists("/run/.containerenv"):
        finding.inside("podman", "container")
    marked = reading.read("/run/systemd/container")
    if marked:
        finding.inside(marked, "container")


def _look_at_hypervisor(finding):
    if not reading.exists("/proc/xen"):
        return
    if "control_d" in (reading.read("/proc/xen/capabilities") or ""):
        finding.can_host("xen")
    else:
        finding.inside("xen")


def _look_at_firmware(finding):
    product = reading.read(DMI + "product_name") or ""
    maker = reading.read(DMI + "sys_vendor") or ""
    firmware = reading.read(DMI + "bios_vendor") or ""
    for beginning, kind, more in PRODUCTS:
        if product.startswith(beginning):
            finding.inside(kind, *more)
    if firmware == "Xen":
        finding.inside("xen")
    if firmware == "innotek GmbH":
        finding.inside("virtualbox")
    if firmware in ("Amazon EC2", "DigitalOcean", "Hetzner"):
        finding.inside("kvm")
    for beginning, kind in MAKERS:
        if maker.startswith(beginning):
            finding.inside(kind)
    if maker == "Microsoft Corporation" and product == "Virtual Machine":
        finding.inside("VirtualPC")


def _look_at_processor(finding):
    text = reading.read("/proc/cpuinfo") or ""
    if "QEMU Virtual CPU" in text or "User Mode Linux" in text:
        finding.inside("uml" if "User Mode Linux" in text else "kvm")
    if "PowerVM Lx86" in text:
        finding.inside("powervm_lx86")
    found = re.search(r"VxID:\s*(\d+)", reading.read("/proc/self/status") or "")
    if found:
        if found.group(1) == "0":
            finding.can_host("linux_vserver")
        else:
            finding.inside("linux_vserver")


def _look_at_modules(finding):
    loaded = {line.split()[0] for line in reading.lines("/proc/modules")}
    if "kvm" in loaded or reading.exists("/dev/kvm"):
        managed = os.path.isdir(reading.at("/rhev")) or reading.exists("/usr/sbin/vdsmd")
        finding.can_host("RHEV" if managed else "kvm")
    if "vboxdrv" in loaded:
        finding.can_host("virtualbox")
    if "virtio" in loaded:
        finding.inside("kvm")
