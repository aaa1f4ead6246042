from __future__ import annotations

import pytest

from understudy.check.sieve.exclude import Exclusion


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("molecule", "molecule/default/converge.yml"),
        ("molecule", "roles/web/molecule/x.yml"),
        ("*.generated.yml", "a/b/c.generated.yml"),
        ("roles/external", "roles/external/nginx/tasks/main.yml"),
        ("roles/external/", "roles/external/nginx/tasks/main.yml"),
        ("./site.yml", "site.yml"),
        ("**/tests/*.yml", "roles/a/tests/x.yml"),
        ("**/tests/*.yml", "tests/x.yml"),
        ("roles/**", "roles/a/b.yml"),
        ("**/**/**/a.yml", "x/a.yml"),
        ("host[0-9].yml", "host7.yml"),
        ("host[!0-9].yml", "hostx.yml"),
        ("[[].yml", "[.yml"),
        ("a.yml", "b/../a.yml"),
    ],
)
def test_a_pattern_covers(pattern: str, path: str) -> None:
    """A name fits anywhere, a path from the base; what lies below is left out too."""
    assert Exclusion((pattern,), "/project").covers(f"/project/{path}")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("molecule", "molecules/x.yml"),
        ("site.yml", "mysite.yml"),
        ("./site.yml", "roles/site.yml"),
        ("roles/external", "x/roles/external/a.yml"),
        ("roles/*.yml", "roles/a/b.yml"),
        ("*.yml", "../other/a.yml"),
        ("host[0-9].yml", "hostx.yml"),
        ("a.c", "abc"),
        ("[", "x"),
        ("project", "a.yml"),
    ],
)
def test_a_pattern_does_not_cover(pattern: str, path: str) -> None:
    """`*` stays in a name, a path begins at the base, and nothing outside of it is meant."""
    assert not Exclusion((pattern,), "/project").covers(f"/project/{path}")


def test_without_patterns_nothing_is_left_out() -> None:
    """The default leaves every file in."""
    assert not Exclusion().covers("site.yml")


def test_a_long_pattern_takes_no_time() -> None:
    """Directories that any number of `**` may be are looked for once."""
    deep = "/".join("a" * 60)
    assert not Exclusion(("**/" * 30 + "b",), "/project").covers(f"/project/{deep}")
