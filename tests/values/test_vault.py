"""Vaults: texts and files that a password opens, in Ansible's format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from understudy.report.diagnostics import render as rendered
from understudy.text.diagnostic import PlaybookInvalid
from understudy.values.errors import TemplateFailed
from understudy.values.filters.passwords import unvault, vault
from understudy.values.load import load_vars_file
from understudy.values.scope import Scope
from understudy.values.template import render
from understudy.values.tests import TESTS
from understudy.values.texts import Decrypted, Expression, Template, VaultText
from understudy.values.vault import KEYRING, Key, Keyring, VaultError, encrypt

PASSWORD = Key("default", b"open sesame")
DEV = Key("dev", b"other")


@pytest.fixture(autouse=True)
def _ring() -> Iterator[Keyring]:
    """Give each test a ring with one key, and leave none behind."""
    KEYRING.keys[:] = [PASSWORD]
    yield KEYRING
    KEYRING.keys.clear()
    KEYRING.opened.clear()
    KEYRING.files.clear()


def test_a_vault_opens_with_its_password() -> None:
    """What was put in comes out, whatever its length; the salt makes every vault another."""
    for plain in (b"", b"x" * 15, b"x" * 16, "ünïcödé".encode()):
        text = encrypt(plain, PASSWORD)
        assert Keyring([PASSWORD]).decrypt(text) == (plain, PASSWORD)
    assert encrypt(b"x", PASSWORD) != encrypt(b"x", PASSWORD)


def test_a_vault_names_its_id_unless_it_is_the_default() -> None:
    """The first line tells the version, the cipher and the id; the others have 80 digits."""
    assert encrypt(b"x", PASSWORD).startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    lines = encrypt(b"x" * 99, DEV).splitlines()
    assert lines[0] == "$ANSIBLE_VAULT;1.2;AES256;dev"
    assert {len(line) for line in lines[1:-1]} == {80}


def test_the_key_of_the_same_id_is_tried_first() -> None:
    """Any other may open it, too, unless ids must match."""
    text = encrypt(b"x", DEV)
    renamed = Key("prod", DEV.password)
    assert Keyring([PASSWORD, DEV]).decrypt(text)[1] is DEV
    assert Keyring([renamed]).decrypt(text)[1] is renamed
    with pytest.raises(VaultError, match="no vault secrets were found that could decrypt"):
        Keyring([renamed], match_ids=True).decrypt(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plain", "input is not vault encrypted data"),
        ("$ANSIBLE_VAULT;1.1;AES\n00", "AES is not a supported vault cipher"),
        ("$ANSIBLE_VAULT;1.1;AES256\nxyz", "unhexlify error"),
        ("$ANSIBLE_VAULT;1.1;AES256\n30", "unhexlify error"),
        (encrypt(b"x", DEV), "no vault secrets were found that could decrypt"),
    ],
)
def test_what_cannot_be_opened_is_told(text: str, message: str) -> None:
    """No vault at all, a damaged one, one of another password."""
    with pytest.raises(VaultError, match=message):
        KEYRING.decrypt(text)


def test_a_damaged_vault_does_not_open() -> None:
    """A digit that was changed is found by the HMAC, not by nonsense in the text."""
    text = encrypt(b"x" * 40, PASSWORD)
    damaged = text[:-3] + ("0" if text[-3] != "0" else "1") + text[-2:]
    with pytest.raises(VaultError, match=r"could decrypt|unhexlify"):
        KEYRING.decrypt(damaged)


def test_a_value_is_opened_when_it_is_read() -> None:
    """It is a text like any other, but known as encrypted, and to be masked from then on."""
    scope = Scope(({"v": VaultText(encrypt(b"s3cret", PASSWORD))},))
    assert not KEYRING.opened
    assert render(Template("{{ v ~ '!' }}"), scope) == "s3cret!"
    assert KEYRING.opened == {"s3cret"}
    assert render(Expression("v is vault_encrypted and v | length == 6"), scope) is True


def test_what_was_encrypted_is_never_a_template() -> None:
    """As in Ansible since 2.19; also not as a condition."""
    scope = Scope(({"v": VaultText(encrypt(b"{{ 1 + 1 }}", PASSWORD))},))
    assert render(Template("{{ v }}"), scope) == "{{ 1 + 1 }}"
    assert type(KEYRING.value(VaultText(encrypt(b"x", PASSWORD)))) is Decrypted


def test_a_value_that_cannot_be_opened_fails_where_it_is_read() -> None:
    """Others of the same file may be read."""
    scope = Scope(({"v": VaultText(encrypt(b"x", DEV)), "other": 1},))
    assert render(Template("{{ other }}"), scope) == 1
    with pytest.raises(TemplateFailed, match="could decrypt"):
        render(Template("{{ v }}"), scope)


def test_a_file_of_variables_is_opened_as_a_whole(tmp_path: Path) -> None:
    """Its values are author's text, and masked; without a key the file is named."""
    path = tmp_path / "vars.yml"
    path.write_text(encrypt(b"a: hidden value\nb: ['{{ a }}']\n", PASSWORD))
    values = load_vars_file(path)
    assert values["a"] == "hidden value"
    assert isinstance(values["b"][0], Template)
    assert KEYRING.opened == {"hidden value", "{{ a }}"}
    assert TESTS["vaulted_file"](str(path))
    KEYRING.keys.clear()
    with pytest.raises(PlaybookInvalid, match="cannot be opened"):
        load_vars_file(path)


def test_the_filters_take_a_password_of_their_own() -> None:
    """What is no vault is returned as it is."""
    text = vault("x", "pw")
    assert text.startswith("$ANSIBLE_VAULT;1.2;AES256;filter_default\n")
    assert unvault(text, "pw") == "x"
    assert unvault("plain", "pw") == "plain"
    with pytest.raises(TypeError, match="secret passed is required to be a string"):
        vault("x", 5)


def test_what_is_wrong_in_an_encrypted_file_shows_nothing_of_it(tmp_path: Path) -> None:
    """The place is told, neither the line nor its words."""
    path = tmp_path / "vars.yml"
    for text in (b"password: [hush", b"hush: 1\nhush hush\n", b"%hush"):
        path.write_text(encrypt(text, PASSWORD))
        with pytest.raises(PlaybookInvalid) as caught:
            load_vars_file(path)
        (found,) = caught.value.diagnostics
        assert "hush" not in rendered(found)
        assert found.span is not None
