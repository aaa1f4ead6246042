"""Where `modules/` and `schemas/` lie: in the package of a wheel, else beside `engine/`."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
ROOT = _PACKAGE if (_PACKAGE / "modules").is_dir() else _PACKAGE.parent.parent
MODULES, SCHEMAS = ROOT / "modules", ROOT / "schemas"
