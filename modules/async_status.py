"""`async_status`: tell of a job from its job file, or remove the file."""

import os

from understudy.connections import jobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from understudy.connections.base import JsonObject
    from understudy.connections.target import Target


def run(args: "JsonObject", target: "Target") -> "JsonObject":
    """Return the job's state: running, its result, or that there is no such job.

    The directory comes in the environment. Cleaning up neither waits nor kills, and happens in
    check mode too.
    """
    jid, mode = args["jid"], args.get("mode") or "status"
    directory = jobs.expand(os.environ.get("ANSIBLE_ASYNC_DIR") or "~/.ansible_async", os.environ)
    path = os.path.join(directory, jid)
    own = {"module_args": {"jid": jid, "mode": mode, "_async_dir": directory}}
    result = {"ansible_job_id": jid, "stdout": "", "stderr": "", "invocation": own}
    result["erased" if mode == "cleanup" else "results_file"] = path
    content = jobs.read(path)
    if content is None:
        result.update(failed=True, msg="could not find job", started=True, finished=True)
    elif mode == "cleanup":
        jobs.remove(path)
        jobs.remove(jobs.supervisor_file(path))
        result.update(started=False, finished=False)
    else:
        result.update(_state(content, path), ansible_job_id=jid)
    return result


def _state(content: "JsonObject", path: str) -> "JsonObject":
    """Return what a job file says; one that cannot be read is of a job that still runs."""
    if jobs.is_running(content) and jobs.supervisor_died(path):
        content = jobs.read(path) or {}  # it may have ended between the two looks
        if jobs.is_running(content):
            lost = "the job's supervisor died without a result"
            return {"started": True, "finished": True, "failed": True, "msg": lost}
    told = dict(content, started=True, finished=not jobs.is_running(content))
    if content:
        told.setdefault("invocation", None)
    return told
