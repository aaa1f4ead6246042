"""Versions that compare as people count."""

import re
from functools import total_ordering


@total_ordering
class LooseVersion:
    """A version of any form: numbers compare as numbers, the rest as text."""

    _PARTS = re.compile(r"(\d+|[a-z]+|\.)", re.VERBOSE)

    def __init__(self, vstring=None):
        if vstring is not None:
            self.parse(vstring)

    def parse(self, vstring):
        """Take a version apart."""
        self.vstring = str(vstring)
        parts = [part for part in self._PARTS.split(self.vstring) if part and part != "."]
        self.version = [int(part) if part.isdigit() else part for part in parts]

    def _other(self, other):
        return other if isinstance(other, LooseVersion) else type(self)(other)

    def __eq__(self, other):
        return self.version == self._other(other).version

    def __lt__(self, other):
        return self.version < self._other(other).version

    def __hash__(self):
        return hash(tuple(self.version))

    def __str__(self):
        return self.vstring

    def __repr__(self):
        return "%s ('%s')" % (type(self).__name__, self.vstring)


class StrictVersion(LooseVersion):
    """A version of two or three numbers."""
