"""`slurp`: read a file of the target into the result, in base64.

The whole content is held in memory several times on its way, here and at the controller: what is
over LIMIT is refused, and a device that has no end too.
"""

import base64
import errno
import os

from understudy.connections import target_files as files

LIMIT = 256 << 20
CHUNK = 3 << 18
"""A multiple of three bytes: the parts' encodings, one after another, are that of the whole."""


def run(args, target):
    """Return the content of a file."""
    source = files.expand(args["src"])
    try:
        content = _encoded(source)
    except OSError as error:
        target.fail(_problem(source, error))
    if content is None:
        msg = "File is too large for a result: %s has more than %d MiB; use fetch"
        target.fail(msg % (source, LIMIT >> 20))
    return {"changed": False, "content": content, "encoding": "base64", "source": source}


def _encoded(path):
    """Return what is in a file, in base64; None if it is too much."""
    parts = []
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size > LIMIT:
            return None
        for chunk in iter(lambda: file.read(CHUNK), b""):
            parts.append(base64.b64encode(chunk).decode("ascii"))
            if len(parts) * CHUNK > LIMIT + CHUNK:
                return None
    return "".join(parts)


def _problem(source, error):
    if error.errno == errno.ENOENT:
        return "File not found: %s" % source
    if error.errno == errno.EACCES:
        return "File is not readable: %s" % source
    if error.errno == errno.EISDIR:
        return "Source is a directory and must be a file: %s" % source
    return "Unable to slurp file %s: %s" % (source, os.strerror(error.errno))
