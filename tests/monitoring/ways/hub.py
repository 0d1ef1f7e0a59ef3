"""Ways to incidents about the hub's own processes, machines and database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from app.actions.expiries import note_expiries
from app.actions.pulse import beat
from app.actions.tick import Duty, tick
from app.db import pulse, telegram
from app.db.telegram import ChatMessage
from app.domain.running import Running
from app.errors import RemoteUnavailable
from app.supervision import tls
from tests.conftest import quick
from tests.factories import placed, settle
from tests.monitoring.processes import alive, monitored, process
from tests.stories import hook


async def queue_old(scene):
    await hook(scene.api, placed("H1"))
    scene.later(minutes=3)
    yield
    await settle(scene.hub)


async def monitor_late(scene):
    await alive(scene, "web-1", "web-2")
    yield
    await monitored(scene)


async def worker_silent(scene):
    await monitored(scene)
    await alive(scene, "web-1", "scheduler")
    silent = process(scene, "web-2")
    await beat(silent)
    scene.later(minutes=4)
    yield
    async with scene.hub.pools.drains.acquire() as conn:
        await pulse.goodbye(conn, silent.worker)


async def worker_restarts(scene):
    await monitored(scene)
    await beat(process(scene, pid=2))
    await beat(process(scene, pid=3))
    await alive(scene, "scheduler")
    await beat(process(scene, pid=4))
    await scene.sql("UPDATE heartbeat SET pulsed_at = '2099-01-01' WHERE worker LIKE '%:4'")
    yield
    scene.later(minutes=16)


async def clock_skew(scene):
    await monitored(scene)
    await alive(scene, "web-1")
    wrong = process(scene, clock=lambda: datetime.now(UTC) + timedelta(seconds=7))
    await beat(wrong)
    await scene.sql("UPDATE heartbeat SET pulsed_at = '2099-01-01'")
    yield
    await beat(process(scene))
    await scene.sql("UPDATE heartbeat SET pulsed_at = '2099-01-01'")


async def disk_low(scene):
    await monitored(scene)
    await alive(scene, "web-1")
    await scene.sql("UPDATE heartbeat SET disk_free = 3")
    yield
    await scene.sql("UPDATE heartbeat SET disk_free = 40")


async def certificate_expiring(scene):
    with TemporaryDirectory() as folder:
        here = Path(folder)
        running = Running("shop-1", "scheduler", certificate=here / "hub.pem")
        gateway = quick(scene.hub, running=running)
        tls.ensure(here, ["localhost"], datetime.now(UTC) - timedelta(days=tls.SERVER_DAYS - 5))
        await note_expiries(gateway)
        yield
        tls.ensure(here, ["localhost"], datetime.now(UTC))
        await note_expiries(gateway)


async def database_lag(scene):
    await replicas(scene, "interval '40 seconds'")
    yield
    await replicas(scene, "interval '2 seconds'")


async def replicas(scene, lag):
    """A replica as the database would show it: its own view, stood before the real one."""
    await scene.sql(
        "CREATE OR REPLACE VIEW public.pg_stat_replication AS"
        f" SELECT 'replica-1'::text AS application_name, 'streaming'::text AS state,"
        f" {lag} AS replay_lag"
    )
    (name,) = await scene.sql("SELECT current_database() AS name")
    await scene.sql(f"ALTER DATABASE {name['name']} SET search_path = public, pg_catalog")
    await scene.hub.pools.drains.expire_connections()


async def archive_late(scene):
    await archive(scene, "interval '1 minute'")
    yield
    await archive(scene, "interval '20 minutes'")


async def archive(scene, refused):
    """An archive that took the last piece ten minutes ago, and refused one so long ago."""
    await scene.sql(
        "CREATE OR REPLACE VIEW public.pg_stat_archiver AS SELECT 7::bigint AS failed_count,"
        " now() - interval '10 minutes' AS last_archived_time,"
        f" now() - {refused} AS last_failed_time, now() - interval '1 day' AS stats_reset"
    )
    (name,) = await scene.sql("SELECT current_database() AS name")
    await scene.sql(f"ALTER DATABASE {name['name']} SET search_path = public, pg_catalog")
    await scene.hub.pools.drains.expire_connections()


async def database_held(scene):
    async with scene.hub.pools.drains.acquire() as conn:
        held = conn.transaction()
        await held.start()
        await conn.execute("SELECT txid_current()")
        scene.later(minutes=31)
        yield
        await held.rollback()


async def duty_failing(scene):
    await tick(scene.hub, Duty("facts", 3600, 600, _fine))
    await scene.sql(
        "INSERT INTO tick (job, due_at, owner, lease_until, state, started_at, finished_at,"
        "                  result)"
        " SELECT job, due_at + n * interval '1 second', owner, lease_until, 'failed',"
        "        $1::timestamptz + n * interval '1 minute', now(), 'DataError'"
        "   FROM tick, generate_series(1, 3) AS n WHERE job = 'facts'",
        scene.now,
    )
    scene.later(minutes=17)
    yield
    await scene.sql("UPDATE tick SET state = 'done' WHERE job = 'facts'")


async def _fine(_hub):
    return "fine"


async def rule_failing(scene):
    rules = scene.hub.rules
    broken = replace(rules["disk_low"], name="broken", sql="SELECT 1 / 0 AS value WHERE $2 > 0")
    scene.hub = quick(scene.hub, rules={**rules, "broken": broken})
    yield
    scene.hub = quick(scene.hub, rules=rules)
    scene.later(minutes=6)


async def chat_lost(scene):
    await scene.sql("INSERT INTO telegram_chat (chat_id, merchant_id, title)"
                    " SELECT -7002, id, 'Магазин 102' FROM merchant")  # fmt: skip
    await scene.sql(
        "UPDATE store SET telegram_chat = -7002 WHERE code = (SELECT max(code) FROM store)"
    )
    await scene.sql("UPDATE telegram_chat SET disabled_at = now(),"
                    " disabled_reason = 'bot was kicked' WHERE chat_id = -7002")  # fmt: skip
    yield
    await scene.sql("UPDATE telegram_chat SET disabled_at = NULL, disabled_reason = NULL")


async def telegram_failing(scene):
    async with scene.hub.pools.drains.acquire() as conn:
        (chat,) = await scene.sql("SELECT chat_id FROM telegram_chat LIMIT 1")
        note = ChatMessage(chat["chat_id"], "digest", "Смена 1")
        await telegram.add(conn, note, "t")
    scene.chat.fails = [RemoteUnavailable("no connection")]
    await scene.look()
    scene.later(minutes=6)
    yield
    await scene.sql("UPDATE telegram_outbox SET due_at = now()")
    await scene.look()
