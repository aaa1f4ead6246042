"""`understudy vault`: files and texts are encrypted, shown, edited and decrypted as by Ansible."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from understudy.cli.exits import Exit
from understudy.cli.vault_keys import add_options, fill_keyring, read_key, split_id
from understudy.config import Config, load_config
from understudy.report.diagnostics import print_diagnostics
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.vault import (
    DEFAULT_ID,
    HEADER,
    KEYRING,
    Key,
    VaultError,
    encrypt,
    is_vault,
    with_id,
)

_INDENT = " " * 10


def vault(arguments: Sequence[str]) -> int:
    """Carry out the command that the arguments name; return the exit code."""
    options = parser().parse_args(arguments)
    config = load_config()
    try:
        fill_keyring(options, config)
        COMMANDS[options.command](options, config)
    except PlaybookInvalid as invalid:
        print_diagnostics(invalid.diagnostics, sys.stderr)
        return Exit.ERROR
    except VaultError as error:
        print(f"[ERROR]: {error}", file=sys.stderr)
        return Exit.BAD_OPTION if isinstance(error, _Unclear) else Exit.ERROR
    except OSError as error:
        print(f"error: `{error.filename}`: {error.strerror}", file=sys.stderr)
        return Exit.ERROR
    return Exit.OK


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy vault`."""
    made = argparse.ArgumentParser(
        prog="understudy vault", description="Encrypt and decrypt, as ansible-vault does."
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (words, files) in _HELP.items():
        aliases = ["encrypt-string"] if name == "encrypt_string" else []
        one = commands.add_parser(name, aliases=aliases, help=words, description=words)
        one.set_defaults(command=name)
        add_options(one)
        one.add_argument("-v", "--verbose", action="count", default=0, help="show more")
        one.add_argument("files", nargs=files, metavar="FILE" if files != "?" else "TEXT")
        _add_own(one, name)
    return made


_HELP: Mapping[str, tuple[str, str]] = {
    "create": ("write a new encrypted file with an editor", "+"),
    "decrypt": ("decrypt files, or what comes on standard input", "*"),
    "edit": ("change encrypted files with an editor", "+"),
    "encrypt": ("encrypt files, or what comes on standard input", "*"),
    "encrypt_string": ("encrypt texts for variables", "*"),
    "rekey": ("encrypt files with another password", "+"),
    "view": ("show what encrypted files hold", "+"),
}


def _add_own(one: argparse.ArgumentParser, name: str) -> None:
    add = one.add_argument
    if name in {"create", "edit", "encrypt", "encrypt_string", "rekey"}:
        add("--encrypt-vault-id", metavar="ID", help="which of the passwords to encrypt with")
    if name in {"decrypt", "encrypt", "encrypt_string"}:
        add("--output", dest="output", metavar="FILE", help="where to, `-` is standard output")
    if name == "create":
        add("--skip-tty-check", action="store_true", help="accepted; the editor decides")
    if name == "rekey":
        new = one.add_mutually_exclusive_group().add_argument
        new("--new-vault-id", metavar="ID@SOURCE", help="the new password by its id")
        new("--new-vault-password-file", metavar="FILE", help="file with the new password")
    if name == "encrypt_string":
        add("-n", "--name", action="append", default=[], help="name of the variable")
        add("-p", "--prompt", action="store_true", help="ask for the text")
        add("--show-input", action="store_true", help="show the text while it is typed")
        add("--stdin-name", metavar="NAME", help="name of the variable read from standard input")


class _Unclear(VaultError):  # noqa: N818 (names what is so)
    """Several passwords could encrypt, and none is named."""


def _key(options: argparse.Namespace, config: Config) -> Key:
    """Return the key to encrypt with; a password is asked for if none is named."""
    wanted = options.encrypt_vault_id or config.vault_encrypt_identity
    if not KEYRING.keys:
        KEYRING.keys.append(read_key(wanted or DEFAULT_ID, "prompt", confirm=True))
    if wanted is None:
        ids = [key.id for key in KEYRING.keys]
        if len(ids) > 1:
            raise _Unclear(
                f"The vault-ids {','.join(ids)} are available to encrypt."
                " Specify the vault-id to encrypt with --encrypt-vault-id"
            )
        return KEYRING.keys[0]
    found = with_id(KEYRING.keys, wanted)
    if found is None:
        known = [key.id for key in KEYRING.keys]
        raise VaultError(
            f"Did not find a match for --encrypt-vault-id={wanted} in the known vault-ids {known}"
        )
    return found


def _sealed(plain: bytes, key: Key, config: Config) -> str:
    """Return a vault; with `vault_encrypt_salt` the same text gives the same one."""
    salt = config.vault_encrypt_salt
    return encrypt(plain, key, salt.encode() if salt else None)


def _encrypt(options: argparse.Namespace, config: Config) -> None:
    key = _key(options, config)
    for name in _inputs(options):
        plain = _read(name)
        if plain.startswith(HEADER.encode()):
            raise VaultError("input is already encrypted")
        _write(options.output or name, _sealed(plain, key, config).encode())
    _tell("Encryption successful")


def _decrypt(options: argparse.Namespace, _config: Config) -> None:
    for name in _inputs(options):
        plain, _ = _opened(name)
        _write(options.output or name, plain)
    _tell("Decryption successful")


def _view(options: argparse.Namespace, _config: Config) -> None:
    for name in options.files:
        sys.stdout.write(_opened(name)[0].decode("utf-8", "replace"))
    sys.stdout.flush()


def _rekey(options: argparse.Namespace, config: Config) -> None:
    if options.new_vault_password_file:
        new = read_key(DEFAULT_ID, options.new_vault_password_file)
    elif options.new_vault_id:
        new = read_key(*split_id(options.new_vault_id), confirm=True)
    elif options.encrypt_vault_id:
        new = _key(options, config)
    else:
        new = read_key(DEFAULT_ID, "prompt", confirm=True)
    for name in options.files:
        _write(name, _sealed(_opened(name)[0], new, config).encode())
    _tell("Rekey successful")


def _create(options: argparse.Namespace, config: Config) -> None:
    if len(options.files) > 1:
        raise VaultError("ansible-vault create can take only one filename argument")
    path = Path(options.files[0])
    if path.exists():
        raise VaultError(f"{path} exists, please use 'edit' instead")
    if not path.absolute().parent.is_dir():
        raise VaultError(f"there is no directory `{path.absolute().parent}`")
    key = _key(options, config)
    plain = _edited(b"", path.suffix)
    _write(str(path), _sealed(plain, key, config).encode())


def _edit(options: argparse.Namespace, config: Config) -> None:
    for name in options.files:
        plain, opened_with = _opened(name)
        key = replace(opened_with, id=_id_of(name))
        if options.encrypt_vault_id or config.vault_encrypt_identity:
            key = _key(options, config)
        changed = _edited(plain, Path(name).suffix)
        if changed != plain or key.id != _id_of(name):
            _write(str(Path(name).resolve()), _sealed(changed, key, config).encode())


def _id_of(name: str) -> str:
    parts = Path(name).read_text("utf-8").partition("\n")[0].split(";")
    return parts[3] if parts[3:] else DEFAULT_ID


def _edited(plain: bytes, suffix: str) -> bytes:
    """Return what an editor makes of a text; its file is for this user alone, and removed."""
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        path = Path(folder, f"vault{suffix}")
        path.touch(mode=0o600)
        path.write_bytes(plain)
        editor = shlex.split(os.environ.get("EDITOR") or "vi")
        done = subprocess.run([*editor, str(path)], check=False)
        if done.returncode:
            raise VaultError(f"the editor `{editor[0]}` ended with status {done.returncode}")
        return path.read_bytes()


def _encrypt_string(options: argparse.Namespace, config: Config) -> None:
    key = _key(options, config)
    texts = []
    for name, plain in _strings(options):
        if not plain:
            raise VaultError("The plaintext provided was empty, not encrypting")
        texts.append(_variable(name, _sealed(plain.encode(), key, config)))
    _write(options.output or "-", "\n".join(texts).encode() + b"\n")
    _tell("Encryption successful")


def _strings(options: argparse.Namespace) -> list[tuple[str | None, str]]:
    """Return the texts to encrypt with the names of their variables."""
    found: list[tuple[str | None, str]] = []
    if "-" in options.files or (not options.files and not options.prompt):
        _tell("Reading plaintext input from stdin. (ctrl-d to end input,"
              " twice if your content does not already have a newline)")  # fmt: skip
        found.append((options.stdin_name, sys.stdin.read()))
    if options.prompt:
        found.append((_asked_name(options), _asked_text(options)))
    given = [text for text in options.files if text != "-"]
    names = [*options.name, *[None] * len(given)]
    return [*found, *zip(names, given, strict=False)]


def _asked_name(options: argparse.Namespace) -> str | None:
    return (
        options.name[0] if options.name else (input("Variable name (enter for no name): ") or None)
    )


def _asked_text(options: argparse.Namespace) -> str:
    import getpass

    ask: Callable[[str], str] = input if options.show_input else getpass.getpass
    first = ask("String to encrypt: " if options.show_input else "String to encrypt (hidden): ")
    if not options.show_input and first != ask("Confirm String to encrypt (hidden): "):
        raise VaultError("Passwords do not match")
    return first


def _variable(name: str | None, text: str) -> str:
    head = f"{name}: " if name else ""
    return f"{head}!vault |\n" + "\n".join(f"{_INDENT}{line}" for line in text.splitlines())


def _inputs(options: argparse.Namespace) -> list[str]:
    """Return the files to work on; `-` is standard input, which no file means, too."""
    if options.files:
        if options.output and options.output != "-" and len(options.files) > 1:
            raise VaultError("At most one input file may be used with the --output option")
        return list(options.files)
    if sys.stdin.isatty():
        _tell("Reading input from stdin")
    return ["-"]


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _opened(name: str) -> tuple[bytes, Key]:
    """Return what an encrypted file holds, and the key that opened it; raise VaultError."""
    text = _read(name).decode("utf-8", "replace")
    if not is_vault(text):
        raise VaultError(f"input is not vault encrypted data. {name} is not a vault encrypted file")
    try:
        return KEYRING.decrypt(text)
    except VaultError as error:
        raise VaultError(f"{error} for {name}") from None


def _write(name: str, data: bytes) -> None:
    """Put a file in the place of the old one, with its permissions and owner, at once."""
    if name == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    path = Path(name).resolve()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".understudy-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if path.exists():
            shutil.copystat(path, temporary)
            known = path.stat()
            os.chown(temporary, known.st_uid, known.st_gid)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _tell(text: str) -> None:
    if sys.stdout.isatty() or sys.stderr.isatty():
        print(text, file=sys.stderr)


COMMANDS: Mapping[str, Callable[[argparse.Namespace, Config], None]] = {
    "create": _create,
    "decrypt": _decrypt,
    "edit": _edit,
    "encrypt": _encrypt,
    "encrypt_string": _encrypt_string,
    "rekey": _rekey,
    "view": _view,
}
