"""Register, VAT book, documents, and the commission report of the same sales say one thing."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.actions.issue import issue
from app.actions.settle import Paper, settle, take
from app.db import documents, registers
from app.domain.document import SOLD, Kind
from app.domain.register import Period, VatBy
from app.domain.settlement import Book, Deal, SettlementRow
from tests.actions import sold
from tests.actions.after_sale import give_back

ALWAYS = Period(date(2000, 1, 1), date(2199, 12, 31))


async def some_come_back(hub, orders, which):
    """One piece of goods of a few of them."""
    async with hub.pools.picking.acquire() as conn:
        lines = await conn.fetch(
            "SELECT DISTINCT ON (order_id) order_id, sku"
            "  FROM document JOIN document_line ON document_id = document.id"
            "  JOIN orders ON orders.id = order_id AND orders.state = 'delivered'"
            " WHERE order_id = ANY ($1) AND document.kind = 'sale' AND unit = 'piece'"
            "   AND document_line.kind = 'goods' ORDER BY order_id, sku",
            [sale.row["id"] for sale in orders],
        )
    for n, line in enumerate(lines):
        if n % 4 == which:
            await give_back(hub, line["order_id"], line["sku"], 1)
    await issue(hub)


async def as_the_agent_has_it(conn, orders):
    """Goods of these orders' documents as rows of a report."""
    found = await conn.fetch(
        "SELECT orders.external_id, orders.number, line.sku, line.total, document.kind,"
        "       coalesce(line.grams, line.pieces * 1000) AS milli"
        "  FROM document JOIN orders ON orders.id = order_id"
        "  JOIN document_line AS line ON document_id = document.id"
        " WHERE order_id = ANY ($1) AND line.kind = 'goods'"
        "   AND document.kind IN ('sale', 'correction', 'return')",
        [sale.row["id"] for sale in orders],
    )
    return [
        SettlementRow(
            n, row["number"] if n % 2 else row["external_id"],
            Deal.SALE if row["kind"] == "sale" else Deal.RETURN,
            row["total"], 1, row["sku"], "", row["milli"],
        )
        for n, row in enumerate(found, 1)
    ]  # fmt: skip


@settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None)
@given(orders=st.lists(sold.sales(), min_size=1, max_size=8), which=st.integers(0, 4))
async def test_the_books_agree_whatever_was_sold_and_came_back(hub, orders, which):
    async with hub.pools.picking.acquire() as conn:
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM store WHERE code = 'Z-MSK')"):
            await sold.stock(conn)
        await sold.insert(conn, orders)
    await issue(hub)
    await some_come_back(hub, orders, which)
    async with hub.pools.picking.acquire() as conn:
        entries = await registers.entries(conn, ALWAYS, SOLD)
        whole = await documents.read(conn, [entry.id for entry in entries])
        sums = sum(each.total for each in whole), sum(each.vat_total for each in whole)
        assert sums == (sum(e.total for e in entries), sum(e.vat_total for e in entries))
        for by in VatBy:
            book = await registers.vat(conn, ALWAYS, by)
            assert sums == (sum(row.total for row in book), sum(row.vat for row in book))
        rows = await as_the_agent_has_it(conn, orders)
        account = await conn.fetchval("SELECT code FROM account ORDER BY code LIMIT 1")
        days, name = (date(2018, 1, 1), date(2199, 12, 31)), uuid4().hex
        paper = Paper(account, Book.COMMISSION, name, *days, "r", name.encode(), rows)
        await take(conn, paper, "accountant")
    assert await settle(hub) == 1
    async with hub.pools.picking.acquire() as conn:
        (id_,) = await conn.fetch(
            "SELECT document_id AS id FROM settlement WHERE number = $1", name
        )
        (report,) = await documents.read(conn, [id_["id"]])
    assert report.kind is Kind.COMMISSION
    assert report.total == sum(row.amount for row in rows) == sum(x.total for x in report.lines)
    assert report.vat_total == sum(line.vat for line in report.lines)
    counted = sum(line.pieces * 1000 if line.grams is None else line.grams for line in report.lines)
    assert counted == sum(row.milli for row in rows)
