"""Shops with five thousand open orders and the people who pick them, made by sets of rows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.bench.stack import Stack
from app.db import rehearsal
from app.db.conn import Conn, prepare
from app.identifiers import new_id

OPEN: Final = 5_000
LINES: Final = 16
PICKERS: Final = 120


@dataclass(frozen=True, slots=True)
class Person:
    """A picker who is signed in, and the orders that nobody else will take."""

    id: UUID
    token: str
    store_id: UUID
    orders: tuple[UUID, ...]


def goods(count: int = 200) -> list[dict[str, Any]]:
    """A shelf of goods, every fourth sold by weight; each with a barcode that adds up."""
    shelf = []
    for number in range(count):
        weighed = number % 4 == 3
        shelf.append({
            "sku": f"R{number:05d}",
            "name": f"Товар для замера № {number}, {'весовой' if weighed else '400 г'}",
            "unit": "weight" if weighed else "piece",
            "grams": 1000 if weighed else None,
            "price": 5000 + 130 * number,
            "barcode": _ean(f"4690077{number:05d}"),
            "plu": None,
            "aisle": f"A{number // 20:02d}",
            "rank": number // 20,
        })  # fmt: skip
    return shelf


def _ean(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


@asynccontextmanager
async def database(stack: Stack) -> AsyncIterator[Conn]:
    """A connection to the database of a stack; seeding takes its time."""
    conn = await asyncpg.connect(stack.database_url, command_timeout=300)
    try:
        await prepare(conn)
        yield conn
    finally:
        await conn.close()


async def furnish(stack: Stack, *, finished: int = 0) -> list[Person]:
    """Fill the stores of a stack; who picks there."""
    async with database(stack) as conn:
        where = await rehearsal.stores(conn, stack.account)
        people = await _hire(conn, [store["id"] for store in where])
        if finished:
            await rehearsal.finished_orders(conn, where, finished, [one.id for one in people])
        await rehearsal.open_orders(conn, where, OPEN, goods(), LINES)
        await rehearsal.settle(conn)
        return await _share(conn, people)


async def _hire(conn: Conn, store_ids: list[UUID]) -> list[Person]:
    people = [
        Person(new_id(), secrets.token_urlsafe(32), store_ids[n % len(store_ids)], ())
        for n in range(PICKERS)
    ]
    rows = [
        (one.id, one.store_id, f"R{n}", hashlib.sha256(one.token.encode()).digest())
        for n, one in enumerate(people)
    ]
    await rehearsal.people(conn, rows)
    return people


async def _share(conn: Conn, people: list[Person]) -> list[Person]:
    """Every store's orders in turn among its people: one holder per order."""
    shared = []
    for store_id in dict.fromkeys(one.store_id for one in people):
        here = [one for one in people if one.store_id == store_id]
        orders = await rehearsal.queue(conn, store_id)
        shared += [
            Person(one.id, one.token, store_id, tuple(orders[n :: len(here)]))
            for n, one in enumerate(here)
        ]
    return shared
