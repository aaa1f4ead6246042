"""What systemctl says, and what to tell it."""

RUNS = ("active", "activating", "reloading")
ORDERS = {"restarted": "restart", "reloaded": "reload"}


def is_offline(done):
    """Tell whether systemctl did nothing, as there is no systemd to be asked."""
    said = done.stdout + done.stderr
    return "ignoring request" in said or "ignoring command" in said


def properties(text):
    """Return what `systemctl show` printed, as a dict. A command's value may have several lines."""
    found, key, rest = {}, None, ""
    for line in text.split("\n"):
        if key is None:
            name, sign, value = line.partition("=")
            if not sign:
                continue
            if name.startswith("Exec") and value.startswith("{") and not value.endswith("}"):
                key, rest = name.strip(), value
            else:
                found[name.strip()] = value.strip()
        else:
            rest += "\n" + line
            if line.endswith("}"):
                found[key], key = rest.strip(), None
    return found


def order(wanted, active):
    """Return the order that brings a unit from its active state to the one wanted; None if none."""
    if wanted == "started":
        return None if active in RUNS else "start"
    if wanted == "stopped":
        return "stop" if active in (*RUNS, "deactivating") else None
    return ORDERS[wanted] if active in RUNS else "start"
