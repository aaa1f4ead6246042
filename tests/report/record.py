"""`python -m tests.report.record`: let the real Ansible print every case, and keep what it prints.

What differs from run to run is replaced by the words that the scenes use.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.parity.oracle import oracle
from tests.report.variants import CASES, VARIANTS, Variant

_MASKS = (
    (re.compile(r'"(delta|start|end)": "[^"]*"'), r'"\1": "<\1>"'),
    (re.compile(r"\bj\d+\.\d+\b"), "j1.1"),
    (re.compile(r'"/[^"]*/\.ansible_async/'), '"/root/.ansible_async/'),
    (re.compile(r"^(<\S+> |Using module file |NOTIFIED HANDLER ).*\n", re.MULTILINE), ""),
)
_FIRST_BANNER = re.compile(r"\n(PLAY|DRY RUN)")


def record(variant: Variant) -> None:
    """Run Ansible on a copy of a case and write what it printed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve() / variant.case
        shutil.copytree(CASES / variant.case, folder)
        command = [str(oracle()), "-f1", "-i", str(CASES / "hosts"), "playbook.yml"]
        done = subprocess.run(
            [*command, "-e", f"ansible_python_interpreter={sys.executable}", *variant.arguments],
            cwd=folder,
            env={**os.environ, **variant.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        text = done.stdout.replace(str(folder), "{dir}")
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    found = _FIRST_BANNER.search(text)
    variant.path.write_text(text[found.start() if found else 0 :], "utf-8")


if __name__ == "__main__":
    for one in VARIANTS:
        if not sys.argv[1:] or one.case in sys.argv[1:]:
            record(one)
