"""The fact cache: files that Ansible reads and writes, of which nothing is ever evaluated."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.inventory.fact_cache import FactCache, NotCached
from understudy.values.texts import Decrypted
from understudy.values.vault import KEYRING

NOW = 1_800_000_000.0


def cache_in(folder: Path, *, prefix: str = "", timeout_s: int = 0) -> FactCache:
    """Return a cache at a time that stands still."""
    return FactCache(folder, prefix, timeout_s, lambda: NOW)


def write(folder: Path, facts: Any, host: str = "web1") -> Path:
    """Write a file as Ansible does."""
    path = folder / f"s1_{host}"
    path.write_text(json.dumps({"__payload__": json.dumps(facts)}), "utf-8")
    return path


def tagged(kind: str, value: Any, *tags: str) -> dict[str, Any]:
    """Return a value with tags, as Ansible writes it."""
    return {
        "value": value,
        "tags": [{"__ansible_type": tag} for tag in tags],
        "__ansible_type": f"_AnsibleTagged{kind}",
    }


def test_what_is_stored_is_loaded(tmp_path: Path) -> None:
    """Also texts with braces and dates, in a file named by prefix and host."""
    facts = {"ansible_a": "{{ 1 + 1 }}", "b": [1, None, {"c": date(2026, 1, 2)}]}
    cache = cache_in(tmp_path / "new", prefix="mine_")
    cache.store("web1.example.com", facts)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine_s1_web1.example.com"]
    assert cache.load("web1.example.com") == facts
    assert cache.load("web2") == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.datetimes(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_data_comes_back_as_plain_data(value: object) -> None:
    """Nothing that was written is more than data when it is read."""
    with tempfile.TemporaryDirectory() as folder:
        cache = cache_in(Path(folder))
        cache.store("h", {"fact": value})
        assert cache.load("h") == {"fact": value}


def test_no_tag_is_believed(tmp_path: Path) -> None:
    """A text that Ansible says may be a template is a plain one, at any depth."""
    text = tagged("Str", "{{ 1 + 1 }}", "Origin", "TrustedAsTemplate")
    write(tmp_path, {"a": text, "b": tagged("List", [text, tagged("Dict", {"c": text})])})
    found = cache_in(tmp_path).load("web1")
    assert found == {"a": "{{ 1 + 1 }}", "b": ["{{ 1 + 1 }}", {"c": "{{ 1 + 1 }}"}]}
    assert {type(found["a"]), type(found["b"][0]), type(found["b"][1]["c"])} == {str}


def test_dates_are_dates(tmp_path: Path) -> None:
    """With or without tags."""
    moment = {"iso8601": "2026-01-02T03:04:05", "fold": 0}
    moment["__ansible_type"] = "AnsibleSerializableDateTime"
    write(tmp_path, {"a": moment, "b": tagged("DateTime", moment, "Origin")})
    then = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 (naive, as Ansible's)
    assert cache_in(tmp_path).load("web1") == {"a": then, "b": then}


def test_what_would_be_more_than_data_is_not_stored(tmp_path: Path) -> None:
    """A host that knows the form of the cache cannot have Ansible trust its words."""
    evil = tagged("Str", "{{ lookup('pipe', 'id') }}", "TrustedAsTemplate")
    with pytest.raises(NotCached, match="__ansible_type"):
        cache_in(tmp_path).store("web1", {"a": [{"b": evil}]})


def test_what_was_encrypted_is_masked_in_the_next_run(tmp_path: Path) -> None:
    """The cache says of a text that it was; both programs read that."""
    secret = Decrypted("open sesame 1")
    secret.ciphertext = "$ANSIBLE_VAULT;1.1;AES256\n00\n"
    cache_in(tmp_path).store("web1", {"a": secret})
    assert cache_in(tmp_path).load("web1") == {"a": "open sesame 1"}
    assert "open sesame 1" in KEYRING.opened


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rubbish",
        "[]",
        "{}",
        '{"ansible_a": 1}',
        '{"__payload__": 1}',
        '{"__payload__": "[1]"}',
        '{"__payload__": "{"}',
        '{"__payload__": "%s"}' % ("[" * 100_000),
    ],
)
def test_a_broken_file_does_not_count(tmp_path: Path, text: str) -> None:
    """It is told, and left where it is."""
    (tmp_path / "s1_web1").write_text(text, "utf-8")
    with pytest.raises(NotCached, match="no file of a fact cache"):
        cache_in(tmp_path).load("web1")


@pytest.mark.parametrize(("timeout_s", "counts"), [(0, True), (60, True), (59, False)])
def test_old_facts_do_not_count(tmp_path: Path, timeout_s: int, *, counts: bool) -> None:
    """Those older than the limit; no limit is none."""
    path = write(tmp_path, {"a": 1})
    os.utime(path, (NOW - 60, NOW - 60))
    assert bool(cache_in(tmp_path, timeout_s=timeout_s).load("web1")) is counts


def test_a_host_that_names_no_file_is_not_cached(tmp_path: Path) -> None:
    """Its name could lead out of the directory."""
    with pytest.raises(NotCached, match=r"\.\./web"):
        cache_in(tmp_path).store("../web", {})


def test_others_may_not_read_the_files(tmp_path: Path) -> None:
    """Facts are for the user who gathered them."""
    cache_in(tmp_path).store("web1", {"a": 1})
    assert (tmp_path / "s1_web1").stat().st_mode & 0o777 == 0o600


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    """Forgetting twice is no error."""
    cache = cache_in(tmp_path)
    cache.store("web1", {"a": 1})
    cache.forget("web1")
    cache.forget("web1")
    assert list(tmp_path.iterdir()) == []
