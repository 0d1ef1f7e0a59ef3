"""The books of the stand-in: each document once, with a number of its own."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec


class Fail(msgspec.Struct, forbid_unknown_fields=True):
    """The next `count` documents are answered with `status`."""

    count: Annotated[int, msgspec.Meta(ge=0)] = 0
    status: Annotated[int, msgspec.Meta(ge=300, le=599)] = 503
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /erp/_control` sets; fields left out stay as they are."""

    fail_next: Fail = msgspec.field(default_factory=Fail)
    lose_next: Annotated[int, msgspec.Meta(ge=0)] = 0  #: taken, but the answer never arrives
    delay: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0  #: seconds before every answer
    refuse: list[str] = msgspec.field(default_factory=list)  #: numbers that are answered with 422
    silent: bool = False  #: takes documents without telling its numbers


@dataclass(slots=True)
class Entry:
    """One document in the books. `deliveries`: by webhook-id, what it brought, and how often."""

    number: str
    document_id: str
    document_number: str
    kind: str
    total: str
    at: datetime
    body: bytes = field(repr=False)
    deliveries: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Books:
    """The stand-in: the secret it shares with the hub, its switches, what it got."""

    secret: str
    clock: Callable[[], datetime]
    switches: Switches = field(default_factory=Switches)
    counts: Counter[str] = field(default_factory=Counter)
    entries: dict[str, Entry] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Write a document down; what to answer. The same again gets the number it has."""
        id_, digest = headers["webhook-id"], hashlib.sha256(body).hexdigest()
        if self.digests.setdefault(id_, digest) != digest:
            self.counts["doubles_refused"] += 1
            return 422, {"error": "this webhook-id brought something else before"}
        document_id = headers.get("x-document-id", id_)
        entry = self.entries.get(document_id)
        status = 201 if entry is None else 200
        if entry is None:
            entry = self.entries[document_id] = self._new(document_id, headers, body)
        self.counts["taken" if status == 201 else "repeated"] += 1
        entry.deliveries[id_] += 1
        return status, {} if self.switches.silent else {"number": entry.number}

    def _new(self, document_id: str, headers: Mapping[str, str], body: bytes) -> Entry:
        return Entry(
            number=f"ДМ-{len(self.entries) + 1:06d}",
            document_id=document_id,
            document_number=unquote(headers.get("x-document-number", "")),
            kind=headers.get("x-document-kind", ""),
            total=_total(body),
            at=self.clock(),
            body=body,
        )


def _total(body: bytes) -> str:
    """The total of the first document in a JSON file; '' for files of other forms."""
    try:
        first = json.loads(body)[0]
        return f"{first['total']} {first['currency']}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
