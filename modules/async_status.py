"""`async_status`: tell of a job from its job file, or remove the file."""

import json
import os

from understudy.connections import jobs


def run(args, target):
    """Return the job's state: running, its result, or that there is no such job."""
    jid = args["jid"]
    directory = os.path.expanduser(os.environ.get("ANSIBLE_ASYNC_DIR") or "~/.ansible_async")
    path = os.path.join(directory, jid)
    cleaning = args.get("mode") == "cleanup"
    result = {"ansible_job_id": jid, "stdout": "", "stderr": ""}
    result["erased" if cleaning else "results_file"] = path
    if not os.path.exists(path):
        result.update(failed=True, msg="could not find job", started=True, finished=True)
        return result
    if cleaning:
        _remove(path)
        result.update(started=False, finished=False)
        return result
    result.update(_state(path))
    result["ansible_job_id"] = jid
    return result


def _remove(path):
    for name in (path, path + ".pid"):
        try:
            os.unlink(name)
        except OSError:
            pass


def _state(path):
    """Return what the job file says. One that cannot be read is of a job that still runs."""
    try:
        with open(path) as handle:
            content = json.load(handle)
    except (IOError, OSError, ValueError):
        return {"started": True, "finished": False}
    if "started" not in content:
        return dict(content, started=True, finished=True)
    if content.get("finished"):
        return dict(content, started=bool(content["started"]), finished=True)
    if jobs.supervisor_died(path):
        lost = "the job's supervisor died without a result"
        return {"started": True, "finished": True, "failed": True, "msg": lost}
    return {"started": True, "finished": False}
