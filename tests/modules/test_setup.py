"""`setup` gathers facts under Ansible's names: which ones, and what their values are."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.modules.runner import Host, plant
from understudy.connections import children
from understudy.connections.session import module_source

PLATFORM = (
    "architecture domain fqdn hostname kernel kernel_version machine machine_id nodename "
    "python_version system userspace_architecture userspace_bits"
).split()
DISTRIBUTION = (
    "distribution distribution_file_parsed distribution_file_path distribution_file_variety "
    "distribution_major_version distribution_release distribution_version os_family"
).split()
USER = (
    "effective_group_id effective_user_id real_group_id real_user_id user_dir user_gecos user_gid "
    "user_id user_shell user_uid"
).split()
VIRTUAL = (
    "virtualization_role virtualization_tech_guest virtualization_tech_host virtualization_type"
).split()
MINIMUM = {
    *PLATFORM, *DISTRIBUTION, *USER,
    *"apparmor cmdline date_time dns env fips local lsb pkg_mgr proc_cmdline python".split(),
    *"selinux selinux_python_present service_mgr system_capabilities".split(),
    "system_capabilities_enforced",
}  # fmt: skip
HARDWARE = set(
    "bios_date board_name devices device_links flags form_factor lvm memfree_mb memory_mb "
    "memtotal_mb mounts processor processor_cores processor_count processor_nproc "
    "processor_threads_per_core processor_vcpus product_name product_uuid swapfree_mb swaptotal_mb "
    "system_vendor uptime_seconds".split()
)
NETWORK = set(
    "all_ipv4_addresses all_ipv6_addresses default_ipv4 default_ipv6 interfaces lo "
    "locally_reachable_ips".split()
)
MAY_BE_MISSING = {"machine_id", "distribution_file_parsed", "distribution_minor_version"}
RECORDED = json.loads((Path(__file__).parent / "distributions.json").read_text("utf-8"))


def facts_of(host: Host, *subsets: str, **more: Any) -> dict[str, Any]:
    """Gather and return the facts without `ansible_` and without what is always there."""
    result = host.run("setup", {"gather_subset": list(subsets) or ["all"], **more})
    assert not result.get("failed"), result
    facts = result["ansible_facts"]
    assert facts.pop("module_setup") is True
    assert facts.pop("gather_subset") == (list(subsets) or ["all"])
    assert all(name.startswith("ansible_") for name in facts)
    return {name.removeprefix("ansible_"): value for name, value in facts.items()}


@pytest.mark.parametrize(
    ("subsets", "there", "absent"),
    [
        (["all"], MINIMUM | HARDWARE | NETWORK | set(VIRTUAL) | {"loadavg", "is_chroot"}, set()),
        (["!all"], MINIMUM, HARDWARE | NETWORK | {"loadavg", "is_chroot"}),
        (["!all", "!min"], set(), MINIMUM | HARDWARE),
        (["!min"], set(), MINIMUM | HARDWARE),
        (["min"], MINIMUM, HARDWARE),
        (["network"], MINIMUM | NETWORK, HARDWARE),
        (["!network"], MINIMUM, NETWORK | HARDWARE),
        (["all", "!hardware"], MINIMUM | NETWORK, HARDWARE),
        (["all", "!all"], MINIMUM, NETWORK),
        (["!all", "!min", "hardware"], HARDWARE | set(PLATFORM), set(DISTRIBUTION) | {"env"}),
        (["!all", "!min", "mounts"], HARDWARE | set(PLATFORM), {"env"}),
        (["!all", "!min", "network"], NETWORK | set(PLATFORM) | set(DISTRIBUTION), {"env"}),
        (["!all", "!min", "!network", "network"], NETWORK, {"env"}),
        (["!all", "!min", "user_id"], set(USER), {"kernel"}),
        (["!all", "!min", "service_mgr"], {"service_mgr", *PLATFORM, *DISTRIBUTION}, {"pkg_mgr"}),
        (["!all", "!min", "pkg_mgr"], {"pkg_mgr", *DISTRIBUTION}, {"kernel"}),
        (["!all", "!min", "virtual"], set(VIRTUAL), {"kernel"}),
        (["!all", "!min", "dns"], {"dns"}, {"kernel"}),
        (["!all", "!bogus"], MINIMUM, NETWORK),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else "",
)
def test_subsets_select_as_ansibles_do(
    here: Host, subsets: list[str], there: set[str], absent: set[str]
) -> None:
    """Seen in ansible-core 2.19: what each selection gathers, and what not."""
    found = set(facts_of(here, *subsets))
    assert there - MAY_BE_MISSING <= found
    assert not absent & found


def test_everything_is_gathered_on_every_python(host: Host) -> None:
    """The whole set needs nothing but the standard library of 3.6."""
    found = facts_of(host)
    assert found["system"] == "Linux"
    assert found["python"]["version"]["major"] == 3
    assert found["user_uid"] == os.getuid()
    assert found["memtotal_mb"] > 0
    assert len(found["processor"]) >= found["processor_nproc"]


def test_an_unknown_subset_is_refused(here: Host) -> None:
    """The message lists what there is, as Ansible's does."""
    result = here.run("setup", {"gather_subset": ["bogus"]})
    assert result["msg"] == (
        "Bad subset 'bogus' given to Ansible. gather_subset options allowed: all, "
        "all_ipv4_addresses, all_ipv6_addresses, apparmor, architecture, caps, chroot, cmdline, "
        "date_time, default_ipv4, default_ipv6, devices, distribution, distribution_major_version, "
        "distribution_release, distribution_version, dns, effective_group_ids, effective_user_id, "
        "env, facter, fibre_channel_wwn, fips, hardware, interfaces, is_chroot, iscsi, kernel, "
        "kernel_version, loadavg, local, lsb, machine, machine_id, mounts, network, nvme, ohai, "
        "os_family, pkg_mgr, platform, processor, processor_cores, processor_count, python, "
        "python_version, real_user_id, selinux, service_mgr, ssh_host_key_dsa_public, "
        "ssh_host_key_ecdsa_public, ssh_host_key_ed25519_public, ssh_host_key_rsa_public, "
        "ssh_host_pub_keys, ssh_pub_keys, system, system_capabilities, "
        "system_capabilities_enforced, systemd, user, user_dir, user_gecos, user_gid, user_id, "
        "user_shell, user_uid, virtual, virtualization_role, virtualization_tech_guest, "
        "virtualization_tech_host, virtualization_type"
    )


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["fqdn"], {"ansible_fqdn"}),
        (["ansible_fqdn", "ansible_host*"], {"ansible_fqdn", "ansible_hostname"}),
        (["gather_subset"], {"gather_subset"}),
        (["no_such_fact"], set()),
    ],
)
def test_filters_match_with_or_without_the_prefix(
    here: Host, patterns: list[str], names: set[str]
) -> None:
    """A filter is a shell pattern for the name of a fact."""
    result = here.run("setup", {"gather_subset": ["!all"], "filter": patterns})
    assert set(result["ansible_facts"]) == names


def test_an_empty_filter_is_none(here: Host) -> None:
    """`filter: ''` keeps everything."""
    result = here.run("setup", {"gather_subset": ["!all", "!min", "dns"], "filter": [""]})
    assert {"ansible_dns", "module_setup"} <= set(result["ansible_facts"])


def test_local_facts(here: Host, tmp_path: Path) -> None:
    """JSON, INI and programs; what fails is told in place of the fact, and warned about."""
    plant(
        tmp_path,
        {
            "json.fact": 'file 644 {"a": 1}',
            "ini.fact": "file 644 [sec]\nK=v\n",
            "run.fact": "file 755 #!/bin/sh\necho '{\"run\": true}'\n",
            "bad.fact": "file 755 #!/bin/sh\necho boo >&2; exit 3\n",
            "junk.fact": "file 644 just text",
            "empty.fact": "file 644 ",
            "other.txt": "file 644 x",
        },
    )
    args = {"gather_subset": ["!all", "!min", "local"], "fact_path": str(tmp_path)}
    result = here.run("setup", args)
    failed = f"Failure executing fact script ({tmp_path}/bad.fact), rc: 3, err: boo\n"
    junk = f"error loading facts as JSON or ini - please check content: {tmp_path}/junk.fact"
    assert result["ansible_facts"]["ansible_local"] == {
        "json": {"a": 1},
        "ini": {"sec": {"k": "v"}},
        "run": {"run": True},
        "bad": failed,
        "junk": junk,
        "empty": {},
    }
    assert result["warnings"] == [failed, junk]


def test_the_network_of_this_machine(here: Host) -> None:
    """Addresses come from the kernel, in Ansible's shape."""
    found = facts_of(here, "!all", "!min", "network")
    assert found["lo"]["ipv4"] == {
        "address": "127.0.0.1",
        "broadcast": "",
        "netmask": "255.0.0.0",
        "network": "127.0.0.0",
        "prefix": "8",
    }
    assert (found["lo"]["type"], found["lo"]["device"], found["lo"]["active"]) == (
        "loopback",
        "lo",
        True,
    )
    assert "127.0.0.1" not in found["all_ipv4_addresses"]
    assert "127.0.0.1" in found["locally_reachable_ips"]["ipv4"]
    assert "lo" in found["interfaces"]


def test_the_time_in_all_its_forms(here: Host) -> None:
    """The keys are Ansible's; numbers are texts."""
    found = facts_of(here, "!all", "!min", "date_time")["date_time"]
    assert (
        sorted(found)
        == (
            "date day epoch epoch_int hour iso8601 iso8601_basic iso8601_basic_short iso8601_micro "
            "minute month second time tz tz_dst tz_offset weekday weekday_number weeknumber year"
        ).split()
    )
    assert all(isinstance(value, str) for value in found.values())
    assert found["iso8601"][:10] == found["iso8601_micro"][:10]


Part = Callable[[str], ModuleType]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], Part]]:
    """Give a function that makes another machine's files, and gives the parts that read them."""
    children.Program("setup", module_source("setup").text).load()
    parts = sys.modules["understudy.modules.setup"]

    def make(files: dict[str, str]) -> Part:
        for name, text in files.items():
            path = tmp_path / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        parts.reading.root = str(tmp_path)
        return lambda name: getattr(parts, name)

    yield make
    parts.reading.root = ""


class FakeHost:
    """What a collector asks of its host."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.args: dict[str, object] = {}
        self.patience_s = 10


Machine = Callable[[dict[str, str]], Part]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_distributions(machine: Machine, name: str) -> None:
    """Recorded: what ansible-core 2.19 says on a machine with these files."""
    files = {f"/etc/{path}": text for path, text in RECORDED[name]["files"].items()}
    found = machine(files)("distribution").collect(FakeHost())
    assert found == RECORDED[name]["facts"]


def test_a_machine_without_any_file_is_linux(machine: Machine) -> None:
    """Nothing is made up, and nothing fails."""
    found = machine({})("distribution").collect(FakeHost())
    assert (found["distribution"], found["distribution_version"]) == ("Linux", "n/a")


@pytest.mark.parametrize(
    ("family", "programs", "name"),
    [
        ("Debian", ["/usr/bin/apt-get"], "apt"),
        ("RedHat", ["/usr/bin/apt-get", "/usr/bin/dnf"], "dnf"),
        ("RedHat", ["/usr/bin/apt-get"], "unknown"),
        ("RedHat", ["/usr/bin/yum"], "yum"),
        ("RedHat", ["/usr/bin/dnf", "/run/ostree-booted"], "atomic_container"),
        ("Altlinux", ["/usr/bin/apt-get"], "apt_rpm"),
        ("Suse", ["/usr/bin/zypper"], "zypper"),
        ("Alpine", ["/sbin/apk"], "apk"),
        ("Archlinux", ["/usr/bin/pacman"], "pacman"),
    ],
)
def test_package_managers(machine: Machine, family: str, programs: list[str], name: str) -> None:
    """The package manager is the one of the family whose program is there."""
    services = machine(dict.fromkeys(programs, ""))("services")
    assert services.collect_pkg_mgr(FakeHost(os_family=family)) == {"pkg_mgr": name}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"/proc/1/comm": "systemd\n"}, "systemd"),
        ({"/proc/1/comm": "runit-init\n"}, "runit"),
        ({"/proc/1/comm": "init\n", "/sbin/openrc": ""}, "openrc"),
        ({"/proc/1/comm": "init\n", "/etc/init.d/x": ""}, "sysvinit"),
        ({"/proc/1/comm": "bash\n"}, "service"),
        ({"/proc/1/comm": "tini\n"}, "tini"),
    ],
)
def test_service_managers(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], name: str
) -> None:
    """The first process tells, unless it is a shell or called init."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert machine(files)("services").collect_service_mgr(FakeHost()) == {"service_mgr": name}


def test_the_resolver_configuration(machine: Machine) -> None:
    """Options without a value are true; comments do not count."""
    text = (
        "# c\nnameserver 1.1.1.1\nnameserver ::1 x\nsearch a b\ndomain c\noptions ndots:2 rotate\n"
    )
    assert machine({"/etc/resolv.conf": text})("services").collect_dns(FakeHost()) == {
        "dns": {
            "nameservers": ["1.1.1.1", "::1"],
            "search": ["a", "b"],
            "domain": "c",
            "options": {"ndots": "2", "rotate": True},
        }
    }


def test_the_boot_command_line(machine: Machine) -> None:
    """`cmdline` keeps the last value of a name, `proc_cmdline` all of them."""
    system = machine({"/proc/cmdline": "quiet console=tty0 console=ttyS0 root=UUID=1-2\n"})(
        "system"
    )
    assert system.collect_cmdline(FakeHost()) == {
        "cmdline": {"quiet": True, "console": "ttyS0", "root": "UUID=1-2"},
        "proc_cmdline": {"quiet": True, "console": ["tty0", "ttyS0"], "root": "UUID=1-2"},
    }


def test_selinux_that_is_enabled(machine: Machine) -> None:
    """Mode and policy come from the kernel, the configured mode from the file."""
    services = machine(
        {
            "/sys/fs/selinux/enforce": "0",
            "/sys/fs/selinux/policyvers": "33",
            "/etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n",
        }
    )("services")
    assert services.collect_selinux(FakeHost())["selinux"] == {
        "status": "enabled",
        "policyvers": 33,
        "config_mode": "enforcing",
        "mode": "permissive",
        "type": "targeted",
    }


def cpu(number: int, socket: int, cores: int, siblings: int) -> str:
    return (
        f"processor\t: {number}\nvendor_id\t: V\nmodel name\t: M\nphysical id\t: {socket}\n"
        f"siblings\t: {siblings}\ncpu cores\t: {cores}\nflags\t\t: fpu vme\n\n"
    )


def test_processors_with_sockets_and_threads(machine: Machine) -> None:
    """Two sockets of two cores with two threads each are eight."""
    text = "".join(cpu(n, n // 4, 2, 4) for n in range(8))
    found = machine({"/proc/cpuinfo": text})("hardware").processor_facts()
    assert found["processor"][:4] == ["0", "V", "M", "1"]
    counts = [found[f"processor_{k}"] for k in ("count", "cores", "threads_per_core", "vcpus")]
    assert counts == [2, 2, 2, 8]
    assert found["flags"] == ["fpu", "vme"]


def test_processors_that_do_not_tell_their_socket(machine: Machine) -> None:
    """Each counts as a socket with one core."""
    text = "".join(f"processor\t: {n}\nBogoMIPS\t: 50\nFeatures\t: fp asimd\n\n" for n in range(3))
    found = machine({"/proc/cpuinfo": text})("hardware").processor_facts()
    counts = [found[f"processor_{k}"] for k in ("count", "cores", "threads_per_core", "vcpus")]
    assert (found["processor"], counts) == (["0", "1", "2"], [3, 1, 1, 3])


def test_memory(machine: Machine) -> None:
    """Caches and buffers count as free in `nocache`."""
    text = (
        "MemTotal: 8388608 kB\nMemFree: 1048576 kB\nBuffers: 524288 kB\nCached: 2097152 kB\n"
        "SwapCached: 1024 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n"
    )
    found = machine({"/proc/meminfo": text})("hardware").memory_facts()
    assert found == {
        "memtotal_mb": 8192,
        "memfree_mb": 1024,
        "swaptotal_mb": 2048,
        "swapfree_mb": 1024,
        "memory_mb": {
            "real": {"total": 8192, "used": 7168, "free": 1024},
            "nocache": {"free": 3584, "used": 4608},
            "swap": {"total": 2048, "free": 1024, "used": 1024, "cached": 1},
        },
    }


def test_firmware(machine: Machine) -> None:
    """The chassis' number has a name; what may not be read is NA."""
    files = {"chassis_type": "10", "product_name": "X1\n", "sys_vendor": "Maker"}
    hardware = machine({f"/sys/devices/virtual/dmi/id/{k}": v for k, v in files.items()})(
        "hardware"
    )
    found = hardware.firmware_facts()
    assert (found["form_factor"], found["product_name"]) == ("Notebook", "X1")
    assert (found["system_vendor"], found["product_serial"]) == ("Maker", "NA")


def test_mounts(machine: Machine, tmp_path: Path) -> None:
    """Only what has a device or a server counts; a space in a path is escaped in the table."""
    (tmp_path / "a b").mkdir()
    table = (
        f"/dev/sdx1 {tmp_path}/a\\040b ext4 rw,noatime 1 2\n"
        "proc /proc proc rw 0 0\ntmpfs /run tmpfs rw 0 0\nserver:/x /no/such nfs4 ro 0 0\n"
    )
    first, second = machine({"/etc/mtab": table})("storage").mounts(FakeHost())
    assert (first["mount"], first["device"], first["fstype"]) == (
        f"{tmp_path}/a b",
        "/dev/sdx1",
        "ext4",
    )
    assert (first["options"], first["dump"], first["passno"]) == ("rw,noatime", 1, 2)
    assert first["size_total"] >= first["size_available"] > 0
    assert (second["device"], "size_total" in second) == ("server:/x", False)


def test_block_devices(machine: Machine) -> None:
    """Sizes are in words; partitions and holders are listed."""
    files = {
        "/sys/block/sda/size": "209715200",
        "/sys/block/sda/queue/logical_block_size": "512",
        "/sys/block/sda/queue/rotational": "1",
        "/sys/block/sda/queue/scheduler": "none [mq-deadline] kyber",
        "/sys/block/sda/removable": "0",
        "/sys/block/sda/device/vendor": "ATA     ",
        "/sys/block/sda/sda1/partition": "1",
        "/sys/block/sda/sda1/start": "2048",
        "/sys/block/sda/sda1/size": "2097152",
        "/sys/block/sda/sda1/holders/dm-0": "",
        "/sys/block/dm-0/dm/name": "vg-root",
        "/sys/block/dm-0/slaves/sda1": "",
        "/dev/disk/by-uuid/1234": "",
    }
    storage = machine(files)("storage")
    found = storage.devices(storage.device_links())
    disk, part = found["sda"], found["sda"]["partitions"]["sda1"]
    assert (disk["size"], disk["sectors"], disk["sectorsize"]) == ("100.00 GB", 209715200, "512")
    assert (disk["scheduler_mode"], disk["vendor"], disk["rotational"]) == (
        "mq-deadline",
        "ATA",
        "1",
    )
    assert (part["size"], part["start"], part["holders"]) == ("1.00 GB", "2048", ["vg-root"])
    assert part["links"]["masters"] == ["dm-0"]


@pytest.mark.parametrize(
    ("files", "kind", "role"),
    [
        ({"/.dockerenv": ""}, "docker", "guest"),
        ({"/run/.containerenv": ""}, "podman", "guest"),
        ({"/proc/1/environ": "A=b\0container=lxc\0"}, "lxc", "guest"),
        ({"/run/systemd/container": "systemd-nspawn"}, "systemd-nspawn", "guest"),
        (
            {"/sys/devices/virtual/dmi/id/product_name": "VMware Virtual Platform"},
            "VMware",
            "guest",
        ),
        ({"/sys/devices/virtual/dmi/id/product_name": "VirtualBox"}, "virtualbox", "guest"),
        ({"/sys/devices/virtual/dmi/id/sys_vendor": "QEMU"}, "kvm", "guest"),
        ({"/sys/devices/virtual/dmi/id/sys_vendor": "Amazon EC2"}, "kvm", "guest"),
        ({"/proc/modules": "kvm 1 0 - Live 0x0\n"}, "kvm", "host"),
        ({}, "NA", "NA"),
    ],
)
def test_virtualization(machine: Machine, files: dict[str, str], kind: str, role: str) -> None:
    """What the machine runs in counts before what it can run."""
    found = machine(files)("virtual").collect(FakeHost())
    assert (found["virtualization_type"], found["virtualization_role"]) == (kind, role)


def test_an_interface_name_becomes_a_fact_name(machine: Machine) -> None:
    """`ansible_br_lan` is the bridge `br-lan`; it knows its members."""
    path = "/sys/class/net/br-lan/"
    network = machine(
        {
            path + "address": "02:00:00:00:00:01",
            path + "mtu": "1500",
            path + "type": "1",
            path + "flags": "0x1103",
            path + "operstate": "up",
            path + "bridge/bridge_id": "8000.020000000001",
            path + "bridge/stp_state": "1",
            path + "brif/eth1/port": "",
            "/sys/class/net/bonding_masters": "",
        }
    )("network")
    found = network.collect(FakeHost())
    assert found["interfaces"] == ["br-lan"]
    assert found["br_lan"] == {
        "device": "br-lan",
        "macaddress": "02:00:00:00:00:01",
        "mtu": 1500,
        "type": "bridge",
        "active": True,
        "promisc": True,
        "interfaces": ["eth1"],
        "id": "8000.020000000001",
        "stp": True,
    }


def test_ssh_host_keys(machine: Machine) -> None:
    """The key and its type are two facts."""
    services = machine({"/etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA root@x\n"})(
        "services"
    )
    assert services.collect_ssh_pub_keys(FakeHost()) == {
        "ssh_host_key_ed25519_public": "AAAA",
        "ssh_host_key_ed25519_public_keytype": "ssh-ed25519",
    }


def test_addresses_with_a_label(machine: Machine) -> None:
    """A labelled address is an interface of its own; the device has it only as a secondary."""
    network = machine({})("network")
    interfaces = {"eth0": {"device": "eth0"}}
    everything: list[str] = []
    given = [("10.0.0.1", "eth0", False), ("10.9.0.1", "eth0:web", False), ("10.9.0.2", "", True)]
    given.append(("10.9.0.3", "eth0:web", True))
    for address, label, secondary in given:
        one = {"index": 2, "prefix": 24, "broadcast": "", "address": address}
        one |= {"label": label, "secondary": secondary}
        network._add_ipv4(interfaces, {2: "eth0"}, everything, one)
    shown = {
        name: (one["ipv4"]["address"], [other["address"] for other in one["ipv4_secondaries"]])
        for name, one in interfaces.items()
    }
    assert shown == {
        "eth0": ("10.0.0.1", ["10.9.0.2", "10.9.0.3"]),
        "eth0_web": ("10.9.0.1", ["10.9.0.3"]),
    }
    assert everything == ["10.0.0.1", "10.9.0.1", "10.9.0.2", "10.9.0.3"]


def test_what_ethtool_tells(machine: Machine) -> None:
    """Names become those of variables; constants are lists, in small letters."""
    network = machine({})("network")
    text = "Features for lo:\nrx-all: off [fixed]\ntx-checksumming: on\n\ttx-checksum-ipv4: on\n"
    assert network._features_in(text) == {
        "rx_all": "off [fixed]",
        "tx_checksumming": "on",
        "tx_checksum_ipv4": "on",
    }
    text = (
        "Capabilities:\n\thardware-transmit (SOF_TIMESTAMPING_TX_HARDWARE)\n"
        "PTP Hardware Clock: 3\nHardware Receive Filter Modes:\n\tall (HWTSTAMP_FILTER_ALL)\n"
    )
    assert network._clocks_in(text) == {
        "timestamping": ["tx_hardware"],
        "hw_timestamp_filters": ["all"],
        "phc_index": 3,
    }


def test_programs_run_side_by_side(machine: Machine) -> None:
    """One that is not there, fails or hangs has told nothing; the others are not kept from it."""
    programs = machine({})("programs")
    commands = [["echo", "a"], ["/no/such"], ["false"], ["sleep", "5"], ["echo", "b"]]
    started = time.monotonic()
    assert programs.outputs(commands, patience_s=0.1) == ["a\n", "", "", "", "b\n"]
    assert time.monotonic() - started < 2


def test_the_adapter_of_a_disk(machine: Machine) -> None:
    """A disk's host is what `lspci` calls the last adapter on the way to it."""
    storage = machine({"/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/size": "8"})(
        "storage"
    )
    path = "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda"
    assert storage._adapter_of(path, {"0000:00:02.0": "Red Hat"}) == "Red Hat"
    assert storage._adapter_of("/sys/devices/virtual/block/loop0", {"0000:00:02.0": "x"}) == ""
