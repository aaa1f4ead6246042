"""`gather_facts`: the facts of a host from every module that is configured for that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from understudy.execution.actions.base import Answer, Call, Result, failure
from understudy.execution.keywords import Keywords, to_bool
from understudy.playbook.module_names import short_name
from understudy.values.filters.containers import combine
from understudy.values.texts import Value

_SETUP, _SMART = "setup", "smart"
_MODULES, _PARALLEL = "ansible_facts_modules", "ansible_facts_parallel"
_NO_LIST = (
    f"Task failed: Config 'FACTS_MODULES' from 'var: {_MODULES}' has an invalid value:"
    " Invalid value provided for 'list': {!r}."
    " Write the names of modules, as in `[setup, my_facts]`"
)
_USUAL = "ansible.legacy.setup"
_ONLY_SETUP: Mapping[str, str] = {
    "gather_subset": "subset",
    "gather_timeout": "timeout",
    "filter": "filter",
}
"""Arguments that no other module is given, with the names that Ansible has for them."""
_NO_MODULES = (
    "No fact modules available and we could not find a fact module for your network OS ({}),"
    " try setting one via the `FACTS_MODULES` configuration."
)
_NETWORK_SETUP = (
    "Detected 'setup' module and a network OS is set, the output when running it will reflect"
    " 'localhost' and not the target when a networking connection plugin is used."
)


async def gather_facts(call: Call) -> Answer:
    """Run the modules, side by side if there are several, and merge what they find in order."""
    os = str(call.scope.get("ansible_network_os", ""))
    asked = call.scope.get(_MODULES, None)
    asked = list(call.settings.facts_modules) if asked is None else asked
    if not isinstance(asked, (str, Sequence)):
        return failure(_NO_LIST.format(asked))
    names = list(dict.fromkeys(_named(asked, os)))
    if not names:
        return failure(_NO_MODULES.format(os))
    warnings: list[str] = []
    if os and _SETUP in map(short_name, names):
        warnings.append(_NETWORK_SETUP)
    given = [_arguments(call, name, warnings) for name in names]
    if _parallel(call, names):
        limited = (_limited(call, name, args) for name, args in zip(names, given, strict=True))
        results = list(await asyncio.gather(*limited))
    else:
        results = [
            await call.fact_module(name, args) for name, args in zip(names, given, strict=True)
        ]
    return _merged(names, results, warnings)


def _named(asked: str | Sequence[Value], os: str) -> list[str]:
    """Return the modules that are asked for; `smart` is `setup` where none is special."""
    names = asked.split(",") if isinstance(asked, str) else asked
    names = [str(name).strip() for name in names]
    return [_USUAL if name == _SMART else name for name in names if name != _SMART or not os]


def _parallel(call: Call, names: Sequence[str]) -> bool:
    asked = call.args.get("parallel")
    if asked is None:
        asked = call.scope.get(_PARALLEL, None)
    return Keywords(call.scope).read(_PARALLEL, asked, to_bool, len(names) > 1)


def _arguments(call: Call, name: str, warnings: list[str]) -> Result:
    """Return the arguments of the task that a module takes."""
    given = {
        key: value
        for key, value in call.args.items()
        if key != "parallel" and value not in (None, [])
    }
    if short_name(name) == _SETUP:
        return given
    warnings += [
        f"Not passing {words}({given[key]}) to {name}"
        for key, words in _ONLY_SETUP.items()
        if key in given and given[key] != ["all"]
    ]
    return {key: value for key, value in given.items() if key not in _ONLY_SETUP}


async def _limited(call: Call, name: str, args: Result) -> Result:
    """Run one of several modules; one that does not know `gather_timeout` is held to it."""
    seconds = call.args.get("gather_timeout")
    if not seconds or short_name(name) == _SETUP:
        return await call.fact_module(name, args)
    try:
        async with asyncio.timeout(seconds):
            return await call.fact_module(name, args)
    except TimeoutError:
        return {"failed": True, "msg": "Timeout exceeded"}


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What Ansible calls the modules that ended in one way, and their results."""

    word: str
    words: str
    results: Mapping[str, Result]

    @property
    def message(self) -> str:
        return f"The following modules {self.words}: {', '.join(self.results)}."


def _merged(names: Sequence[str], results: Sequence[Result], warnings: list[str]) -> Answer:
    """Return one result for all modules; a failure of any is one of the task."""
    facts: dict[str, Value] = {}
    for result in results:
        found = result.get("ansible_facts") or {}
        facts = combine(facts, found, recursive=True, list_merge="append_rp")
        warnings += result.get("warnings") or []
    ended = dict(zip(names, results, strict=True))
    failed = {name: one for name, one in ended.items() if one.get("failed")}
    skipped = {name: one for name, one in ended.items() if one.get("skipped")}
    merged: Result = {"ansible_facts": facts, "changed": False}
    for trouble in (
        _Trouble("skipped_modules", "were skipped", skipped),
        _Trouble("failed_modules", "failed to execute", failed),
    ):
        if trouble.results:
            merged |= {"msg": trouble.message, trouble.word: trouble.results}
    if failed:
        merged["failed"] = True
    elif len(skipped) == len(names):
        merged["skipped"] = True
    return Answer(merged | ({"warnings": warnings} if warnings else {}))
