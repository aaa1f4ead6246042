"""Which names are taken for a misspelling of others."""

from __future__ import annotations

import pytest

from understudy.check.meaning.near import distance, is_misspelling, misspelt


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("", "", 0), ("a", "", 1), ("port", "prot", 1), ("port", "sort", 1), ("abc", "cba", 2)],
)
def test_letters_swapped_count_once(one: str, other: str, steps: int) -> None:
    """The distance is the same both ways."""
    assert distance(one, other) == distance(other, one) == steps


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("backup_task_jid", "backup_taks_jid"),
        ("backupjob", "backup_job"),
        ("server__job", "server_job"),
        ("app_verison", "app_version"),
        ("app_versiom", "app_version"),
        ("app_vrsion", "app_version"),
        ("appVersion", "app_version"),
        ("result_backupp", "result_backup"),
    ],
)
def test_a_slip_is_a_misspelling(name: str, known: str) -> None:
    """Letters swapped, left out, doubled or wrong in one word, and underscores."""
    assert is_misspelling(name, known)
    assert misspelt(name, [known, "something_else", name]) == known


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("user", "users"),
        ("http_port", "https_port"),
        ("disk1", "disk2"),
        ("host", "post"),
        ("src_dir", "dst_dir"),
        ("min_size", "max_size"),
        ("feature_enable", "feature_enabled"),
        ("in_file", "on_file"),
        ("abc", "acb"),
        ("class", "clas"),
        ("db_host", "db_port"),
        ("web_root", "web_boot"),
    ],
)
def test_words_of_one_family_are_none(name: str, known: str) -> None:
    """Endings, numbers and short words make other names."""
    assert not is_misspelling(name, known)
    assert not is_misspelling(known, name)


def test_between_two_known_names_none_is_chosen() -> None:
    """What could be either is not guessed."""
    assert misspelt("app_versio_n", ["app_version"]) == "app_version"
    assert misspelt("app_versin", ["app_version", "app_versxin"]) is None
