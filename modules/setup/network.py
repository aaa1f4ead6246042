"""Facts about the network: interfaces with their addresses, the default routes."""

import re
import shutil
import socket
import struct

from understudy.modules.setup import netlink, programs, reading

# Numbers of linux/if_arp.h.
TYPES = {"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}
PROMISCUOUS = 0x100
FAR_AWAY = {socket.AF_INET: "8.8.8.8", socket.AF_INET6: "2404:6800:400a:800::1012"}
"""Any address that is not in the own network will do; nothing is sent there."""


def collect(host):
    """Return each interface as a fact of its own name, and what they add up to."""
    interfaces = {
        name: _interface(name) for name in reading.names("/sys/class/net") if _is_device(name)
    }
    by_index = {reading.number("/sys/class/net/%s/ifindex" % name): name for name in interfaces}
    facts = {"all_ipv4_addresses": [], "all_ipv6_addresses": []}
    for one in netlink.addresses(socket.AF_INET):
        _add_ipv4(interfaces, by_index, facts["all_ipv4_addresses"], one)
    for one in netlink.addresses(socket.AF_INET6):
        _add_ipv6(interfaces, by_index, facts["all_ipv6_addresses"], one)
    for family, key in ((socket.AF_INET, "ipv4"), (socket.AF_INET6, "ipv6")):
        facts["default_" + key] = _default_route(interfaces, by_index, family, key)
    _add_hardware_features(host, interfaces)
    facts["interfaces"] = list(interfaces)
    facts["locally_reachable_ips"] = {
        "ipv4": netlink.local_networks(socket.AF_INET),
        "ipv6": netlink.local_networks(socket.AF_INET6),
    }
    for name, one in interfaces.items():
        facts[_fact_name(name)] = one
    return facts


def _fact_name(interface_name):
    """Return the name under which an interface is a fact: `ansible_br_lan` for `br-lan`."""
    return interface_name.replace("-", "_").replace(":", "_")


def _is_device(name):
    """Leave out what is a file of the kernel there: `bonding_masters`."""
    return reading.exists("/sys/class/net/%s/address" % name)


def _interface(name):
    path = "/sys/class/net/%s/" % name
    one = {"device": name}
    address = reading.read(path + "address")
    if address and address != "00:00:00:00:00:00":
        one["macaddress"] = address
    mtu = reading.number(path + "mtu")
    if mtu is not None:
        one["mtu"] = mtu
    state = reading.read(path + "operstate")
    if state is not None:
        one["active"] = state != "down"
    kind = TYPES.get(reading.read(path + "type") or "", "unknown")
    one["type"] = kind
    driver = reading.link_name(path + "device/driver/module")
    if driver:
        one["module"] = driver
    device = reading.link_name(path + "device")
    if device:
        one["pciid"] = device
    speed = reading.number(path + "speed")
    if speed is not None:
        one["speed"] = speed
    flags = reading.read(path + "flags")
    if flags:
        one["promisc"] = bool(int(flags, 16) & PROMISCUOUS)
    one.update(_bridge(path))
    one.update(_bonding(path))
    return one


def _bridge(path):
    if not reading.exists(path + "bridge"):
        return {}
    found = {"type": "bridge", "interfaces": reading.names(path + "brif")}
    identity = reading.read(path + "bridge/bridge_id")
    if identity:
        found["id"] = identity
    stp = reading.read(path + "bridge/stp_state")
    if stp:
        found["stp"] = stp == "1"
    return found


def _bonding(path):
    if not reading.exists(path + "bonding"):
        return {}
    slaves = (reading.read(path + "bonding/slaves") or "").split()
    mode = (reading.read(path + "bonding/mode") or "").split()
    found = {
        "type": "bonding",
        "slaves": slaves,
        "mode": mode[0] if mode else "",
        "miimon": reading.read(path + "bonding/miimon"),
        "lacp_rate": (reading.read(path + "bonding/lacp_rate") or "").split(" ")[0],
    }
    primary = reading.read(path + "bonding/primary")
    if primary:
        found["primary"] = primary
        found["all_slaves_active"] = reading.read(path + "bonding/all_slaves_active") == "1"
    return found


def _add_hardware_features(host, interfaces):
    """Ask `ethtool`, where it is installed, what the adapters do and which clocks they have."""
    ethtool = shutil.which("ethtool")
    if ethtool is None or reading.root:
        return
    devices = [one for one in interfaces.values() if "device" in one]
    commands = [[ethtool, option, one["device"]] for one in devices for option in ("-k", "-T")]
    told = programs.outputs(commands, host.patience_s)
    for one, features, clocks in zip(devices, told[::2], told[1::2]):
        if features:
            one["features"] = _features_in(features)
        if clocks:
            one.update(_clocks_in(clocks))


def _features_in(text):
    """Return the features in the output of `ethtool -k`: `off [fixed]` for `rx-all`."""
    lines = (line.partition(":") for line in text.splitlines())
    return {
        name.strip().replace("-", "_"): value.strip()
        for name, _, value in lines
        if value and not name.startswith("Features for")
    }


def _clocks_in(text):
    """Return what the output of `ethtool -T` says; newer ones have no names of constants."""
    found = {
        "timestamping": [name.lower() for name in re.findall(r"SOF_TIMESTAMPING_(\w+)", text)],
        "hw_timestamp_filters": [
            name.lower() for name in re.findall(r"HWTSTAMP_FILTER_(\w+)", text)
        ],
    }
    clock = re.search(r"PTP Hardware Clock: (\d+)", text)
    if clock:
        found["phc_index"] = int(clock.group(1))
    return found


def _add_ipv4(interfaces, by_index, everything, one):
    """Add an address to its interface: the first is `ipv4`, the others are secondaries.

    An address with a label (`eth0:web`) makes an interface of that name. The device itself knows it
    only if the kernel calls it secondary.
    """
    name = by_index.get(one["index"])
    if name not in interfaces:
        return
    described = {
        "address": one["address"],
        "broadcast": one["broadcast"],
        "prefix": str(one["prefix"]),
    }
    described.update(_network_of(one["address"], one["prefix"]))
    if one["label"] in ("", name):
        _take_ipv4(interfaces[name], described)
    else:
        _take_ipv4(interfaces.setdefault(_fact_name(one["label"]), {}), described, one["secondary"])
        if one["secondary"]:
            _take_ipv4(interfaces[name], described, secondary=True)
    if not one["address"].startswith("127."):
        everything.append(one["address"])


def _take_ipv4(interface, described, secondary=False):
    if secondary or "ipv4" in interface:
        interface.setdefault("ipv4_secondaries", []).append(described)
    else:
        interface["ipv4"] = described


def _network_of(address, prefix):
    mask = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    number = struct.unpack("!I", socket.inet_aton(address))[0]
    return {
        "netmask": socket.inet_ntoa(struct.pack("!I", mask)),
        "network": socket.inet_ntoa(struct.pack("!I", number & mask)),
    }


def _add_ipv6(interfaces, by_index, everything, one):
    device = interfaces.get(by_index.get(one["index"]))
    if device is None:
        return
    described = {key: one[key] for key in ("address", "scope")}
    described["prefix"] = str(one["prefix"])
    device.setdefault("ipv6", []).append(described)
    if one["address"] != "::1":
        everything.append(one["address"])


def _default_route(interfaces, by_index, family, key):
    """Describe the interface and address by which packets leave; nothing when none do."""
    route = netlink.route_to(family, FAR_AWAY[family])
    if route is None or by_index.get(route[0]) not in interfaces:
        return {}
    index, source, gateway = route
    name = by_index[index]
    device = interfaces[name]
    found = {"interface": name, "type": device["type"]}
    for field in ("mtu", "macaddress"):
        if field in device:
            found[field] = device[field]
    if source:
        found["address"] = source
    if gateway:
        found["gateway"] = gateway
    if key == "ipv4":
        known = [device.get("ipv4", {}), *device.get("ipv4_secondaries", [])]
        found["alias"] = name
    else:
        known = device.get("ipv6", [])
    for one in known:
        if one.get("address") == source:
            found.update(one)
    return found
