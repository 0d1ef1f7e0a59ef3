"""What people and ERPs do to a store that is on its way is refused, or left to the cell it goes to;
what jobs do to it keeps no move from its end."""

from __future__ import annotations

import asyncpg
import pytest

from app.actions import accounts, settle
from app.actions.move_store import Wanted, abort, advance, begin
from app.actions.resend import resend
from app.db.erp import Deed
from app.domain.refusals import Refused
from tests.cells.two import URL, steps
from tests.erp.town import TOKEN, town_of

HERE = {"url": "/erp/v1/documents", "headers": {"Authorization": f"Bearer {TOKEN}"}}
THERE = HERE | {"url": "/erp/v1/acknowledgements"}
REPORT = """
INSERT INTO settlement (id, merchant_id, account_id, kind, number, first, last, sha256, name,
                        imported_by, differing)
SELECT gen_random_uuid(), merchant_id, id, 'payment', $1, '2026-03-01', '2026-03-02', $1, '', 'x', 1
  FROM account"""
WAIVER = """
INSERT INTO sale_waiver (order_id, problem, actor, reason) SELECT id, 'x', 'x', 'x' FROM orders"""
OLD = """
INSERT INTO operation (key, picker_id, request_hash, status, body, at)
SELECT 'old', id, '', 200, '', now() - interval '3 days' FROM picker WHERE badge = '1001'"""


async def to_step(mover, last):
    await begin(mover, Wanted("MSK-07", URL.format("b")))
    while await advance(mover) != last:
        pass


async def to_the_end(mover):
    assert [name async for name in steps(mover)][-1] == "finished"


async def test_an_erp_that_fetches_comes_again(two):
    async with town_of(two.a.hub) as town, two.mover(two.a, two.b) as mover:
        await town.destination(way="pull", token=TOKEN)
        document = str(await town.document())
        await town.carry()
        await to_step(mover, "compared")
        assert (await two.a.api.get(**HERE)).json()["documents"] == []
        said = {"documents": [{"id": document, "number": "1"}]}
        told = await two.a.api.post(**THERE, json=said)
        assert (told.status_code, told.json()["code"]) == (503, "STORE_MOVING")
        await to_the_end(mover)
    listed = (await two.b.api.get(**HERE)).json()["documents"]
    assert [each["id"] for each in listed] == [document]
    assert (await two.b.api.post(**THERE, json=said)).status_code == 200


async def test_a_document_is_not_sent_again_from_a_cell_it_leaves(two):
    async with town_of(two.a.hub) as town, two.mover(two.a, two.b) as mover:
        await town.destination(way="pull", token=TOKEN)
        document = await town.document()
        await to_step(mover, "closed")
        async with two.a.hub.pools.drains.acquire() as conn:
            with pytest.raises(Refused, match="STORE_MOVING"):
                await resend(conn, [document], None, Deed("resent", "somebody", "lost", "trace"))


async def test_reports_and_waivers_wait(two):
    async with town_of(two.a.hub) as town, two.mover(two.a, two.b) as mover:
        await town.order()
        await two.a.rows(REPORT, "1")
        await to_step(mover, "compared")
        for change in (REPORT.replace("$1", "'2'"), "UPDATE settlement SET matched = 2", WAIVER):
            with pytest.raises(asyncpg.LockNotAvailableError, match="on its way"):
                await two.a.rows(change)
        assert await settle.settle(two.a.hub) == 0
        await to_the_end(mover)


async def test_what_is_forgotten_meanwhile_keeps_no_move_from_its_end(two):
    await two.a.rows(OLD)
    async with two.mover(two.a, two.b) as mover:
        await to_step(mover, "opened")
        await two.a.rows("DELETE FROM operation")
        await to_the_end(mover)


async def test_an_account_is_not_changed_where_it_leaves(two):
    async with two.mover(two.a, two.b) as mover:
        await to_step(mover, "closed")
        async with two.a.hub.pools.picking.acquire() as conn:
            with pytest.raises(Refused, match="STORE_MOVING"):
                await accounts.pause(conn, "sm-demo", "somebody", "stocktaking")


@pytest.mark.parametrize("step", ["begun", "closed"])
async def test_what_people_paused_stays_paused_when_a_move_is_left(two, step):
    async with two.a.hub.pools.picking.acquire() as conn:
        await accounts.pause(conn, "sm-demo", "somebody", "stocktaking")
    async with two.mover(two.a, two.b) as mover:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        if step == "closed":
            assert await advance(mover) == "closed"
        await abort(mover)
    assert await two.a.value("SELECT paused_reason FROM account") == "stocktaking"
