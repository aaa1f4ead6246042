#!/bin/sh
echo "it broke = yes" >&2
exit 3
