"""Passwords hashed as the system's own programs do it, and texts encrypted with one."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from understudy.values.texts import Value
from understudy.values.vault import Key, Keyring, encrypt, is_vault

FILTER_ID = "filter_default"
"""The id that Ansible's filters give a vault if none is said."""

SALT_CHARACTERS = "./" + string.digits + string.ascii_letters


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to hash: how its text begins, and what it takes for a salt."""

    ident: str
    salt_size: int
    rounds: int | None = None
    implicit_rounds: int | None = None
    """The number that is not written down."""


SCHEMES: Mapping[str, Scheme] = {
    "md5": Scheme("1", 8),
    "blowfish": Scheme("2b", 22, 12),
    "sha256": Scheme("5", 16, 535_000, 5_000),
    "sha512": Scheme("6", 16, 656_000, 5_000),
}
"""The rounds are those that Ansible takes if none are said."""


def password_hash(
    password: Value,
    hashtype: str = "sha512",
    salt: Value = None,
    salt_size: int | None = None,
    rounds: int | None = None,
    ident: str | None = None,
) -> str:
    """Return a password's hash for a shadow file; without `salt` it differs every time."""
    if not isinstance(password, str):
        raise TypeError(f"secret must be unicode or bytes, not {type(password).__name__}")
    scheme = SCHEMES.get("blowfish" if hashtype == "bcrypt" else hashtype)
    if scheme is None:
        known = ", ".join(SCHEMES)
        raise ValueError(f"{hashtype} is not in the list of supported passlib algorithms: {known}")
    if salt_size is not None and not isinstance(salt_size, int):
        raise TypeError("salt_size must be an integer")
    text = random_text(salt_size or scheme.salt_size) if salt is None else str(salt)
    if re.search(r"[^./0-9A-Za-z]", text):
        raise ValueError(f"Could not hash the secret: invalid characters in {hashtype} salt")
    return _crypt(password, _setting(scheme, text, rounds or scheme.rounds, ident))


def scheme_of(name: str) -> str | None:
    """Return the name here of a way to hash, which `vars_prompt` calls `sha512_crypt`."""
    short = name.removesuffix("_crypt")
    short = "blowfish" if short == "bcrypt" else short
    return short if short in SCHEMES else None


def random_text(length: int, characters: str = SALT_CHARACTERS) -> str:
    """Return characters chosen at random, as a salt or a password needs them."""
    return "".join(secrets.choice(characters) for _ in range(length))


def _setting(scheme: Scheme, salt: str, rounds: int | None, ident: str | None) -> str:
    start = f"${ident or scheme.ident}$"
    if scheme.implicit_rounds is None:
        return f"{start}{salt}" if rounds is None else f"{start}{rounds:02}${salt}"
    return (
        f"{start}{salt}" if rounds == scheme.implicit_rounds else f"{start}rounds={rounds}${salt}"
    )


def _crypt(password: str, setting: str) -> str:
    hashed = _library()(password.encode(), setting.encode())
    if not hashed or hashed.startswith(b"*"):
        raise ValueError(f"Could not hash the secret: the system cannot hash as `{setting[:4]}`")
    return hashed.decode()


@cache
def _library() -> Callable[[bytes, bytes], bytes | None]:
    """Return the C library's `crypt`; raise LookupError where there is none."""
    import ctypes  # costs milliseconds
    from ctypes.util import find_library

    try:
        function = ctypes.CDLL(find_library("crypt") or "libcrypt.so.1").crypt
    except (OSError, AttributeError):
        raise LookupError("this system has no libcrypt, which hashes passwords") from None
    function.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    function.restype = ctypes.c_char_p
    found: Callable[[bytes, bytes], bytes | None] = function
    return found


def vault(
    data: Value, secret: Value, salt: Value = None, vault_id: str = FILTER_ID, **_options: Value
) -> str:
    """Return a text encrypted with a password, as a vault."""
    salted = None if salt is None else str(salt).encode()
    return encrypt(_bytes(data, "data"), Key(vault_id, _bytes(secret, "secret")), salted)


def unvault(data: Value, secret: Value, vault_id: str = FILTER_ID, **_options: Value) -> str:
    """Return what a vault holds; any other text is returned as it is."""
    if not isinstance(data, str) or not is_vault(data):
        return str(data)
    ring = Keyring([Key(vault_id, _bytes(secret, "secret"))])
    return ring.decrypt(data)[0].decode()


def _bytes(value: Value, name: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{name} passed is required to be a string, not {type(value)}")
    return value.encode()


FILTERS: Mapping[str, Callable[..., Value]] = {
    "password_hash": password_hash,
    "unvault": unvault,
    "vault": vault,
}
