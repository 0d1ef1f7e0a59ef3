"""The report of orders over HTTP, for operators and their programs."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from app.actions.report import asked, report
from app.domain.refusals import Code, Refused
from app.domain.report import By, ReportRefused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import clean, json_answer
from app.http.url import Url
from app.http.written import DATE, NAME, day_of
from app.render.language import say
from app.render.report import OrderReport, report_csv, report_view

_CSV: Final = "text/csv"
_FORMATS: Final = ("json", "csv")


async def orders(request: Request) -> Response:
    """The report as JSON, or as CSV when `format` or Accept says so."""
    query, language = request.query_params, language_of(request)
    as_csv = _as_csv(request)
    first, last, by = day_of(query, "from"), day_of(query, "until"), _by(query)
    only = {name: clean(query.get(name, ""))[:200] or None for name in ("store", "account")}
    hub = request.state.hub
    async with hub.reports.enter(), hub.pools.drains.acquire() as conn:
        try:
            ask = await asked(conn, first, last, by, **only)
        except ReportRefused as refusal:
            sentence = say(language, f"report.{refusal.text}", **refusal.values)
            raise Refused(Code.INVALID_BODY, field=refusal.field, error=sentence) from None
        found = await report(conn, ask)
    if not as_csv:
        return json_answer(report_view(found))
    name = f"orders-{ask.first}-{ask.last}-{ask.by}.csv"
    said = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(report_csv(found, language), headers=said, media_type=_CSV)


def _as_csv(request: Request) -> bool:
    wanted = request.query_params.get("format", "")
    if wanted not in ("", *_FORMATS):
        raise Refused(Code.INVALID_BODY, field="format", allowed=list(_FORMATS))
    return wanted == "csv" or (not wanted and _CSV in request.headers.get("accept", ""))


def _by(query: QueryParams) -> By:
    given = query.get("by", By.DAY)
    if given not in list(By):
        raise Refused(Code.INVALID_BODY, field="by", allowed=list(By))
    return By(given)


ROWS: Final = (
    Url("GET", "/reports/v1/orders", orders, Guard.OPERATOR,
        "Orders of some days by hours, days, stores or accounts: JSON or CSV",
        answer=OrderReport, binary=(_CSV,), lasting=True,
        query={"from": DATE, "until": DATE, "store": NAME, "account": NAME,
               "by": {"type": "string", "enum": list(map(str, By)), "default": "day"},
               "format": {"type": "string", "enum": list(_FORMATS)}}),
)  # fmt: skip
