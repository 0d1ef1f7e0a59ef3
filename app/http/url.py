"""What the hub says of one URL: routes and OpenAPI are both made from it."""

from __future__ import annotations

from dataclasses import dataclass
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
