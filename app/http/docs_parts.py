"""The documentation page's parts: which URL belongs to which, and what a person reads of a type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: In the order of a picker's day; the first part whose pattern is found in the path has the URL.
_PARTS: Final[Mapping[str, str]] = {
    "integrators": r"^/integrators/",
    "accounts": r"^/accounts/",
    "documents": r"^/(documents|erp)/|^/reports/v1/(documents|settlements|vat)",
    "shift": r"/sessions|/me$|/shifts/|/config$",
    "runs": r"/runs",
    "offline": r"/ops:batch|/result$|/picking-list$",
    "replacements": r"/(replace|decide|withdraw|substitutes|approvals)$",
    "packing": r"/(bags|seal|void|reopen|stage|ready|handover|putbacks?)$|/bags/|/handover/",
    "picking": r"/lines/|/(start|scan|undo|complete|review)$",
    "feed": r"/(changes|stream)$",
    "people": r"/(team|people|devices|problems)",
    "monitoring": r"^/(monitoring|reports)/",
    "catalogue": r"^/catalogue/",
    "facade": r"^/sbermarket/",
    "queue": r"/orders",
}
#: The order on the page.
ORDER: Final = (
    "shift", "queue", "picking", "replacements", "packing", "feed", "offline", "runs", "people",
    "monitoring", "catalogue", "documents",
    "accounts", "integrators", "facade",
)  # fmt: skip
_WORDS: Final = {"minimum": "≥", "maximum": "≤", "minLength": "≥", "maxLength": "≤"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the page."""

    method: str
    path: str
    said: Mapping[str, Any]  #: OpenAPI's operation


def parts(api: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Every operation of the document under its part; no part is empty, and none is left out."""
    found: dict[str, list[Operation]] = {name: [] for name in ORDER}
    for path, methods in api["paths"].items():
        for method, said in methods.items():
            found[_part_of(path)].append(Operation(method.upper(), path, said))
    return found


def _part_of(path: str) -> str:
    return next(name for name, pattern in _PARTS.items() if re.search(pattern, path))


def limits(schema: Mapping[str, Any]) -> str:
    """What a value must keep to, in signs: "≥ 1, ≤ 100, = open"."""
    return ", ".join(_limits(schema))


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, sign in _WORDS.items():
        if name in schema:
            length = " ×" if name.endswith("Length") else ""
            yield f"{sign} {schema[name]}{length}"
    if schema.get("default") not in (None, "", [], {}):
        yield f"= {schema['default']}"


def statuses(api: Mapping[str, Any]) -> dict[str, str]:
    """What each refusing status means: the same for every operation."""
    answers = [
        answer
        for methods in api["paths"].values()
        for said in methods.values()
        for answer in said["responses"].items()
    ]
    found = {status: said["description"] for status, said in answers if status >= "400"}
    return dict(sorted(found.items()))
