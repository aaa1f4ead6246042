"""`password_hash` gives what the system's own programs would write into the shadow file."""

from __future__ import annotations

import pytest

from understudy.values.filters.passwords import password_hash


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
        (("x", "nope"), "nope is not in the list of supported algorithms"),
        (("x", "sha512", "a$b"), "invalid characters in sha512 salt"),
        ((5,), "secret must be unicode or bytes, not int"),
    ],
)
def test_what_cannot_be_hashed_is_told(arguments: tuple[object, ...], message: str) -> None:
    """An unknown algorithm, a salt with other characters, a password that is no text."""
    with pytest.raises((ValueError, TypeError), match=message.replace("$", "[$]")):
        password_hash(*arguments)  # type: ignore[arg-type]
