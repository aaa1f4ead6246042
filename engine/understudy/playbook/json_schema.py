"""The keyword table as JSON Schemas: one flat schema for each kind of mapping."""

from __future__ import annotations

from typing import Any

from understudy.playbook.keywords import (
    LOOP_PLACES,
    LOOP_PREFIX,
    Keyword,
    Place,
    Rendered,
    keywords_of,
)

_REQUIRED = {Place.PLAY: ["hosts"], Place.BLOCK: ["block"]}
_OTHER_KEYS = Place.TASK | Place.HANDLER | Place.ROLE | Place.IMPORT_PLAYBOOK
_NAMED_BY_A_MODULE = (
    Place.INCLUDE_TASKS | Place.IMPORT_TASKS | Place.INCLUDE_ROLE | Place.IMPORT_ROLE
)


def schema_of(place: Place) -> dict[str, Any]:
    """Return the JSON Schema of the mappings in a place.

    Where a module's name stands beside the keywords, any further key is let through: which ones
    there are, the parser knows from the modules' schemas.
    """
    words = place.words.replace("`", "")
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": words,
        "type": "object",
        "properties": {name: _property(k) for name, k in sorted(keywords_of(place).items())},
        "additionalProperties": place in _OTHER_KEYS | _NAMED_BY_A_MODULE,
    }
    if place in LOOP_PLACES:
        schema["patternProperties"] = {f"^{LOOP_PREFIX}": {"description": "A loop by a lookup."}}
    if place in _REQUIRED:
        schema["required"] = _REQUIRED[place]
    return schema


def file_name(place: Place) -> str:
    """Return the name of a place's file in `schemas/playbook/`."""
    return f"{str(place.name).lower()}.json"


def _property(keyword: Keyword) -> dict[str, Any]:
    extra: dict[str, Any] = {"description": keyword.meaning}
    if keyword.rendered is not Rendered.AT_RUN:
        extra["x-rendered"] = keyword.rendered.value
    return {**extra, **keyword.kind.full_schema}
