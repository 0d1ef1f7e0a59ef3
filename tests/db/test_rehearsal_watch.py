"""The made-up chain that monitoring is measured with."""

from datetime import UTC, datetime, timedelta

import pytest

from app.actions.watch import watch
from app.bench.chain import fill
from app.db import rehearsal_watch
from app.db.rules import read_rules
from tests.conftest import hub_on, quick
from tests.monitoring.scene import LEISURE

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"


@pytest.fixture
async def chain(dsn, pool):
    """Twelve stores, and no index lost on the way."""
    async with pool.acquire() as conn:
        before = await conn.fetch(INDEXES)
        await fill(dsn, NOW, 400, active=240, stores=12)
        assert await conn.fetch(INDEXES) == before
        yield conn


async def look(pool, seconds):
    hub = quick(hub_on(pool), rule_patience=LEISURE)
    return await watch(hub, read_rules(), NOW + timedelta(seconds=seconds))


async def test_few_of_a_chains_orders_are_in_trouble_until_a_flood_that_is_one_message(chain, pool):
    states = await chain.fetch("SELECT state, count(*) FROM orders GROUP BY state")
    assert {**dict(map(tuple, states)), "cancelled": 0} == {
        "delivered": 391, "cancelled": 0, "accepted": 100, "picking": 60, "picked": 20, "ready": 40,
        "handed_over": 20,
    }  # fmt: skip
    for seconds in (0, 70):
        assert "failed" not in await look(pool, seconds)
    quiet = await rehearsal_watch.found(chain)
    assert 1 <= quiet["incidents"] <= 6
    await rehearsal_watch.flood(chain, NOW + timedelta(seconds=80), 60)
    assert "1 messages" in await look(pool, 80)
    flood = await rehearsal_watch.found(chain)
    assert flood["incidents"] >= quiet["incidents"] + 60


async def test_orders_are_as_dense_however_many_they_are(chain):
    span = await chain.fetchval(
        "SELECT extract(epoch FROM max(received_at) - min(received_at)) FROM orders"
        " WHERE external_id LIKE 'FO%'"
    )
    assert float(span) == pytest.approx(399 * rehearsal_watch.STEP, abs=1)
