"""`setup`: gather facts about the target, by subsets, under Ansible's names.

What is gathered lies in the parts beside this file; they travel in front of it. Nothing is asked of
a program where the kernel's own files tell as well.
"""

import fnmatch
import json
import shutil

from understudy.modules.setup import (
    distribution,
    hardware,
    local,
    network,
    services,
    storage,
    system,
    virtual,
)

LONGEST_PATIENCE_S = 24 * 60 * 60
"""What is far beyond it no clock of the library takes."""


class Host:
    """The target, the arguments, how long a program is waited for, and the facts found so far."""

    def __init__(self, target, args):
        self.target = target
        self.args = args
        self.patience_s = min(args.get("gather_timeout") or 10, LONGEST_PATIENCE_S)
        self.facts = {}


class Collector:
    """One subset: its names, what it needs, and whether it is gathered unless told not to."""

    def __init__(self, name, collect, needs="", minimal=False):
        self.name = name
        self.names = {name, *_ALSO.get(name, "").split()}
        self.collect = collect
        self.needs = needs.split()
        self.minimal = minimal


def _collect_hardware(host):
    facts = hardware.collect(host)
    facts.update(storage.collect(host))
    return facts


def _collect_from(program, options):
    """Return a collector's function that asks another fact gatherer, where it is installed."""

    def collect(host):
        if shutil.which(program) is None:
            return {}
        ran = host.target.command([program, *options])
        try:
            found = json.loads(ran.stdout)
        except ValueError:
            return {}
        return {"%s_%s" % (program, name): value for name, value in found.items()}

    return collect


_KEYS = "ssh_host_key_%s_public"
_ALSO = {
    "platform": "system kernel kernel_version machine python_version architecture machine_id",
    "distribution": (
        "distribution_version distribution_release distribution_major_version os_family"
    ),
    "caps": "system_capabilities system_capabilities_enforced",
    "ssh_pub_keys": " ".join(
        ["ssh_host_pub_keys"] + [_KEYS % kind for kind in ("dsa", "rsa", "ecdsa", "ed25519")]
    ),
    "user": (
        "user_id user_uid user_gid user_gecos user_dir user_shell real_user_id effective_user_id "
        "effective_group_ids"
    ),
    "chroot": "is_chroot",
    "hardware": "processor processor_cores processor_count mounts devices",
    "network": ("interfaces default_ipv4 default_ipv6 all_ipv4_addresses all_ipv6_addresses"),
    "virtual": (
        "virtualization_type virtualization_role virtualization_tech_guest virtualization_tech_host"
    ),
}
"""Further names of a subset: each gathers the whole of it."""

COLLECTORS = (
    Collector("platform", system.collect_platform, minimal=True),
    Collector("distribution", distribution.collect, minimal=True),
    Collector("apparmor", services.collect_apparmor, minimal=True),
    Collector("caps", services.collect_caps, minimal=True),
    Collector("cmdline", system.collect_cmdline, minimal=True),
    Collector("date_time", system.collect_date_time, minimal=True),
    Collector("dns", services.collect_dns, minimal=True),
    Collector("env", system.collect_env, minimal=True),
    Collector("fips", services.collect_fips, minimal=True),
    Collector("local", local.collect, minimal=True),
    Collector("lsb", services.collect_lsb, minimal=True),
    Collector("pkg_mgr", services.collect_pkg_mgr, "distribution", minimal=True),
    Collector("python", system.collect_python, minimal=True),
    Collector("selinux", services.collect_selinux, minimal=True),
    Collector("service_mgr", services.collect_service_mgr, "platform distribution", minimal=True),
    Collector("ssh_pub_keys", services.collect_ssh_pub_keys, minimal=True),
    Collector("user", system.collect_user, minimal=True),
    Collector("chroot", system.collect_chroot),
    Collector("fibre_channel_wwn", services.collect_fibre_channel),
    Collector("hardware", _collect_hardware, "platform"),
    Collector("iscsi", services.collect_iscsi),
    Collector("loadavg", system.collect_loadavg),
    Collector("network", network.collect, "platform distribution"),
    Collector("nvme", services.collect_nvme),
    Collector("systemd", services.collect_systemd),
    Collector("virtual", virtual.collect),
    Collector("facter", _collect_from("facter", ["--json"])),
    Collector("ohai", _collect_from("ohai", [])),
)
"""In the order in which they run: what others need comes first."""


def run(args, target):
    """Return the facts of the chosen subsets that the filter lets pass."""
    subsets = args.get("gather_subset") or ["all"]
    _refuse_unknown(subsets, target)
    host = Host(target, args)
    chosen = _with_needs(_choose(subsets))
    for collector in COLLECTORS:
        if collector.name in chosen:
            host.facts.update(collector.collect(host))
    facts = {_prefixed(name): value for name, value in host.facts.items()}
    facts["gather_subset"] = subsets
    facts["module_setup"] = True
    return {"changed": False, "ansible_facts": _matching(facts, args.get("filter") or [])}


def _prefixed(name):
    return name if name.startswith(("facter_", "ohai_")) else "ansible_" + name


def _refuse_unknown(subsets, target):
    known = {"all", "min"}.union(*(collector.names for collector in COLLECTORS))
    for subset in subsets:
        if subset not in known and not subset.startswith("!"):
            options = ", ".join(sorted(known - {"min"}))
            msg = "Bad subset '%s' given to Ansible. gather_subset options allowed: %s"
            target.fail(msg % (subset, options))


def _choose(subsets):
    """Return the names of the collectors to run.

    The minimal ones always are, unless `!min`. An exclusion holds against `all` and the minimum,
    not against a subset that is named, wherever in the list each of them stands.
    """
    excluded = {subset[1:] for subset in subsets if subset.startswith("!")}
    chosen = set()
    for collector in COLLECTORS:
        group = "min" if collector.minimal else "all"
        wanted = collector.minimal or "all" in subsets
        if wanted and not excluded & {group, collector.name}:
            chosen.add(collector.name)
        if collector.names & set(subsets):
            chosen.add(collector.name)
    return chosen


def _with_needs(chosen):
    """Add what the chosen collectors need to have run before."""
    needed = {
        need for collector in COLLECTORS if collector.name in chosen for need in collector.needs
    }
    return chosen | needed


def _matching(facts, patterns):
    """Keep the facts whose name, with or without `ansible_`, matches one of the patterns."""
    patterns = [pattern for pattern in patterns if pattern]
    if not patterns:
        return facts
    both = patterns + ["ansible_" + pattern for pattern in patterns]
    return {
        name: value
        for name, value in facts.items()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in both)
    }
