"""What a condition's value must be."""

from understudy.values.errors import TemplateFailed
from understudy.values.texts import Expression, Template, Value


def check_condition(text: Expression | Template, value: Value) -> bool:
    """Return a condition's value if it is a boolean, or raise TemplateFailed."""
    if isinstance(value, bool):
        return value
    raise TemplateFailed(
        f"Conditional result ({bool(value)}) was derived from value of type "
        f"{type(value).__name__!r} at {str(text.span)!r}. Conditionals must have a boolean result.",
        code="conditional-not-boolean",
        text=text.text,
        span=text.span,
    )
