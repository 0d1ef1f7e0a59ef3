"""A document names both sides as they were called when it was issued."""

from app.actions.issue import issue
from app.db import documents, setup
from tests.factories import BREAD
from tests.stories import deliver_one


async def sides(hub):
    """(seller, warehouse, buyer) of every document, in the order of their numbers."""
    async with hub.pools.picking.acquire() as conn:
        ids = [r["id"] for r in await conn.fetch("SELECT id FROM document ORDER BY number")]
        found = await documents.read(conn, ids)
    return [(x.seller.legal_name, x.warehouse.address, x.buyer.legal_name) for x in found]


async def call(hub, name):
    async with hub.pools.picking.acquire() as conn:
        (merchant,) = await conn.fetch("SELECT id FROM merchant")
        await setup.merchant_papers(conn, merchant["id"], {"legal_name": name}, None)
        for store in await conn.fetch("SELECT id FROM store"):
            await setup.store_papers(conn, store["id"], {"address": name})
        for account in await conn.fetch("SELECT id FROM account"):
            await setup.account_papers(conn, account["id"], {"legal_name": name})


async def test_a_later_name_is_for_later_documents(api, hub):
    await call(hub, "Before")
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    await call(hub, "After")
    assert await sides(hub) == [("Before",) * 3]
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    assert await sides(hub) == [("Before",) * 3, ("After",) * 3]


async def test_who_had_no_name_yet_is_called_by_the_first_that_was_said(api, hub):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("DELETE FROM party_version")
        await conn.execute("UPDATE merchant SET requisites = '{}'")
        await conn.execute("UPDATE store SET requisites = '{}'")
        await conn.execute("UPDATE account SET buyer = '{}'")
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    assert await sides(hub) == [("", "", "")]
    await call(hub, "First")
    await call(hub, "Second")
    assert await sides(hub) == [("First",) * 3]
