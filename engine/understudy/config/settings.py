"""The settings that understudy reads: one line each, with its type, default and names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from understudy.config.readers import (
    boolean,
    integer,
    inventory_sources,
    one_of,
    optional_integer,
    optional_string,
    path,
    paths,
    string,
    strings,
)
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Span

T = TypeVar("T")
Reader = Callable[[str, str], T]
"""Makes a value of a text; the second argument is the directory that relative paths start from."""


@dataclass(frozen=True, slots=True)
class Names:
    """Under which names a setting is looked for: `section.key` in files, and the environment.

    Of several names of one kind the last one that is set wins; the environment wins over files.
    """

    read: Reader[object]
    ini: tuple[str, ...]
    env: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from, in words, and its place in a file if it is in one."""

    words: str
    span: Span | None = None

    def __str__(self) -> str:
        return self.words


DEFAULT = Origin("default")


def _setting(default: T, read: Reader[T], *, ini: str = "", env: str = "") -> T:
    """Make a field whose names are `defaults.<field>` and `ANSIBLE_<FIELD>` unless given."""
    return field(default=default, metadata={"names": Names(read, *map(_words, (ini, env)))})


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _folders(*default: str) -> tuple[str, ...]:
    """Make a field of folders. Whose home `~` is, is asked for with each configuration."""

    def expanded() -> tuple[str, ...]:
        return tuple(str(Path(place).expanduser()) for place in default)

    return field(default_factory=expanded, metadata={"names": Names(paths, (), ())})


def _plugin_folders(kind: str) -> tuple[str, ...]:
    return _folders(f"~/.ansible/plugins/{kind}", f"/usr/share/ansible/plugins/{kind}")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The configuration of a run. Paths are absolute but for those on targets (`remote_tmp`)."""

    action_plugins: tuple[str, ...] = _plugin_folders("action")
    allow_embedded_templates: bool = _setting(True, boolean)
    ansible_managed: str = _setting("Ansible managed", string)
    any_errors_fatal: bool = _setting(False, boolean)
    ask_pass: bool = _setting(False, boolean)
    ask_vault_pass: bool = _setting(False, boolean)
    async_dir: str = _setting("~/.ansible_async", string)
    become: bool = _setting(False, boolean, ini="privilege_escalation.become")
    become_allow_same_user: bool = _setting(
        False, boolean, ini="privilege_escalation.become_allow_same_user"
    )
    become_ask_pass: bool = _setting(False, boolean, ini="privilege_escalation.become_ask_pass")
    become_exe: str | None = _setting(None, optional_string, ini="privilege_escalation.become_exe")
    become_flags: str | None = _setting(
        None, optional_string, ini="privilege_escalation.become_flags"
    )
    become_method: str = _setting("sudo", string, ini="privilege_escalation.become_method")
    become_password_file: str | None = _setting(None, path)
    become_user: str = _setting("root", string, ini="privilege_escalation.become_user")
    bin_ansible_callbacks: bool = _setting(False, boolean, env="ANSIBLE_LOAD_CALLBACK_PLUGINS")
    check_mode_markers: bool = _setting(False, boolean)
    connection_password_file: str | None = _setting(None, path)
    deprecation_warnings: bool = _setting(True, boolean)
    diff_always: bool = _setting(False, boolean, ini="diff.always")
    diff_context: int = _setting(3, integer, ini="diff.context")
    display_args_to_stdout: bool = _setting(False, boolean)
    display_failed_stderr: bool = _setting(False, boolean)
    display_ok_hosts: bool = _setting(True, boolean)
    display_skipped_hosts: bool = _setting(True, boolean)
    duplicate_dict_key: str = _setting(
        "warn", one_of("error", "warn", "ignore"), env="ANSIBLE_DUPLICATE_YAML_DICT_KEY"
    )
    error_on_missing_handler: bool = _setting(True, boolean)
    executable: str = _setting("/bin/sh", string)
    fact_caching: str = _setting("memory", string, env="ANSIBLE_CACHE_PLUGIN")
    fact_caching_connection: str | None = _setting(
        None, path, env="ANSIBLE_CACHE_PLUGIN_CONNECTION"
    )
    fact_caching_prefix: str = _setting("", string, env="ANSIBLE_CACHE_PLUGIN_PREFIX")
    fact_caching_timeout: int = _setting(86_400, integer, env="ANSIBLE_CACHE_PLUGIN_TIMEOUT")
    facts_modules: tuple[str, ...] = _setting(("smart",), strings)
    filter_plugins: tuple[str, ...] = _plugin_folders("filter")
    force_color: bool = _setting(False, boolean)
    force_handlers: bool = _setting(False, boolean)
    forks: int = _setting(5, integer)
    gathering: str = _setting("implicit", one_of("implicit", "explicit", "smart"))
    hash_behaviour: str = _setting("replace", one_of("replace", "merge"))
    host_key_checking: bool = _setting(
        True,
        boolean,
        ini="defaults.host_key_checking ssh_connection.host_key_checking",
        env="ANSIBLE_HOST_KEY_CHECKING ANSIBLE_SSH_HOST_KEY_CHECKING",
    )
    host_pattern_mismatch: str = _setting(
        "warning", one_of("warning", "error", "ignore"), ini="inventory.host_pattern_mismatch"
    )
    inject_facts_as_vars: bool = _setting(True, boolean, env="ANSIBLE_INJECT_FACT_VARS")
    interpreter_python: str = _setting("auto", string, env="ANSIBLE_PYTHON_INTERPRETER")
    inventory: tuple[str, ...] = _setting(("/etc/ansible/hosts",), inventory_sources)
    inventory_ignore_extensions: tuple[str, ...] = _setting(
        tuple(".pyc .pyo .swp .bak ~ .rpm .md .txt .rst .orig .cfg .retry".split()),
        strings,
        ini="defaults.inventory_ignore_extensions inventory.ignore_extensions",
        env="ANSIBLE_INVENTORY_IGNORE",
    )
    inventory_ignore_patterns: tuple[str, ...] = _setting(
        (),
        strings,
        ini="defaults.inventory_ignore_patterns inventory.ignore_patterns",
        env="ANSIBLE_INVENTORY_IGNORE_REGEX",
    )
    inventory_any_unparsed_is_failed: bool = _setting(
        False, boolean, ini="inventory.any_unparsed_is_failed"
    )
    inventory_enabled: tuple[str, ...] = _setting(
        tuple("host_list script auto yaml ini toml".split()),
        strings,
        ini="inventory.enable_plugins",
    )
    inventory_script_stderr: bool = _setting(
        True,
        boolean,
        ini="inventory_plugin_script.always_show_stderr",
        env="ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR",
    )
    inventory_unparsed_is_failed: bool = _setting(
        False,
        boolean,
        ini="inventory.unparsed_is_failed",
        env="ANSIBLE_INVENTORY_UNPARSED_FAILED",
    )
    inventory_unparsed_warning: bool = _setting(
        True, boolean, ini="inventory.inventory_unparsed_warning"
    )
    inventory_use_extra_vars: bool = _setting(
        False, boolean, ini="inventory_plugins.use_extra_vars"
    )
    library: tuple[str, ...] = _setting((), paths)
    localhost_warning: bool = _setting(True, boolean)
    log_path: str | None = _setting(None, path)
    lookup_plugins: tuple[str, ...] = _plugin_folders("lookup")
    max_diff_size: int = _setting(104448, integer)
    no_log: bool = _setting(False, boolean)
    nocolor: bool = _setting(False, boolean)
    nocows: bool = _setting(False, boolean)
    pipelining: bool = _setting(
        False,
        boolean,
        ini="defaults.pipelining connection.pipelining ssh_connection.pipelining",
        env="ANSIBLE_PIPELINING ANSIBLE_SSH_PIPELINING",
    )
    poll_interval: int = _setting(15, integer)
    pretty_results: bool = _setting(
        False, boolean, ini="defaults.callback_format_pretty", env="ANSIBLE_CALLBACK_FORMAT_PRETTY"
    )
    private_key_file: str | None = _setting(None, path)
    python_module_rlimit_nofile: int = _setting(0, integer)
    remote_port: int | None = _setting(None, optional_integer)
    remote_tmp: str = _setting(
        "~/.ansible/tmp", string, env="ANSIBLE_REMOTE_TEMP ANSIBLE_REMOTE_TMP"
    )
    remote_user: str | None = _setting(None, optional_string)
    result_format: str = _setting(
        "json",
        one_of("json", "yaml"),
        ini="defaults.callback_result_format",
        env="ANSIBLE_CALLBACK_RESULT_FORMAT",
    )
    retry_files_enabled: bool = _setting(False, boolean)
    retry_files_save_path: str | None = _setting(None, path)
    roles_path: tuple[str, ...] = _folders(
        "~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"
    )
    run_tags: tuple[str, ...] = _setting((), strings, ini="tags.run")
    show_custom_stats: bool = _setting(False, boolean)
    show_per_host_start: bool = _setting(False, boolean)
    show_task_path_on_failure: bool = _setting(False, boolean)
    skip_tags: tuple[str, ...] = _setting((), strings, ini="tags.skip")
    ssh_args: str = _setting("", string, ini="ssh_connection.ssh_args")
    ssh_common_args: str = _setting("", string, ini="ssh_connection.ssh_common_args")
    ssh_extra_args: str = _setting("", string, ini="ssh_connection.ssh_extra_args")
    ssh_retries: int = _setting(0, integer, ini="connection.retries ssh_connection.retries")
    stdout_callback: str = _setting("default", string)
    strategy: str = _setting("linear", string)
    task_timeout: int = _setting(0, integer)
    test_plugins: tuple[str, ...] = _plugin_folders("test")
    timeout: int = _setting(
        10,
        integer,
        ini="defaults.timeout ssh_connection.timeout",
        env="ANSIBLE_TIMEOUT ANSIBLE_SSH_TIMEOUT",
    )
    transform_invalid_group_chars: str = _setting(
        "never",
        one_of("always", "never", "ignore", "silently"),
        ini="defaults.force_valid_group_names",
    )
    transport: str = _setting("ssh", string)
    vault_encrypt_identity: str | None = _setting(None, optional_string)
    vault_encrypt_salt: str | None = _setting(None, optional_string)
    vault_id_match: bool = _setting(False, boolean)
    vault_identity_list: tuple[str, ...] = _setting((), strings)
    vault_password_file: str | None = _setting(None, path)
    verbosity: int = _setting(0, integer)

    file: str | None = None
    """The ansible.cfg that was read."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    def origin(self, name: str) -> Origin:
        """Return where the value of a setting comes from."""
        return self.origins.get(name, DEFAULT)


def _complete(setting: Field[object]) -> Names:
    names: Names = setting.metadata["names"]
    ini = names.ini or (f"defaults.{setting.name}",)
    return Names(names.read, ini, names.env or (f"ANSIBLE_{setting.name.upper()}",))


SETTINGS: Mapping[str, Names] = {
    setting.name: _complete(setting) for setting in fields(Config) if "names" in setting.metadata
}
"""Every setting under the name of its field."""
