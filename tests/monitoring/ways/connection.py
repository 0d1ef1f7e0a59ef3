"""Ways to incidents about the connection to a marketplace."""

from app.actions.pulse import beat
from app.actions.replay import replay_dead
from app.db import mappings
from app.db.queue import Queue
from app.errors import RemoteRefused, RemoteUnavailable, Unauthorised
from tests.factories import BREAD, Handheld, body, placed, settle
from tests.monitoring.processes import alive, monitored, process
from tests.stories import hook, place

ALONG = {
    "notifications_failing": {"outbound_lag"},
    "key_refused": {"notifications_failing"},
}
PING = body("ping", {})


async def begin(scene, order_id="H1", badge="1001"):
    """A picker takes an order and starts: the marketplace is to be told."""
    await place(scene.api, scene.hub, order_id, BREAD)
    handheld = await Handheld(scene.api).sign_in(badge, f"47{badge[0]}{badge[-1]}")
    await handheld.next()
    await handheld.do("start")
    await settle(scene.hub)


async def again(scene):
    """What failed is tried again now."""
    await scene.sql("UPDATE outbox SET due_at = now() WHERE state = 'waiting'")
    await settle(scene.hub)


def fail(scene, error, times=1):
    scene.hub.marketplaces["kuper"].fails = [error for _ in range(times)]


async def notifications_failing(scene):
    fail(scene, RemoteUnavailable("no connection"), 3)
    await begin(scene)
    await again(scene)
    await again(scene)
    yield
    await again(scene)


async def key_refused(scene):
    fail(scene, Unauthorised("HTTP 401: no such key"), 3)
    await begin(scene)
    await again(scene)
    await again(scene)
    yield
    await scene.sql("UPDATE account_gate SET open_until = now()")
    await again(scene)


async def outbound_lag(scene):
    fail(scene, RemoteUnavailable("no connection"))
    await begin(scene)
    scene.later(minutes=2)
    yield
    await again(scene)


async def notification_buried(scene):
    fail(scene, RemoteRefused("HTTP 405: no"))
    await begin(scene)
    yield
    await replayed(scene, Queue.OUTBOX)


async def delivery_buried(scene):
    await hook(scene.api, placed("H1", positions="?"))
    await settle(scene.hub)
    yield
    await scene.sql("UPDATE inbox_delivery SET body = $1", placed("H1"))
    await replayed(scene, Queue.INBOX)


async def words_unmapped(scene):
    await hook(scene.api, placed("H1", storeID="999"))
    await settle(scene.hub)
    yield
    account = await scene.hub.accounts.by_code("sm-demo")
    async with scene.hub.pools.drains.acquire() as conn, conn.transaction():
        assert await mappings.put(conn, account.id, "store", {"999": "MSK-07"}, "somebody") == 1
    await settle(scene.hub)


async def replayed(scene, queue):
    async with scene.hub.pools.drains.acquire() as conn:
        assert await replay_dead(conn, queue, 10, "somebody") == 1
    await settle(scene.hub)


async def delivery_stuck(scene):
    await hook(scene.api, placed("H1"))
    await scene.sql(
        "UPDATE inbox SET created_at = now() - interval '6 minutes', attempts = 3, reason = 'bug',"
        " last_error = 'KeyError', due_at = now() + interval '1 hour'"
    )
    yield
    await scene.sql("UPDATE inbox SET due_at = now()")
    await settle(scene.hub)


async def usual(scene, an_hour=60, weeks=4):
    """The account has a past: so many webhooks in every hour of some weeks."""
    await scene.sql(
        "INSERT INTO account_hour (account_id, hour, deliveries)"
        " SELECT account.id, hour, $1"
        "   FROM account, generate_series(date_trunc('hour', now()) - $2 * interval '7 days',"
        "        date_trunc('hour', now()) - interval '1 day', interval '1 hour') AS hour",
        an_hour, weeks,
    )  # fmt: skip


async def heard(scene):
    """A webhook arrives now, by the clock of monitoring."""
    assert (await hook(scene.api, PING)).status_code == 200
    await settle(scene.hub)
    await beat(process(scene))
    await scene.sql(
        "UPDATE hook_minute SET minute = date_trunc('minute', $1::timestamptz)", scene.now
    )
    await alive(scene, "web-1")


async def account_silent(scene):
    await monitored(scene)
    await usual(scene)
    await heard(scene)
    scene.later(minutes=20)
    yield
    await heard(scene)


async def ack_slow(scene):
    for _ in range(20):
        await hook(scene.api, PING)
    await settle(scene.hub)
    await monitored(scene)
    await alive(scene, "web-1")
    await scene.sql("UPDATE account SET rules = '{\"answer_seconds\": 0.001}'")
    yield
    await scene.sql("UPDATE account SET rules = '{}'")


async def refused_share(scene):
    for _ in range(19):
        await hook(scene.api, PING)
    await scene.api.post("/hooks/sm-demo", content=PING, headers={"Client-Token": "guessed"})
    await settle(scene.hub)
    await monitored(scene)
    await alive(scene, "web-1")
    yield
    scene.later(minutes=16)


async def credential_expiring(scene):
    await scene.sql(
        "UPDATE account_credential SET valid_until = $1::timestamptz + interval '2 days'"
        " WHERE kind = 'outbound_token'",
        scene.now,
    )
    yield
    await scene.sql(
        "INSERT INTO account_credential (account_id, kind, version, sealed)"
        " SELECT account_id, kind, 2, sealed FROM account_credential WHERE kind = 'outbound_token'"
    )
