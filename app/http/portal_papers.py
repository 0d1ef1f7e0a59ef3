"""The accountant's pages: documents, one of them, and what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.actions import registers
from app.actions import resend as bringing
from app.db import documents, erp, reports, sales
from app.db import registers as table
from app.db.conn import Conn
from app.db.erp import Deed
from app.db.queue import Queue
from app.domain.document import SOLD, Kind
from app.domain.paper import FORMS
from app.domain.refusals import Code, Refused
from app.domain.register import Entry, Period, Sums
from app.domain.report import ReportRefused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.pages import page
from app.http.portal import form_of
from app.http.reading import clean, uuid_of
from app.http.url import Url
from app.http.written import day_of
from app.identifiers import new_id
from app.render.figures import day, money
from app.render.language import say
from app.render.papers import clock, held, quantity

#: Documents and held orders on one page.
_ROWS: Final = 200
_HELD: Final = 50
#: Days shown when nobody asks for others.
_USUAL: Final = timedelta(days=6)


async def papers(request: Request) -> Response:
    """Documents of some days, what they come to, and which orders wait for theirs."""
    query, language = request.query_params, language_of(request)
    find, kind = clean(query.get("find", ""))[:100].strip(), query.get("kind", "")
    kinds = (Kind(kind),) if kind in list(Kind) else tuple(sorted(SOLD))
    trouble, found, sums = "", list[Entry](), Sums(0, 0, 0)
    async with request.state.hub.pools.drains.acquire() as conn:
        asked = await _usual(conn)
        try:
            asked = await _asked(request, conn, asked)
            found, sums = await _found(conn, asked, kinds, find)
        except ReportRefused as refusal:
            trouble = say(language, f"report.{refusal.text}", **refusal.values)
        waiting = await sales.holds(conn, asked.store, _HELD)
        stores = await reports.stores(conn, None)
    span = {"from": asked.first, "until": asked.last, "store": asked.store or ""}
    return page(
        request,
        "documents.html",
        asked=asked, kind=kind, kinds=list(Kind), find=find, stores=stores, trouble=trouble,
        rows=found[:_ROWS], more=max(0, sums.documents - _ROWS), total=sums.total, vat=sums.vat,
        held=[held(dict(row), sales.WAIVABLE, language) for row in waiting], most_held=_HELD,
        span=urlencode(span), query=urlencode({**span, "kinds": ",".join(kinds)}),
        said=query.get("said", ""), **written(request),
    )  # fmt: skip


async def _usual(conn: Conn) -> Period:
    last = await reports.today(conn)
    return Period(last - _USUAL, last)


async def _asked(request: Request, conn: Conn, usual: Period) -> Period:
    """The days of the form; a form sent empty asks for the usual ones."""
    query = request.query_params
    first, last = day_of(query, "from") or usual.first, day_of(query, "until") or usual.last
    store = clean(query.get("store", ""))[:200] or None
    return await registers.period(conn, first, last, store=store, account=None)


async def _found(
    conn: Conn, asked: Period, kinds: tuple[Kind, ...], find: str
) -> tuple[list[Entry], Sums]:
    """Of the days, no more than are shown; or, by a number, of any day and kind. And what all of
    them come to."""
    if not find:
        sums = await table.sums(conn, asked, kinds)
        return await table.entries(conn, asked, kinds, _ROWS), sums
    found = await table.entries_of(conn, await erp.find_documents(conn, find))
    totals = (sum(entry.total for entry in found), sum(entry.vat_total for entry in found))
    return found, Sums(len(found), *totals)


async def paper(request: Request) -> Response:
    """One document: what it says, its files, whether the ERP has it."""
    id_ = uuid_of(request, "document_id", Code.DOCUMENT_NOT_FOUND)
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await documents.read(conn, [id_])
        if not found:
            raise Refused(Code.DOCUMENT_NOT_FOUND)
        deliveries, _ = await erp.of_document(conn, id_)
        later = await table.later(conn, id_)
    (one,) = found
    return page(
        request,
        "document.html",
        one=one, deliveries=deliveries, later=later,
        destinations=list(dict.fromkeys(each["destination"] for each in deliveries)),
        forms=[form for form in FORMS.values() if one.kind in form.kinds],
        said=request.query_params.get("said", ""), **written(request),
    )  # fmt: skip


async def resend(request: Request) -> Response:
    """The button under a document's deliveries."""
    id_ = uuid_of(request, "document_id", Code.DOCUMENT_NOT_FOUND)
    form = await form_of(request)
    reason = form.get("reason", "").strip()[:300]
    if not reason:
        raise Refused(Code.REASON_REQUIRED)
    deed = Deed("resent", request.state.operator, reason, new_id().hex)
    hub = request.state.hub
    async with hub.pools.drains.acquire() as conn:
        sent = await bringing.resend(conn, [id_], form.get("destination", "") or None, deed)
    hub.wakes[Queue.ERP].set()
    said = "resent" if sent else "not_resent"
    return RedirectResponse(f"/portal/documents/{id_}?said={said}", 303)


async def let_pass(request: Request) -> Response:
    """The button of a held order: one of its problems is none."""
    form = await form_of(request)
    reason = form.get("reason", "").strip()[:300]
    if not reason:
        raise Refused(Code.REASON_REQUIRED)
    try:
        order_id = UUID(request.path_params["order_id"])
    except ValueError:
        raise Refused(Code.ORDER_NOT_FOUND) from None
    async with request.state.hub.pools.drains.acquire() as conn, conn.transaction():
        who, problem = request.state.operator, form.get("problem", "")
        done = await sales.waive(conn, order_id, problem, who, reason)
    said = "waived" if done else "not_waived"
    return RedirectResponse(f"/portal/documents?said={said}", 303)


def written(request: Request) -> dict[str, Any]:
    """How this reader's language writes figures, for templates."""
    ways: dict[str, Callable[..., str]] = {"money": money, "quantity": quantity, "day": day}
    language = language_of(request)
    return {"clock": clock, **{name: partial(ways[name], language=language) for name in ways}}


URLS: Final = (
    Url("GET", "/portal/documents", papers, Guard.OPERATOR, "Documents of some days"),
    Url("GET", "/portal/documents/{document_id}", paper, Guard.OPERATOR, "One document"),
    Url("POST", "/portal/documents/{document_id}/resend", resend, Guard.OPERATOR,
        "Bring a document to the ERP again"),
    Url("POST", "/portal/documents/held/{order_id}", let_pass, Guard.OPERATOR,
        "Let a problem of a held order pass"),
)  # fmt: skip
