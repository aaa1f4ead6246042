#!/usr/bin/python
# WANT_JSON
import json, sys
a = json.load(open(sys.argv[1]))
print("junk before")
print(json.dumps({"changed": False, "got": a.get("x"), "check": a["_ansible_check_mode"], "facts": 1}))
print("junk after")
