"""While a store goes, the database itself refuses changes of it, whoever makes them."""

from __future__ import annotations

import asyncpg

from app.actions.move_store import Wanted, advance, begin
from tests.cells.two import URL
from tests.conftest import TOKEN
from tests.factories import Handheld, placed, settle

CHANGES = (
    "UPDATE orders SET comment = 'x'",
    "UPDATE pick_job SET zone = 'x'",
    """INSERT INTO shift (id, picker_id, store_id)
       SELECT gen_random_uuid(), id, store_id FROM picker WHERE badge = '1002'""",
    "UPDATE shift SET ended_at = now()",
)


async def test_nobody_changes_what_is_being_copied(two):
    answer = await two.a.api.post("/hooks/sm-demo", content=placed("N1"), headers=TOKEN)
    assert answer.status_code == 200
    await settle(two.a.hub)
    handheld = await Handheld(two.a.api).sign_in()
    assert (await handheld.post("/picker/v1/shifts/start")).status_code == 200
    assert await handheld.next()
    async with two.mover(two.a, two.b) as mover:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        for step in ("closed", "drained", "shut", "copied"):
            assert await advance(mover) == step
        for cell in (two.a, two.b):
            assert await cell.value("SELECT count(*) FROM orders") == 1
            assert [change for change in CHANGES if not await refused(cell, change)] == []


async def refused(cell, change):
    try:
        await cell.rows(change)
    except asyncpg.LockNotAvailableError as error:
        return "on its way" in str(error)
    return False
