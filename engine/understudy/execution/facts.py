"""Facts as variables: under `ansible_facts`, and, as far as a host may say so, on their own.

What leads a connection is no host's business: a fact of such a name is no variable.
"""

from __future__ import annotations

import re

PREFIX = "ansible_"
LOCAL = "ansible_local"
"""The host's local facts: the one fact that keeps its prefix, and is a variable in any case."""
_OF_CONNECTIONS = re.compile(
    "ansible_("
    "become(_.*)?|connection|facts|host|host_key_checking|password|pipelining|port"
    "|private_key_file|rsync_path|timeout|user|shell_(executable|type)"
    "|.*_interpreter"
    "|(docker|local|paramiko|paramiko_ssh|psrp|winrm)_.*"
    "|ssh_(?!host_key_(dsa|ecdsa|ed25519|rsa)_).*"
    "|(scp|sftp|su|sudo)_.*"
    ")"
)


def short_name(name: str) -> str:
    """Return the name of a fact under `ansible_facts`."""
    return name if name == LOCAL else name.removeprefix(PREFIX)


def may_be_variable(name: str) -> bool:
    """Tell whether a fact of this name is a variable too."""
    return _OF_CONNECTIONS.fullmatch(name) is None
