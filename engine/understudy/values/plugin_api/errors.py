"""Exceptions that plugins raise."""

from __future__ import annotations

from typing import Any


class AnsibleError(Exception):
    """Something is wrong; the message says what."""

    def __init__(
        self,
        message: str = "",
        obj: object = None,
        show_content: bool = True,
        suppress_extended_error: object = None,
        orig_exc: BaseException | None = None,
        **_: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.obj = obj
        self.orig_exc = orig_exc


class AnsibleRuntimeError(AnsibleError):
    """It happened while a task ran."""


class AnsibleTemplateError(AnsibleRuntimeError):
    """A template cannot be rendered."""


class AnsibleFilterError(AnsibleTemplateError):
    """A filter cannot do its work."""


class AnsibleFilterTypeError(AnsibleTemplateError, TypeError):
    """A filter got a value of the wrong type."""


class AnsibleLookupError(AnsibleTemplateError):
    """A lookup cannot do its work."""


class AnsibleUndefinedVariable(AnsibleTemplateError):  # noqa: N818 (Ansible's name)
    """A variable is not there."""


class AnsibleOptionsError(AnsibleError):
    """An option is wrong."""


class AnsibleParserError(AnsibleError):
    """A file cannot be read."""


class AnsibleFileNotFound(AnsibleRuntimeError):  # noqa: N818 (Ansible's name)
    """A file is not there."""


class AnsiblePluginError(AnsibleError):
    """A plugin is wrong itself."""


class AnsibleTypeError(AnsibleRuntimeError, TypeError):
    """A value has the wrong type."""


class AnsibleAction(AnsibleRuntimeError):  # noqa: N818 (Ansible's name)
    """An action ends early; `result` is what it yields besides its message."""

    def __init__(
        self, message: str = "", *args: object, result: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.result = result or {}


class AnsibleActionFail(AnsibleAction):
    """An action fails."""


class AnsibleActionSkip(AnsibleAction):
    """An action has nothing to do."""
