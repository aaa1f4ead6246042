"""`raw`: give a command line to the user's shell, as it is."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from understudy.connections.base import JsonObject
    from understudy.connections.target import Target


def run(args: "JsonObject", target: "Target") -> "JsonObject":
    """Run the line; nothing but its output and return code is known of it.

    Ansible's `raw` is no module: its result tells of no invocation, and output that is not UTF-8 is
    shown with `?` instead of failing.
    """
    if target.check_mode:
        return {"changed": False, "skipped": True, "invocation": None}
    done = target.command(args["_raw_params"], executable=args.get("executable"))
    result = {"changed": True, "rc": done.rc, "invocation": None}  # type: JsonObject
    result.update(stdout=_shown(done.stdout), stderr=_shown(done.stderr))
    if done.rc:
        result.update(failed=True, msg="non-zero return code")
    return result


def _shown(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
