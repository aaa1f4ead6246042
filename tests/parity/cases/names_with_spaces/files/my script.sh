#!/bin/sh
echo "$0" | sed "s,.*/,,"; for a; do echo "<$a>"; done
