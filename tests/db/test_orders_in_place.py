"""A write of an order stays on its page: no index has to learn of it."""

from app.bench.shop import goods
from app.db import orders, rehearsal


async def test_a_new_version_of_an_order_leaves_every_index_alone(hub, pool):
    async with pool.acquire() as conn:
        where = await rehearsal.stores(conn, "sm-demo")
        await rehearsal.open_orders(conn, where, 1, goods(), 3)
        (row,) = await conn.fetch("SELECT id FROM orders")
        async with conn.transaction():
            before = await orders.lock(conn, row["id"])
            await orders.save(conn, before, before)
            updated, in_place = await conn.fetchrow(
                "SELECT pg_stat_get_xact_tuples_updated('orders'::regclass),"
                " pg_stat_get_xact_tuples_hot_updated('orders'::regclass)"
            )
    assert (updated, in_place) == (1, 1)
