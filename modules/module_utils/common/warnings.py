"""Warnings and notices of what will be gone, collected until the module ends."""

_warnings = {}
_deprecations = []


def warn(warning, **_):
    """Add a warning to the result."""
    if not isinstance(warning, str):
        raise TypeError("warn requires a string not a %s" % type(warning))
    _warnings[warning] = None


def deprecate(msg, version=None, date=None, collection_name=None, **_):
    """Tell in the result that something will be gone."""
    if not isinstance(msg, str):
        raise TypeError("deprecate requires a string not a %s" % type(msg))
    notice = {"msg": msg, "collection_name": collection_name}
    notice.update({"date": date} if date else {"version": version})
    if notice not in _deprecations:
        _deprecations.append(notice)


def notes():
    """Return what was collected, as keys of a result."""
    found = {"warnings": list(_warnings), "deprecations": list(_deprecations)}
    return {key: texts for key, texts in found.items() if texts}


def get_warning_messages():
    """Return the warnings so far."""
    return tuple(_warnings)


def get_deprecation_messages():
    """Return the notices so far."""
    return tuple(_deprecations)
