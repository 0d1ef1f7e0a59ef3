"""Short ways to say what came back, and the books an order's documents must add up to."""

from __future__ import annotations

from itertools import count

from app.actions import after_sale
from app.actions.after_sale import Said
from app.actions.change_sale import sold_now
from app.db import documents
from app.domain.after_sale_events import Wish
from app.domain.document import SOLD, Kind
from app.domain.money import vat_inside

_SOURCES = count()


def said(hub, source: str | None = None, **changes) -> Said:
    source = source or f"test:{next(_SOURCES)}"
    given = {"by": "duty", "reason": "не подошло", "now": hub.clock()}
    return Said(source=source, trace_id="t", **{**given, **changes})


async def change(hub, verb, order_id, *wishes, **changes):
    """give_back or correct, in a transaction of its own."""
    async with hub.pools.picking.acquire() as conn, conn.transaction():
        do = {"return": after_sale.give_back, "correct": after_sale.correct}[verb]
        return await do(conn, order_id, wishes, said(hub, **changes))


async def give_back(hub, order_id, sku, quantity, **changes):
    wish = Wish(sku, pieces=quantity, marks=changes.pop("marks", ()))
    return await change(hub, "return", order_id, wish, **changes)


async def sold(hub, order_id):
    async with hub.pools.picking.acquire() as conn:
        return {line.sku: line for line in await sold_now(conn, order_id)}


async def read(hub, order_id):
    """The order's documents, the first first."""
    async with hub.pools.picking.acquire() as conn:
        return await documents.read(conn, await documents.of_order(conn, order_id))


async def balanced(hub, order_id):
    """The documents of an order, after their sums were proved: by line they are what is left, with
    the VAT of what is left, and never less than nothing on the way."""
    issued = [d for d in await read(hub, order_id) if d.kind in SOLD]
    left, lines = await sold(hub, order_id), {}
    for document in issued:
        assert document.total == sum(line.total for line in document.lines)
        assert document.vat_total == sum(line.vat for line in document.lines)
        for line in document.lines:
            books = lines.setdefault(line.sku, [0, 0, 0, 0])
            before = tuple(books)
            for place, more in enumerate((line.pieces, line.grams or 0, line.total, line.vat)):
                books[place] += more
            assert min(books) >= 0
            assert books[3] == vat_inside(books[2], line.vat_percent)
            if document.kind is Kind.CORRECTION:
                was = line.before
                assert before == (was.pieces, was.grams or 0, was.total, was.vat)
    for sku, line in left.items():
        assert lines[sku][:3] == [line.pieces, line.grams or 0, line.total], sku
    return issued
