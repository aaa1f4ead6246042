"""`debconf`: answers to the questions of a package, given before it asks.

A password is read with `debconf-communicate` and set on standard input; no result shows one.
"""

from understudy.connections.target import ModuleFailed
from understudy.modules.shared import apt_cache

OMITTED = "(password omitted)"


def run(args, target):
    """Set an answer; of a password nothing is told, not even among the arguments."""
    if args.get("vtype") != "password":
        return _have(args, target)
    told = {"module_args": dict(args, value=OMITTED)}
    try:
        return dict(_have(args, target), invocation=told)
    except ModuleFailed as failed:
        failed.result["invocation"] = told
        raise


def _have(args, target):
    """Set one answer if it is another one; without a question, tell the answers there are."""
    name, question = args["name"], args.get("question")
    if len(name.split()) != 1 or len((question or "-").split()) != 1:
        target.fail("the name of a package, and of a question, is one word")
    answers, seen = _shown(target, name)
    if question is None:
        return {"changed": False, "current": answers, "msg": ""}
    kind = args["vtype"]
    if args.get("value") is None:
        target.fail("when supplying a question you must supply a valid vtype and value")
    value = _text(target, kind, args["value"])
    if kind == "seen" and question in answers:
        answers[question] = "true" if question in seen else "false"
    if not _differs(target, args, answers):
        return {"changed": False, "current": answers, "msg": ""}
    if not target.check_mode:
        _set(target, args, value)
    before = {question: answers[question]} if question in answers else dict(answers)
    before.setdefault(question, "")
    after = {question: OMITTED if kind == "password" else value}
    result = {"changed": True, "current": after, "msg": "", "previous": before, "diff": {}}
    if target.diff:
        result["diff"] = {"before": before, "after": dict(before, **after)}
    return result


def _shown(target, name):
    """Return the answers of a package by question, and the questions that were asked."""
    done = apt_cache.run(target, ["debconf-show", "--", name])
    if done.rc:
        target.fail(done.stderr)
    answers, seen = {}, set()
    for line in done.stdout.splitlines():
        question, colon, answer = line.lstrip("* ").partition(":")
        if colon:
            answers[question] = answer.strip()
            if line.startswith("*"):
                seen.add(question)
    return answers, seen


def _text(target, kind, value):
    """Return a value as debconf has it."""
    if isinstance(value, (list, tuple)):
        if kind != "multiselect" or not all(isinstance(one, str) for one in value):
            target.fail(
                "Invalid value provided for '%s': a list of texts goes with multiselect" % kind
            )
        value = ", ".join(value)
    text = str(value)
    if isinstance(value, bool) or kind == "boolean":
        text = text.lower()
    if "\n" in text:
        target.fail("Invalid value provided for '%s': it has more than one line" % kind)
    return text


def _differs(target, args, answers):
    question, kind = args["question"], args["vtype"]
    value = _text(target, kind, args["value"])
    if kind == "password":
        return _password(target, args["name"], question) != value
    if question not in answers:
        return True
    if isinstance(args["value"], (list, tuple)):
        return sorted(args["value"]) != sorted(filter(None, answers[question].split(", ")))
    return answers[question] != value


def _password(target, name, question):
    """Return a password that was set, else None."""
    asked = ("GET %s\n" % question).encode()
    done = apt_cache.run(target, ["debconf-communicate", "--", name], asked)
    code, _, answer = done.stdout.rstrip("\n").partition(" ")
    return answer if code == "0" else None


def _set(target, args, value):
    words = ["debconf-set-selections", *["-u"] * bool(args.get("unseen"))]
    line = " ".join((args["name"], args["question"], args["vtype"], value))
    done = apt_cache.run(target, words, line.encode("utf-8", "surrogateescape"))
    if done.rc:
        secret = args["vtype"] == "password" and value
        target.fail(done.stderr.replace(value, OMITTED) if secret else done.stderr)
