"""What stands for a value that is not there: it passes through filters and fails when used."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any, NoReturn

from jinja2 import StrictUndefined
from jinja2.utils import missing as NOTHING  # noqa: N812 (a constant of ours)

from understudy.values.errors import TemplateFailed
from understudy.values.texts import Value

_KNOWN_LIMIT = 500

__all__ = ["NOTHING", "Missing", "type_name"]


def type_name(value: Value) -> str:
    """Return the name an author knows a value's type by: a view is called what it stands for."""
    named = getattr(type(value), "ansible_type", None)
    if named:
        return str(named)
    for plain in (dict, list, str):
        if isinstance(value, plain):
            return plain.__name__
    return type(value).__name__


class Missing(StrictUndefined):
    """An undefined variable or attribute, or a variable whose own text could not be rendered.

    Reaching into it gives itself, so that `a.b.c | default(1)` works; every other use raises
    `TemplateFailed`. `_failure` is the failure of the variable's own text, if that is the reason.
    """

    __slots__ = ("_failure",)

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = NOTHING,
        name: Any = None,
        exc: type[Exception] = TemplateFailed,
        failure: TemplateFailed | None = None,
    ) -> None:
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]
        self._failure = failure

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is NOTHING:
            return f"{self._undefined_name!r} is undefined"
        owner = type_name(self._undefined_obj)
        if not self._undefined_name:
            return f"{owner} object has no element {self._undefined_name!r}"
        return f"object of type {owner!r} has no attribute {self._undefined_name!r}"

    def _fail_with_undefined_error(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise self.failure()

    def failure(self) -> TemplateFailed:
        """Return the failure that using this value is."""
        if self._failure:
            return replace(self._failure)
        owner = self._undefined_obj
        return TemplateFailed(
            self._undefined_message,
            code="undefined-variable",
            name=self._undefined_name if isinstance(self._undefined_name, str) else None,
            known=tuple(map(str, islice(owner, _KNOWN_LIMIT))) if isinstance(owner, dict) else (),
        )

    def __getattr__(self, name: str) -> Missing:
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def __getitem__(self, _key: object) -> Missing:  # type: ignore[override]
        return self

    def __call__(self, *_args: object, **_kwargs: object) -> Missing:  # type: ignore[override]
        """Return itself: what is missing can be called."""
        return self

    __iter__ = __str__ = __len__ = __repr__ = __html__ = _fail_with_undefined_error
    __eq__ = __ne__ = __bool__ = __contains__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = _fail_with_undefined_error
    __int__ = __float__ = __complex__ = __index__ = _fail_with_undefined_error
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _fail_with_undefined_error
    __mod__ = __rmod__ = __pow__ = __rpow__ = __pos__ = __neg__ = _fail_with_undefined_error
    __hash__ = object.__hash__  # type: ignore[assignment]
