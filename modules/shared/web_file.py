"""What an address holds, for modules that need a key or an archive from the web."""

import os
import ssl
import urllib.error
import urllib.request

_CHUNK = 1 << 16
_LIMIT_S = 30


def fetch(target, address, trouble, suffix="", checked=True, refused="Request failed: "):
    """Put what an address holds into a temporary file; return its path.

    Fails with `trouble` and why, after `refused` where no server answered. With `checked` false the
    server's certificate may be anything.
    """
    path = target.temporary(suffix)
    context = ssl.create_default_context()
    if not checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    request = urllib.request.Request(address, headers={"User-Agent": "ansible-httpget"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_LIMIT_S, context=context) as answer:  # noqa: S310
            _copy(answer, path)
    except urllib.error.HTTPError as error:
        target.fail("%s%s" % (trouble, error), changed=False)
    except (IOError, OSError, ValueError) as error:
        target.fail("%s%s%s" % (trouble, refused, error), changed=False)
    return path


def _copy(answer, path):
    expected = answer.headers.get("Content-Length")
    with open(path, "wb") as file:
        file.writelines(iter(lambda: answer.read(_CHUNK), b""))
    if expected and expected.isdigit() and os.path.getsize(path) != int(expected):
        raise OSError("the connection ended after %d bytes" % os.path.getsize(path))
