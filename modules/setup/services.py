"""Facts about what runs and guards the system: init, packages, DNS, SELinux, AppArmor, keys."""

import os
import re
import shutil

from understudy.modules.setup import reading

PACKAGE_MANAGERS = (
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/dnf", "dnf"),
    ("/usr/bin/yum", "yum"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/bin/pacman", "pacman"),
    ("/sbin/apk", "apk"),
    ("/usr/bin/apk", "apk"),
    ("/usr/bin/emerge", "portage"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/bin/opkg", "opkg"),
    ("/usr/bin/swupd", "swupd"),
    ("/run/current-system/sw/bin/nix", "nix"),
    ("/usr/sbin/swinstall", "swinstall"),
    ("/usr/sbin/pkg", "pkgng"),
)
INITS = {
    "procd": "openwrt_init",
    "runit-init": "runit",
    "svscan": "svc",
    "openrc-init": "openrc",
    "busybox": None,
    "init": None,
}
SYSTEMD_SIGNS = ("/run/systemd/system", "/dev/.run/systemd", "/dev/.systemd")
SSH_DIRECTORIES = ("/etc/ssh", "/etc/openssh", "/etc")


def collect_pkg_mgr(host):
    """Return the package manager whose program is there."""
    family = host.facts.get("os_family")
    if family == "RedHat" and reading.exists("/run/ostree-booted"):
        return {"pkg_mgr": "atomic_container"}
    for path, name in PACKAGE_MANAGERS:
        if name == "apt" and family == "RedHat":
            continue
        if reading.exists(path):
            return {"pkg_mgr": "apt_rpm" if name == "apt" and family == "Altlinux" else name}
    return {"pkg_mgr": "unknown"}


def collect_service_mgr(host):
    """Return the name of the init system."""
    first = os.path.basename(reading.read("/proc/1/comm") or "init")
    name = INITS.get(first, first)
    if name is None or name.endswith("sh"):
        name = _init_by_signs()
    return {"service_mgr": name}


def _init_by_signs():
    """Tell the init system by what lies around, when the first process does not say."""
    if shutil.which("systemctl") and any(reading.exists(sign) for sign in SYSTEMD_SIGNS):
        return "systemd"
    if reading.exists("/sbin/initctl") and reading.exists("/etc/init/"):
        return "upstart"
    if "systemd" in (reading.link_name("/sbin/init") or ""):
        return "systemd"
    signs = (("/sbin/openrc", "openrc"), ("/etc/init.d/", "sysvinit"), ("/etc/dinit.d/", "dinit"))
    return next((name for sign, name in signs if reading.exists(sign)), "service")


def collect_systemd(host):
    """Ask systemd, where it runs, for its version and the features that it is built with."""
    if shutil.which("systemctl") is None or not reading.exists("/run/systemd/system"):
        return {}
    ran = host.target.command(["systemctl", "--version"])
    found = re.match(r"systemd (\d+)[^\n]*\n?([^\n]*)", ran.stdout)
    if ran.rc != 0 or found is None:
        return {}
    return {"systemd": {"version": int(found.group(1)), "features": found.group(2)}}


def collect_dns(host):
    """Return what the resolver's configuration says."""
    dns = {}
    for line in reading.lines("/etc/resolv.conf"):
        words = line.split()
        key, values = words[0], words[1:]
        if key.startswith(("#", ";")) or not values:
            continue
        if key == "nameserver":
            dns.setdefault("nameservers", []).extend(values[:1])
        elif key == "domain":
            dns["domain"] = values[0]
        elif key in ("search", "sortlist"):
            dns[key] = values
        elif key == "options":
            options = (value.partition(":") for value in values)
            dns["options"] = {name: value or True for name, _, value in options}
    return {"dns": dns}


def collect_fips(host):
    """Tell whether the kernel keeps to FIPS 140."""
    return {"fips": reading.read("/proc/sys/crypto/fips_enabled") == "1"}


def collect_apparmor(host):
    """Tell whether AppArmor is there."""
    enabled = reading.exists("/sys/kernel/security/apparmor")
    return {"apparmor": {"status": "enabled" if enabled else "disabled"}}


def collect_selinux(host):
    """Read the state from the kernel and the configuration: no library is needed."""
    facts = {"selinux_python_present": True, "selinux": {"status": "disabled"}}
    enforcing = reading.read("/sys/fs/selinux/enforce")
    if enforcing is None:
        return facts
    config = reading.assignments("/etc/selinux/config")
    facts["selinux"] = {
        "status": "enabled",
        "policyvers": reading.number("/sys/fs/selinux/policyvers") or "unknown",
        "config_mode": config.get("SELINUX", "unknown"),
        "mode": "enforcing" if enforcing == "1" else "permissive",
        "type": config.get("SELINUXTYPE", "unknown"),
    }
    return facts


def collect_caps(host):
    """Ask `capsh` for the capabilities of this process."""
    facts = {"system_capabilities_enforced": "N/A", "system_capabilities": "N/A"}
    if shutil.which("capsh") is None:
        return facts
    ran = host.target.command(["capsh", "--print"])
    found = re.search(r"^Current:(.*)$", ran.stdout, re.MULTILINE)
    if ran.rc != 0 or found is None:
        return facts
    enforced = found.group(1).strip() != "=ep"
    listed = found.group(1).partition("=")[2].split(",") if enforced else []
    return {
        "system_capabilities_enforced": str(enforced),
        "system_capabilities": [word.strip() for word in listed],
    }


def collect_lsb(host):
    """Return what `lsb_release` or its file says."""
    lsb = _lsb_of_command(host) or _lsb_of_file()
    if "release" in lsb:
        lsb["major_release"] = lsb["release"].split(".")[0]
    return {"lsb": {key: value.strip("\"'") for key, value in lsb.items()}}


def _lsb_of_command(host):
    if shutil.which("lsb_release") is None or reading.root:
        return {}
    ran = host.target.command(["lsb_release", "-a"])
    keys = {
        "Distributor ID": "id",
        "Description": "description",
        "Release": "release",
        "Codename": "codename",
    }
    pairs = (line.partition(":")[::2] for line in ran.stdout.splitlines())
    return {keys[name]: value.strip() for name, value in pairs if name in keys}


def _lsb_of_file():
    keys = {
        "DISTRIB_ID": "id",
        "DISTRIB_RELEASE": "release",
        "DISTRIB_DESCRIPTION": "description",
        "DISTRIB_CODENAME": "codename",
    }
    pairs = reading.assignments("/etc/lsb-release")
    return {keys[name]: value for name, value in pairs.items() if name in keys}


def collect_ssh_pub_keys(host):
    """Return the public host keys of the first directory that has one."""
    facts = {}
    for directory in SSH_DIRECTORIES:
        for kind in ("dsa", "rsa", "ecdsa", "ed25519"):
            text = reading.read("%s/ssh_host_%s_key.pub" % (directory, kind)) or ""
            key_type, _, rest = text.partition(" ")
            if rest:
                facts["ssh_host_key_%s_public" % kind] = rest.split()[0]
                facts["ssh_host_key_%s_public_keytype" % kind] = key_type
        if facts:
            break
    return facts


def collect_iscsi(host):
    """Return the name of the iSCSI initiator."""
    pairs = reading.assignments("/etc/iscsi/initiatorname.iscsi")
    return {"iscsi_iqn": pairs.get("InitiatorName", "")}


def collect_nvme(host):
    """Return the NVMe qualified name of this host."""
    named = (line for line in reading.lines("/etc/nvme/hostnqn") if line.startswith("nqn."))
    return {"hostnqn": next(named, "")}


def collect_fibre_channel(host):
    """Return the port names of the Fibre Channel adapters."""
    paths = (
        "/sys/class/fc_host/%s/port_name" % name for name in reading.names("/sys/class/fc_host")
    )
    found = (reading.read(path) for path in paths)
    return {"fibre_channel_wwn": [name[2:] for name in found if name]}
