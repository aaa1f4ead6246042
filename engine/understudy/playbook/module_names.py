"""From a module's name as written to one that we have; else where it would come from."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.playbook.module_schema import known_modules
from understudy.text.diagnostic import Diagnostic, did_you_mean
from understudy.text.source import Span

BUILTIN_PREFIXES = ("ansible.builtin.", "ansible.legacy.")
STATEMENTS = frozenset({"import_role", "import_tasks", "include", "include_role", "include_tasks"})
"""Names of actions that the parser itself deals with."""

FROM_COLLECTIONS: Mapping[str, str] = {
    "mysql_db": "community.mysql",
    "mysql_query": "community.mysql",
}
"""Modules that we have and that are not of ansible.builtin, with their collections."""

_COLLECTIONS: Mapping[str, str] = {
    "acl": "ansible.posix",
    "acme_": "community.crypto",
    "alternatives": "community.general",
    "archive": "community.general",
    "at": "ansible.posix",
    "authorized_key": "ansible.posix",
    "aws_": "amazon.aws",
    "azure_rm_": "azure.azcollection",
    "cloudformation": "amazon.aws",
    "cloudflare_dns": "community.general",
    "composer": "community.general",
    "consul": "community.general",
    "docker_": "community.docker",
    "ec2": "amazon.aws",
    "eos_": "arista.eos",
    "filesystem": "community.general",
    "firewalld": "ansible.posix",
    "flatpak": "community.general",
    "gcp_": "google.cloud",
    "gem": "community.general",
    "git_config": "community.general",
    "github_": "community.general",
    "gitlab_": "community.general",
    "grafana_": "community.grafana",
    "haproxy": "community.general",
    "helm": "kubernetes.core",
    "homebrew": "community.general",
    "htpasswd": "community.general",
    "ini_file": "community.general",
    "ios_": "cisco.ios",
    "jenkins_": "community.general",
    "junos_": "junipernetworks.junos",
    "k8s": "kubernetes.core",
    "ldap_": "community.general",
    "locale_gen": "community.general",
    "lvg": "community.general",
    "lvol": "community.general",
    "mail": "community.general",
    "make": "community.general",
    "modprobe": "community.general",
    "mongodb_": "community.mongodb",
    "mount": "ansible.posix",
    "mysql_": "community.mysql",
    "nmcli": "community.general",
    "npm": "community.general",
    "nxos_": "cisco.nxos",
    "openssl_": "community.crypto",
    "openssh_": "community.crypto",
    "os_": "openstack.cloud",
    "pacman": "community.general",
    "pam_limits": "community.general",
    "parted": "community.general",
    "patch": "ansible.posix",
    "postgresql_": "community.postgresql",
    "proxysql_": "community.proxysql",
    "rabbitmq_": "community.rabbitmq",
    "rds": "amazon.aws",
    "redis": "community.general",
    "s3_": "amazon.aws",
    "seboolean": "ansible.posix",
    "selinux": "ansible.posix",
    "slack": "community.general",
    "snap": "community.general",
    "ssh_config": "community.general",
    "sudoers": "community.general",
    "supervisorctl": "community.general",
    "synchronize": "ansible.posix",
    "sysctl": "ansible.posix",
    "terraform": "community.general",
    "timezone": "community.general",
    "ufw": "community.general",
    "vmware_": "community.vmware",
    "vyos_": "vyos.vyos",
    "win_": "ansible.windows",
    "x509_": "community.crypto",
    "xml": "community.general",
    "zabbix_": "community.zabbix",
    "zypper": "community.general",
}
"""Where modules outside ansible.builtin live; a name that ends with `_` stands for a family."""


def short_name(written: str) -> str:
    """Return a module's name without its collection, if it is the built-in one or we have it."""
    for prefix in BUILTIN_PREFIXES:
        if written.startswith(prefix):
            return written.removeprefix(prefix)
    collection, _, name = written.rpartition(".")
    return name if collection and FROM_COLLECTIONS.get(name) == collection else written


def find_module(written: str) -> str | None:
    """Return the short name of a module that we have or that the parser knows, or None."""
    name = short_name(written)
    return name if name in known_modules() or name in STATEMENTS else None


def is_full_name(written: str) -> bool:
    """Tell whether a name has the form `namespace.collection.module`."""
    parts = written.split(".")
    return len(parts) > 2 and all(part.isidentifier() for part in parts)  # noqa: PLR2004


def collection_of(written: str) -> str | None:
    """Return the collection that a module belongs to, or None when it is not known."""
    name = short_name(written)
    if name in FROM_COLLECTIONS:
        return FROM_COLLECTIONS[name]
    if find_module(written) is not None:
        return BUILTIN_PREFIXES[0].removesuffix(".")
    return _collection(written)


def is_known_elsewhere(written: str) -> bool:
    """Tell whether a name is surely one of a module, though not of one that we have."""
    return _collection(written) is not None


def unknown_module(written: str, span: Span) -> Diagnostic:
    """Return the finding for a module that we do not have, with the collection it comes from."""
    name = short_name(written)
    collection = collection_of(written)
    if collection is not None:
        return Diagnostic(
            code="unsupported-module",
            message=f"`{written}` is a module of `{collection}`, which is not supported yet",
            span=span,
        )
    near = did_you_mean(name, known_modules())
    return Diagnostic(
        code="unknown-module",
        message=f"there is no module `{written}`",
        span=span,
        help=f"did you mean `{near}`?" if near else None,
    )


def _collection(written: str) -> str | None:
    if is_full_name(written) and not written.startswith(BUILTIN_PREFIXES):
        return ".".join(written.split(".")[:2])
    if written in _COLLECTIONS:
        return _COLLECTIONS[written]
    families = (family for family in _COLLECTIONS if family.endswith("_"))
    return next((_COLLECTIONS[f] for f in families if written.startswith(f)), None)
