"""A message that goes to see whether a marketplace is back, and never gets there."""

import pytest

from app.db import gates
from app.domain.breaker import Heard
from tests.actions.test_deliver import fetch, outbox, send
from tests.conftest import RecordingKuper, quick
from tests.factories import BREAD, Handheld
from tests.stories import place


class Uncomposed(RecordingKuper):
    """Cannot say what it is to say."""

    def compose(self, account, kind, order):
        raise KeyError(kind)


class Unsent(RecordingKuper):
    """Cannot even call."""

    async def send(self, account, message):
        raise AttributeError(account.code)


@pytest.mark.parametrize("broken", [Uncomposed, Unsent])
async def test_a_bug_in_what_goes_to_look_keeps_nobody_else_from_looking(api, hub, broken):
    await place(api, hub, "H1", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    account = await hub.accounts.by_code("sm-demo")
    async with hub.pools.drains.acquire() as conn:
        for _ in range(9):
            await gates.failed(conn, account.id, Heard.FAILED, "away")
        await conn.execute("UPDATE account_gate SET open_until = 'epoch'")
    assert await send(quick(hub, marketplaces={"kuper": broken()})) == 1
    assert await outbox(hub) == [("in_work", "waiting", "bug", 1)]
    assert await fetch(hub, "SELECT state FROM account_gate") == [("half_open",)]
    await fetch(hub, "UPDATE outbox SET due_at = now()")
    assert await send(hub) == 1
    assert len(hub.marketplaces["kuper"].sent) == 1
