#!/usr/bin/python
print("nope")
import sys; sys.exit(3)
