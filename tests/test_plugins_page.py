"""The page on plugins names every part of `ansible.module_utils` that is here, and no other."""

from __future__ import annotations

import re

from understudy.resources import MODULES, ROOT


def test_the_parts_that_are_here_are_listed() -> None:
    """By the names under which modules import them."""
    folder = MODULES / "module_utils"
    there = {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        for path in folder.rglob("*.py")
    }
    page = (ROOT / "docs/PLUGINS.md").read_text("utf-8")
    listed = page.partition("These are there:")[2].partition("\n\nA module that imports")[0]
    named = {name for name in re.findall(r"`([\w.]+)`", listed) if name.islower()}
    assert named - {"env_fallback", "missing_required_lib"} == there
