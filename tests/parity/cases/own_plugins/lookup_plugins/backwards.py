from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: backwards
short_description: texts backwards
description: texts backwards
options:
  _terms: {description: texts}
  loud:
    description: in capitals
    type: bool
    default: false
    vars: [{name: backwards_loud}]
"""


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        if "refuse" in terms:
            raise AnsibleError("told to")
        turned = [term[::-1] for term in terms]
        return [one.upper() for one in turned] if self.get_option("loud") else turned
