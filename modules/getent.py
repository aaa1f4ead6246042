"""`getent`: what the system's databases say (passwd, group, hosts, services, …), as a fact."""

from understudy.modules.shared import operands, required_program

COLON = ("passwd", "shadow", "group", "gshadow")
"""The databases whose fields are separated by colons; in others it is white space."""
NOT_FOUND = 2
MISSING = "One or more supplied key could not be found in the database."
FAILURES = {
    1: "Missing arguments, or database unknown.",
    3: "Enumeration not supported on this database.",
}


def run(args, target):
    """Return the fact `getent_<database>`: by key, the fields of its lines."""
    operands.check(target, args, "database")
    done = _ask(args, target)
    fact = "getent_%s" % args["database"]
    if done.rc == NOT_FOUND:
        if args.get("fail_key", True):
            target.fail(MISSING)
        found = {args.get("key"): None}
        return {"changed": False, "ansible_facts": {fact: found}, "msg": MISSING}
    if done.rc != 0:
        target.fail(FAILURES.get(done.rc, "Unexpected failure!"))
    split = args.get("split")
    if split is None and args["database"] in COLON:
        split = ":"
    return {"changed": False, "ansible_facts": {fact: _records(done.stdout, split)}}


def _ask(args, target):
    command = [required_program.require(target, "getent")]
    if args.get("service") is not None:
        command += ["-s", args["service"]]
    command.append(args["database"])
    if args.get("key") is not None:
        command += ["--", args["key"]]  # a key that begins with a hyphen is no option
    return target.command(command)


def _records(text, split):
    """Return the fields by their first one; a list of them for a key that is there again."""
    if split == "":
        raise ValueError("empty separator")
    found = {}
    again = set()
    for line in text.splitlines():
        fields = line.split(split)
        if not fields:
            continue
        key, values = fields[0], fields[1:]
        if key not in found:
            found[key] = values
        elif key in again:
            found[key].append(values)
        else:
            found[key] = [found[key], values]
            again.add(key)
    return found
