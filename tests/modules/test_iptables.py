"""`iptables` changes the packet filter of a sandbox with the real program; results as Ansible's."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.modules.runner import Host
from tests.sandbox import Sandbox

pytestmark = [
    pytest.mark.root,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("iptables") is None, reason="needs iptables"),
]
STEPS = YAML(typ="safe").load(Path(__file__).parent / "cases" / "iptables.yml")
RULES = """\
-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N MINE
-A INPUT ! -d 1.2.3.4/32 -i eth0 -p tcp -m multiport --dports 80,8081:8083 \
-m conntrack --ctstate NEW,ESTABLISHED -m comment --comment "some text" -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A INPUT -p sctp -j DROP
-A INPUT ! -f -j DROP
-A OUTPUT ! -o lo -m owner --uid-owner 0 -m owner ! --gid-owner 0 -j ACCEPT
-A MINE -m limit --limit 2/sec --limit-burst 20 -j LOG --log-prefix "x y" --log-level 6
-A MINE -m state --state NEW -j LOG --log-prefix z
-A MINE -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,SYN,RST,ACK \
-j REJECT --reject-with tcp-reset
-A MINE -p tcp -m tcp ! --sport 1:2 ! --tcp-flags FIN,SYN,RST,ACK SYN -j RETURN
-A MINE -m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.1.0.1-10.1.0.2 -j ACCEPT
"""


def test_steps(inside: Host, sandbox: Sandbox) -> None:
    """Check mode foretells each step and changes nothing; the rules are those asked for."""
    for step in STEPS:
        take(step, inside, sandbox)
    listed = sandbox.run(["iptables", "-S"]).replace(" -s 10.0.0.0/8", "")
    assert listed == RULES
    assert "-p sctp -j DROP" in sandbox.run(["ip6tables", "-S"])
    assert sandbox.run(["iptables", "-t", "nat", "-S", "PREROUTING"]).count("-A ") == 2


def take(step: dict[str, Any], inside: Host, sandbox: Sandbox) -> None:
    """Foretell, do and repeat a step."""
    if "failed" in step:
        result = inside.run("iptables", step["args"])
        assert result["failed"]
        assert {key: result[key] for key in step["failed"]} == step["failed"]
        return
    before = saved(sandbox)
    foretold = inside.run("iptables", step["args"], check=True)
    assert saved(sandbox) == before, step
    done = inside.run("iptables", step["args"])
    wanted = step.get("result", {})
    assert {key: done[key] for key in wanted} == wanted
    assert done["changed"] == foretold["changed"] == step.get("changed", True), step
    assert inside.run("iptables", step["args"])["changed"] == step.get("again", False), step


def saved(sandbox: Sandbox) -> str:
    """Return all rules, without what tells the time."""
    words = "iptables-save; ip6tables-save"
    lines = sandbox.run(["sh", "-c", words]).splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def test_other_programs(inside: Host, sandbox: Sandbox) -> None:
    """The old one works as well; one that cannot wait is not told to; none is a failure."""
    for name in ("iptables", "ip6tables"):
        sandbox.run(["ln", "-sf", f"/usr/sbin/{name}-legacy", f"/usr/sbin/{name}"])
    args = {"chain": "INPUT", "jump": "DROP", "wait": "3", "ip_version": "both"}
    assert [inside.run("iptables", args)["changed"] for _ in range(2)] == [True, False]
    assert "-A INPUT -j DROP" in sandbox.run(["ip6tables", "-S"])
    policy = {"chain": "INPUT", "policy": "DROP"}
    assert [inside.run("iptables", policy)["changed"] for _ in range(2)] == [True, False]
    sandbox.run(["rm", "/usr/sbin/iptables"])
    told = 'case "$*" in *-w*) exit 9;; --version) echo v1.4.21;; esac'
    sandbox.program("/usr/sbin/iptables", f"#!/bin/sh\n{told}\n")
    assert inside.run("iptables", args | {"ip_version": "ipv4"})["changed"] is False
    sandbox.run(["rm", "/usr/sbin/iptables"])
    missing = inside.run("iptables", args)["msg"]
    assert missing.startswith('Failed to find required executable "iptables" in paths: ')
