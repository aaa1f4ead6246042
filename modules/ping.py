"""`ping`: tell that the target can run modules."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from understudy.connections.base import JsonObject
    from understudy.connections.target import Target


def run(args: "JsonObject", target: "Target") -> "JsonObject":
    """Return `data`; break on purpose when it is `crash`."""
    data = args.get("data", "pong")
    if data == "crash":
        raise RuntimeError("boom")
    return {"changed": False, "ping": data}
