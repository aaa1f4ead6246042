"""`ping`: tell that the target can run modules."""


def run(args, target):
    """Return `data`; fail on purpose when it is `crash`."""
    data = args.get("data") or "pong"
    if data == "crash":
        raise Exception("boom")
    return {"changed": False, "ping": data}
