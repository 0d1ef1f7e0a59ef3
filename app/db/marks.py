"""The ledger of product marks: it follows what lines hold, so that a unit is used once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.marks import held, identity
from app.domain.order import Order
from app.domain.refusals import Code, Refused

_SQL = load("marks")


async def follow(conn: Conn, before: Order, after: Order) -> None:
    """Note which units an order's lines hold now, after the lines themselves were saved.

    Refused with MARK_ALREADY_USED when another order of the merchant, open or sold, has one of
    them; the transaction must then be given up.
    """
    old, new = held(before), held(after)
    if old == new:
        return
    totals = _by_unit(new)
    totals.subtract(_by_unit(old))
    await conn.execute(_SQL["lock"], after.store_id, sorted(totals))
    gone = [key for key in old if key not in new]
    for key in set(gone) - set(await _unuse(conn, after, gone)):
        totals[key[1]] += old[key]  # free already: goods came back, and may be sold again by now
    await _free(conn, after, {ki: -part for ki, part in totals.items() if part < 0})
    await _take(conn, after, {ki: part for ki, part in totals.items() if part > 0})
    await _use(conn, after, {key: part for key, part in new.items() if old.get(key) != part})


async def give_back(conn: Conn, order: Order, given: Mapping[UUID, Collection[str]]) -> None:
    """Units (full codes by line) of a sold order came back: they are free to be sold again."""
    keys = [(line, identity(code)) for line, codes in given.items() for code in codes]
    await conn.execute(_SQL["lock"], order.store_id, sorted({ki for _, ki in keys}))
    freed = _by_unit(await _unuse(conn, order, keys))
    await _free(conn, order, freed)


async def checked(
    conn: Conn, store_id: UUID, units: Collection[str]
) -> dict[str, tuple[str, datetime]]:
    """The latest answers (check id, time) on units that lines of this merchant hold, by КИ."""
    rows = await conn.fetch(_SQL["checked"], store_id, list(units))
    return {row["ki"]: (row["check_id"], row["checked_at"]) for row in rows}


def _by_unit(parts: Mapping[tuple[UUID, str], int]) -> Counter[str]:
    total: Counter[str] = Counter()
    for (_, ki), part in parts.items():
        total[ki] += part
    return total


async def _take(conn: Conn, order: Order, parts: Mapping[str, int]) -> None:
    if not parts:
        return
    taken = await conn.fetch(_SQL["take"], order.store_id, list(parts), list(parts.values()))
    missing = sorted(set(parts) - {row["ki"] for row in taken})
    if missing:
        number = await conn.fetchval(_SQL["holder"], order.store_id, missing, order.id)
        raise Refused(Code.MARK_ALREADY_USED, marks=missing, order=number)


async def _free(conn: Conn, order: Order, parts: Mapping[str, int]) -> None:
    if parts:
        await conn.execute(_SQL["free"], order.store_id, list(parts), list(parts.values()))
        await conn.execute(_SQL["forget"], order.store_id, list(parts))


async def _unuse(
    conn: Conn, order: Order, keys: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], int]:
    """The ones that were used, and how much of them."""
    if not keys:
        return {}
    lines, units = [line for line, _ in keys], [ki for _, ki in keys]
    rows = await conn.fetch(_SQL["unuse"], order.store_id, units, lines)
    return {(row["line_id"], row["ki"]): row["part"] for row in rows}


async def _use(conn: Conn, order: Order, parts: Mapping[tuple[UUID, str], int]) -> None:
    if parts:
        await conn.execute(
            _SQL["use"],
            order.store_id,
            order.id,
            [ki for _, ki in parts],
            [line for line, _ in parts],
            list(parts.values()),
        )
