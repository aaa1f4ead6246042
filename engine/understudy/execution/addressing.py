"""From variables, keywords and options to the way a host is reached, also for a delegated task."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from understudy.connections.address import Address, BecomeAs, SshAddress
from understudy.connections.base import BecomeFailed, Unreachable
from understudy.execution.keywords import Keywords, to_bool, to_float, to_int
from understudy.execution.settings import Settings
from understudy.execution.world import RunWorld
from understudy.playbook.model import Inherited, Task
from understudy.values.errors import TemplateFailed
from understudy.values.lazy import OMIT
from understudy.values.missing import NOTHING
from understudy.values.scope import Plain, Scope
from understudy.values.template import render
from understudy.values.texts import Template, Value

T = TypeVar("T")
D = TypeVar("D")
KNOWN_CONNECTIONS = frozenset({"local", "ssh"})
BECOME_METHODS = frozenset({"sudo", "su", "doas"})


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where a task runs. `delegated_to` is None on its own host."""

    host: str
    address: Address
    scope: Scope
    delegated_to: str | None = None

    @property
    def delegate_shown(self) -> str | None:
        """The delegate as Ansible shows it: with its address, where that is not its name."""
        name = self.delegated_to
        if name is None or "ansible_host" not in self.scope:
            return name
        address = self.scope.get("ansible_host")
        return name if address in (name, None, "") else f"{name}({address})"


def addressed(
    task: Task, host: str, scope: Scope, world: RunWorld, settings: Settings, *, io_allowed: bool
) -> Addressed:
    """Return where a task runs for a host; raise TemplateFailed, KeywordInvalid, BecomeFailed."""
    named = named_delegate(task, scope, io_allowed=io_allowed)
    if named is None:
        address = address_of(host, scope, task.inherited, settings, io_allowed=io_allowed)
        return Addressed(host, address, scope)
    reach = _scope_of_delegate(named, host, task, world)
    # keywords see the task's own variables; connection variables are the delegate's
    keywords = _Reader(reach, Keywords(scope, io_allowed))
    return Addressed(host, _address(named, task.inherited, settings, keywords), reach, named)


def named_delegate(task: Task, scope: Scope, *, io_allowed: bool) -> str | None:
    """Return the host that `delegate_to` names, or None if it is omitted; raise TemplateFailed.

    In Ansible one that cannot be had fails the task before its `when` is asked.
    """
    raw = task.inherited.delegate_to
    if raw is None or raw == "":
        return None
    value = render(raw, scope, io_allowed=io_allowed)
    if value is OMIT:
        return None
    if value is None or value == "":
        text = raw.text if isinstance(raw, Template) else str(raw)
        message = f'Empty hostname produced from delegate_to: "{text}"'
        raise TemplateFailed(message, text=text, span=getattr(raw, "span", None))
    return str(value)


def _scope_of_delegate(target: str, host: str, task: Task, world: RunWorld) -> Scope:
    """Return what holds on the delegate: its own variables below those of the task and its play.

    `inventory_hostname` stays the task's host.
    """
    scope = world.task_scope(world.state(target), (), task)
    return scope.with_layer(Plain(inventory_hostname=host))


def address_of(
    name: str, scope: Scope, own: Inherited, settings: Settings, *, io_allowed: bool = True
) -> Address:
    """Return how a host is reached by its variables, then keywords, then options."""
    return _address(name, own, settings, _Reader(scope, Keywords(scope, io_allowed)))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads connection variables in one scope, and keywords in another where a task is delegated.

    Of several variables for one thing the last that is set wins, as in Ansible.
    """

    scope: Scope
    keywords: Keywords

    def variable(self, *names: str) -> Value:
        """Return the value of the last of these variables that is set, or None."""
        for name in reversed(names):
            if self.scope.raw(name) is not NOTHING:
                return self.scope.get(name)
        return None

    def converted(self, convert: Callable[[Value], T], default: D, *names: str) -> T | D:
        """Return a variable brought to a type; raise KeywordInvalid."""
        return self.keywords.read(names[-1], self.variable(*names), convert, default)

    def text(self, *names: str) -> str | None:
        """Return a variable as text; one that is empty is not set."""
        value = self.variable(*names)
        return None if value is None or value == "" else str(value)

    def keyword(self, name: str, raw: Value) -> str | None:
        """Return a keyword's text, or None."""
        return self.keywords.read(name, raw, str, None)


def _address(name: str, own: Inherited, settings: Settings, read: _Reader) -> Address:
    kind = _short(
        read.text("ansible_connection")
        or read.keyword("connection", own.connection)
        or settings.connection
    )
    ssh = _ssh(name, own, settings, read) if kind == "ssh" else None
    become = _become(own, settings, read)
    same = become is not None and become.user == (ssh.user if ssh else _own_name())
    if same and not settings.become.same_user:
        become = None  # a rule of Ansible: who logs in as root needs no sudo to be root
    return Address(
        host=name,
        connection=kind,
        python=read.text("ansible_python_interpreter") or settings.interpreter,
        ssh=ssh,
        become=become,
        remote_tmp=read.text("ansible_remote_tmp") or settings.remote_tmp,
    )


def _own_name() -> str | None:
    """Return the name of who runs this."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return None


def _short(connection: str) -> str:
    name = connection.removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    return "ssh" if name == "smart" else name


def _ssh(name: str, own: Inherited, settings: Settings, read: _Reader) -> SshAddress:
    login = settings.login
    port = read.converted(to_int, None, "ansible_port", "ansible_ssh_port")
    if port is None:
        port = read.keywords.read("port", own.port, to_int, login.port)
    user = read.text("ansible_user", "ansible_ssh_user")
    key = read.text("ansible_private_key_file", "ansible_ssh_private_key_file") or login.key_file
    password = read.text("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
    return SshAddress(
        host=read.text("ansible_host", "ansible_ssh_host") or name,
        port=port,
        user=user or read.keyword("remote_user", own.remote_user) or login.user,
        password=password or login.password,
        key_file=None if key is None else str(Path(key).expanduser()),
        arguments=_arguments(settings, read),
        timeout_s=read.converted(
            to_float, login.timeout_s, "ansible_timeout", "ansible_ssh_timeout"
        ),
        retries=read.converted(to_int, login.retries, "ansible_ssh_retries"),
        check_host_key=read.converted(
            to_bool,
            login.check_host_key,
            "ansible_host_key_checking",
            "ansible_ssh_host_key_checking",
        ),
    )


def _arguments(settings: Settings, read: _Reader) -> tuple[str, ...]:
    """Return the words of OpenSSH's command line: variables win over options of the same name."""
    login = settings.login
    texts = (
        read.text("ansible_ssh_args") or login.args,
        read.text("ansible_ssh_common_args") or login.common_args,
        read.text("ansible_ssh_extra_args") or login.extra_args,
    )
    return tuple(word for text in texts if text for word in shlex.split(text))


def _become(own: Inherited, settings: Settings, read: _Reader) -> BecomeAs | None:
    default = settings.become
    wanted = read.converted(to_bool, None, "ansible_become")
    if wanted is None:
        wanted = read.keywords.read("become", own.become.become, to_bool, default.always)
    if not wanted:
        return None
    method = (
        read.text("ansible_become_method")
        or read.keyword("become_method", own.become.method)
        or default.method
    )
    method = method.removeprefix("ansible.builtin.").removeprefix("community.general.")
    if method not in BECOME_METHODS:
        listed = ", ".join(f"`{one}`" for one in sorted(BECOME_METHODS))
        raise BecomeFailed(f"there is no become method `{method}`; there is {listed}")

    def option(name: str, keyword: Value, fallback: str | None) -> str | None:
        """Return a part of how to become: by `ansible_<method>_<name>` first."""
        given = read.text(f"ansible_become_{name}", f"ansible_{method}_{name}")
        return given or read.keyword(f"become_{name}", keyword) or fallback

    password = read.text("ansible_become_password", "ansible_become_pass", f"ansible_{method}_pass")
    return BecomeAs(
        user=option("user", own.become.user, default.user) or "root",
        method=method,
        exe=option("exe", own.become.exe, default.exe),
        flags=option("flags", own.become.flags, default.flags),
        password=password or default.password,
        chdir=read.text("ansible_sudo_chdir") if method == "sudo" else None,
    )


def check_known(address: Address) -> None:
    """Raise Unreachable for a connection that understudy does not have."""
    if address.connection not in KNOWN_CONNECTIONS:
        listed = ", ".join(f"`{one}`" for one in sorted(KNOWN_CONNECTIONS))
        why = f"the connection `{address.connection}` is not supported yet; there is {listed}"
        raise Unreachable(address.host, why)
