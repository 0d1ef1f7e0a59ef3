"""The catalogue's API for operators' programs: put files of goods in, see which goods it lacks."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from app.actions.import_goods import Wish, import_goods
from app.db import catalogue
from app.domain.assortment import ImportRefused, Report
from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.url import Url
from app.imports.commerceml import Sku
from app.imports.digest import digest
from app.imports.formats import Format, Reading
from app.render import goods as views
from app.render.language import say

_FILES: Final = (
    "text/csv",
    "application/json",
    "application/xml",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_FLAGS: Final = {"0": False, "": False, "false": False, "1": True, "true": True}
_LISTED: Final = 200


async def put_products(request: Request) -> Response:
    """Take the body into the catalogue: a file in any format `orderhub import` takes."""
    asked = request.query_params
    reading, wish = _reading(asked), _wish(asked)
    raw = await request.body()
    language = language_of(request)
    try:
        report = await _import(request, raw, reading, wish)
    except ImportRefused as refusal:
        sentence = say(language, refusal.text, **refusal.values)
        raise Refused(Code.INVALID_BODY, error=sentence) from None
    return _json(views.report_view(report, language))


async def _import(request: Request, raw: bytes, reading: Reading, wish: Wish) -> Report:
    found = await asyncio.to_thread(digest, raw, reading)  # seconds of work
    async with request.state.hub.pools.drains.acquire() as conn:
        return await import_goods(conn, found, wish)


async def list_unmapped(request: Request) -> Response:
    """Ordered goods that the catalogue does not know."""
    asked = request.query_params
    limit = asked.get("limit", str(_LISTED))
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:6]) <= 10_000):
        raise Refused(Code.INVALID_BODY, field="limit", expected="1 to 10000")
    async with request.state.hub.pools.drains.acquire() as conn:
        rows = await catalogue.unmapped(conn, _text(asked, "store"), int(limit[:6]))
    return _json(views.UnmappedList([views.UnmappedView(**dict(row)) for row in rows]))


def _reading(asked: QueryParams) -> Reading:
    name = asked.get("format", "")
    if name not in ("", *Format):
        raise Refused(Code.INVALID_BODY, field="format", allowed=list(Format))
    sku = asked.get("sku", "id")
    if sku not in ("id", "article"):
        raise Refused(Code.INVALID_BODY, field="sku", allowed=["id", "article"])
    known: Sku = "article" if sku == "article" else "id"
    return Reading(Format(name) if name else None, known, _text(asked, "price_type") or "")


def _wish(asked: QueryParams) -> Wish:
    return Wish(
        store=_text(asked, "store"),
        merchant=_text(asked, "merchant"),
        dry_run=_flag(asked, "dry_run"),
        strict=_flag(asked, "strict"),
        deactivate_missing=_flag(asked, "deactivate_missing"),
    )


def _text(asked: QueryParams, name: str) -> str | None:
    """PostgreSQL keeps no NUL and no half of a letter."""
    clean = asked.get(name, "").replace("\x00", "").encode("utf-8", "ignore").decode()
    return clean[:200] or None


def _flag(asked: QueryParams, name: str) -> bool:
    given = asked.get(name, "").casefold()
    if given not in _FLAGS:
        raise Refused(Code.INVALID_BODY, field=name, allowed=["0", "1"])
    return _FLAGS[given]


def _json(value: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


_NAME: Final[dict[str, Any]] = {"type": "string", "maxLength": 200}
_SWITCH: Final[dict[str, Any]] = {"type": "string", "enum": ["0", "1"], "default": "0"}
ROWS: Final = (
    Url("POST", "/catalogue/v1/products", put_products, Guard.OPERATOR,
        "Take goods into the catalogue: CSV, XLSX, JSON or CommerceML",
        answer=views.ImportReport, lasting=True, takes=_FILES,
        query={"format": {"type": "string", "enum": list(map(str, Format))}, "store": _NAME,
               "merchant": _NAME, "dry_run": _SWITCH, "strict": _SWITCH,
               "deactivate_missing": _SWITCH, "price_type": _NAME,
               "sku": {"type": "string", "enum": ["id", "article"], "default": "id"}}),
    Url("GET", "/catalogue/v1/unmapped", list_unmapped, Guard.OPERATOR,
        "Ordered goods that the catalogue does not know", answer=views.UnmappedList,
        query={"store": _NAME,
               "limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": _LISTED}}),
)  # fmt: skip
