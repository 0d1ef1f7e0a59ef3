"""A database of the release before documents in full: its orders and documents go on under the new
code, and what the old code does while both run is not lost."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import asyncpg
import pytest

from app.actions.issue import issue
from app.db import documents
from app.db.conn import pool as open_pool
from app.db.conn import prepare
from app.db.migrate import migrate, read_migrations
from app.domain.document import Kind
from app.render.document_json import document_json
from tests.actions.after_sale import balanced, give_back
from tests.conftest import UNHURRIED, database, hub_on

MERCHANT, STORE, ACCOUNT = (uuid.UUID(int=n) for n in (1, 2, 3))
AT = datetime(2026, 5, 5, 12, tzinfo=UTC)


@pytest.fixture
async def old():
    """A database as the release before left it, and the migrations that came since."""
    every = read_migrations()
    async with database() as dsn:
        await migrate(dsn, [each for each in every if each.name < "0034"])
        conn = await asyncpg.connect(dsn)
        await prepare(conn)
        await conn.execute("INSERT INTO merchant (id, name) VALUES ($1, 'Ромашка')", MERCHANT)
        await conn.execute("INSERT INTO store (id, merchant_id, code, name)"
                           " VALUES ($1, $2, 'A', 'A')", STORE, MERCHANT)  # fmt: skip
        await conn.execute("INSERT INTO account (id, merchant_id, code, adapter)"
                           " VALUES ($1, $2, 'a', 'kuper')", ACCOUNT, MERCHANT)  # fmt: skip
        await conn.execute("INSERT INTO product (merchant_id, sku, name, vat)"
                           " SELECT $1, sku, sku, 'standard' FROM unnest('{1, 2}'::text[]) AS sku",
                           MERCHANT)  # fmt: skip
        yield conn, dsn, every
        await conn.close()


async def delivered(conn, number, **own) -> uuid.UUID:
    """An order of a bread and 500 g of bananas as the old code left it."""
    order = {"id": uuid.uuid4(), "store_id": STORE, "account_id": ACCOUNT, "number": number,
             "external_id": number, "state": "delivered", "requested_total": 1500,
             "final_total": 1500, "due_at": AT, "picked_at": AT, "delivered_at": AT,
             "sale_due": True, **own}  # fmt: skip
    names = ", ".join(order)
    places = ", ".join(f"${n}" for n in range(1, len(order) + 1))
    await conn.execute(f"INSERT INTO orders ({names}) VALUES ({places})", *order.values())
    await conn.execute(
        "INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit,"
        " unit_grams, price, requested_pieces, requested_grams, vat, state, picked_pieces,"
        " picked_grams, total) VALUES"
        " (gen_random_uuid(), $1, $2, 1, '1', 'Хлеб', 'piece', NULL, 1000, 1, NULL, 'standard',"
        "  'picked', 1, NULL, 1000),"
        " (gen_random_uuid(), $1, $2, 2, '2', 'Бананы', 'weight', 1000, 1000, 1, 500, 'standard',"
        "  'picked', 1, 500, 500)",
        order["id"], STORE,
    )  # fmt: skip
    return order["id"]


async def old_issue(conn, order_id, serial) -> None:
    """What the old code writes when it issues, without a word of what came later."""
    await conn.execute(
        "WITH head AS (INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind,"
        "   series, year, serial, number, issued_on, currency, total, vat_total)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, 'sale', 'СМ', 2026, $5,"
        "   $6, '2026-05-05', 'RUB', 1500, 270) RETURNING id"
        "), line AS (INSERT INTO document_line (document_id, position, sku, name, unit, pieces,"
        "   grams, unit_grams, price, total, vat_code, vat_percent, vat, marks)"
        " SELECT head.id, l.position, l.external_id, l.name, l.unit, 1, l.picked_grams,"
        "        l.unit_grams, l.price, l.total, 'standard', 22, l.total * 18 / 100, '{}'"
        "   FROM head, order_line AS l WHERE l.order_id = $4"
        "), counted AS (INSERT INTO document_counter VALUES ($1, 'СМ', 2026, $5)"
        "   ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = excluded.last"
        ") UPDATE orders SET sale_due = false WHERE id = $4",
        MERCHANT, STORE, ACCOUNT, order_id, serial, f"СМ26-{serial:06}",
    )  # fmt: skip


async def kinds(hub, order_id):
    async with hub.pools.picking.acquire() as conn:
        read = await documents.read(conn, await documents.of_order(conn, order_id))
    assert all(document_json(each) for each in read)
    return [each.kind for each in read]


async def test_orders_and_documents_of_the_release_before_go_on_and_nothing_is_doubled(old):
    conn, dsn, every = old
    issued = await delivered(conn, "issued")
    await old_issue(conn, issued, 1)
    gone = await delivered(conn, "gone", state="returned", ended_at=AT)
    await old_issue(conn, gone, 2)
    due = await delivered(conn, "due")
    never = await delivered(conn, "never", state="returned", sale_due=False, ended_at=AT)
    await migrate(dsn, every, phase="pre")

    beside = await delivered(conn, "beside")  # the old code runs beside the new one
    await old_issue(conn, beside, 3)
    undone = await delivered(conn, "undone")
    await old_issue(conn, undone, 4)
    await conn.execute(
        "UPDATE orders SET state = 'returned', cancel_reason = 'changed_mind',"
        " ended_at = clock_timestamp() WHERE id = $1", undone,
    )  # fmt: skip
    with pytest.raises(asyncpg.UniqueViolationError):
        await old_issue(conn, beside, 5)
    await migrate(dsn, every)

    async with open_pool(dsn, 4, name="test", **UNHURRIED) as pool:
        hub = hub_on(pool)
        assert await issue(hub) == 2
        for order_id in (issued, due, beside):
            await give_back(hub, order_id, "1", 1)
        assert await issue(hub) == 3
        assert await issue(hub) == 0
        for order_id in (issued, due, beside, undone):
            assert await kinds(hub, order_id) == [Kind.SALE, Kind.RETURN]
            await balanced(hub, order_id)
        assert sum(each.total for each in await balanced(hub, undone)) == 0
        assert (await kinds(hub, gone), await kinds(hub, never)) == ([Kind.SALE], [])
        serials = await conn.fetch("SELECT serial FROM document WHERE kind = 'sale' ORDER BY 1")
        assert [row["serial"] for row in serials] == [1, 2, 3, 4, 5]
