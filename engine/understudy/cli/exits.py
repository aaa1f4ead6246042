"""Exit codes: what each command's end means. `run` keeps Ansible's, `check` those of linters."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    ERROR = 1
    """`run`: a generic error. `check`: a usage error."""
    HOST_FAILED = 2
    """`run`: a task failed, or a usage error, as in Ansible."""
    FINDINGS = 2
    NOT_CHECKED = 3
    """`check`: some file could not be read."""
    UNREACHABLE = 4
    INVALID = 4
    """`run`: the playbook is not valid; Ansible shares this code with unreachable hosts."""
    BAD_OPTION = 5
    INTERRUPTED = 99
    """`run`: by Ctrl-C, as in Ansible."""
    BY_SIGINT = 130
    """By Ctrl-C, as shells tell it."""
    UNEXPECTED = 250
