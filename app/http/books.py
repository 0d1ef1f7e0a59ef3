"""What accountants look up, over HTTP: the register of documents and the VAT book."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.actions import registers
from app.db.conn import Conn
from app.domain.document import SOLD, Kind
from app.domain.refusals import Code, Refused
from app.domain.register import Entry, Period, VatBy, VatRow
from app.domain.report import ReportRefused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import clean, json_answer
from app.http.url import Url
from app.http.written import DATE, FORMAT, MEDIA, NAME, as_file, day_of, form_of
from app.render.books import register_sheet, vat_sheet
from app.render.language import say


class RegisterRow(msgspec.Struct):
    """One document. Sums in kopecks, negative for what was given back; `base`: the number of the
    document it refers to."""

    id: str
    kind: Kind
    number: str
    issued_on: str
    merchant: str
    store: str
    account: str
    order: str
    base: str
    currency: str
    total: int
    vat: int
    lines: int


class Register(msgspec.Struct, rename={"from_": "from"}):
    """Documents of some days, both included."""

    from_: str
    until: str
    documents: list[RegisterRow]


class VatPart(msgspec.Struct):
    """What has one rate: percent (null: without VAT), total with VAT, VAT in it; kopecks."""

    percent: int | None
    total: int
    vat: int


class VatBookRow(msgspec.Struct):
    """One day, store, account or document; `documents`: how many it adds up."""

    merchant: str
    key: str
    documents: int
    total: int
    vat: int
    rates: list[VatPart]


class VatBook(msgspec.Struct, rename={"from_": "from"}):
    """Sales, corrections and returns of some days by rate."""

    from_: str
    until: str
    by: VatBy
    rows: list[VatBookRow]


async def documents(request: Request) -> Response:
    """The register: of what was sold, or of the kinds that are named."""
    form, kinds = form_of(request), _kinds(request)
    hub = request.state.hub
    async with hub.reports.enter():  # until it is printed: two at once would be twice the memory
        async with hub.pools.drains.acquire() as conn:
            asked = await _period(request, conn)
            try:
                found = await registers.register(conn, asked, kinds)
            except ReportRefused as refusal:
                raise _refused(request, refusal) from None
        if form == "json":
            rows = [_row(entry) for entry in found]
            return json_answer(Register(asked.first.isoformat(), asked.last.isoformat(), rows))
        sheet = register_sheet(found, asked, kinds, language_of(request))
        return await as_file(request, [sheet], f"documents-{asked.first}-{asked.last}", form)


async def vat(request: Request) -> Response:
    """The VAT book."""
    form, by = form_of(request), request.query_params.get("by", VatBy.DAY)
    if by not in list(VatBy):
        raise Refused(Code.INVALID_BODY, field="by", allowed=list(VatBy))
    hub = request.state.hub
    async with hub.reports.enter():
        async with hub.pools.drains.acquire() as conn:
            asked = await _period(request, conn)
            try:
                found = await registers.vat_book(conn, asked, VatBy(by))
            except ReportRefused as refusal:
                raise _refused(request, refusal) from None
        if form == "json":
            rows = [_vat_row(row) for row in found]
            days = asked.first.isoformat(), asked.last.isoformat()
            return json_answer(VatBook(*days, VatBy(by), rows))
        sheet = vat_sheet(found, asked, VatBy(by), language_of(request))
        return await as_file(request, [sheet], f"vat-{asked.first}-{asked.last}", form)


async def _period(request: Request, conn: Conn) -> Period:
    query = request.query_params
    first, last = day_of(query, "from"), day_of(query, "until")
    only = {name: clean(query.get(name, ""))[:200] or None for name in ("store", "account")}
    try:
        return await registers.period(conn, first, last, **only)
    except ReportRefused as refusal:
        raise _refused(request, refusal) from None


def _refused(request: Request, refusal: ReportRefused) -> Refused:
    sentence = say(language_of(request), f"report.{refusal.text}", **refusal.values)
    return Refused(Code.INVALID_BODY, field=refusal.field, error=sentence)


def _kinds(request: Request) -> tuple[Kind, ...]:
    given = [part for part in request.query_params.get("kinds", "").split(",") if part]
    if any(each not in list(Kind) for each in given):
        raise Refused(Code.INVALID_BODY, field="kinds", allowed=list(Kind))
    return tuple(Kind(each) for each in given) or tuple(sorted(SOLD))


def _row(entry: Entry) -> RegisterRow:
    return RegisterRow(
        str(entry.id), entry.kind, entry.number, entry.issued_on.isoformat(), entry.merchant,
        entry.store, entry.account, entry.order_number, entry.base_number, entry.currency,
        entry.total, entry.vat_total, entry.lines,
    )  # fmt: skip


def _vat_row(row: VatRow) -> VatBookRow:
    parts = [VatPart(part.percent, part.total, part.vat) for part in row.parts]
    return VatBookRow(row.merchant, row.key, row.documents, row.total, row.vat, parts)


_SPAN: Final = {"from": DATE, "until": DATE, "store": NAME, "account": NAME, "format": FORMAT}
_KINDS: Final = {"type": "string", "maxLength": 200}
ROWS: Final = (
    Url("GET", "/reports/v1/documents", documents, Guard.OPERATOR,
        "The register of documents: JSON, CSV, XLSX or PDF",
        answer=Register, binary=tuple(MEDIA.values()), lasting=True,
        query={**_SPAN, "kinds": _KINDS}),
    Url("GET", "/reports/v1/vat", vat, Guard.OPERATOR,
        "The VAT book of some days: JSON, CSV, XLSX or PDF",
        answer=VatBook, binary=tuple(MEDIA.values()), lasting=True,
        query={**_SPAN, "by": {"type": "string", "enum": list(map(str, VatBy)),
                               "default": "day"}}),
)  # fmt: skip
