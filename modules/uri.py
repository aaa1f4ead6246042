"""`uri`: ask a web service something; its answer is the result, with the headers as keys.

Which status is a success is the task's to say: any other is a failure, told with all that the
server said. The body is shown with `return_content`, and as `json` where the server calls it so.
"""

import http.client
import json
import os
import re
import time
import zlib
from urllib.parse import urlsplit

from understudy.connections import target_files as files
from understudy.modules.shared import web
from understudy.modules.uri import forms


def run(args, target):
    """Put the question; return the answer."""
    try:
        return _answer(args, target)
    finally:
        for path in [args.get("_uploaded"), *(args.get("_files") or {}).values()]:
            if path:
                files.remove(path)


def _answer(args, target):
    if target.check_mode:
        msg = "This action (uri) does not support check mode."
        return {"changed": False, "skipped": True, "msg": msg}
    method = args["method"].upper()
    if not re.match(r"^[A-Z]+$", method):
        text = "Parameter 'method' needs to be a single word in uppercase, like GET or POST."
        target.fail(text)
    needless = _needless(args)
    if needless:
        return {"changed": False, "stdout": needless}
    question = _question(args, target, method)
    dest = files.expand(args.get("dest"))
    if dest and os.path.isfile(dest):
        question.unless_newer_than(dest)
    started = time.monotonic()
    answer = web.ask(target, question)
    result = _described(args, answer)
    result["elapsed"] = int(time.monotonic() - started)
    if answer.status == -1:
        shown = {"content": ""} if args.get("return_content") else {}
    else:
        shown = _received(args, target, answer, result)
    if answer.status not in args["status_code"]:
        _refuse(target, args, result, shown)
    return dict(result, **shown)


def _needless(args):
    """Return why nothing is asked; None if it is."""
    creates, removes = files.expand(args.get("creates")), files.expand(args.get("removes"))
    if creates and os.path.exists(creates):
        return "skipped, since '%s' exists" % creates
    if removes and not os.path.exists(removes):
        return "skipped, since '%s' does not exist" % removes
    return None


def _question(args, target, method):
    """Return what is to be asked, with its body and the header that tells what that is."""
    kind = args.get("body_format") or "raw"
    try:
        body, content_type = forms.encoded(args.get("body"), kind, args.get("_files") or {})
    except (OSError, ValueError, TypeError) as error:
        target.fail("failed to parse body as %s: %s" % (kind, error))
    source = args.get("_uploaded") or files.expand(args.get("src"))
    if source:
        try:
            with open(source, "rb") as file:
                body = file.read()
        except OSError:
            target.fail("Unable to open source file %s" % args["src"], elapsed=0)
    question = web.Question(args, args["url"], method, body)
    if content_type and not question.has_header("content-type"):
        question.headers["Content-Type"] = content_type
    return question


def _described(args, answer):
    """Return what the answer is, but for its body: the headers are keys."""
    found = {name.replace("-", "_"): value for name, value in answer.headers.items()}
    found.update(
        changed=False,
        msg=answer.msg,
        redirected=not answer.is_error and answer.url != args["url"],
        status=answer.status,
        url=answer.url,
    )
    if not answer.is_error:
        found["cookies"] = dict(answer.cookies)
        found["cookies_string"] = "; ".join("%s=%s" % pair for pair in answer.cookies)
    return found


def _refuse(target, args, result, shown):
    """Fail for a status that is not wanted."""
    text = "Status code was %s and not %s: %s"
    msg = text % (result["status"], args["status_code"], result.pop("msg"))
    target.fail(msg, **dict(result, **shown))


def _received(args, target, answer, result):
    """Take the body; return what of it is shown. It is written to `dest` if that is asked for."""
    dest = files.expand(args.get("dest"))
    is_accepted = answer.status in args["status_code"]
    is_wanted = is_accepted and answer.status != web.NOT_MODIFIED
    if dest and os.path.isdir(dest):
        dest = os.path.join(dest, os.path.basename(urlsplit(answer.url).path) or "index.html")
    staged = target.temporary()
    try:
        answer.save(staged)
    except (OSError, EOFError, zlib.error, http.client.HTTPException) as error:
        target.fail("HTTP Error while fetching %s: %s" % (answer.url, error))
    shown = _shown(args, answer, staged)
    if answer.is_error and is_accepted and not shown and not (dest and is_wanted):
        with open(staged, "rb") as file:
            shown["body"] = file.read().decode("utf-8", "replace")
    if dest:
        if is_wanted:
            _write(args, target, staged, dest, result)
        result["path"] = dest
        result.update(files.describe(dest))
    return shown


def _write(args, target, staged, dest, result):
    unsafe_writes = bool(args.get("unsafe_writes"))
    try:
        files.replace(staged, dest, unsafe_writes, mode=args.get("mode"))
    except OSError as error:
        text = "failed to copy %s to %s: %s. %s"
        target.fail(text % (staged, dest, error, result.pop("msg")), **result)
    files.apply_attributes(target, dest, args)
    result["changed"] = True


def _shown(args, answer, path):
    """Return the body, which is in a file, as text and as data, if they are wanted and there."""
    kind = answer.message.get_content_type() if "content-type" in answer.headers else ""
    is_json = _is_json(kind)
    if not is_json and not args.get("return_content"):
        return {}
    with open(path, "rb") as file:
        body = file.read()
    charset = answer.message.get_content_charset() if kind else None
    try:
        text = body.decode(charset or "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    shown = {"content": text} if args.get("return_content") else {}
    if is_json:
        try:
            shown["json"] = json.loads(text)
        except ValueError:
            pass
    return shown


def _is_json(kind):
    main, _, sub = kind.partition("/")
    return main in ("application", "text") and (
        sub in ("json", "javascript") or sub.endswith("+json")
    )
