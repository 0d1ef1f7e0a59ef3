"""The pages of marketplaces' own reports: bring one, see where it differs, accept it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.actions import settle
from app.actions.settle import Paper
from app.db import reports, settlements
from app.domain.refusals import Code, Refused
from app.domain.settlement import Book, SettlementRefused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.pages import page
from app.http.portal import form_of
from app.http.portal_papers import written
from app.http.reading import clean
from app.http.settlements import id_of, read_one
from app.http.url import Url
from app.http.written import day_of
from app.imports.settlement import read as read_rows
from app.render.figures import kilograms
from app.render.language import say
from app.render.settlement import FlawView, flaw_views

#: Differences and reports on one page.
_ROWS: Final = 300
_HERE: Final = "/portal/settlements"


@dataclass(frozen=True, slots=True)
class Given:
    """What was filled in, to be shown again beside what is wrong with it."""

    account: str = ""
    kind: str = ""
    number: str = ""
    first: str = ""
    last: str = ""


async def overview(request: Request) -> Response:
    """The reports taken so far, and the form to bring another."""
    return await _overview(request, Given())


async def _overview(
    request: Request, given: Given, trouble: str = "", flaws: Sequence[FlawView] = ()
) -> Response:
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await settlements.browse(conn, limit=_ROWS)
        accounts = await reports.accounts(conn, None)
    return page(
        request,
        "settlements.html",
        400 if trouble else 200,
        found=found, accounts=[each.code for each in accounts], kinds=list(Book), given=given,
        trouble=trouble, flaws=flaws, said=request.query_params.get("said", ""),
        **written(request),
    )  # fmt: skip


async def take(request: Request) -> Response:
    """The form with its file: to the report's page, or back with what is wrong."""
    async with request.form(max_files=1, max_fields=20) as form:
        given, body, name = _given(form), b"", ""
        if isinstance(file := form.get("file"), UploadFile):
            body, name = await file.read(), clean(file.filename or "")[:200]
    hub, language = request.state.hub, language_of(request)
    try:
        async with hub.reports.enter():  # a file's rows are in memory: one at a time
            paper = await _paper(given, body, name)
            async with hub.pools.drains.acquire() as conn:
                id_ = await settle.take(conn, paper, request.state.operator)
    except SettlementRefused as refusal:
        sentence = say(language, refusal.text, **refusal.values)
        return await _overview(request, given, sentence, flaw_views(refusal.flaws, language))
    return RedirectResponse(f"{_HERE}/{id_}", 303)


def _given(form: FormData) -> Given:
    texts = {
        name: clean(str(form.get(field, "")))[:200]
        for name, field in (
            ("account", "account"), ("kind", "kind"), ("number", "number"), ("first", "from"),
            ("last", "until"),
        )
    }  # fmt: skip
    return Given(**texts)


async def _paper(given: Given, body: bytes, name: str) -> Paper:
    days = {"from": given.first, "until": given.last}
    try:
        first, last = (day_of(days, which) for which in days)
    except Refused:
        raise SettlementRefused("settlement.days") from None
    if first is None or last is None or given.kind not in list(Book):
        raise SettlementRefused("settlement.days")
    rows = await asyncio.to_thread(read_rows, body)
    return Paper(given.account, Book(given.kind), given.number, first, last, name, body, rows)


async def one(request: Request) -> Response:
    """One report and where it differs."""
    report, differences = await read_one(request, id_of(request))
    return page(
        request,
        "settlement.html",
        one=report, differences=differences[:_ROWS], more=max(0, len(differences) - _ROWS),
        said=request.query_params.get("said", ""),
        thousandths=partial(kilograms, language=language_of(request)), **written(request),
    )  # fmt: skip


async def press(request: Request) -> Response:
    """Accept its differences, or take it back."""
    id_, form = id_of(request), await form_of(request)
    await read_one(request, id_)
    hub, reason = request.state.hub, form.get("reason", "").strip()[:300]
    async with hub.pools.drains.acquire() as conn:
        match form.get("act"):
            case "accept" if reason:
                done = await settle.accept(conn, id_, request.state.operator, reason)
                return RedirectResponse(f"{_HERE}/{id_}?said={_ACCEPTED[done]}", 303)
            case "accept":
                raise Refused(Code.REASON_REQUIRED)
            case "drop" if await settlements.drop(conn, id_):
                return RedirectResponse(f"{_HERE}?said=dropped", 303)
            case "drop":
                return RedirectResponse(f"{_HERE}/{id_}?said=kept", 303)
    raise Refused(Code.INVALID_BODY, field="act")


_ACCEPTED: Final = {True: "accepted", False: "already"}
URLS: Final = (
    Url("GET", _HERE, overview, Guard.OPERATOR, "Marketplaces' reports"),
    Url("POST", _HERE, take, Guard.OPERATOR, "Bring a marketplace's report", lasting=True),
    Url("GET", f"{_HERE}/{{settlement_id}}", one, Guard.OPERATOR, "One report", lasting=True),
    Url("POST", f"{_HERE}/{{settlement_id}}", press, Guard.OPERATOR, "A button of a report",
        lasting=True),
)  # fmt: skip
