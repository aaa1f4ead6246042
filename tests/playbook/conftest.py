"""The option that rewrites what golden cases expect."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`; it is known when this folder is named: `pytest tests/playbook --update`."""
    parser.addoption("--update", action="store_true", help="rewrite what golden cases expect")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Tell whether expected outputs are to be rewritten."""
    return bool(request.config.getoption("--update", default=False))
