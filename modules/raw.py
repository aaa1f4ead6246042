"""`raw`: give a command line to the user's shell, as it is."""


def run(args, target):
    """Run the line; nothing but its output and return code is known of it."""
    line = args["_raw_params"]
    if target.check_mode:
        return {"changed": False, "skipped": True}
    executable = args.get("executable") or "/bin/sh"
    done = target.command([executable, "-c", line])
    result = {"changed": True, "rc": done.rc, "stdout": done.stdout, "stderr": done.stderr}
    if done.rc:
        result.update(failed=True, msg="non-zero return code")
    return result
