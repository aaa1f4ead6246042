"""Exceptions that modules raise and catch."""


class AnsibleFallbackNotFound(Exception):
    """A `fallback` has no value either."""


class AnsibleValidationError(Exception):
    """Arguments do not satisfy their spec."""

    def __init__(self, message=""):
        super().__init__(message)
        self.error_message = message

    @property
    def msg(self):
        """What is wrong."""
        return self.args[0]
