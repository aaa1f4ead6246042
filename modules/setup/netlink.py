"""Addresses and routes as the kernel tells them over rtnetlink: no program is needed on the target.

The layouts are those of linux/rtnetlink.h and linux/if_addr.h. A system that lets nobody ask (a
sandbox) gives no addresses, which is no error.
"""

import os
import socket
import struct

REQUEST, DUMP = 0x001, 0x300
DONE, ERROR = 3, 2
GET_ADDRESS, GET_ROUTE = 22, 26
LOCAL_TABLE, LOCAL_ROUTE = 255, 2
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_HEADER = struct.Struct("=IHHII")
_ADDRESS = struct.Struct("=BBBBI")
_ROUTE = struct.Struct("=BBBBBBBBI")
_ATTRIBUTE = struct.Struct("=HH")
SECONDARY = 0x01
IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST = 1, 2, 3, 4
RTA_DESTINATION, RTA_OUT, RTA_GATEWAY, RTA_SOURCE, RTA_TABLE = 1, 4, 5, 7, 15


def addresses(family):
    """Return mappings of index, secondary, prefix, scope, address, broadcast and label."""
    found = []
    for body in _ask(GET_ADDRESS, _ADDRESS.pack(family, 0, 0, 0, 0), DUMP):
        kind, prefix, flags, scope, index = _ADDRESS.unpack_from(body)
        given = _attributes(body[_ADDRESS.size :])
        raw = given.get(IFA_LOCAL) or given.get(IFA_ADDRESS)
        if kind != family or raw is None:
            continue
        broadcast = given.get(IFA_BROADCAST)
        found.append(
            {
                "index": index,
                "secondary": bool(flags & SECONDARY),
                "prefix": prefix,
                "scope": SCOPES.get(scope, str(scope)),
                "address": socket.inet_ntop(family, raw),
                "broadcast": socket.inet_ntop(family, broadcast) if broadcast else "",
                "label": given.get(IFA_LABEL, b"").rstrip(b"\0").decode("ascii", "replace"),
            }
        )
    return found


def route_to(family, address):
    """Return interface index, source address and gateway of the way to an address, or None."""
    raw = socket.inet_pton(family, address)
    header = _ROUTE.pack(family, len(raw) * 8, 0, 0, 0, 0, 0, 0, 0)
    wanted = _ATTRIBUTE.pack(_ATTRIBUTE.size + len(raw), RTA_DESTINATION) + raw
    for body in _ask(GET_ROUTE, header + wanted, 0):
        given = _attributes(body[_ROUTE.size :])
        if RTA_OUT not in given:
            return None
        index = struct.unpack("=I", given[RTA_OUT])[0]
        return index, text(family, given.get(RTA_SOURCE)), text(family, given.get(RTA_GATEWAY))
    return None


def local_networks(family):
    """Return the addresses and networks that are this machine itself."""
    found = []
    for body in _ask(GET_ROUTE, _ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0), DUMP):
        kind, prefix, _, _, table, _, _, route, _ = _ROUTE.unpack_from(body)
        given = _attributes(body[_ROUTE.size :])
        if RTA_TABLE in given:
            table = struct.unpack("=I", given[RTA_TABLE])[0]
        if (kind, table, route) != (family, LOCAL_TABLE, LOCAL_ROUTE):
            continue
        destination = text(family, given.get(RTA_DESTINATION))
        whole = 32 if family == socket.AF_INET else 128
        if destination:
            found.append(destination if prefix == whole else "%s/%d" % (destination, prefix))
    return list(dict.fromkeys(found))


def text(family, raw):
    """Return a raw address as people write it, or None."""
    return socket.inet_ntop(family, raw) if raw else None


def _ask(kind, body, flags):
    """Send a request and return the bodies of the answers; none where the kernel refuses."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
            kernel.settimeout(2)
            kernel.bind((0, 0))
            length = _HEADER.size + len(body)
            header = _HEADER.pack(length, kind, REQUEST | flags, 1, os.getpid())
            kernel.send(header + body)
            return list(_answers(kernel, whole=bool(flags)))
    except (OSError, AttributeError):
        return []


def _answers(kernel, whole):
    """Yield the answers' bodies: all up to the end of a dump, or the one."""
    while True:
        data = kernel.recv(1 << 17)
        at = 0
        while at + _HEADER.size <= len(data):
            length, kind, _, _, _ = _HEADER.unpack_from(data, at)
            if kind in (DONE, ERROR):
                return
            yield data[at + _HEADER.size : at + length]
            at += (length + 3) & ~3
        if not whole:
            return


def _attributes(data):
    """Return the attributes that follow a message's fixed part, by number."""
    found = {}
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & 0x3FFF] = data[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found
