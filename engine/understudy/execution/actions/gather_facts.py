"""`gather_facts`: the facts of a host, as a play asks for them."""

from __future__ import annotations

from understudy.execution.actions.base import Answer, Call


async def gather_facts(call: Call) -> Answer:
    """Run `setup` on the target with the subset and timeout of the play or the configuration."""
    settings = call.settings
    args = {
        "gather_subset": call.args.get("gather_subset") or list(settings.gather_subset),
        "gather_timeout": call.args.get("gather_timeout") or settings.gather_timeout_s,
        "filter": call.args.get("filter") or [],
    }
    if path := call.args.get("fact_path"):
        args["fact_path"] = path
    return Answer(await call.target.module("setup", args))
