from ansible.errors import AnsibleFilterError


def doubled(text, times=2):
    return text * times


def refuses(text):
    raise AnsibleFilterError("cannot do " + text)


class FilterModule:
    def filters(self):
        return {"doubled": doubled, "refuses": refuses}
