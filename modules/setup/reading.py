"""The files that facts are read from: the kernel's, and those of /etc."""

import os

root = ""
"""Stands before every path: the tests put another machine's files below a directory."""


def at(path):
    """Return where a path of the target is."""
    return root + path


def read(path, default=None):
    """Return what is in a file, stripped, or the default when it cannot be read."""
    try:
        with open(at(path), "rb") as file:
            return file.read().decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return default


def lines(path):
    """Return the lines of a file that are not empty; none when it cannot be read."""
    return [line for line in (read(path) or "").splitlines() if line.strip()]


def number(path):
    """Return the whole number that is in a file, or None."""
    try:
        return int(read(path, ""))
    except ValueError:
        return None


def names(path):
    """Return the names in a directory, sorted; none when it cannot be read."""
    try:
        return sorted(os.listdir(at(path)))
    except OSError:
        return []


def exists(path):
    """Tell whether there is a file."""
    return os.path.exists(at(path))


def link_name(path):
    """Return the last part of what a link points to, or None."""
    try:
        return os.path.basename(os.readlink(at(path)))
    except OSError:
        return None


def assignments(path):
    """Return the `NAME=value` pairs of a file such as /etc/os-release, without their quotes."""
    pairs = {}
    for line in lines(path):
        name, separator, value = line.partition("=")
        if separator and not name.lstrip().startswith("#"):
            pairs[name.strip()] = value.strip().strip("\"'")
    return pairs


def in_words(size):
    """Return a size in words as Ansible writes it: `256.00 GB`."""
    for unit, name in (
        (1 << 50, "PB"),
        (1 << 40, "TB"),
        (1 << 30, "GB"),
        (1 << 20, "MB"),
        (1024, "KB"),
    ):
        if size >= unit:
            return "%.2f %s" % (size / float(unit), name)
    return "%.2f Bytes" % size
