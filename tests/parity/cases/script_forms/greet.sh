#!/bin/sh
echo "$# args: $*"
echo "to ${WHO:-you} as $(basename "$0")"
