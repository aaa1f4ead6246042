"""Arguments held against a spec, for modules that check some of their own."""

from understudy.playbook.argument_spec import check_spec


class ValidationResult:
    """What became of arguments."""

    def __init__(self, checked):
        self.validated_parameters = checked.values
        self.unsupported_parameters = set(checked.unsupported)
        self.error_messages = list(checked.faults)
        if checked.unsupported:
            text = "%s. Supported parameters include: %s."
            names = ", ".join(sorted(checked.unsupported))
            self.error_messages.append(text % (names, checked.supported))


class ArgumentSpecValidator:
    """A spec, and what holds between its arguments."""

    def __init__(
        self,
        argument_spec,
        mutually_exclusive=None,
        required_together=None,
        required_one_of=None,
        required_if=None,
        required_by=None,
    ):
        self.argument_spec = argument_spec
        self._relations = {
            "mutually_exclusive": mutually_exclusive,
            "required_together": required_together,
            "required_one_of": required_one_of,
            "required_if": required_if,
            "required_by": required_by,
        }

    def validate(self, parameters, *_, **__):
        """Hold arguments against the spec."""
        return ValidationResult(check_spec(self.argument_spec, parameters, self._relations))


ModuleArgumentSpecValidator = ArgumentSpecValidator
