"""A peer's work on real sshd processes, from a cold start: no connection is open, none is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.peers import Peer, Work
from tests.bench.usage import Usage, measure
from tests.ssh import users
from tests.ssh.netem import FAR_ADDRESS, Link
from tests.ssh.openssh import OpenSshd
from tests.ssh.server import Setup, Sshd


@contextmanager
def servers(hosts: int, link: Link | None = None, *, plain: bool = True) -> Iterator[Sshd]:
    """Give sshd on as many addresses, or on one behind a link, for a user with a plain shell.

    As root a user is made and removed at the end; else, or if not `plain`, it is whoever runs this.
    """
    with ExitStack() as stack:
        user = None
        if plain and users.missing() is None:
            user = stack.enter_context(users.Users()).make("plain").name
        setup = Setup(hosts=hosts, user=user)
        server = OpenSshd(setup, [FAR_ADDRESS], link.in_far) if link else OpenSshd(setup)
        stack.callback(server.stop)
        yield server


def measure_cold(peer: Peer, work: Work, prefix: Sequence[str] = ()) -> Usage:
    """Let a peer do the work; the words of the prefix start it elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        order = peer.order(work, folder)
        usage = measure([*prefix, *order.command], folder, order.environment)
    work.server.kill_connections()
    return usage
