"""Where `modules/` and `schemas/` lie: inside the package in a wheel, beside `engine/` in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
ROOT = _PACKAGE if (_PACKAGE / "modules").is_dir() else _PACKAGE.parent.parent
MODULES, SCHEMAS = ROOT / "modules", ROOT / "schemas"
