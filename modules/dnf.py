"""`dnf`: packages of rpm are installed, up to date or gone, with the program dnf or dnf5."""

from understudy.modules.shared import dnf_packages


def run(args, target):
    """Install, update, remove or list packages."""
    return dnf_packages.run(args, target)
