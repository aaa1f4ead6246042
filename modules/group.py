"""`group`: a group of the target is there, with the number it should have, or is not there."""

import grp

from understudy.modules.shared import operands, required_program

OF_LOGIN_DEFS = (("gid_min", "GID_MIN"), ("gid_max", "GID_MAX"))


def run(args, target):
    """Add, change or remove a group with the system's own programs."""
    name = args["name"]
    operands.check(target, args, "name")
    for key, _ in OF_LOGIN_DEFS:
        if args.get("local") and args.get(key) is not None:
            target.fail("'%s' can not be used with 'local'" % key)
    found = _find(name)
    if args.get("state") == "absent":
        command = _remove(args) if found else None
    else:
        command = _change(args, found) if found else _add(args)
    if command is None:
        return _result(args, False)
    if target.check_mode:
        return {"changed": True}
    command[0] = required_program.require(target, command[0])
    done = target.command(command)
    if done.rc:
        target.fail(done.stderr or done.stdout, name=name)
    return _result(args, True, done)


def _find(name):
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None


def _program(args, name):
    return "l" + name if args.get("local") else name


def _remove(args):
    force = ["--force"] if args.get("force") else []
    return [_program(args, "groupdel"), *force, args["name"]]


def _add(args):
    command = [_program(args, "groupadd"), *_number(args)]
    if args.get("system"):
        command.append("-r")
    for key, setting in OF_LOGIN_DEFS:
        if args.get(key) is not None:
            command += ["-K", "%s=%d" % (setting, args[key])]
    return [*command, args["name"]]


def _change(args, found):
    """Return the command that gives a group its number, None if it has it."""
    if args.get("gid") is None or int(args["gid"]) == found.gr_gid:
        return None
    return [_program(args, "groupmod"), *_number(args), args["name"]]


def _number(args):
    if args.get("gid") is None:
        return []
    unique = ["-o"] if args.get("non_unique") and not args.get("local") else []
    return ["-g", str(args["gid"]), *unique]


def _result(args, changed, done=None):
    result = {"changed": changed, "name": args["name"], "state": args.get("state", "present")}
    if done is not None:
        result.update({key: text for key, text in _texts(done) if text})
    found = _find(args["name"])
    if result["state"] == "present" and found:
        result.update(system=bool(args.get("system")), gid=found.gr_gid)
    return result


def _texts(done):
    return (("stdout", done.stdout), ("stderr", done.stderr))
