"""What an address holds, for modules that need a key or an archive from the web."""

from http.client import HTTPException

from understudy.modules.shared import web

_LIMIT_S = 30


def fetch(target, address, trouble, suffix="", checked=True, prefix=""):
    """Put what an address holds into a temporary file; return its path.

    Fails with `trouble` and why, which does not begin with `prefix`. With `checked` false the
    server's certificate may be anything.
    """
    path = target.temporary(suffix)
    settings = {"validate_certs": checked, "timeout": _LIMIT_S, "decompress": False}
    answer = web.ask(target, web.Question(settings, address))
    if answer.is_error:
        told = answer.msg
        told = told[len(prefix) :] if prefix and told.startswith(prefix) else told
        target.fail(trouble + told, changed=False)
    try:
        answer.save(path)
    except (OSError, HTTPException, EOFError) as error:
        target.fail("%s%s" % (trouble, error), changed=False)
    return path
