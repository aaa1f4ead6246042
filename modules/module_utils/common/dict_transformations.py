"""Mappings: other spellings of their keys, merged, compared."""

import re
from copy import deepcopy


def camel_dict_to_snake_dict(camel_dict, reversible=False, ignore_list=()):
    """Return a mapping whose keys are written with underscores."""

    def words(name):
        if reversible:
            return re.sub("(?<!^)([A-Z])", r"_\1", name).lower()
        name = re.sub("([A-Z]+)s$", lambda found: "_%ss" % found.group(1).lower(), name)
        name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
        return re.sub("([a-z0-9])([A-Z])", r"\1_\2", name).lower().lstrip("_")

    return {
        words(key): value
        if key in ignore_list
        else _below(value, lambda one: camel_dict_to_snake_dict(one, reversible))
        for key, value in camel_dict.items()
    }


def snake_dict_to_camel_dict(snake_dict, capitalize_first=False):
    """Return a mapping whose keys are written in camel case."""

    def camel(name):
        first, *rest = name.split("_")
        words = [word.capitalize() or "_" for word in rest]
        return (first.capitalize() if capitalize_first else first) + "".join(words)

    return {
        camel(key): _below(value, lambda one: snake_dict_to_camel_dict(one, capitalize_first))
        for key, value in snake_dict.items()
    }


def _below(value, convert):
    if isinstance(value, dict):
        return convert(value)
    if isinstance(value, list):
        return [_below(item, convert) for item in value]
    return value


def dict_merge(a, b):
    """Return both mappings as one; what `b` has wins, mappings in them are merged."""
    if not isinstance(b, dict):
        return b
    merged = deepcopy(a)
    for key, value in b.items():
        both = key in merged and isinstance(merged[key], dict)
        merged[key] = dict_merge(merged[key], value) if both else deepcopy(value)
    return merged


def recursive_diff(dict1, dict2):
    """Return what each of two mappings has and the other has not; None when they are equal."""
    left = {key: value for key, value in dict1.items() if key not in dict2}
    right = {key: value for key, value in dict2.items() if key not in dict1}
    for key in dict1.keys() & dict2.keys():
        if isinstance(dict1[key], dict) and isinstance(dict2[key], dict):
            below = recursive_diff(dict1[key], dict2[key])
            if below:
                left[key], right[key] = below
        elif dict1[key] != dict2[key]:
            left[key], right[key] = dict1[key], dict2[key]
    return (left, right) if left or right else None
