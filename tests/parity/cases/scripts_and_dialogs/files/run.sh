#!/bin/sh
echo "args: $*"; pwd | sed 's/.*case/case/'; echo "V=$V"; echo err >&2; [ -n "$2" ] && touch "$2"; exit ${RC:-0}
