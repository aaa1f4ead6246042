"""Passwords of a run: asked for on the terminal, or read from a file or a program."""

from __future__ import annotations

import argparse
import getpass
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from understudy.config import Config
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid


@dataclass(frozen=True, slots=True)
class Passwords:
    """What was given for logging in and for becoming another user."""

    login: str | None = field(default=None, repr=False)
    become: str | None = field(default=None, repr=False)


def passwords(options: argparse.Namespace, config: Config) -> Passwords:
    """Return the passwords that options and configuration ask for; raise PlaybookInvalid.

    An empty answer to the second question means the first password, as in Ansible.
    """
    login_file = options.connection_password_file or config.connection_password_file
    become_file = options.become_password_file or config.become_password_file
    login = become = None
    if options.ask_pass or (config.ask_pass and not login_file):
        login = getpass.getpass("SSH password: ")
    elif login_file:
        login = read(login_file)
    if options.ask_become_pass or (config.become_ask_pass and not become_file):
        hint = "[defaults to SSH password]" if login is not None else ""
        method = (options.become_method or config.become_method).upper()
        become = getpass.getpass(f"{_name(method)} password{hint}: ") or login
    elif become_file:
        become = read(become_file)
    return Passwords(login or None, become or None)


def _name(method: str) -> str:
    return "BECOME" if method == "SUDO" else method


def read(name: str) -> str:
    """Return the password that a file holds or a program prints; raise PlaybookInvalid."""
    path = Path(name).expanduser()
    try:
        if path.is_file() and os.access(path, os.X_OK):
            return _printed_by(path)
        return path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise _unreadable(name, why) from None


def _printed_by(program: Path) -> str:
    done = subprocess.run([program.resolve()], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise _unreadable(str(program), f"the program ended with status {done.returncode}")
    return done.stdout.decode("utf-8").rstrip("\r\n")


def _unreadable(name: str, why: str) -> PlaybookInvalid:
    message = f"no password can be read from `{name}`: {why}"
    return PlaybookInvalid([Diagnostic(code="unreadable-file", message=message)])
