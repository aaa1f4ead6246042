"""The reference pages say what the code says."""

import pytest

from tests.reference import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_tables_give(name: str) -> None:
    """A page that is out of date is written anew with `python -m tests.reference`."""
    assert (DOCS / name).read_text("utf-8") == PAGES[name]()
