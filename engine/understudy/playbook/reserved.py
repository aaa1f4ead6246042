"""Names that a variable better has not: keywords, and what Jinja and Ansible bring."""

from __future__ import annotations

from understudy.playbook.keywords import Place, keywords_of

_PLACES = (Place.PLAY, Place.ROLE, Place.BLOCK, Place.TASK)
_NO_NAMES = frozenset({"user", "vars"})
_FUNCTIONS = frozenset(
    "cycler dict joiner lipsum lookup namespace now omit q query range undef".split()
)
_INNER = frozenset({"async_val", "loop_with", "with_"})
"""What Ansible calls some keywords itself."""
RESERVED = (
    frozenset(name for place in _PLACES for name in keywords_of(place)) - _NO_NAMES
    | _FUNCTIONS
    | _INNER
)
