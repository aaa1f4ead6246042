"""`password_hash` gives what the system's own programs would write into the shadow file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from understudy.values.filters.passwords import password_hash
from understudy.values.lookups.base import Request
from understudy.values.lookups.passwords import LOOKUPS
from understudy.values.scope import Rendering, Scope


@pytest.mark.parametrize(
    ("hashtype", "options", "hashed"),
    [
        ("md5", {}, "$1$saltsalt$4px9i58NU2Z2/vZOUlGjq."),
        (
            "sha512",
            {"rounds": 5000},
            (
                "$6$saltsalt$8RWsOfwR6M6PpnoeQiEiWzNTPo1f0HjVYjDnLZhGx16aBFRkeqiHAzfXP/LgrOWMBMXqiU2pL"
                "rXsSOHNUyUm91"
            ),
        ),
        (
            "sha512",
            {"rounds": 6000},
            (
                "$6$rounds=6000$saltsalt$jAZ7WSaNIjvwJQffAtXNdK8OIoranV4k99.K2x6cz1D9sJMFFOXLTWNirPfWP"
                "aqoyVZ7tiAX4qzj.NMvZZ1Qz1"
            ),
        ),
    ],
)
def test_a_hash_is_the_one_of_ansible(hashtype: str, options: dict[str, int], hashed: str) -> None:
    """The values were recorded from ansible-core with passlib. 5,000 rounds are not written."""
    assert password_hash("x", hashtype, "saltsalt", **options) == hashed


def test_without_a_salt_every_hash_differs() -> None:
    """The salt has as many characters as the algorithm takes."""
    first, second = (password_hash("x", "md5") for _ in range(2))
    assert first != second
    assert len(first.split("$")[2]) == 8


def test_blowfish_names_its_cost() -> None:
    """Its rounds are a power of two, and its letters may be chosen."""
    salt = "1234567890123456789012"
    assert password_hash("x", "blowfish", salt, rounds=4).startswith("$2b$04$")
    assert password_hash("x", "bcrypt", salt, rounds=4, ident="2a").startswith("$2a$04$")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x", "nope"), "nope is not in the list of supported passlib algorithms"),
        (("x", "sha512", "a$b"), "invalid characters in sha512 salt"),
        ((5,), "secret must be unicode or bytes, not int"),
    ],
)
def test_what_cannot_be_hashed_is_told(arguments: tuple[object, ...], message: str) -> None:
    """An unknown algorithm, a salt with other characters, a password that is no text."""
    with pytest.raises((ValueError, TypeError), match=message.replace("$", "[$]")):
        password_hash(*arguments)  # type: ignore[arg-type]


def _password(tmp_path: Path, term: str, **options: Any) -> Any:
    scope = Scope(({"playbook_dir": str(tmp_path)},))
    request = Request([term], Rendering(scope), options)
    (made,) = LOOKUPS["password"].run(request)
    return made


def test_a_password_is_made_once_and_kept(tmp_path: Path) -> None:
    """Nobody else may read its file or enter its directory; the second time it is the same."""
    first = _password(tmp_path, "safe/mine length=8")
    assert first == _password(tmp_path, "safe/mine length=99")
    assert (tmp_path / "safe" / "mine").read_text() == f"{first}\n"
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "safe", tmp_path / "safe/mine")]
    assert (len(first), modes) == (8, [0o700, 0o600])


def test_a_hashed_password_keeps_its_salt(tmp_path: Path) -> None:
    """The file holds the password itself, so that it can be asked for later."""
    hashed = _password(tmp_path, "mine encrypt=md5_crypt")
    plain = _password(tmp_path, "mine")
    assert hashed == _password(tmp_path, "mine", encrypt="md5_crypt")
    assert (tmp_path / "mine").read_text().startswith(f"{plain} salt=")


def test_nothing_is_kept_in_the_null_device(tmp_path: Path) -> None:
    """Each is new, unless a seed asks for the same one; the seeded one is Ansible's."""
    assert _password(tmp_path, "/dev/null") != _password(tmp_path, "/dev/null")
    assert _password(tmp_path, "/dev/null seed=foo") == _password(tmp_path, "/dev/null", seed="foo")
    assert _password(tmp_path, "/dev/null seed=foo") == "6JUEsF6-,RiuGZDEWF4r"


def test_its_characters_may_be_chosen(tmp_path: Path) -> None:
    """By the names of Python's `string`, or as they are; two commas are a comma."""
    assert set(_password(tmp_path, "/dev/null chars=digits")) <= set("0123456789")
    assert set(_password(tmp_path, "/dev/null", chars=["a", ","])) <= {"a", ","}
    with pytest.raises(ValueError, match="Unrecognized parameter"):
        _password(tmp_path, "/dev/null size=3")
