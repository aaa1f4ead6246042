"""A key that stands twice in one mapping.

What: a second key of the same name in a mapping. The last value counts; `duplicate_dict_key` in
ansible.cfg can make an error of it, or say nothing.

Why: the first value is lost, and a run only warns of it: most often it is a second `when`, or a
variable that was given further up.

Fix: safe; it removes one of two keys that have the same value.

Example:
    - debug:
        msg: hello
      when: ansible_facts.os_family == 'Debian'
      when: deploy | default(true)

Instead:

    - debug:
        msg: hello
      when:
        - ansible_facts.os_family == 'Debian'
        - deploy | default(true)
"""

from __future__ import annotations

from understudy.check.rule import Rule
from understudy.text.diagnostic import Severity

RULE = Rule("duplicate-key", Severity.WARNING, proof=("key_given_twice",))
