"""The lookup `password`: a password made once, and kept in a file for the next time."""

from __future__ import annotations

import fcntl
import os
import random
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from understudy.values.filters.passwords import SALT_CHARACTERS, SCHEMES, password_hash, random_text
from understudy.values.lookups.base import Lookup, Request
from understudy.values.texts import Value

_OPTIONS = ("chars", "encrypt", "ident", "length", "seed")
_DEFAULT_LENGTH = 20
_DEFAULT_CHARACTERS = ("ascii_letters", "digits", ".,:-_")
_NOT_KEPT = Path("/dev/null")
_KEPT = re.compile(r"(?P<password>.*?)(?: salt=(?P<salt>\S+))?(?: ident=(?P<ident>\S+))?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a password is to be like. `scheme` is how it is hashed, None for not at all."""

    length: int = _DEFAULT_LENGTH
    characters: str = ""
    scheme: str | None = None
    ident: str | None = None
    seed: Value = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file holds: a password, and what it was hashed with."""

    password: str
    salt: str | None = None
    ident: str | None = None

    @property
    def text(self) -> str:
        """The line of the file."""
        salt = f" salt={self.salt}" if self.salt else ""
        return f"{self.password}{salt}{f' ident={self.ident}' if self.ident else ''}\n"


def password(request: Request) -> list[Value]:
    """Return a password for each file that is named; it is made where the file has none."""
    return [_one(request, str(term)) for term in request.terms]


def _one(request: Request, term: str) -> str:
    name, options = _split(term, request.options)
    wanted = _wanted(options)
    path = Path(name).expanduser()
    if not path.is_absolute():
        base = request.variable("playbook_dir")
        path = Path(base if isinstance(base, str) else ".") / path
    kept = _complete(None, wanted) if path == _NOT_KEPT else _of_file(path, wanted)
    if wanted.scheme is None:
        return kept.password
    return password_hash(kept.password, wanted.scheme, kept.salt, ident=kept.ident)


def _split(term: str, given: Mapping[str, Value]) -> tuple[str, dict[str, Value]]:
    """Return the file's name, which may have spaces, and the options."""
    parts = re.split(r"\s+(?=\w+=)", term.strip())
    pairs = dict(part.split("=", 1) for part in parts[1:])
    unknown = [option for option in {**given, **pairs} if option not in _OPTIONS]
    if unknown:
        raise ValueError(
            f"Unrecognized parameter(s) given to password lookup: {', '.join(unknown)}"
        )
    return parts[0], {**given, **pairs}


def _wanted(options: Mapping[str, Value]) -> Wanted:
    scheme = str(options.get("encrypt") or "").removesuffix("_crypt") or None
    return Wanted(
        length=int(options.get("length", _DEFAULT_LENGTH)),
        characters=_characters(options.get("chars")),
        scheme=scheme,
        ident=options.get("ident"),
        seed=options.get("seed"),
    )


def _characters(chars: Value) -> str:
    """Return the characters that a list of names (as in Python's `string`) and texts stands for."""
    if not chars:
        names: Sequence[str] = _DEFAULT_CHARACTERS
    elif isinstance(chars, str):
        names = [name for name in chars.replace(",,", ",\0").split(",") if name]
        names = [name.replace("\0", ",") for name in names]
    else:
        names = [str(name) for name in chars]
    return "".join(str(getattr(string, name, name)) for name in names)


def _of_file(path: Path, wanted: Wanted) -> Kept:
    """Return what a file holds, completed and written back if something is missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(path):
        known = _read(path)
        kept = _complete(known, wanted)
        if kept != known:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(kept.text)
            path.chmod(0o600)
    return kept


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep others from making a password for the same file meanwhile."""
    with path.with_name(f"{path.name}.ansible_lockfile").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            Path(lock.name).unlink(missing_ok=True)


def _read(path: Path) -> Kept | None:
    try:
        line = path.read_text("utf-8").rstrip("\n")
    except FileNotFoundError:
        return None
    found = _KEPT.fullmatch(line)
    return Kept(line) if found is None else Kept(**found.groupdict())


def _complete(known: Kept | None, wanted: Wanted) -> Kept:
    """Return what is known with a password, and with a salt if it is to be hashed."""
    kept = known or Kept(_made(wanted))
    if wanted.scheme is None:
        return kept
    scheme = SCHEMES.get("blowfish" if wanted.scheme == "bcrypt" else wanted.scheme)
    size = scheme.salt_size if scheme else 8
    ident = wanted.ident or kept.ident or ("2b" if scheme is SCHEMES["blowfish"] else None)
    return replace(kept, salt=kept.salt or random_text(size, SALT_CHARACTERS), ident=ident)


def _made(wanted: Wanted) -> str:
    if wanted.seed is None:
        return random_text(wanted.length, wanted.characters)
    chosen = random.Random(str(wanted.seed))  # noqa: S311 (the author asks for the same each time)
    return "".join(chosen.choice(wanted.characters) for _ in range(wanted.length))


LOOKUPS: Mapping[str, Lookup] = {"password": Lookup(password, does_io=True)}
