"""Modules and functions that have another name since Python 3."""

import builtins
import shlex
from io import StringIO

cStringIO = StringIO
filter = builtins.filter
input = builtins.input
map = builtins.map
range = xrange = builtins.range
shlex_quote = shlex.quote
zip = builtins.zip
