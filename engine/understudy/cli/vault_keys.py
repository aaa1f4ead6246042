"""The keys of vaults that options and configuration name: asked for, or read from files."""

from __future__ import annotations

import argparse
import getpass
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from understudy.config import Config
from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.values.vault import DEFAULT_ID, KEYRING, Key, VaultError, decrypted

_PROMPTS = ("prompt", "prompt_ask_vault_pass")


class NoPassword(PlaybookInvalid):
    """A password could not be had."""


def add_options(group: argparse._ActionsContainer) -> None:
    """Add the options that name keys."""
    add = group.add_argument
    add("-J", "--ask-vault-password", "--ask-vault-pass", dest="ask_vault_pass",
        action="store_true", help="ask for the vault password")  # fmt: skip
    add("--vault-password-file", "--vault-pass-file", dest="vault_password_files",
        action="append", default=[], metavar="FILE",
        help="file or program with the vault password; may be repeated")  # fmt: skip
    add("--vault-id", dest="vault_ids", action="append", default=[], metavar="ID@SOURCE",
        help="a vault password by its id: `dev@prompt`, `prod@FILE`; may be repeated")  # fmt: skip


def fill_keyring(options: argparse.Namespace, config: Config) -> None:
    """Put every key that is named into the ring; raise PlaybookInvalid.

    A file that gives none is a warning while another one does.
    """
    KEYRING.match_ids = config.vault_id_match
    missing: list[tuple[str, NoPassword]] = []
    for id_, source in _named(options, config):
        try:
            KEYRING.keys.append(read_key(id_, source))
        except NoPassword as why:
            if source in _PROMPTS:
                raise
            missing.append((f"{_at_fault(source)} ({id_})", why))
    if missing and not KEYRING.keys:
        raise missing[-1][1]
    for what, reason in missing:
        print(f"[WARNING]: {what}: {reason}", file=sys.stderr)


def _at_fault(source: str) -> str:
    if Path(source).expanduser().exists():
        return "Error in vault password file loading"
    return "Error getting vault password file"


def _named(options: argparse.Namespace, config: Config) -> Iterator[tuple[str, str]]:
    ids: Sequence[str] = (*config.vault_identity_list, *options.vault_ids)
    yield from (split_id(text) for text in ids)
    configured = [config.vault_password_file] if config.vault_password_file else []
    files = [*options.vault_password_files, *configured]
    yield from ((DEFAULT_ID, name) for name in files)
    if options.ask_vault_pass or (config.ask_vault_pass and not files and not ids):
        yield DEFAULT_ID, "prompt_ask_vault_pass"


def split_id(text: str) -> tuple[str, str]:
    """Return the id and the source of `id@source`; a source alone has the default id."""
    id_, at, source = text.partition("@")
    return (id_ or DEFAULT_ID, source) if at else (DEFAULT_ID, text)


def read_key(id_: str, source: str, *, confirm: bool = False) -> Key:
    """Return the key that a source gives; raise PlaybookInvalid."""
    if source in _PROMPTS:
        return Key(id_, _asked(id_, source, confirm=confirm))
    path = Path(source).expanduser()
    try:
        if not path.exists():
            raise _unreadable(source, "there is no such file")
        if path.is_dir():
            raise _unreadable(source, "it is a directory")
        password = _printed_by(path, id_) if os.access(path, os.X_OK) else path.read_bytes()
        password = decrypted(password.strip(b"\r\n")).strip(b"\r\n")
    except OSError as error:
        raise _unreadable(source, error.strerror or str(error)) from None
    except VaultError as error:
        raise _unreadable(source, str(error)) from None
    if not password:
        raise _unreadable(source, "it is empty")
    return Key(id_, password)


def _asked(id_: str, source: str, *, confirm: bool) -> bytes:
    plain = source == "prompt_ask_vault_pass" or id_ == DEFAULT_ID
    name = "Vault password" if plain else f"Vault password ({id_})"
    if not confirm:
        return _entered(f"{name}: ")
    first = _entered(f"New {name}: ")
    if first != _entered(f"Confirm New {name}: "):
        raise _wrong("Passwords do not match")
    return first


def _entered(prompt: str) -> bytes:
    try:
        password = getpass.getpass(prompt)
    except EOFError:
        raise _wrong("no password was given: there is no terminal to ask on") from None
    if not password:
        raise _wrong("Invalid vault password was provided: it is empty")
    return password.encode()


def _printed_by(program: Path, id_: str) -> bytes:
    """Return what a program prints; one whose name ends with `-client` is told the id."""
    told = ["--vault-id", id_] if program.stem.endswith("-client") else []
    done = subprocess.run(
        [program.resolve(), *told], stdout=subprocess.PIPE, stderr=sys.stderr, check=False
    )
    if done.returncode == 2 and told:  # noqa: PLR2004 (the agreement with such programs)
        raise _unreadable(str(program), f"it knows no password for the id `{id_}`")
    if done.returncode:
        raise _unreadable(str(program), f"the program ended with status {done.returncode}")
    return done.stdout


def _unreadable(source: str, why: str) -> PlaybookInvalid:
    return _wrong(f"no vault password can be read from `{source}`: {why}")


def _wrong(message: str) -> PlaybookInvalid:
    return NoPassword([Diagnostic(code="vault-password", message=message)])
