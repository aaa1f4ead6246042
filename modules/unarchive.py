"""`unarchive`: what is in an archive lies in a directory of the target.

GNU tar and `unzip` unpack, as their options can be given (`extra_opts`); tar also compares. Before
they write anything, all members are looked at here: one whose name or link leads out of the
directory is refused, whatever the program would do with it.
"""

import http.client
import os
import tarfile
import zipfile
import zlib

from understudy.connections import target_files as files
from understudy.modules.shared import web
from understudy.modules.unarchive import members, tarball, zipped

NO_HANDLER = (
    'Failed to find handler for "%s". Make sure the required command to extract the file is'
    " installed.\n%s"
)


def run(args, target):
    """Unpack the archive if anything of it is missing or differs."""
    try:
        return _have(args, target)
    finally:
        if args.get("_uploaded"):
            files.remove(args["src"])


def _have(args, target):
    src = _source(args, target)
    dest = files.expand(args["dest"])
    if not os.path.isdir(dest):
        target.fail("dest '%s' must be an existing dir" % dest)
    archive = _opened(args, target, src, dest)
    result = {"dest": dest, "handler": archive.name, "src": src, "changed": False}
    if args.get("list_files"):
        result["files"] = archive.listed()
    missing = archive.missing()
    if missing:
        result["changed"] = True
        diff = archive.differences(missing)
        if diff:
            result["diff"] = diff
        if not target.check_mode:
            _unpack(target, archive, result)
    _own(args, archive, dest, result)
    result.update(files.describe(dest))
    return result


def _source(args, target):
    """Return the path of the archive; one that has an address is downloaded."""
    src = args["src"]
    if "://" in src and not args.get("_uploaded"):
        return _downloaded(args, target, src)
    src = os.path.join(target.cwd or os.getcwd(), files.expand(src))
    if not os.path.exists(src):
        target.fail("Source '%s' does not exist" % src)
    if not os.access(src, os.R_OK):
        target.fail("Source '%s' not readable" % src)
    if os.path.isfile(src) and os.path.getsize(src) == 0:
        target.fail("Invalid archive '%s', the file is 0 bytes" % src)
    return src


def _downloaded(args, target, url):
    question = web.Question(args, url)
    answer = web.ask(target, question)
    if answer.status not in (200, None):
        target.fail("Failure downloading %s, %s" % (question.url, answer.msg))
    path = target.temporary()
    try:
        answer.save(path)
    except (OSError, EOFError, zlib.error, http.client.HTTPException) as error:
        target.fail("Failure downloading %s, %s" % (question.url, error))
    return path


def _opened(args, target, src, dest):
    """Return the archive, of which every member is known to stay in its place."""
    if os.path.isdir(src):
        target.fail(NO_HANDLER % (src, "It is a directory."))
    kind = zipped.Zipped if zipfile.is_zipfile(src) and _is_zip(src) else tarball.Tarball
    archive = kind(target, args, src, dest)
    problem = archive.problem()
    if problem is not None:
        target.fail(NO_HANDLER % (src, problem))
    known = members.Members(os.path.realpath(dest), args)
    try:
        archive.scan(known)
        known.check_links()
    except members.Escape as escape:
        target.fail("failed to unpack %s to %s: %s" % (src, dest, escape))
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        target.fail(NO_HANDLER % (src, "The archive cannot be read: %s" % error))
    return archive


def _is_zip(src):
    """Tell a zip from a tar that holds one at its end: it does not begin as a tar does."""
    with open(src, "rb") as file:
        start = file.read(512)
    return start[257:262] != b"ustar" and not any(
        start.startswith(magic) for magic, _ in tarball.PACKED
    )


def _unpack(target, archive, result):
    ran, command = archive.unpack()
    told = {"cmd": command, "rc": ran.rc, "out": ran.stdout, "err": ran.stderr}
    result["extract_results"] = told
    if ran.rc != 0:
        about = dict(result, changed=False)
        about.pop("diff", None)
        about.update(files.describe(archive.dest))
        target.fail("failed to unpack %s to %s" % (archive.src, archive.dest), **about)


def _own(args, archive, dest, result):
    """Give what was unpacked, and the directories above it, the owner and permissions asked for."""
    asked = ("owner", "group", "mode", "attributes", "seuser", "serole", "setype", "selevel")
    if all(args.get(name) is None for name in asked):
        return
    names = archive.listed()
    above = {name.partition("/")[0] for name in names if "/" in name.rstrip("/")}
    for name in [*names, *sorted(above - {name.rstrip("/") for name in names})]:
        path = os.path.join(dest, name)
        if name.strip("/") and os.path.lexists(path):
            result["changed"] = archive.attributes(path) or result["changed"]
