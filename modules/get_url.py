"""`get_url`: a file of a web or FTP server, or of the target itself, is downloaded to the target.

What comes is written to a temporary file and looked at before it takes the old one's place: a
download that breaks off or has another checksum changes nothing. In check mode the server is only
asked for the headers, but where a file is there already: only its content tells whether it differs.
"""

import hashlib
import http.client
import os
import re
import time
import zlib
from urllib.parse import urlsplit

from understudy.connections import target_files as files
from understudy.connections.target import ModuleFailed
from understudy.modules.shared import web

FROM_ADDRESS = re.compile(r"^(https?|ftp|file)://", re.IGNORECASE)
WANTED = "The checksum parameter has to be in format <algorithm>:<checksum>"


class Download:
    """One file on its way. `result` is what is told of it, in the end or with a failure."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        self.url = args["url"]
        self.dest = files.expand(args["dest"])
        self.is_into_directory = os.path.isdir(self.dest)
        self.algorithm, self.checksum = "", ""
        self.started = time.monotonic()
        self.result = {"checksum_dest": None, "checksum_src": None}

    @property
    def about(self):
        """What is told of every download."""
        return {"dest": self.dest, "elapsed": self.elapsed_s(), "url": web.shown(self.url)}

    def elapsed_s(self):
        """Return how many whole seconds the server took."""
        return int(time.monotonic() - self.started)

    def fail(self, msg):
        """End the module with a failure that tells how far it came."""
        told = dict(self.result, **self.about)
        told.update(files.describe(self.dest))
        self.target.fail(msg, **told)


def run(args, target):
    """Download the file if it is not there as it should be; return what is there then."""
    download = Download(args, target)
    folder = files.expand(args.get("tmp_dest"))
    if folder and not os.path.isdir(folder):
        what = "is a file but should be a directory." if os.path.exists(folder) else None
        target.fail("%s %s" % (folder, what or "directory does not exist."), elapsed=0)
    _read_checksum(download)
    there = os.path.exists(download.dest) and not download.is_into_directory
    is_asked_for = there and not args.get("force")
    if is_asked_for and download.checksum and _has_checksum(download):
        return _already_there(download)
    is_new = not there and not download.is_into_directory
    question = web.Question(args, download.url, "HEAD" if target.check_mode and is_new else "GET")
    if is_asked_for and not download.checksum:
        question.unless_newer_than(download.dest)
    answer = web.ask(target, question)
    if answer.status == web.NOT_MODIFIED:
        told = {"changed": False, "msg": answer.msg, "status_code": answer.status}
        return _told(download, told)
    _check_answer(download, answer, web.shown(download.url))
    source = target.temporary(directory=folder)
    _save(download, answer, source)
    if download.is_into_directory:
        download.dest = os.path.join(download.dest, _name(answer))
    return _put(download, answer, source)


def _read_checksum(download):
    """Find out which checksum the file must have; a file of checksums is downloaded for it."""
    given = download.args.get("checksum") or ""
    if not given:
        return
    algorithm, colon, rest = given.partition(":")
    if not colon:
        download.fail(WANTED)
    download.algorithm, rest = algorithm, rest.strip()
    if FROM_ADDRESS.match(rest):
        rest = _listed_checksum(download, rest)
    download.checksum = re.sub(r"\W+", "", rest).lower()
    try:
        int(download.checksum, 16)
    except ValueError:
        download.fail("The checksum format is invalid")


def _listed_checksum(download, address):
    """Return the checksum that a file gives for what the address names."""
    args = dict(download.args, force=True)
    answer = web.ask(download.target, web.Question(args, address))
    _check_answer(download, answer, web.shown(address))
    listing = download.target.temporary()
    _save(download, answer, listing)
    with open(listing, "rb") as file:
        lines = file.read().decode("utf-8", "replace").splitlines()
    name = os.path.basename(urlsplit(download.url).path)
    for checksum, listed in _checksums(lines):
        if listed in (None, name, "./" + name):
            return checksum
    text = "Unable to find a checksum for file '%s' in '%s'"
    return download.target.fail(text % (name, web.shown(address)))


def _checksums(lines):
    """Yield checksums and names: as GNU's programs write them, as BSD's, or one alone for all."""
    lines = [line.strip() for line in lines if line.strip()]
    for line in lines:
        if len(lines) == 1 and re.match(r"^[0-9a-fA-F]+$", line):
            yield line, None
        of_bsd = re.match(r"^[\w-]+ \((.+)\) ?= ?([0-9a-fA-F]+)$", line)
        of_gnu = re.match(r"^\\?([0-9a-fA-F]+)\s+[*]?(.+)$", line)
        if of_bsd:
            yield of_bsd.group(2), of_bsd.group(1)
        elif of_gnu:
            yield of_gnu.group(1), of_gnu.group(2)


def _digest(download, path):
    found = None
    try:
        found = files.digest(path, download.algorithm)
    except TypeError:  # its length is the caller's to choose
        pass
    if found is None:
        known = ", ".join(sorted(hashlib.algorithms_guaranteed))
        text = "Could not hash file '%s' with algorithm '%s'. Available algorithms: %s"
        download.target.fail(text % (path, download.algorithm, known))
    return found


def _has_checksum(download):
    return _digest(download, download.dest) == download.checksum


def _already_there(download):
    """Only set owner and permissions."""
    changed = files.apply_attributes(download.target, download.dest, download.args)
    msg = "file already exists" + (" but file attributes changed" if changed else "")
    return _told(download, dict(download.result, changed=changed, msg=msg))


def _told(download, result):
    result.update(download.about)
    result.update(files.describe(download.dest))
    return result


def _check_answer(download, answer, url):
    """Fail if the server did not give the file."""
    if answer.status in (200, None):
        return
    about = dict(download.about, url=url)
    about.update(files.describe(download.dest))
    if answer.status == -1:
        download.target.fail(answer.msg, **about)
    more = {"status_code": answer.status, "response": answer.msg}
    download.target.fail("Request failed", **dict(about, **more))


def _save(download, answer, path):
    try:
        answer.save(path)
    except web.ShortBodyError as error:
        download.target.fail(str(error))
    except (OSError, EOFError, zlib.error, http.client.HTTPException) as error:
        text = "failed to create temporary content file: %s"
        download.target.fail(text % error, **download.about)


def _name(answer):
    """Return the name that the server gives the file, without a way; else that of the address."""
    given = answer.message.get_filename() if answer.message else None
    if given and answer.message.get("content-disposition"):
        name = os.path.basename(given.replace("\x00", ""))
        if name not in ("", ".", ".."):
            return name
    return os.path.basename(urlsplit(answer.url).path) or "index.html"


def _put(download, answer, source):
    """Compare what came with what is there, and put it in its place."""
    args, target, dest, result = download.args, download.target, download.dest, download.result
    result.update(src=source, checksum_src=files.digest(source))
    _check_destination(download)
    if os.path.exists(dest):
        result["checksum_dest"] = files.digest(dest)
    changed = result["checksum_src"] != result["checksum_dest"]
    if download.checksum and answer.has_body:
        _check_checksum(download, source)
    if target.check_mode:
        there = os.path.exists(dest)
        changed = changed or (there and files.apply_attributes(target, dest, args))
        return _told(download, dict(result, changed=changed, msg=answer.msg))
    result["md5sum"] = files.digest(source, "md5")
    if changed:
        _write(download, source)
    changed = _telling(download, files.apply_attributes, target, dest, args) or changed
    told = {"changed": changed, "msg": answer.msg, "status_code": answer.status}
    return _told(download, dict(result, **told))


def _check_destination(download):
    dest = download.dest
    above = os.path.dirname(dest) or "."
    if os.path.isdir(dest):
        download.fail("Destination %s is a directory" % dest)
    if not os.path.exists(above):
        download.fail("Destination %s does not exist" % above)
    if os.path.exists(dest) and not os.access(dest, os.R_OK):
        download.fail("Destination %s is not readable" % dest)
    blocked = [path for path in (dest, above) if os.path.exists(path) and not os.access(path, 2)]
    if blocked and not download.args.get("unsafe_writes"):
        download.fail("Destination %s is not writable" % blocked[0])


def _check_checksum(download, source):
    found = _digest(download, source)
    if found != download.checksum:
        text = "The checksum for %s did not match %s; it was %s."
        download.fail(text % (source, download.checksum, found))


def _write(download, source):
    dest = download.dest
    if download.args.get("backup") and os.path.exists(dest):
        download.result["backup_file"] = files.back_up(dest)
    try:
        unsafe_writes = bool(download.args.get("unsafe_writes"))
        files.replace(source, dest, unsafe_writes, mode=download.args.get("mode"))
    except OSError as error:
        text = "failed to copy %s to %s: %s"
        download.fail(text % (source, dest, error))


def _telling(download, function, *args):
    """Call a function; what it fails with tells of the download too."""
    try:
        return function(*args)
    except ModuleFailed as failed:
        failed.result = dict(download.result, **dict(download.about, **failed.result))
        raise
