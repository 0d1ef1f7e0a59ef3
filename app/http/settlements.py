"""Marketplaces' own reports over HTTP: take one, see where it differs, accept it, take it back."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import settle
from app.actions.settle import Paper
from app.actions.verbs.shape import TEXT
from app.db import settlements
from app.domain.refusals import Code, Refused
from app.domain.settlement import Book, SettlementRefused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer, uuid_of
from app.http.url import Url
from app.http.written import DATE, FORMAT, MEDIA, NAME, as_file, day_of, form_of
from app.imports.settlement import read as read_rows
from app.render.books import settlement_sheet
from app.render.language import say
from app.render.settlement import (
    SettlementList,
    SettlementStory,
    flaw_views,
    settlement_view,
    story_view,
)

_ALL: Final = "/reports/v1/settlements"
_ONE: Final = f"{_ALL}/{{settlement_id}}"
#: Differences in one answer for programs; files have them all.
_SHOWN: Final = 1000


class Acceptance(msgspec.Struct):
    """Why differences are taken as they are."""

    reason: Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT)]


async def take(request: Request) -> Response:
    """The body is the report's file; what it is called and about stands in the query."""
    query = request.query_params
    kind, first, last = query.get("kind", ""), day_of(query, "from"), day_of(query, "until")
    if kind not in list(Book):
        raise Refused(Code.INVALID_BODY, field="kind", allowed=list(Book))
    if first is None or last is None:
        missing = "from" if first is None else "until"
        raise Refused(Code.INVALID_BODY, field=missing, expected="YYYY-MM-DD")
    body = await request.body()
    texts = {name: clean(query.get(name, ""))[:300] for name in ("account", "number", "name")}
    hub = request.state.hub
    try:
        async with hub.reports.enter():  # a file's rows are in memory: one at a time
            rows = await asyncio.to_thread(read_rows, body)
            paper = Paper(kind=Book(kind), first=first, last=last, body=body, rows=rows, **texts)
            async with hub.pools.drains.acquire() as conn:
                id_ = await settle.take(conn, paper, request.state.operator)
    except SettlementRefused as refusal:
        raise _refused(request, refusal) from None
    return await _story(request, id_)


async def list_settlements(request: Request) -> Response:
    """The latest reports."""
    account = clean(request.query_params.get("account", ""))[:200] or None
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await settlements.browse(conn, account=account)
    return json_answer(SettlementList([settlement_view(each) for each in found]))


async def read(request: Request) -> Response:
    """One report with its differences, compared now."""
    form, id_ = form_of(request), id_of(request)
    if form == "json":
        return await _story(request, id_)
    report, differences = await read_one(request, id_)
    sheet = settlement_sheet(report, differences, language_of(request))
    return await as_file(request, [sheet], f"settlement-{report.first}-{report.last}", form)


async def accept(request: Request) -> Response:
    """A person takes the differences as they are; the document of commission is made soon after."""
    said, id_ = decode(await request.body(), Acceptance), id_of(request)
    await read_one(request, id_)
    async with request.state.hub.pools.drains.acquire() as conn:
        who = request.state.operator
        if not await settle.accept(conn, id_, who, said.reason.strip()):
            raise Refused(Code.SETTLEMENT_DONE)
    return await _story(request, id_)


async def take_back(request: Request) -> Response:
    """As if it had never been taken; not once a document was made of it."""
    id_ = id_of(request)
    await read_one(request, id_)
    async with request.state.hub.pools.drains.acquire() as conn:
        if not await settlements.drop(conn, id_):
            raise Refused(Code.SETTLEMENT_DONE)
    return await list_settlements(request)


async def _story(request: Request, id_: UUID) -> Response:
    report, differences = await read_one(request, id_)
    return json_answer(story_view(report, differences, language_of(request), _SHOWN))


async def read_one(request: Request, id_: UUID) -> settle.Story:
    """A report as it stands; Refused when there is none."""
    hub = request.state.hub
    async with hub.reports.enter(), hub.pools.drains.acquire() as conn:
        found = await settle.read(conn, id_)
    if found is None:
        raise Refused(Code.SETTLEMENT_NOT_FOUND)
    return found


def id_of(request: Request) -> UUID:
    """The report of the path."""
    return uuid_of(request, "settlement_id", Code.SETTLEMENT_NOT_FOUND)


def _refused(request: Request, refusal: SettlementRefused) -> Refused:
    language = language_of(request)
    said = {"error": say(language, refusal.text, **refusal.values)}
    flaws = flaw_views(refusal.flaws, language)
    return Refused(Code.INVALID_BODY, **said, **({"flaws": flaws} if flaws else {}))


_KIND: Final = {"type": "string", "enum": list(map(str, Book))}
_DONE: Final = frozenset({409})
ROWS: Final = (
    Url("POST", _ALL, take, Guard.OPERATOR,
        "Take a marketplace's report of payments or of commission: CSV or XLSX",
        answer=SettlementStory, lasting=True, takes=("text/csv", MEDIA["xlsx"]),
        query={"account": NAME, "kind": _KIND, "number": NAME, "from": DATE, "until": DATE,
               "name": NAME}),
    Url("GET", _ALL, list_settlements, Guard.OPERATOR,
        "Marketplaces' reports, the latest first", answer=SettlementList,
        query={"account": NAME}),
    Url("GET", _ONE, read, Guard.OPERATOR,
        "One report and where it differs from our documents: JSON, CSV, XLSX or PDF",
        answer=SettlementStory, binary=tuple(MEDIA.values()), lasting=True,
        query={"format": FORMAT}),
    Url("POST", f"{_ONE}/accept", accept, Guard.OPERATOR,
        "Accept the differences of a report",
        body=Acceptance, answer=SettlementStory, lasting=True, says=_DONE),
    Url("DELETE", _ONE, take_back, Guard.OPERATOR,
        "Take a report back of which no document was made",
        answer=SettlementList, lasting=True, says=_DONE),
)  # fmt: skip
