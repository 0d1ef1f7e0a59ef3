"""The report of orders over HTTP, for operators and their programs."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

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
from app.render.language import say
from app.render.report import OrderReport, report_csv, report_view

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CSV: Final = "text/csv"
_FORMATS: Final = ("json", "csv")


async def orders(request: Request) -> Response:
    """The report as JSON, or as CSV when `format` or Accept says so."""
    query, language = request.query_params, language_of(request)
    as_csv = _as_csv(request)
    first, last, by = _day(query, "from"), _day(query, "until"), _by(query)
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


def _day(query: QueryParams, name: str) -> date | None:
    given = query.get(name, "")
    if not given:
        return None
    try:
        return date.fromisoformat(given if _DAY.fullmatch(given) else "")
    except ValueError:
        raise Refused(Code.INVALID_BODY, field=name, expected="YYYY-MM-DD") from None


def _by(query: QueryParams) -> By:
    given = query.get("by", By.DAY)
    if given not in list(By):
        raise Refused(Code.INVALID_BODY, field="by", allowed=list(By))
    return By(given)


_DATE: Final[dict[str, Any]] = {"type": "string", "format": "date"}
_NAME: Final[dict[str, Any]] = {"type": "string", "maxLength": 200}
ROWS: Final = (
    Url("GET", "/reports/v1/orders", orders, Guard.OPERATOR,
        "Orders of some days by hours, days, stores or accounts: JSON or CSV",
        answer=OrderReport, binary=(_CSV,), lasting=True,
        query={"from": _DATE, "until": _DATE, "store": _NAME, "account": _NAME,
               "by": {"type": "string", "enum": list(map(str, By)), "default": "day"},
               "format": {"type": "string", "enum": list(_FORMATS)}}),
)  # fmt: skip
