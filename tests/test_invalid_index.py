"""The index of mistakes says what is printed today."""

import pytest

from tests.invalid_index import INDEX, index


@pytest.mark.slow
def test_the_index_is_current() -> None:
    """A changed message changes the index too: `python -m tests.invalid_index`."""
    assert INDEX.read_text("utf-8") == index()
