"""Write the files that the cases begin with: f0, f1 and so on."""

import json
import sys
from pathlib import Path

for number, case in enumerate(json.load(sys.stdin)):
    text = case.get("before", "one\ntwo\nthree\n")
    Path(f"f{number}").write_bytes(text.encode())
