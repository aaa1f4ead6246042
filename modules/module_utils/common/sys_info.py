"""Which system this is."""

import os


def _release():
    found = {}
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                pairs = [line.rstrip("\n").split("=", 1) for line in file if "=" in line]
            found = {key: value.strip("\"'") for key, value in pairs}
            break
    return found


def get_distribution():
    """Return the name of the distribution; of the system where it is no Linux."""
    if os.uname().sysname != "Linux":
        return os.uname().sysname
    names = {"rhel": "Redhat", "amzn": "Amazon"}
    name = _release().get("ID", "")
    return names.get(name, name.capitalize()) or "OtherLinux"


def get_distribution_version():
    """Return the version of the distribution."""
    return _release().get("VERSION_ID", "")


def get_distribution_codename():
    """Return the code name of the distribution's version."""
    return _release().get("VERSION_CODENAME")


def get_platform_subclass(cls):
    """Return the class below `cls` that is for this system, or `cls`."""
    from ansible.module_utils.basic import get_all_subclasses

    system, distribution = os.uname().sysname, get_distribution()
    below = [one for one in get_all_subclasses(cls) if getattr(one, "platform", None) == system]
    exact = [one for one in below if getattr(one, "distribution", None) == distribution]
    general = [one for one in below if getattr(one, "distribution", None) is None]
    return (exact or general or [cls])[0]
