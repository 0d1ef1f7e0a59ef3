"""What the hub says of one URL: routes and OpenAPI are both made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.http.guards import Endpoint, Guard


@dataclass(frozen=True, slots=True)
class Url:
    """One row of the route table; what follows `summary` is for OpenAPI."""

    method: str
    path: str
    endpoint: Endpoint
    guard: Guard
    summary: str
    body: type[msgspec.Struct] | None = None
    answer: Any = None
    status: int = 200
    write: bool = False  #: wants Idempotency-Key
    versioned: bool = False  #: wants If-Match
    scoped: bool = False  #: takes ?scope=
    lasting: bool = False  #: may take longer than others: it minds the time itself
    query: Mapping[str, Any] = field(default_factory=dict)  #: optional parameters: JSON Schemas
    headers: Mapping[str, Any] = field(default_factory=dict)  #: the same for request headers
    media: str = "application/json"  #: of the answer
    binary: tuple[str, ...] = ()  #: media types of an answer that is a file
    takes: tuple[str, ...] = ()  #: media types of a body that is a file
    empty: str = ""  #: what a 204 instead of the answer means
    moved: str = ""  #: what a 303 instead of the answer means
    places: Mapping[str, Any] = field(default_factory=dict)  #: placeholders that are no ids
    says: frozenset[int] = frozenset()  #: statuses of refusals of its own
    refusal: Any = None  #: the shape of the endpoint's refusals, where it is not problem+json
