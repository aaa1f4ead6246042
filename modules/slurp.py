"""`slurp`: read a file of the target into the result, in base64."""

import base64
import errno
import os

from understudy.connections import target_files as files


def run(args, target):
    """Return the content of a file."""
    source = files.expand(args["src"])
    try:
        with open(source, "rb") as file:
            content = file.read()
    except OSError as error:
        target.fail(_problem(source, error))
    return {
        "changed": False,
        "content": base64.b64encode(content).decode("ascii"),
        "encoding": "base64",
        "source": source,
    }


def _problem(source, error):
    if error.errno == errno.ENOENT:
        return "File not found: %s" % source
    if error.errno == errno.EACCES:
        return "File is not readable: %s" % source
    if error.errno == errno.EISDIR:
        return "Source is a directory and must be a file: %s" % source
    return "Unable to slurp file %s: %s" % (source, os.strerror(error.errno))
