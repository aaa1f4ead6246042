"""Cases of the rules: playbooks in which a rule finds something, and others in which it does not.

`cases/<slug>/fail_*.yml` has beside it `.expected`: the findings of this rule, for each target,
and `.fixed.yml`: the text after all its fixes. In `pass_*.yml` it finds nothing for any target. A
directory stands for a project; its playbook is `site.yml`.

    python -m tests.check.cases [SLUG ...]    writes what is found now
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from understudy.check.checked import Checked
from understudy.check.files import Kind, Unit
from understudy.check.mending.mend import mend
from understudy.check.project.library import shown
from understudy.check.settings.settings import Settings
from understudy.check.targets import Target
from understudy.cli.check_paths import checked_units
from understudy.report.diagnostics import render
from understudy.text.diagnostic import Diagnostic
from understudy.text.source import Source

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One playbook, or one project, for one rule."""

    slug: str
    path: Path

    @property
    def fails(self) -> bool:
        """Whether the rule is to find something."""
        return self.path.name.startswith("fail_")

    @property
    def playbook(self) -> Path:
        """The file that is checked."""
        return self.path / "site.yml" if self.path.is_dir() else self.path

    @property
    def expected(self) -> Path:
        """The file with what is to be found."""
        return self.path.with_suffix(".expected")

    @property
    def fixed(self) -> Path:
        """The file with the text after the fixes."""
        return self.path.with_suffix(f".fixed{self.playbook.suffix}")


def cases(slugs: list[str] | None = None) -> Iterator[Case]:
    """Yield every case, sorted."""
    for folder in sorted(CASES.iterdir()):
        if not slugs or folder.name in slugs:
            patterns = ("*.yml", "*.cfg", "*.ini", "*/")
            for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
                if not path.stem.endswith(".fixed"):
                    yield Case(folder.name, path)


def checked(path: Path, target: Target = Target.UNDERSTUDY) -> Checked:
    """Return what is found in a playbook."""
    return checked_units([Unit(path, Kind.PLAYBOOK)], Settings(target=target))


def found_in(case: Case, target: Target) -> list[Diagnostic]:
    """Return what the rule of a case finds for a target."""
    return found_at(case.path, case.slug, target)


def found_at(path: Path, slug: str, target: Target) -> list[Diagnostic]:
    """Return what a rule finds in a playbook, in another file, or in a project."""
    return looked_at(path, slug, target).findings


def looked_at(path: Path, slug: str, target: Target, sources: Iterable[Source] = ()) -> Checked:
    """Return a check with what one rule finds. `sources` stand for the files of their names."""
    inventories = tuple(path.glob("inventory.ini")) if path.is_dir() else ()
    settings = Settings(target=target, inventories=inventories)
    checked = checked_units(list(units_of(path)), settings, sources)
    checked.findings = [one for one in checked.findings if one.code == slug]
    return checked


def units_of(path: Path) -> Iterator[Unit]:
    """Yield what is to be checked in a case: of a project its playbook, and its data."""
    if not path.is_dir():
        yield Unit(path, kind_of(path))
        return
    for one in sorted(path.rglob("*.*")):
        kind = kind_of(one)
        if one == path / "site.yml" or kind in (Kind.CONFIG, Kind.INVENTORY, Kind.VARIABLES):
            yield Unit(one, kind)


def kind_of(path: Path) -> Kind:
    """Return what a file of a case is for, by its name."""
    if path.suffix == ".cfg":
        return Kind.CONFIG
    if path.suffix == ".ini" or path.stem == "hosts":
        return Kind.INVENTORY
    is_variables = path.parent.name in {"group_vars", "host_vars", "vars", "defaults"}
    return Kind.VARIABLES if is_variables else Kind.PLAYBOOK


def told(case: Case) -> str:
    """Return the findings of a case as text: those of each target, equal ones together."""
    by_text: dict[str, list[str]] = {}
    for target in Target:
        text = "".join(render(found) + "\n\n" for found in found_in(case, target))
        by_text.setdefault(text.replace(f"{shown(case.path.parent)}/", ""), []).append(target.value)
    if len(by_text) == 1:
        return next(iter(by_text))
    sections = ((", ".join(targets), text or "nothing\n\n") for text, targets in by_text.items())
    return "".join(f"# {targets}\n\n{text}" for targets, text in sections)


def mended(case: Case) -> str | None:
    """Return a playbook's text after every fix of its rule, or None if there is none."""
    here = found_in(case, Target.UNDERSTUDY)
    target = Target.UNDERSTUDY if here else Target.ANSIBLE_2_19

    def look(sources: Iterable[Source] = ()) -> Checked:
        return looked_at(case.path, case.slug, target, sources)

    return mend(look, unsafe=True).after.get(case.playbook.resolve())


def main(slugs: list[str]) -> None:
    """Write what is found now beside every case."""
    for case in cases(slugs):
        if case.fails:
            case.expected.write_text(told(case), "utf-8")
            text = mended(case)
            if text is not None:
                case.fixed.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
