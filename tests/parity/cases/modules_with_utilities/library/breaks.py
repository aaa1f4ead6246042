#!/usr/bin/python
import sys

from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec={"how": {}})
how = module.params["how"]
if how == "raise":
    raise ValueError('bad "value"')
if how == "exit":
    sys.exit(3)
if how == "print":
    print("noise before")
    module.exit_json(changed=False)
