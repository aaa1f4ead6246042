"""What counts as true and as false."""

from understudy.values.argument_types import FALSE_WORDS, TRUE_WORDS, to_bool

BOOLEANS_TRUE = frozenset(TRUE_WORDS) | {1}
BOOLEANS_FALSE = frozenset(FALSE_WORDS) | {0}
BOOLEANS = BOOLEANS_TRUE | BOOLEANS_FALSE


def boolean(value, strict=True):
    """Return the boolean that a value is; raise TypeError for others, unless not `strict`."""
    try:
        return to_bool(value)
    except ValueError as error:
        if not strict:
            return False
        raise TypeError(str(error)) from None
