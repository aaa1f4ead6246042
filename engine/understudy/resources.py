"""Where `modules/` and `schemas/` lie: in the package of a wheel, else beside `engine/`."""

from pathlib import Path

PACKAGE = Path(__file__).parent
ROOT = PACKAGE if (PACKAGE / "modules").is_dir() else PACKAGE.parent.parent
MODULES, SCHEMAS = ROOT / "modules", ROOT / "schemas"
