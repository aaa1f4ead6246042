"""Packets between two TUN devices, late and not all of them: a slow link without kernel support.

`python -m tests.ssh.relay NEAR FAR DELAY_S LOSS` makes the devices, says `ready`, and carries
packets until it is killed. The devices may be moved into other network namespaces meanwhile.
"""

from __future__ import annotations

import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

_TUNSETIFF = 0x400454CA
_IFF_TUN_WITHOUT_HEADER = 0x1001
_MTU = 65535


def open_device(name: str) -> int:
    """Make a TUN device; return what reads and writes its packets."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN_WITHOUT_HEADER))
    return device


def carry(devices: tuple[int, int], delay_s: float, loss: float) -> None:
    """Carry packets for ever; each is lost with the same chance and late by the same time."""
    under_way: collections.deque[tuple[float, int, bytes]] = collections.deque()
    others = dict(zip(devices, reversed(devices), strict=True))
    while True:
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        for device in select.select(devices, [], [], wait)[0]:
            packet = _receive(device)
            if packet and random.random() >= loss:
                under_way.append((time.monotonic() + delay_s, others[device], packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, device, packet = under_way.popleft()
            _send(device, packet)


def _receive(device: int) -> bytes:
    """Take a packet; there is none while the device is down or has just been moved."""
    try:
        return os.read(device, _MTU)
    except OSError:
        time.sleep(0.001)
        return b""


def _send(device: int, packet: bytes) -> None:
    """Hand a packet over; where the other end cannot take it, it is lost."""
    try:
        os.write(device, packet)
    except OSError:
        return


def main() -> None:
    """Make the devices and carry packets between them."""
    near, far, delay_s, loss = sys.argv[1:]
    devices = (open_device(near), open_device(far))
    print("ready", flush=True)
    carry(devices, float(delay_s), float(loss))


if __name__ == "__main__":
    main()
