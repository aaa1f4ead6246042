"""Texts that a program takes as they are: what begins with a hyphen would be an option of it.

Some programs take `--` before their operands, which is used where it is known; others do not.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from understudy.connections.target import Target


def check(target: "Target", args: "dict[str, Any]", *names: str) -> None:
    """Fail if one of these arguments, or one of a list, would be an option of a program."""
    for name in names:
        value = args.get(name)
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(one, str) and one.lstrip().startswith("-"):
                target.fail("%s cannot begin with a hyphen: %s" % (name, one), changed=False)
