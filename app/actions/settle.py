"""A marketplace's report against our documents: take it, compare, make a document of commission."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias
from uuid import UUID

import structlog
from asyncpg import PostgresError

from app.actions.hand_on import hand_on
from app.db import settlements
from app.db.conn import Conn
from app.db.queue import Queue
from app.db.settlements import Head
from app.domain.settlement import (
    BLOCKING,
    Book,
    Difference,
    Finding,
    Settlement,
    SettlementRefused,
    SettlementRow,
)
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()
#: What no report is about.
_EARLIEST, _LATEST = date(2015, 1, 1), date(2199, 12, 31)
_LONGEST_NUMBER: Final = 100
#: A report and where it differs.
Story: TypeAlias = tuple[Settlement, list[Difference]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A report as somebody brings it: whose, which, about which days; its file and its rows."""

    account: str
    kind: Book
    number: str
    first: date
    last: date
    name: str
    body: bytes
    rows: Sequence[SettlementRow]


async def take(conn: Conn, paper: Paper, by: str) -> UUID:
    """Keep a report and compare it; the same file again is the same report. SettlementRefused when
    its number is another report's, its goods are not named, or nobody knows the account."""
    number = paper.number.strip()
    if not 0 < len(number) <= _LONGEST_NUMBER:
        raise SettlementRefused("settlement.number", most=_LONGEST_NUMBER)
    if not _EARLIEST <= paper.first <= paper.last <= _LATEST:
        raise SettlementRefused("settlement.days")
    if paper.kind is Book.COMMISSION and not all(r.sku for r in paper.rows if r.order_ref):
        raise SettlementRefused("settlement.no_sku")
    whose = await settlements.account(conn, paper.account)
    if whose is None:
        raise SettlementRefused("settlement.no_account", value=paper.account)
    digest = hashlib.sha256(paper.body).hexdigest()
    account_id, merchant_id = whose
    days = (paper.first, paper.last)
    head = Head(merchant_id, account_id, paper.kind, number, *days, digest, paper.name[:200], by)
    id_ = new_id()
    async with conn.transaction():
        if await settlements.add(conn, id_, head, paper.rows):
            await look(conn, id_)
            return id_
    return await _known(conn, head)


async def _known(conn: Conn, head: Head) -> UUID:
    found = await settlements.same(conn, head)
    if found is None:  # taken back by somebody at this very moment
        raise SettlementRefused("settlement.again")
    id_, number, digest = found
    if digest != head.sha256:
        raise SettlementRefused("settlement.number_taken", value=number)
    return id_


async def look(conn: Conn, id_: UUID) -> list[Difference]:
    """Compare a report anew and keep what it comes to; where it differs."""
    matched, found = await settlements.compare(conn, id_)
    blocking = sum(each.finding in BLOCKING for each in found)
    counted = matched, len(found), blocking
    await settlements.looked(conn, id_, counted, [each.key for each in found])
    return found


async def accept(conn: Conn, id_: UUID, by: str, why: str) -> bool:
    """A person takes it as it differs at this moment, and what comes up later is not accepted with
    it; False when somebody did before, or it is not there."""
    keys = [each.key for each in await look(conn, id_)]
    return await settlements.accept(conn, id_, by, why, keys)


async def settle(hub: Hub) -> int:
    """Look at all open reports anew, and make documents of commission of those that are right now;
    how many documents. One that cannot be booked keeps no other from it, and is told in the end."""
    async with hub.pools.drains.acquire() as conn:
        waiting = await settlements.open_ones(conn)
    made = 0
    failed: list[Exception] = []
    for id_ in waiting:
        try:
            async with hub.pools.drains.acquire() as conn, conn.transaction():
                made += await _settle(conn, id_)
        except PostgresError as error:
            error.add_note(f"settlement {id_}")
            failed.append(error)
    if made:
        hub.wakes[Queue.ERP].set()
    if failed:
        raise ExceptionGroup("marketplaces' reports that cannot be booked", failed)
    return made


async def _settle(conn: Conn, id_: UUID) -> int:
    """Whoever holds the report makes the document: 1 then, else 0."""
    held = await settlements.lock(conn, id_)
    found = await look(conn, id_)
    (report,) = await settlements.browse(conn, id_=id_) or (None,)
    if not held or report is None or not _ready(report, found):
        return 0
    document_id = new_id()
    number = await settlements.issue(conn, id_, document_id, _detail(report))
    await hand_on(conn, [document_id], id_.hex)
    log.info("commission document issued", settlement=str(id_), number=number)
    return 1


def _ready(report: Settlement, found: Sequence[Difference]) -> bool:
    """Nothing of it differs, or a person took that upon herself; what is not ours never passes.
    What the report does not speak of may stand in the next one."""
    differ = {each.finding for each in found} - {Finding.NOT_REPORTED}
    return not differ & BLOCKING and (not differ or report.accepted_by is not None)


def _detail(report: Settlement) -> dict[str, object]:
    return {
        "settlement": report.number,
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "fee": report.fee,
        "payout": report.payout,
    }


async def read(conn: Conn, id_: UUID) -> Story | None:
    """One report with its differences, compared at this moment."""
    found = await settlements.browse(conn, id_=id_)
    if not found:
        return None
    differences = await look(conn, id_)
    return (await settlements.browse(conn, id_=id_))[0], differences


def counts(differences: Sequence[Difference]) -> dict[str, int]:
    """How many there are of each kind."""
    return {str(finding): n for finding, n in Counter(d.finding for d in differences).items()}
