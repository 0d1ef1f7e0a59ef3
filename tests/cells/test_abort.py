"""A move that is left: the store stays where it was, with everything that came meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.actions.move_store import Wanted, abort, advance, begin
from app.errors import SettingsInvalid
from tests.cells.two import URL, steps
from tests.factories import news, placed, settle
from tests.stories import hook


class Halfway(Exception):
    """One gateway routes to the other cell; whoever told it is gone."""


async def halfway(two, mover):
    """A move whose program told one gateway of two."""

    async def flip(accounts, cell):
        await two.flip(accounts, cell)
        raise Halfway

    await begin(mover, Wanted("MSK-07", URL.format("b")))
    with pytest.raises(Halfway):
        async for _ in steps(replace(mover, flip=flip)):
            pass


async def test_what_the_other_cell_took_in_comes_back_with_the_store(two):
    assert (await hook(two.a.api, placed("N1"))).status_code == 200
    async with two.mover(two.a, two.b) as mover:
        await halfway(two, mover)
        body = placed("N2")
        first = await hook(two.of().api, body)
        assert (two.of(), first.status_code) == (two.b, 200)
        await abort(mover)
        assert two.of() is two.a
        assert (await hook(two.a.api, body)).content == first.content
        assert (await hook(two.b.api, placed("N3"))).status_code == 503
    await hook(two.a.api, news("order.paid", "N2"))
    await settle(two.a.hub)
    rows = await two.a.rows("SELECT external_id, payment_state FROM orders ORDER BY external_id")
    assert [tuple(row) for row in rows] == [("N1", "unpaid"), ("N2", "paid")]
    for table in ("inbox_key", "inbox_delivery", "queue_item", "orders"):
        assert await two.b.value(f"SELECT count(*) FROM {table}") == 0, table


async def test_who_began_to_go_back_goes_all_the_way(two):
    async with two.mover(two.a, two.b) as mover:
        await halfway(two, mover)
        await two.a.rows("UPDATE cell_move SET step = 'aborting'")
        with pytest.raises(SettingsInvalid, match="orderhub cells abort"):
            await advance(mover)
        await abort(mover)
    assert await two.a.value("SELECT step FROM cell_move") == "aborted"
