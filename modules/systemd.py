"""`systemd`: a unit of systemd runs or does not; the same as `systemd_service`."""

from understudy.modules.shared import systemd_unit


def run(args, target):
    """Bring one unit to what is asked for."""
    return systemd_unit.run(args, target)
