"""Documents that were brought are brought again: the ERP knows each and books it once."""

from __future__ import annotations

from app.actions import replays
from app.actions.replay_plan import plan
from app.domain.replay import Bounds, Wanted
from tests.erp.test_hand_over import chain  # noqa: F401 - a fixture


async def test_a_document_that_is_replayed_is_booked_once_and_says_who_asked(chain):  # noqa: F811
    town, erp = chain
    ids = [await town.document() for _ in range(3)]
    await town.carry()
    got = list(erp.got)
    async with town.hub.pools.drains.acquire() as conn:
        code = await conn.fetchval("SELECT code FROM erp_destination")
        made = await plan(conn, Wanted("erp_outbox", account=code, kind="sale"))
        assert made.matched == 3
        run = await replays.begin(conn, made, Bounds("duty", 10, reason="their disk"), "trace")
        assert (await replays.one(conn, run))["replayed"] == 3
    await town.carry()
    assert erp.got == got
    assert [list(entry.deliveries.values()) for entry in erp.books.entries.values()] == [[2]] * 3
    last = (await town.deliveries(ids[0]))[-1]
    assert (last["cause"], last["actor"], last["reason"]) == ("replayed", "duty", "their disk")
