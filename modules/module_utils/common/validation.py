"""Values as arguments have them: conversions that raise TypeError, as modules expect."""

import ast

from understudy.values import argument_types as types


def _checker(name, convert):
    def check(value, *_, **__):
        try:
            return convert(value)
        except ValueError as error:
            raise TypeError(str(error)) from None

    check.__name__ = name
    check.__doc__ = "Convert a value; raise TypeError when it is something else."
    return check


check_type_bits = _checker("check_type_bits", types.to_bits)
check_type_bool = _checker("check_type_bool", types.to_bool)
check_type_bytes = _checker("check_type_bytes", types.to_bytes)
check_type_dict = _checker("check_type_dict", types.to_dict)
check_type_float = _checker("check_type_float", types.to_float)
check_type_int = _checker("check_type_int", types.to_int)
check_type_jsonarg = _checker("check_type_jsonarg", types.to_jsonarg)
check_type_list = _checker("check_type_list", types.to_list)
check_type_raw = _checker("check_type_raw", lambda value: value)
check_type_str = _checker("check_type_str", types.to_str)


def human_to_bytes(number, default_unit=None, isbits=False):
    """Return the number of bytes (or bits) that a text such as `10M` says."""
    text = str(number)
    if default_unit and text.strip().replace(".", "", 1).isdigit():
        text += default_unit
    return (types.to_bits if isbits else types.to_bytes)(text)


def bytes_to_human(size, isbits=False, unit=None):
    """Return a number of bytes as people read it: `1.50 GB`."""
    for power in range(8, 0, -1):
        letter = " KMGTPEZY"[power]
        if unit.upper()[:1] == letter if unit else abs(size) >= 1024**power:
            return "%.2f %s%s" % (float(size) / 1024**power, letter, "b" if isbits else "B")
    return "%.2f %s" % (float(size), "bits" if isbits else "Bytes")


def safe_eval(value, include_exceptions=False):
    """Return the value of a Python literal, or the text itself."""
    try:
        result, problem = ast.literal_eval(value) if isinstance(value, str) else value, None
    except (ValueError, SyntaxError) as error:
        result, problem = value, error
    return (result, problem) if include_exceptions else result
