"""Filters, tests and lookups that Ansible has in its collections, and that are not here."""

from __future__ import annotations

from collections.abc import Mapping

_OURS = ("ansible.builtin.", "ansible.legacy.")
_FILTERS: Mapping[str, str] = {
    "ansible.netcommon": "comp_type5 hash_salt parse_cli parse_cli_textfsm parse_xml type5_pw"
    " vlan_parser",
    "ansible.utils": "cidr_merge hwaddr ip4_hex ipaddr ipmath ipsubnet ipv4 ipv6 ipwrap macaddr"
    " network_in_network network_in_usable next_nth_usable nthhost previous_nth_usable"
    " reduce_on_network slaac",
    "community.general": "random_mac",
    "google.cloud": "gcp_kms_decrypt gcp_kms_encrypt",
    "kubernetes.core": "k8s_config_resource_name",
}
_LOOKUPS: Mapping[str, str] = {
    "amazon.aws": "aws_account_attribute aws_secret aws_service_ip_ranges aws_ssm",
    "community.general": "cartesian chef_databag consul_kv credstash cyberarkpassword dig dnstxt"
    " etcd filetree flattened hiera keyring lastpass lmdb_kv manifold nios nios_next_ip"
    " nios_next_network onepassword onepassword_raw passwordstore redis shelvefile",
    "community.grafana": "grafana_dashboard",
    "community.hashi_vault": "hashi_vault",
    "community.mongodb": "mongodb",
    "community.rabbitmq": "rabbitmq",
    "community.windows": "laps_password",
    "cyberark.conjur": "conjur_variable",
    "google.cloud": "gcp_storage_file",
    "kubernetes.core": "k8s openshift",
}
_SHORT: Mapping[str, Mapping[str, str]] = {
    kind: {name: collection for collection, names in table.items() for name in names.split()}
    for kind, table in (("filter", _FILTERS), ("lookup", _LOOKUPS), ("test", {}))
}
"""What Ansible finds by its short name, too: once it was a part of Ansible itself."""


def collection_of_plugin(kind: str, name: str) -> str | None:
    """Return the collection that a `filter`, a `test` or a `lookup` comes from, if it is of one."""
    if name in _SHORT[kind]:
        return _SHORT[kind][name]
    parts = name.split(".")
    is_full = len(parts) > 2 and all(part.isidentifier() for part in parts)  # noqa: PLR2004
    return ".".join(parts[:2]) if is_full and not name.startswith(_OURS) else None
