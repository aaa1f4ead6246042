"""Filters: what stands after `|` in a template, every one a plain function, found by name."""

from collections.abc import Callable, Mapping

from understudy.values.filters import (
    choices,
    containers,
    encoding,
    numbers,
    passwords,
    paths,
    sets,
    texts,
    times,
    yaml_reader,
    yaml_writer,
)
from understudy.values.texts import Value

FILTERS: Mapping[str, Callable[..., Value]] = {
    **choices.FILTERS,
    **containers.FILTERS,
    **encoding.FILTERS,
    **numbers.FILTERS,
    **passwords.FILTERS,
    **paths.FILTERS,
    **sets.FILTERS,
    **texts.FILTERS,
    **times.FILTERS,
    **yaml_reader.FILTERS,
    **yaml_writer.FILTERS,
}
