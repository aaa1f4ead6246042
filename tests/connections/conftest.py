"""Fixtures of the connection tests."""

from pathlib import Path

import pytest

from tests.connections.agents import Shelf, shelf
from tests.modules.runner import PYTHONS

_EVERY_PYTHON = [
    pytest.param(None, id="own"),
    *(
        pytest.param(str(path), id=name, marks=pytest.mark.pythons)
        for name, path in PYTHONS.items()
    ),
]


@pytest.fixture(params=_EVERY_PYTHON)
def python(request: pytest.FixtureRequest) -> str | None:
    """Give the Python that the agent runs under: our own, and every other one in its tier."""
    return request.param


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Give a shelf of modules that sessions send from."""
    made = shelf(tmp_path)
    monkeypatch.setattr("understudy.connections.session.MODULES", made.directory)
    return made
