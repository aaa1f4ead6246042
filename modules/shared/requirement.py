"""What a package is asked for by: a name, extras, versions, a marker (PEP 508), or any other text.

Versions are compared as PEP 440 orders them, as far as check mode needs it.
"""

import re

OPERATORS = ("<", ">", "=", "!", "~")
_FORM = re.compile(
    r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*"
    r"(?:(@)\s*(\S+)|\(?\s*([<>=!~][^;()]*)?\)?)\s*(?:;(.*))?"
)
_SPECIFIER = re.compile(r"\s*(===|==|!=|~=|<=|>=|<|>)\s*(\S+)\s*")
_VERSION = re.compile(r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)[-_.]?(.*?)(?:\+.*)?")
_PART = re.compile(r"(dev|alpha|beta|preview|pre|post|rev|rc|a|b|c|r)?[-_.]?(\d+)?[-_.]?")
_RANKS = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "post": 1, "rev": 1, "r": 1}
_RC = -1


class Requirement:
    """One package. `name` is None where the text is a path or a URL; `text` is what pip is told."""

    def __init__(self, text):
        self.text = text
        self.name = self.marker = self.url = None
        self.specifiers = []
        match = _FORM.fullmatch(text)
        if match is None:
            return
        name, extras, at, url, versions, marker = match.groups()
        found = [_SPECIFIER.fullmatch(one) for one in (versions or "").split(",") if one.strip()]
        if not all(found):
            return
        self.name, self.url, self.marker = name, url, marker
        self.specifiers = [one.groups() for one in found if one]
        self.text = name + _extras(extras)
        self.text += "@ " + url if at else ",".join(sorted("".join(s) for s in self.specifiers))
        if marker:
            self.text += "; " + _marker(marker)

    @property
    def key(self):
        """Return the name as names are compared."""
        return re.sub(r"[-_.]+", "-", self.name or "").lower()

    def is_met_by(self, there):
        """Tell whether it is among the installed packages, which are versions by name."""
        if self.name is None or self.url or self.marker or self.key not in there:
            return False
        return all(_holds(there[self.key], *one) for one in self.specifiers)


def installed(listed):
    """Return the versions of packages by name, of what `pip list --format=freeze` says."""
    pairs = (line.strip().partition("==") for line in listed.splitlines())
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, sign, version in pairs if sign}


def _extras(extras):
    names = sorted(one.strip() for one in (extras or "").split(",") if one.strip())
    return "[%s]" % ",".join(names) if names else ""


def _marker(marker):
    spaced = re.sub(r"\s*(===|==|!=|~=|<=|>=|<|>)\s*", r" \1 ", marker.strip())
    return spaced.replace("'", '"')


def _holds(version, operator, wanted):
    if operator == "===":
        return version.lower() == wanted.lower()
    if operator in ("==", "!=") and wanted.endswith(".*"):
        parts = [int(number) for number in wanted[:-2].split(".")]
        return (_padded(_order(version)[1], len(parts)) == parts) == (operator == "==")
    have, want = _order(version), _order(wanted)
    if operator == "~=":
        parts = _VERSION.fullmatch(wanted).group(2).split(".")[:-1]
        return have >= want and _holds(version, "==", ".".join(parts) + ".*")
    is_near = have[:2] == want[:2] and len(want[2]) == 1  # 2.0rc1 is not < 2.0
    return {
        "==": have == want,
        "!=": have != want,
        "<": have < want and not is_near,
        ">": have > want and not is_near,
        "<=": have <= want,
        ">=": have >= want,
    }[operator]


def _order(version):
    """Return what a version is compared by: epoch, numbers without zeros at the end, suffixes."""
    match = _VERSION.fullmatch(version.lower())
    if match is None:
        return 0, [], [(0, 0)]
    epoch, numbers, rest = match.groups()
    parts = [int(number) for number in numbers.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return int(epoch or 0), parts, [*_suffixes(rest), (0, 0)]


def _suffixes(rest):
    found = (match.groups() for match in _PART.finditer(rest) if match.group())
    return [(_RANKS.get(word, _RC) if word else 1, int(number or 0)) for word, number in found]


def _padded(parts, length):
    return (parts + [0] * length)[:length]
