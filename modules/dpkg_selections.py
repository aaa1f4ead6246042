"""`dpkg_selections`: what dpkg is to do with a package: install, hold, deinstall or purge it."""

from understudy.modules.shared import apt_cache


def run(args, target):
    """Set the selection if it is another one."""
    name, wanted = args["name"], args["selection"]
    done = apt_cache.run(target, ["dpkg", "--get-selections", "--", name])
    lines = [line.split() for line in done.stdout.splitlines() if line.split()[1:]]
    before = sorted({line[1] for line in lines} - {wanted})
    if not lines:
        msg = "Failed to find package '%s' to perform selection '%s'."
        target.fail(msg % (name, wanted))
    if before and not target.check_mode:
        text = "".join("%s %s\n" % (line[0], wanted) for line in lines).encode()
        done = apt_cache.run(target, ["dpkg", "--set-selections"], stdin=text)
        if done.rc:
            target.fail(done.stderr.strip() or "dpkg --set-selections failed", rc=done.rc)
    return {"changed": bool(before), "before": before[0] if before else wanted, "after": wanted}
