"""A small JSON Schema validator: the keywords our document uses, and an error for any other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
FORMATS: dict[str, Callable[[str], Any]] = {"uuid": UUID, "date-time": datetime.fromisoformat}
#: Say something to people, nothing about validity.
WORDS = {"title", "description", "default", "$ref", "anyOf", "properties", "required", "items"}
CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda value, name: TYPES[name](value),
    "enum": lambda value, allowed: value in allowed,
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "minimum": lambda value, least: value >= least,
    "maximum": lambda value, most: value <= most,
    "maxItems": lambda value, most: len(value) <= most,
    # A format says something of strings only: a null beside it is another choice.
    "format": lambda value, name: not isinstance(value, str) or FORMATS[name](value) is not None,
    "additionalProperties": lambda _value, _schema: True,
}


def mismatches(
    value: Any, schema: dict[str, Any], resolve: Callable[[str], Any], at: str = "$"
) -> Iterator[str]:
    """Where and how a value is not what the schema says; fields it does not name are wrong too."""
    if "$ref" in schema:
        yield from mismatches(value, resolve(schema["$ref"]), resolve, at)
        return
    if "anyOf" in schema:
        found = [list(mismatches(value, choice, resolve, at)) for choice in schema["anyOf"]]
        yield from () if [] in found else [f"{at}: none of {len(found)} choices: {found}"]
        return
    for keyword in schema.keys() - WORDS:
        if not CHECKS[keyword](value, schema[keyword]):
            yield f"{at}: {value!r} against {keyword} {schema[keyword]!r}"
    if isinstance(value, list):
        for n, item in enumerate(value):
            yield from mismatches(item, schema.get("items", {}), resolve, f"{at}[{n}]")
    if isinstance(value, dict) and "properties" in schema:
        yield from _properties(value, schema, resolve, at)


def _properties(
    value: dict[str, Any], schema: dict[str, Any], resolve: Callable[[str], Any], at: str
) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, inner in value.items():
        if name not in schema["properties"]:
            yield f"{at}.{name} is not in the document"
        else:
            yield from mismatches(inner, schema["properties"][name], resolve, f"{at}.{name}")
