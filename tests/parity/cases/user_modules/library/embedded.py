#!/usr/bin/python
import json
a = json.loads(r"""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>""")
print(json.dumps({"v": a["v"]}))
