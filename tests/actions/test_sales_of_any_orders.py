"""Whatever was delivered: each order is one right document, or held for what is wrong with it."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.actions.issue import issue
from app.db import documents, sales
from tests.actions import sold


async def all_of(conn, orders):
    """Their documents of any kind sales are, by order."""
    found = defaultdict(list)
    ids = await conn.fetch(
        "SELECT id FROM document WHERE order_id = ANY ($1) AND kind = 'sale' ORDER BY serial",
        [sale.row["id"] for sale in orders],
    )
    for document in await documents.read(conn, [row["id"] for row in ids]):
        found[document.order_id].append(document)
    return found


def said(document):
    return [
        (line.kind, line.sku, line.name, line.pieces, line.grams, line.total, line.discount,
         line.vat_percent, line.vat, line.marks)
        for line in document.lines
    ]  # fmt: skip


async def gapless(conn) -> bool:
    return await conn.fetchval(
        "SELECT coalesce(bool_and(first = 1 AND last = many AND numbers = many), true) FROM ("
        " SELECT min(serial) AS first, max(serial) AS last, count(*) AS many,"
        "        count(DISTINCT number) AS numbers FROM document GROUP BY merchant_id, series, year"
        ") AS of_series"
    )


async def held(conn):
    rows = await sales.holds(conn, None, 10_000)
    return {row["order_id"]: {each["problem"] for each in row["problems"]} for row in rows}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(orders=st.lists(sold.sales(), min_size=1, max_size=12))
async def test_every_order_is_one_right_document_or_held_for_what_is_wrong(hub, orders):
    async with hub.pools.picking.acquire() as conn:
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM store WHERE code = 'Z-MSK')"):
            await sold.stock(conn)
        await sold.insert(conn, orders)
        await issue(hub)
        found, waiting = await all_of(conn, orders), await held(conn)
        for sale in orders:
            wrong = sold.problems(sale)
            assert waiting.get(sale.row["id"], set()) == wrong
            issued = found[sale.row["id"]]
            assert len(issued) == (not wrong)
            for document in issued:
                assert said(document) == sold.expected(sale)
                assert document.issued_on == sale.day
                assert document.total == sum(line.total for line in document.lines)
                assert document.total == sum(part.total for part in document.vat_parts())
                assert document.vat_total == sum(part.vat for part in document.vat_parts())
                assert [line.position for line in document.lines] == [
                    *range(1, len(document.lines) + 1)
                ]
                assert f"{sale.day.year % 100:02}-" in document.number
        assert await gapless(conn)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(orders=st.lists(sold.sales(), min_size=1, max_size=12))
async def test_what_somebody_lets_pass_is_issued_unless_no_vat_is_known(hub, orders):
    async with hub.pools.picking.acquire() as conn:
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM store WHERE code = 'Z-MSK')"):
            await sold.stock(conn)
        await sold.insert(conn, orders)
        await issue(hub)
        for order_id, words in (await held(conn)).items():
            for word in words:
                passed = await sales.waive(conn, order_id, word, "operator:ann", "seen")
                assert passed == (word != "vat")
                assert not await sales.waive(conn, order_id, word, "operator:ann", "again")
        await issue(hub)
        found, waiting = await all_of(conn, orders), await held(conn)
        for sale in orders:
            assert waiting.get(sale.row["id"], {"vat"}) == {"vat"}
            assert len(found[sale.row["id"]]) == (sale.row["id"] not in waiting)
            for document in found[sale.row["id"]]:
                assert document.total == sum(line.total for line in document.lines) >= 0
                assert document.vat_total == sum(line.vat for line in document.lines)
                assert all(line.total >= 0 for line in document.lines)
        assert await gapless(conn)
