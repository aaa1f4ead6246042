#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.greeting import greet


def main():
    module = AnsibleModule(
        argument_spec={
            "name": {"required": True, "aliases": ["n"]},
            "state": {"choices": ["on", "off"], "default": "on"},
            "count": {"type": "int"},
            "quiet": {"type": "bool", "default": False},
            "numbers": {"type": "list", "elements": "int"},
            "path": {"type": "path"},
            "token": {"no_log": True},
            "inner": {
                "type": "dict",
                "options": {"x": {"type": "int", "required": True}, "y": {"default": "p"}},
            },
            "many": {
                "type": "list",
                "elements": "dict",
                "options": {"a": {"type": "int"}, "b": {"aliases": ["bb"]}},
                "required_together": [["a", "b"]],
            },
        },
        mutually_exclusive=[["count", "quiet"]],
        required_together=[["path", "token"]],
        required_if=[["state", "off", ["path"]]],
        required_by={"count": ["numbers"]},
        supports_check_mode=True,
    )
    if module.params["name"] == "warn":
        module.warn("careful")
    if module.params["name"] == "run":
        rc, out, err = module.run_command(["sh", "-c", "echo out; echo err >&2; exit 3"])
        module.fail_json(msg="it failed", rc=rc, out=out, err=err)
    module.exit_json(changed=True, said=greet(module.params["name"]), params=module.params,
                     check=module.check_mode)


main()
