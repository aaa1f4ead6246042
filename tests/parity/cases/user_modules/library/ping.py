#!/usr/bin/python
import json
print(json.dumps({"ping": "mine"}))
