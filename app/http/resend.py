"""For operators: how a document got to its ERPs, and bringing it once more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import resend as acting
from app.actions.verbs.shape import TEXT
from app.db import documents, erp
from app.db.erp import Deed
from app.db.queue import Queue
from app.domain.refusals import Code, Refused
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer, uuid_of
from app.http.url import Url

_DOCUMENT: Final = "/documents/v1/documents/{document_id}"


class Resend(msgspec.Struct):
    """Why it is brought again; `destination`: to one ERP only, by its code."""

    reason: Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT)]
    destination: Annotated[str, Meta(max_length=63, pattern=TEXT)] | None = None


class Queued(msgspec.Struct):
    """A delivery that is on its way."""

    id: UUID
    destination: str


class Resent(msgspec.Struct):
    """What is on its way; nothing where no ERP takes such documents."""

    deliveries: list[Queued]


class Delivery(msgspec.Struct):
    """How a document got, or gets, to an ERP. `cause`: issued, resent, re-exported or replayed;
    `state`: of its place in the queue; `actor` and `reason`: who asked for it, and why."""

    id: UUID
    destination: str
    way: str
    cause: str
    actor: str
    reason: str
    created_at: datetime
    state: str | None
    attempts: int | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    erp_number: str | None
    refused_at: datetime | None
    refusal: str | None
    last_error: str | None


class Attempt(msgspec.Struct):
    """One try: how long it took, how it ended, what was said."""

    destination: str
    attempt: int
    at: datetime
    ms: int
    status: int | None
    outcome: str
    said: str


class Deliveries(msgspec.Struct):
    """All deliveries of a document, the latest last, and all tries."""

    deliveries: list[Delivery]
    attempts: list[Attempt]


async def resend(request: Request) -> Response:
    """Bring one document once more."""
    asked = decode(await request.body(), Resend)
    hub, id_ = request.state.hub, uuid_of(request, "document_id", Code.DOCUMENT_NOT_FOUND)
    deed = Deed("resent", request.state.operator, clean(asked.reason), request.state.trace_id)
    async with hub.pools.drains.acquire() as conn:
        if not await documents.read(conn, [id_]):
            raise Refused(Code.DOCUMENT_NOT_FOUND)
        rows = await acting.resend(conn, [id_], asked.destination, deed)
    hub.wakes[Queue.ERP].set()
    return json_answer(Resent([Queued(row["id"], row["code"]) for row in rows]))


async def deliveries(request: Request) -> Response:
    """How one document got to its ERPs."""
    id_ = uuid_of(request, "document_id", Code.DOCUMENT_NOT_FOUND)
    async with request.state.hub.pools.drains.acquire() as conn:
        if not await documents.read(conn, [id_]):
            raise Refused(Code.DOCUMENT_NOT_FOUND)
        found, tries = await erp.of_document(conn, id_)
    return json_answer(
        Deliveries(
            [msgspec.convert(dict(row), Delivery) for row in found],
            [msgspec.convert(dict(row), Attempt) for row in tries],
        )
    )


ROWS: Final = (
    Url("POST", f"{_DOCUMENT}/resend", resend, Guard.OPERATOR,
        "Bring one document to its ERPs once more", body=Resend, answer=Resent),
    Url("GET", f"{_DOCUMENT}/deliveries", deliveries, Guard.OPERATOR,
        "How one document got to its ERPs", answer=Deliveries),
)  # fmt: skip
