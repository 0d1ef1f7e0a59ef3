"""The report of orders: days of the stores' own, by hours, days, stores or accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from app.db import reports
from app.db.conn import Conn
from app.domain.report import LONGEST, Ask, By, Named, Report, ReportRefused, row

#: Days in a report of which nobody said from when it is.
_USUAL: Final = 7
#: What no report is about: calendars beyond have no midnight in some zone.
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)


async def asked(
    conn: Conn, first: date | None, last: date | None, by: By, **only: str | None
) -> Ask:
    """A report as it was asked for, whatever was left out; refuses spans that are none, and names
    (`store`, `account`) that nobody has."""
    last = last or await reports.today(conn)
    if first is None:
        first = last - timedelta(min(_USUAL - 1, (last - date.min).days))
    if first > last:
        raise ReportRefused("from", "from_after_until")
    if not _EARLIEST <= first <= last <= _LATEST:
        raise ReportRefused("from", "far_away")
    if (last - first).days >= LONGEST:
        raise ReportRefused("until", "too_long", days=LONGEST)
    ask = Ask(first, last, by, only.get("store"), only.get("account"))
    if ask.store is not None and not await reports.stores(conn, ask.store):
        raise ReportRefused("store", "no_store", code=ask.store)
    if ask.account is not None and not await reports.accounts(conn, ask.account):
        raise ReportRefused("account", "no_account", code=ask.account)
    return ask


async def report(conn: Conn, ask: Ask) -> Report:
    """The report; days, stores and accounts on which nothing happened have rows too, hours do
    not."""
    sums = await reports.sums(conn, ask)
    total = sums.pop("", None)
    rows = tuple(
        row(named.code, named.name, sums.get(named.key)) for named in await _rows(conn, ask, sums)
    )
    return Report(ask, rows, row("", "", total))


async def _rows(conn: Conn, ask: Ask, sums: Mapping[str, Any]) -> list[Named]:
    if ask.by is By.STORE:
        return await reports.stores(conn, ask.store)
    if ask.by is By.ACCOUNT:
        return await reports.accounts(conn, ask.account)
    keys = sorted(sums) if ask.by is By.HOUR else [day.isoformat() for day in ask.days()]
    return [Named(key, key) for key in keys]
