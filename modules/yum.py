"""`yum`: another name of `dnf`, as in Ansible since yum itself is gone."""

from understudy.modules.shared import dnf_packages


def run(args, target):
    """Install, update, remove or list packages."""
    return dnf_packages.run(args, target)
