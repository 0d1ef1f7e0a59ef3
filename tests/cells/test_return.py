"""A store goes and comes back while both cells' duties run: nothing they do is in its way."""

from __future__ import annotations

from app.actions.move_store import Wanted, abort, advance, begin
from app.identifiers import new_id
from tests.cells.load import DUTIES
from tests.cells.two import URL
from tests.factories import placed, settle
from tests.stories import hook

REFUSED = """
INSERT INTO inbox_refused (id, account, reason, headers, size, peer, trace_id)
VALUES ($1, 'sm-demo', 'unknown key', '{}', 0, '', '')"""


async def a_while(two):
    """All duties of both cells; strangers knock."""
    for side in (two.a, two.b):
        await side.rows(REFUSED, new_id())
        for duty in DUTIES:
            await duty.run(side.hub)


async def test_a_store_comes_back(two):
    await hook(two.a.api, placed("N1"))
    await settle(two.a.hub)
    await a_while(two)
    for source, target in ((two.a, two.b), (two.b, two.a), (two.a, two.b)):
        assert (await two.move(source, target))[-1] == "finished"
        await a_while(two)
    assert await two.b.value("SELECT count(*) FROM orders") == 1
    assert await two.b.value("SELECT count(*) FROM reconciliation") == 1


async def test_a_store_that_did_not_go_goes_later(two):
    for last in ("compared", "flipping"):
        async with two.mover(two.a, two.b) as mover:
            await begin(mover, Wanted("MSK-07", URL.format("b")))
            while await advance(mover) != last:
                pass
            await a_while(two)
            await abort(mover)
        await a_while(two)
    assert (await two.move(two.a, two.b))[-1] == "finished"
