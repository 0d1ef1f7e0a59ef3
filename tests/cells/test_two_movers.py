"""Two movers of one store: a step is one's, and whoever comes late has done nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from app.actions.move_steps import STEPS
from app.actions.move_store import Wanted, abort, advance, begin
from app.db.cells import under_way
from app.errors import SettingsInvalid
from tests.cells.two import URL, steps
from tests.factories import placed
from tests.stories import hook

LATE = "another mover goes on with it"


async def test_one_who_waited_for_gateways_does_not_wake_a_move_that_is_over(two):
    async with two.mover(two.a, two.b) as one, two.mover(two.a, two.b) as other:

        async def flip(accounts, cell):
            await two.flip(accounts, cell)
            assert [name async for name in steps(other)][-1] == "finished"

        await begin(one, Wanted("MSK-07", URL.format("b")))
        with pytest.raises(SettingsInvalid, match=LATE):
            async for _ in steps(replace(one, flip=flip)):
                pass
    assert (
        await two.a.value("SELECT step FROM cell_move WHERE finished_at IS NOT NULL") == "finished"
    )


@pytest.mark.parametrize("there", ["flipped", "opened"])
async def test_one_who_comes_late_changes_nothing(two, there):
    await hook(two.a.api, placed("N1"))
    async with two.mover(two.a, two.b) as one, two.mover(two.a, two.b) as other:
        await begin(one, Wanted("MSK-07", URL.format("b")))
        seen = []
        async for _ in steps(one):
            seen.append(await under_way(one.source.conn))
            if seen[-1].step == there:
                break
        assert (await hook(two.b.api, placed("N2"))).status_code == 200
        await two.b.rows("UPDATE account SET active = false, paused_by = 'somebody'")
        for move in seen[:-1]:
            with suppress(SettingsInvalid):
                await STEPS[move.step][1](other, move)
        assert await two.b.value("SELECT count(*) FROM inbox_key") == 2
        assert not await two.b.value("SELECT active FROM account")
        assert (await under_way(one.source.conn)).step == there


async def test_a_race_lost_to_those_at_work_is_no_end_of_a_move(two):
    async with two.mover(two.a, two.b) as mover, two.a.hub.pools.picking.acquire() as busy:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        await mover.source.conn.execute("SET lock_timeout = '20ms'")
        async with busy.transaction():
            await busy.execute("SELECT FROM account FOR UPDATE")
            closing = asyncio.create_task(advance(mover))
            assert not (await asyncio.wait({closing}, timeout=0.5))[0]
            assert (await under_way(busy)).step == "begun"
        assert await closing == "closed"
        await mover.source.conn.execute("RESET lock_timeout")
        assert [name async for name in steps(mover)][-1] == "finished"


async def test_a_store_that_is_being_copied_is_not_left_in_both_cells(two):
    async with two.mover(two.a, two.b) as one, two.mover(two.a, two.b) as other:
        await begin(one, Wanted("MSK-07", URL.format("b")))
        while await advance(one) != "shut":
            pass
        stale = await under_way(one.source.conn)
        await abort(other)
        with pytest.raises(SettingsInvalid, match=LATE):
            await STEPS["shut"][1](one, stale)
    assert await two.b.value("SELECT count(*) FROM store") == 0
