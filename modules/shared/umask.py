"""The umask that a module's argument of this name asks for."""

import contextlib
import os


@contextlib.contextmanager
def as_asked(args, target):
    """Have it while something is done; fail where it is no octal number in quotes."""
    mask = _mask(args.get("umask"), target)
    before = os.umask(mask) if mask is not None else None
    try:
        yield
    finally:
        if before is not None:
            os.umask(before)


def _mask(wanted, target):
    if wanted is None:
        return None
    if not isinstance(wanted, str):
        target.fail("umask must be defined as a quoted octal integer")
    try:
        return int(wanted, 8)
    except ValueError as error:
        target.fail("umask must be an octal integer", details=str(error))
