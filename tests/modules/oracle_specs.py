"""Run by the oracle's Python: print what each module named declares of its arguments, as JSON."""

import importlib
import json
import sys

from ansible.module_utils import basic  # type: ignore[import-not-found]

RELATIONS = (
    "mutually_exclusive",
    "required_together",
    "required_one_of",
    "required_if",
    "required_by",
)


class Declared(BaseException):
    """A module has said what its arguments are: it need not go on. It stands in `args`."""


def declare(_module, argument_spec, **more):  # type: ignore[no-untyped-def]
    secrets = [name for name, spec in argument_spec.items() if spec.get("no_log")]
    found = {name: more.get(name) for name in RELATIONS}
    found["supports_check_mode"] = bool(more.get("supports_check_mode"))
    found["defaults"] = [n for n, spec in argument_spec.items() if spec.get("default") is not None]
    raise Declared(dict(found, secrets=secrets, arguments=sorted(argument_spec)))


def declared_by(name):  # type: ignore[no-untyped-def]
    module = importlib.import_module(f"ansible.modules.{name}")
    try:
        module.main()
    except Declared as declared:
        return declared.args[0]
    except AttributeError:  # its action does everything
        return None


basic.AnsibleModule.__init__ = declare
print(json.dumps({name: declared_by(name) for name in sys.argv[1:]}))
