#!/bin/sh
echo "a word" >&2
cat <<'END'
{"g": {"hosts": ["h1", "h2"], "children": ["k"], "vars": {"of_group": "{{ inventory_hostname }}"}},
 "_meta": {"profile": "inventory_legacy", "hostvars": {
  "h1": {"ansible_connection": "local", "tpl": "{{ 1 + 1 }}", "deep": [{"a": "{{ tpl }}"}], "unsafe": {"__ansible_unsafe": "{{ 1 }}"}},
  "h2": {"ansible_connection": "local", "tpl": "{% raw %}{{ {% endraw %}", "deep": {}, "unsafe": "{{ 2 }}"},
  "nobody": {"x": 1}}}}
END
