"""A case of a module: arguments, the files before and after, and what its result must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.modules.runner import Host, harvest, plant

Tree = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`{w}` in arguments and results stands for the directory with the files."""

    name: str
    module: str
    args: Mapping[str, Any]
    before: Tree = field(default_factory=dict)
    after: Tree | None = None
    """None: as before."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """These keys have these values."""
    within: Mapping[str, Any] = field(default_factory=dict)
    """The same for what is deeper: `stat.mode`, `files.0.path`."""
    keys: str = ""
    """When given, the result has exactly these keys."""
    diff: Any = None
    changed: bool = True
    again: bool = False
    """Whether a second run changes something too."""
    foretold: bool | None = None
    """What check mode says of a change, where it cannot see that the attempt would fail."""
    source: str | None = None
    """Content that the controller has put on the target, for `copy`."""

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def read_cases(
    module: str, args: Mapping[str, Any], *, unsent: Mapping[str, Any] | None = None
) -> list[Case]:
    """Read `cases/<module>.yml`; every case has these arguments unless it gives its own.

    `unsent` are further ones of the cases without `source`.
    """
    cases = []
    for one in YAML(typ="safe").load(Path(__file__).parent / "cases" / f"{module}.yml"):
        usual = args if "source" in one else {**args, **(unsent or {})}
        cases.append(Case(module=module, **{**one, "args": {**usual, **one.get("args", {})}}))
    return cases


def filled(value: Any, root: Path) -> Any:
    """Put the directory's path in the place of `{w}`, at any depth."""
    if isinstance(value, str):
        return value.replace("{w}", str(root))
    if isinstance(value, Mapping):
        return {key: filled(item, root) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, root) for item in value]
    return value


def verify(case: Case, host: Host, root: Path, elsewhere: Path) -> None:
    """Predict in check mode, do it, and do it again."""
    plant(root, case.before)
    planted = harvest(root)
    predicted = _run(case, host, root, elsewhere, check=True)
    assert harvest(root) == planted, "check mode changed something"
    foretold = case.changed if case.foretold is None else case.foretold
    assert predicted.get("changed", False) == foretold, predicted
    result = _run(case, host, root, elsewhere)
    assert result.get("changed", False) == case.changed, result
    assert harvest(root) == (planted if case.after is None else dict(case.after)), result
    assert {key: result.get(key) for key in case.result} == filled(case.result, root)
    assert {way: _inner(result, way) for way in case.within} == filled(case.within, root)
    if case.diff is not None:
        assert result["diff"] == filled(case.diff, root)
    if case.keys:
        assert " ".join(sorted(result)) == case.keys
    if not result.get("failed"):
        repeated = _run(case, host, root, elsewhere)
        assert repeated.get("changed", False) == case.again, repeated


def _inner(value: Any, way: str) -> Any:
    for name in way.split("."):
        value = value[int(name)] if isinstance(value, list) else value.get(name)
    return value


def _run(
    case: Case, host: Host, root: Path, elsewhere: Path, *, check: bool = False
) -> dict[str, Any]:
    args = filled(case.args, root)
    if case.source is not None:
        uploaded = elsewhere / "uploaded"
        uploaded.write_text(case.source)
        args |= {"src": str(uploaded), "_uploaded": True}
    return host.run(case.module, args, check=check, diff=case.diff is not None)
