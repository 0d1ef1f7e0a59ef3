"""orderhub cells: a store moves by hand."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from app import cli
from app.cli.session import console
from app.db.conn import STATEMENTS
from tests import pooler
from tests.cli.test_people import runner
from tests.conftest import MASTER_KEY
from tests.factories import placed, settle
from tests.stories import hook

#: Straight to the databases, and through a pooler where there is one.
WAYS = [None, *filter(None, [pooler.program()])]


@pytest.fixture
def orderhub(two, tmp_path, before):
    """Run one command on a machine of the first cell, in a thread as it has a loop of its own."""
    here, there = (before.dsn(side.dsn) if before else side.dsn for side in (two.a, two.b))
    env = {
        "HUB_DATABASE_URL": here, "HUB_DATA": str(tmp_path), "HUB_MASTER_KEY": MASTER_KEY,
        "HUB_LANG": "en", "HUB_CELL_DATABASE_URL": there, "HUB_CELL_MASTER_KEY": two.b.key,
        "HUB_DATABASE_STATEMENT_CACHE": str(before.statements if before else STATEMENTS),
    }  # fmt: skip
    console.width = 200

    async def run(*words, code=0, **changed):
        done = await asyncio.to_thread(runner.invoke, cli.app, ["cells", *words], env=env | changed)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output + (str(done.exception) if code else "")

    return run


@pytest.mark.parametrize("before", WAYS, indirect=True)
async def test_a_store_moves_by_hand(two, orderhub, before):
    await hook(two.a.api, placed("N1"))
    await settle(two.a.hub)
    assert "stores:   EKB-03, MSK-07, MSK-12" in await orderhub("plan", "MSK-07")
    move = ("move", "MSK-07", "--to", "b", "--url", "https://b.hub.example")
    assert "must be set" in await orderhub(*move, code=1, HUB_CELL_MASTER_KEY="")
    assert "now send the hooks of sm-demo to b" in await orderhub(*move, code=1)
    assert "another move is not finished" in await orderhub(*move, code=1)
    assert "finished" in await orderhub("go-on", "--flipped")
    assert "no store is on its way" in await orderhub("abort", code=1)
    assert "MSK-07" in await orderhub("list")
    assert await two.b.value("SELECT state FROM orders") == "accepted"
    for side in (two.a, two.b) if before and not before.statements else ():
        assert await kept(before, side) == 0


async def kept(before, side):
    """Statements that somebody left behind in the server's connection, for whoever gets it next."""
    conn = await asyncpg.connect(before.dsn(side.dsn), statement_cache_size=0)
    try:
        return await conn.fetchval("SELECT count(*) FROM pg_prepared_statements")
    finally:
        await conn.close()


async def test_a_move_that_was_begun_by_mistake_is_left(two, orderhub):
    await orderhub("move", "MSK-07", "--to", "b", "--url", "https://b.hub.example", code=1)
    assert "now send the hooks of sm-demo to first" in await orderhub("abort", code=1)
    assert "The store stays" in await orderhub("abort", "--back")
    await hook(two.a.api, placed("N1"))
    await settle(two.a.hub)
    assert await two.a.value("SELECT state FROM orders") == "accepted"
