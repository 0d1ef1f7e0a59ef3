"""The register of documents and the VAT book of some days, refused when nobody could read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, TypeVar

from app.db import registers, reports
from app.db.conn import Conn
from app.domain.document import Kind
from app.domain.register import MOST_ROWS, Entry, Period, VatBy, VatRow
from app.domain.report import ReportRefused

T = TypeVar("T")
#: Days of a report of which nobody said from when it is.
_USUAL: Final = 31
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)


async def period(
    conn: Conn, first: date | None, last: date | None, *, store: str | None, account: str | None
) -> Period:
    """The days as they were asked for, whatever was left out; ReportRefused for spans that are none
    and names that nobody has."""
    last = last or await reports.today(conn)
    if first is None:
        first = last - timedelta(min(_USUAL - 1, (last - date.min).days))
    if first > last:
        raise ReportRefused("from", "from_after_until")
    if not _EARLIEST <= first <= last <= _LATEST:
        raise ReportRefused("from", "far_away")
    if store is not None and not await reports.stores(conn, store):
        raise ReportRefused("store", "no_store", code=store)
    if account is not None and not await reports.accounts(conn, account):
        raise ReportRefused("account", "no_account", code=account)
    return Period(first, last, store, account)


async def register(conn: Conn, asked: Period, kinds: Collection[Kind]) -> list[Entry]:
    """Documents of these kinds; ReportRefused when there are too many for one report."""
    found = await registers.entries(conn, asked, kinds, MOST_ROWS + 1)
    return _readable(found)


async def vat_book(conn: Conn, asked: Period, by: VatBy) -> list[VatRow]:
    """What was sold by rate; ReportRefused when there are too many rows for one report."""
    return _readable(await registers.vat(conn, asked, by))


def _readable(found: list[T]) -> list[T]:
    if len(found) > MOST_ROWS:
        raise ReportRefused("from", "too_many_rows", rows=MOST_ROWS)
    return found
