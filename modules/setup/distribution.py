"""Which distribution of Linux this is, under the names that Ansible gives them."""

import re

from understudy.modules.setup import reading

NOTHING = "n/a"
# os-release ID → (name, family). Where the family is None, the name is the family.
KNOWN = {
    "almalinux": ("AlmaLinux", "RedHat"),
    "alpine": ("Alpine", None),
    "altlinux": ("Altlinux", None),
    "amzn": ("Amazon", "RedHat"),
    "arch": ("Archlinux", None),
    "archarm": ("Archlinux", None),
    "centos": ("CentOS", "RedHat"),
    "clear-linux-os": ("Clear Linux OS", "ClearLinux"),
    "coreos": ("Coreos", None),
    "debian": ("Debian", None),
    "deepin": ("Deepin", "Debian"),
    "devuan": ("Devuan", "Debian"),
    "elementary": ("elementary OS", "Debian"),
    "fedora": ("Fedora", "RedHat"),
    "flatcar": ("Flatcar", None),
    "gentoo": ("Gentoo", None),
    "kali": ("Kali", "Debian"),
    "linuxmint": ("Linux Mint", "Debian"),
    "mageia": ("Mageia", None),
    "manjaro": ("Archlinux", None),
    "neon": ("KDE neon", "Debian"),
    "nixos": ("NixOS", None),
    "ol": ("OracleLinux", "RedHat"),
    "openeuler": ("openEuler", "RedHat"),
    "opensuse-leap": ("openSUSE Leap", "Suse"),
    "opensuse-tumbleweed": ("openSUSE Tumbleweed", "Suse"),
    "openwrt": ("OpenWrt", None),
    "parrot": ("Parrot", "Debian"),
    "pop": ("Pop!_OS", "Debian"),
    "raspbian": ("Debian", None),
    "rhel": ("RedHat", None),
    "rocky": ("Rocky", "RedHat"),
    "scientific": ("Scientific", "RedHat"),
    "slackware": ("Slackware", None),
    "sled": ("SLED", "Suse"),
    "sles": ("SLES", "Suse"),
    "sles_sap": ("SLES_SAP", "Suse"),
    "ubuntu": ("Ubuntu", "Debian"),
    "virtuozzo": ("Virtuozzo", "RedHat"),
    "void": ("Void", None),
}
# Files that some distributions have besides os-release: (path, variety, what must be in it).
OWN_FILES = (
    ("/etc/oracle-release", "OracleLinux", "Oracle Linux"),
    ("/etc/slackware-version", "Slackware", ""),
    ("/etc/centos-release", "CentOS", "CentOS Stream"),
    ("/etc/redhat-release", "RedHat", ""),
    ("/etc/openwrt_release", "OpenWrt", ""),
    ("/etc/alpine-release", "Alpine", ""),
    ("/etc/arch-release", "Archlinux", ""),
    ("/etc/altlinux-release", "Altlinux", "ALT"),
)
SEARCHED = {"OracleLinux": "Oracle Linux", "RedHat": "Red Hat", "Altlinux": "ALT"}
"""A text that Ansible looks for in the file, and tells when it is there."""
VARIETIES = {
    "amzn": "Amazon",
    "coreos": "CoreOS",
    "debian": "Debian",
    "deepin": "Debian",
    "devuan": "Debian",
    "flatcar": "Flatcar",
    "kali": "Debian",
    "linuxmint": "Debian",
    "parrot": "Debian",
    "raspbian": "Debian",
    "ubuntu": "Debian",
}


def collect(host):
    """Return name, version, code name and family, and the file that told."""
    release = reading.assignments("/etc/os-release") or reading.assignments("/usr/lib/os-release")
    identity = release.get("ID", "").lower()
    name, family = _identify(release, identity)
    variety, file_facts = _file_of(identity)
    version = _version_of(release, identity)
    facts = {
        "distribution": name,
        "os_family": family or name,
        "distribution_version": version,
        "distribution_major_version": version.split(".")[0],
        "distribution_release": _codename_of(release, variety),
    }
    facts.update(file_facts)
    if identity in ("debian", "raspbian"):
        exact = re.match(r"\d+\.(\d+)", reading.read("/etc/debian_version") or "")
        if exact:
            facts["distribution_minor_version"] = exact.group(1)
    return facts


def _identify(release, identity):
    if identity in KNOWN:
        return KNOWN[identity]
    if release:
        return release.get("NAME", "Linux"), None
    text = reading.read("/etc/redhat-release") or ""
    if text:
        return {"Red": "RedHat"}.get(text.split()[0], text.split()[0]), "RedHat"
    return ("Debian", None) if reading.exists("/etc/debian_version") else ("Linux", None)


def _file_of(identity):
    """Return the kind of file that tells the distribution, and the facts about that file."""
    path, variety, text = _own_file() or _os_release(identity)
    if text is None:
        return variety, {}
    facts = {"distribution_file_path": path, "distribution_file_variety": variety}
    if variety != "Archlinux":
        facts["distribution_file_parsed"] = True
    if variety in SEARCHED and SEARCHED[variety] in text:
        facts["distribution_file_search_string"] = SEARCHED[variety]
    return variety, facts


def _own_file():
    for path, variety, wanted in OWN_FILES:
        text = reading.read(path)
        if text is not None and wanted in text:
            return path, variety, text
    return None


def _os_release(identity):
    path = "/etc/os-release"
    variety = VARIETIES.get(identity, "SUSE" if _is_suse(identity) else "NA")
    return path, variety, reading.read(path)


def _is_suse(identity):
    return identity.startswith(("opensuse", "sles", "sled"))


def _version_of(release, identity):
    """Return the version as precisely as the distribution's files tell it."""
    version = release.get("VERSION_ID") or NOTHING
    if identity == "centos" or not release:
        found = re.search(r"release (\d+(?:\.\d+)?)", reading.read("/etc/redhat-release") or "")
        return found.group(1) if found else version
    if identity == "debian":
        exact = reading.read("/etc/debian_version") or ""
        return exact if re.match(r"\d+\.\d+$", exact) else version
    return version


def _codename_of(release, variety):
    """Return the code name; an empty one when the distribution says that it has none."""
    if variety == "CentOS":
        return "Stream"
    if variety == "SUSE":
        return release.get("VERSION_ID", "").partition(".")[2]
    for key in ("VERSION_CODENAME", "UBUNTU_CODENAME"):
        if key in release:
            return release[key]
    found = re.search(r"\((\D+)\)", release.get("VERSION", ""))
    return found.group(1) if found else NOTHING
