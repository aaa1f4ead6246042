"""The limit of open files."""

import resource

import pytest

from understudy.cli.limits import allow_open_files


@pytest.fixture
def limit(monkeypatch):
    """Give a function that sets what the system says; it returns what was asked of it."""

    def make(soft, hard):
        asked = []
        monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
        monkeypatch.setattr(resource, "setrlimit", lambda _, pair: asked.append(pair))
        return asked

    return make


def test_a_limit_that_suffices_is_left_alone(limit):
    """What runs on this machine inherits it, and may not expect another one."""
    asked = limit(1024, 4096)
    assert allow_open_files(100) is None
    assert asked == []


def test_the_soft_limit_is_raised_as_far_as_it_is_needed(limit):
    """Not to the hard one."""
    asked = limit(1024, 100_000)
    assert allow_open_files(1000) is None
    assert asked == [(4064, 100_000)]


def test_a_hard_limit_that_is_too_low_is_told_before_it_bites(limit):
    """With the figures, and with what to do."""
    asked = limit(1024, 2000)
    warning = allow_open_files(1000)
    assert asked == [(2000, 2000)]
    assert warning is not None
    assert "1000 hosts may need 4064 open files, and only 2000 are allowed" in warning.message
