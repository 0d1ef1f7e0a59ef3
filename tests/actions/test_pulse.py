"""What each process writes of itself: rarely, cheaply, and never in the way of a webhook."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.expiries import note_expiries
from app.actions.pulse import beat, pulsing
from app.db.accounts import AccountBook
from app.db.conn import pool as open_pool
from app.db.prune import prune
from app.db.pulse import expiry
from app.domain.running import Running
from app.errors import StorageAway
from app.hub import Pools
from app.supervision import tls
from tests.conftest import SEAL, TOKEN, api_of, quick
from tests.factories import body, placed
from tests.marketplaces.far import dead_port
from tests.stories import hook

PING = body("ping", {})
#: Seconds: a busy machine is no reason to leave without a goodbye.
LEISURE = 60.0


async def fetch(hub, sql, *values):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetch(sql, *values)


async def minutes(hub):
    return await fetch(hub, "SELECT answered, refused, failed, times FROM hook_minute")


def as_web(hub, **changes):
    return quick(hub, **{"running": Running("shop-1", "web-1", "1.0"), **changes})


async def nothing(_hub):
    """An errand there is none of."""


async def test_a_beat_tells_who_lives_where_since_when_and_how_near_the_database_is(hub, tmp_path):
    web = quick(hub, running=Running("shop-1", "web-1", "1.0", tmp_path))
    begun = time.monotonic()
    await beat(web)
    took = 1000 * (time.monotonic() - begun)
    (row,) = await fetch(hub, "SELECT * FROM heartbeat")
    assert (row["worker"], row["host"], row["role"], row["version"]) == (
        "test", "shop-1", "web-1", "1.0"
    )  # fmt: skip
    assert row["reached_since"] == row["started_at"] == row["pulsed_at"]
    assert 0 < row["reach_ms"] <= took
    assert abs(row["skew_ms"]) <= row["reach_ms"]  # one machine, one clock
    assert 0 < row["disk_free"] <= 100
    await beat(web)
    (again,) = await fetch(hub, "SELECT * FROM heartbeat")
    assert again["pulsed_at"] > row["pulsed_at"]
    assert again["reached_since"] == row["reached_since"]


async def test_a_clock_that_is_wrong_is_measured_against_the_databases(hub):
    ahead = as_web(hub, clock=lambda: datetime.now(UTC) + timedelta(seconds=10))
    await beat(ahead)
    (row,) = await fetch(hub, "SELECT skew_ms, reach_ms FROM heartbeat")
    assert abs(row["skew_ms"] - 10_000) <= row["reach_ms"]


async def test_a_pause_between_the_readings_of_two_clocks_is_no_wrong_clock(hub):
    def pausing():
        moment = datetime.now(UTC)
        time.sleep(0.2)
        return moment

    await beat(as_web(hub, clock=pausing))
    (row,) = await fetch(hub, "SELECT skew_ms, reach_ms FROM heartbeat")
    assert abs(row["skew_ms"]) <= row["reach_ms"]


async def test_who_was_not_heard_for_a_while_reaches_the_database_anew(hub):
    await beat(as_web(hub))
    long_ago = "UPDATE heartbeat SET reached_since = now() - interval '1 day', pulsed_at = {}"
    await fetch(hub, long_ago.format("now() - interval '25 seconds'"))
    await beat(as_web(hub))
    since = "SELECT now() - reached_since > interval '1 hour' AS old FROM heartbeat"
    assert (await fetch(hub, since))[0]["old"]
    for gap in ("now() - interval '5 minutes'", "now() + interval '1 hour'"):  # away; put back
        await fetch(hub, long_ago.format(gap))
        await beat(as_web(hub))
        assert not (await fetch(hub, since))[0]["old"]


async def test_a_disk_nobody_can_look_at_says_nothing(hub, tmp_path):
    await beat(quick(hub, running=Running(data=tmp_path / "gone")))
    assert (await fetch(hub, "SELECT disk_free FROM heartbeat"))[0]["disk_free"] is None


async def test_webhooks_are_counted_by_how_they_were_answered(api, hub):
    await hook(api, PING)
    await hook(api, PING)
    await api.post("/hooks/sm-demo", content=PING, headers={"Client-Token": "guessed"})
    await api.post("/hooks/nobody", content=PING, headers=TOKEN)
    await beat(hub)
    await hook(api, placed("H1"))
    await beat(hub)
    rows = await minutes(hub)
    assert [sum(row[name] for row in rows) for name in ("answered", "refused", "failed")] == [
        3,
        1,
        0,
    ]
    assert sum(sum(row["times"]) for row in rows) == 4
    assert hub.hooks.take() == {}


async def test_the_original_url_counts_for_its_account(api, hub):
    await api.post("/sbermarket/orders/hook/", content=PING, headers=TOKEN)
    await beat(hub)
    assert [row["answered"] for row in await minutes(hub)] == [1]


@asynccontextmanager
async def away(hub):
    """The same hub, whose database nobody reaches."""
    async with open_pool(f"postgresql://nobody@127.0.0.1:{dead_port()}/none", 2, name="x") as gone:
        yield quick(hub, pools=Pools(gone, gone, gone), accounts=AccountBook(gone, SEAL))


async def test_counts_and_the_process_outlive_a_database_that_is_away(hub):
    async with away(hub) as lost:
        async with api_of(lost) as api, pulsing(lost, nothing):
            assert (await hook(api, PING)).status_code == 503
        with pytest.raises(ConnectionRefusedError):
            await beat(lost)
    await beat(hub)  # the same process, when the database is back
    assert [(row["answered"], row["failed"]) for row in await minutes(hub)] == [(0, 1)]


async def test_an_orderly_end_writes_the_last_counts_and_says_goodbye(hub):
    async with pulsing(as_web(hub), nothing, goodbye=LEISURE):
        while not await fetch(hub, "SELECT FROM heartbeat WHERE role = 'web-1'"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        hub.hooks.count("sm-demo", 200, 0.004)
    assert await fetch(hub, "SELECT FROM heartbeat") == []
    assert [row["answered"] for row in await minutes(hub)] == [1]


async def test_an_errand_that_fails_or_hangs_stops_no_pulse(hub):
    async def fails(_hub):
        raise StorageAway

    async def hangs(_hub):
        await asyncio.Event().wait()

    async def has_a_bug(_hub):
        raise KeyError

    for errand in (fails, hangs, has_a_bug):
        async with pulsing(as_web(hub), errand, goodbye=LEISURE):
            while not await fetch(hub, "SELECT FROM heartbeat WHERE role = 'web-1'"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert await fetch(hub, "SELECT FROM heartbeat") == []


async def test_the_proof_of_readiness_is_no_pulse(api, hub):
    await api.get("/readyz")
    (row,) = await fetch(hub, "SELECT role, pulsed_at FROM heartbeat")
    assert (row["role"], row["pulsed_at"]) == (None, None)


async def test_old_counts_and_hosts_that_are_gone_are_forgotten(api, hub):
    await hook(api, PING)
    await beat(hub)
    async with hub.pools.drains.acquire() as conn:
        await expiry(conn, "shop-1", "certificate", datetime.now(UTC))
        assert (await prune(conn))["hook_minutes"] == 0
        await conn.execute("UPDATE hook_minute SET minute = minute - interval '4 days'")
        await conn.execute("UPDATE watched_expiry SET seen_at = seen_at - interval '8 days'")
        gone = await prune(conn)
    assert (gone["hook_minutes"], gone["expiries"]) == (1, 1)


async def test_the_certificate_is_watched_where_it_lies_and_what_is_none_says_nothing(
    hub, tmp_path
):
    file = tmp_path / "hub.pem"
    gateway = quick(hub, running=Running("shop-1", certificate=file))
    await note_expiries(gateway)
    file.write_text("no certificate")
    await note_expiries(gateway)
    assert await fetch(hub, "SELECT FROM watched_expiry") == []
    file.unlink()
    tls.ensure(tmp_path, ["localhost"], datetime.now(UTC))
    await note_expiries(gateway)
    await note_expiries(gateway)
    (row,) = await fetch(hub, "SELECT host, what, ends_at FROM watched_expiry")
    assert (row["host"], row["what"]) == ("shop-1", "certificate")
    assert timedelta(days=89) < row["ends_at"] - datetime.now(UTC) <= timedelta(days=90)
