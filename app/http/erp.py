"""For ERPs: fetch documents page by page, fetch their files, say what is taken and what is not."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import files
from app.actions import pull as acting
from app.actions.pull import Asked
from app.actions.verbs.shape import TEXT
from app.db import pull
from app.db.pull import Said
from app.domain import place
from app.domain.destination import Destination, erp_number
from app.domain.paper import FORMS
from app.domain.refusals import Code, Refused
from app.errors import FileLost, Unprintable
from app.http.files import disposition
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer, uuid_of
from app.http.url import Url
from app.render.erp import Acknowledged, ErpPage, erp_document

#: Documents in one page, unless fewer are asked for; and seconds one may wait for the next.
MOST: Final = 100
USUAL: Final = 50
LONGEST: Final = 25
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


class Word(msgspec.Struct):
    """What an ERP says of one document: it is in the books, under `number` if that is told; or why
    it is not: `error`."""

    id: UUID
    number: Annotated[str, Meta(max_length=200, pattern=TEXT)] | None = None
    error: Annotated[str, Meta(min_length=1, max_length=1000, pattern=TEXT)] | None = None


class Words(msgspec.Struct):
    """What an ERP says of documents; said twice it is the same."""

    documents: Annotated[list[Word], Meta(min_length=1, max_length=1000)]


async def read(request: Request) -> Response:
    """Documents behind a cursor; with `wait`, not before there is one."""
    to: Destination = request.state.destination
    page = await acting.fetch(request.state.hub, to, _asked(request))
    shown = [erp_document(dict(row), to.form, page.documents.get(row["document_id"]))
             for row in page.rows]  # fmt: skip
    return json_answer(ErpPage(shown, str(page.cursor), page.more))


async def file(request: Request) -> Response:
    """A document's file, in the form of this ERP."""
    hub, to = request.state.hub, request.state.destination
    id_ = uuid_of(request, "document_id", Code.DOCUMENT_NOT_FOUND)
    async with hub.pools.drains.acquire() as conn:
        if not await pull.handed(conn, to.id, id_):
            raise Refused(Code.DOCUMENT_NOT_FOUND)
    try:
        kept = await files.document_file(hub, id_, to.form, to.language)
        async with hub.shelves.enter():
            body = await files.fetch(hub, kept.sha256)
    except Unprintable as refusal:
        missing = list(refusal.missing)
        raise Refused(
            Code.UNPRINTABLE, form=to.form, problem=refusal.problem, missing=missing
        ) from None
    except FileLost:
        raise Refused(Code.FILE_LOST) from None
    headers = {"ETag": f'"{kept.sha256}"', "Content-Disposition": disposition(kept.name)}
    return Response(body, 200, headers, kept.media_type)


async def acknowledge(request: Request) -> Response:
    """What is taken, and under which numbers; what is refused, and why."""
    words = decode(await request.body(), Words)
    said = [
        Said(word.id, erp_number(word.number), clean(word.error) if word.error else None)
        for word in words.documents
    ]
    unknown = await acting.acknowledge(
        request.state.hub, request.state.destination, said, request.state.trace_id
    )
    return json_answer(Acknowledged(len({each.id for each in said}) - len(unknown), unknown))


def _asked(request: Request) -> Asked:
    given = request.query_params
    after = place.read(given.get("cursor", ""))
    if after is None:
        raise Refused(Code.INVALID_BODY, field="cursor")
    only = given.get("unacknowledged", "0")
    if only not in ("0", "1"):
        raise Refused(Code.INVALID_BODY, field="unacknowledged", expected="0 or 1")
    limit = _number(given.get("limit", str(USUAL)), "limit", 1, MOST)
    wait = _number(given.get("wait", "0"), "wait", 0, LONGEST)
    return Asked(after, limit, only == "1", wait)


def _number(text: str, field: str, least: int, most: int) -> int:
    if not (_NUMBER.fullmatch(text) and least <= int(text) <= most):
        raise Refused(Code.INVALID_BODY, field=field, expected=f"{least} to {most}")
    return int(text)


_PAGE: Final[dict[str, Any]] = {
    "cursor": {"type": "string", "pattern": r"^(0|[1-9]\d{0,17}-[0-9a-f]{8})?$"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    "wait": {"type": "integer", "minimum": 0, "maximum": LONGEST, "default": 0},
    "unacknowledged": {"type": "string", "enum": ["0", "1"], "default": "0"},
}
ROWS: Final = (
    Url("GET", "/erp/v1/documents", read, Guard.ERP, "Documents for an ERP that fetches them",
        answer=ErpPage, lasting=True, query=_PAGE),
    Url("GET", "/erp/v1/documents/{document_id}/file", file, Guard.ERP,
        "One document's file, in the form of this ERP", lasting=True, says=frozenset({410, 422}),
        binary=tuple(sorted({form.media_type for form in FORMS.values()}))),
    Url("POST", "/erp/v1/acknowledgements", acknowledge, Guard.ERP,
        "What an ERP has taken, and under which numbers", body=Words, answer=Acknowledged),
)  # fmt: skip
