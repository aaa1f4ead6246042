"""Links with delay and loss carry everything, late."""

import subprocess
import time

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.sshd, pytest.mark.root]


def test_a_command_takes_the_round_trips_of_the_link(slow_server):
    """Nothing arrives before its delay."""
    server, link = slow_server(delay_s=0.02)
    started = time.perf_counter()
    words = [*link.in_near, *server.client("echo far")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "far\n"
    assert time.perf_counter() - started > 5 * 0.04


def test_a_lossy_link_carries_every_byte(slow_server):
    """TCP sends again what is lost."""
    server, link = slow_server(delay_s=0.002, loss=0.02)
    words = [*link.in_near, *server.client("head -c 300000 /dev/zero; exit 3")]
    done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    assert (len(done.stdout), done.returncode) == (300000, 3)
