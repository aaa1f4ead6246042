"""Vault: texts encrypted with a password, in the format of Ansible, and the keys that open them.

A vault is one line `$ANSIBLE_VAULT;1.1;AES256` (1.2 with the id of its password) and, as
hexadecimal digits, the salt, an HMAC-SHA256 and the AES-256-CTR ciphertext. Keys come from the
password by PBKDF2 with 10,000 rounds of SHA-256; each password and salt is derived once.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from binascii import Error as NotHex
from binascii import hexlify, unhexlify
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from understudy.text.diagnostic import Diagnostic, PlaybookInvalid
from understudy.text.file import read_source
from understudy.text.source import Source, Span
from understudy.values.texts import Decrypted, Template, Value, VaultText

VAULT_LOCKED = "vault-locked"
"""The code of what no password opens."""
HEADER = "$ANSIBLE_VAULT;"
DEFAULT_ID = "default"
_CIPHER = "AES256"
_ROUNDS, _KEY, _IV, _SALT, _LINE = 10_000, 32, 16, 32, 80


class VaultError(ValueError):
    """A vault cannot be opened; `str()` says why, in Ansible's words."""


@dataclass(frozen=True, slots=True)
class Key:
    """A password with the id that it goes by."""

    id: str
    password: bytes = field(repr=False)


class _Envelope(NamedTuple):
    id: str
    salt: bytes
    mac: bytes
    ciphertext: bytes


@dataclass(slots=True)
class Keyring:
    """The keys that a process has been given, and what they have opened."""

    keys: list[Key] = field(default_factory=list)
    match_ids: bool = False
    """Whether only a key with the vault's own id may open it."""
    opened: set[str] = field(default_factory=set)
    """Texts that were encrypted, to be masked wherever they would be shown."""
    files: set[str] = field(default_factory=set)
    """The names of the files that were encrypted."""
    _values: dict[str, Decrypted] = field(default_factory=dict)

    def decrypt(self, vault: str) -> tuple[bytes, Key]:
        """Return what a vault holds and the key that opened it; raise VaultError."""
        if not self.keys:
            raise VaultError("Attempting to decrypt but no vault secrets found.")
        envelope = _parsed(vault)
        for key in self._candidates(envelope.id):
            plain = _opened(envelope, key.password)
            if plain is not None:
                return plain, key
        raise VaultError("Decryption failed (no vault secrets were found that could decrypt).")

    def value(self, vault: VaultText) -> Decrypted:
        """Return the text that was encrypted; raise VaultError."""
        found = self._values.get(vault.ciphertext)
        if found is None:
            plain = self.decrypt(vault.ciphertext)[0].decode("utf-8", "surrogateescape")
            self.opened.add(plain)
            found = self._values[vault.ciphertext] = Decrypted(plain)
            found.ciphertext = vault.ciphertext
        return found

    def hide(self, value: Value) -> None:
        """Count every text of an encrypted file as one that must not be shown."""
        if isinstance(value, str):
            self.opened.add(str(value))
        elif isinstance(value, Template):
            self.opened.add(value.text)
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                self.hide(item)

    def _candidates(self, wanted: str) -> Iterator[Key]:
        """Yield the keys to try: those with the vault's id first."""
        yield from (key for key in self.keys if key.id == wanted)
        if not self.match_ids:
            yield from (key for key in self.keys if key.id != wanted)


KEYRING = Keyring()
"""The keys of this process: it has one ring, as it has one environment."""


def is_vault(text: str) -> bool:
    """Tell whether a text is a vault."""
    return text.startswith(HEADER)


def read_author_source(path: Path, *, named_at: Span | None = None) -> Source:
    """Return a file of the author, decrypted if need be; raise PlaybookInvalid."""
    source = read_source(path, named_at=named_at)
    if not is_vault(source.text):
        return source
    try:
        plain, _ = KEYRING.decrypt(source.text)
        KEYRING.files.add(source.name)
        return Source(source.name, plain.decode("utf-8"), secret=True)
    except (VaultError, UnicodeDecodeError) as error:
        why = "it does not hold UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise PlaybookInvalid([_locked(path, why, named_at)]) from None


def discreet(invalid: PlaybookInvalid) -> PlaybookInvalid:
    """Return findings without what they quote of texts that were encrypted."""
    return PlaybookInvalid([_without_words(found) for found in invalid.diagnostics])


def _without_words(found: Diagnostic) -> Diagnostic:
    if found.span is None or not found.span.source.secret:
        return found
    message = f"something is wrong here in this encrypted file ({found.code})"
    return Diagnostic(code=found.code, message=message, span=found.span)


def decrypted(data: bytes) -> bytes:
    """Return the content of a file, opened if it is a vault; raise VaultError."""
    if not data.startswith(HEADER.encode()):
        return data
    return KEYRING.decrypt(data.decode("ascii", "replace"))[0]


def encrypt(plain: bytes, key: Key, salt: bytes | None = None) -> str:
    """Return a vault; the id of its key is in it unless that is the default one."""
    salt = salt or os.urandom(_SALT)
    keys = _derived(key.password, salt)
    ciphertext = _aes(keys, _padded(plain))
    mac = hmac.new(keys[_KEY : 2 * _KEY], ciphertext, hashlib.sha256).digest()
    body = hexlify(b"\n".join(map(hexlify, (salt, mac, ciphertext)))).decode()
    named = key.id != DEFAULT_ID
    first = f"{HEADER}{'1.2' if named else '1.1'};{_CIPHER}{f';{key.id}' if named else ''}"
    lines = [body[start : start + _LINE] for start in range(0, len(body), _LINE)]
    return "\n".join([first, *lines, ""])


def _parsed(vault: str) -> _Envelope:
    first, _, body = vault.strip().partition("\n")
    parts = first.strip().split(";")
    if not is_vault(first) or len(parts) < 3:  # noqa: PLR2004 (name, version, cipher)
        raise VaultError("input is not vault encrypted data.")
    if parts[2] != _CIPHER:
        raise VaultError(f"{parts[2]} is not a supported vault cipher")
    try:
        salt, mac, ciphertext = map(unhexlify, unhexlify("".join(body.split())).split(b"\n", 2))
    except (NotHex, ValueError) as error:
        raise VaultError(f"Vault format unhexlify error: {error}") from None
    return _Envelope(parts[3] if parts[3:] else DEFAULT_ID, salt, mac, ciphertext)


def _opened(envelope: _Envelope, password: bytes) -> bytes | None:
    keys = _derived(password, envelope.salt)
    mac = hmac.new(keys[_KEY : 2 * _KEY], envelope.ciphertext, hashlib.sha256).digest()
    if not hmac.compare_digest(mac, envelope.mac):
        return None
    padded = _aes(keys, envelope.ciphertext)
    return padded[: -padded[-1]]


@lru_cache(maxsize=256)
def _derived(password: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 2 * _KEY + _IV)


def _padded(plain: bytes) -> bytes:
    missing = _IV - len(plain) % _IV
    return plain + bytes([missing]) * missing


def _aes(keys: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt: in counter mode that is the same."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # costs 60 ms

    cipher = Cipher(algorithms.AES(keys[:_KEY]), modes.CTR(keys[2 * _KEY :]))
    worker = cipher.encryptor()
    return worker.update(data) + worker.finalize()


def _locked(path: Path, why: str, named_at: Span | None) -> Diagnostic:
    return Diagnostic(
        code=VAULT_LOCKED,
        message=f"`{path}` is encrypted and cannot be opened: {why.rstrip('.')}",
        span=named_at,
        help="give its password with `--vault-password-file`, `--vault-id` or `-J`",
    )


def with_id(keys: Iterable[Key], wanted: str) -> Key | None:
    """Return the first key of an id."""
    return next((key for key in keys if key.id == wanted), None)
