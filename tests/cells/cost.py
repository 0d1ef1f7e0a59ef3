"""What one order costs: `python -m tests.cells.cost [ORDERS]`, on databases of its own. Figures of
docs/scaling.md; not a test."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid

import asyncpg
import structlog

from app.actions import setup
from app.actions.issue import issue
from app.actions.move_store import Wanted, begin
from app.db.conn import prepare
from app.db.migrate import migrate
from tests.cells.two import URL, steps, two_cells
from tests.conftest import DEMO, SEAL, RecordingKuper, with_database
from tests.factories import MILK, Handheld, news, placed, settle
from tests.postgres import server_dsn
from tests.stories import hook, know

LINES = 12
ROAD = ("order.paid", "courier.assigned", "courier.arrived", "order.received", "order.delivered")
#: Transactions that write take a number each; all of them, and reads, are commits.
COUNTERS = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS "transactions that write",
       xact_commit AS commits, pg_current_wal_lsn() - '0/0'::pg_lsn AS "bytes of WAL",
       tup_inserted AS "rows inserted", tup_updated AS "rows updated",
       pg_database_size(current_database()) AS "bytes on disk"
  FROM pg_stat_database WHERE datname = current_database()"""
TABLES = """
SELECT relname, n_live_tup AS rows, pg_total_relation_size(relid) AS bytes
  FROM pg_stat_user_tables WHERE n_live_tup > 0 ORDER BY bytes DESC LIMIT 12"""


def say(line):
    sys.stdout.write(f"{line}\n")


async def counters(conn):
    await conn.execute("SELECT pg_stat_force_next_flush()")
    await asyncio.sleep(1.2)  # what other sessions counted is told once a second
    return dict(await conn.fetchrow(COUNTERS))


async def live(hub, api, handheld, ref, goods):
    """One order from its webhook to the customer; each piece is picked by itself."""
    await hook(api, placed(ref, *goods))
    await settle(hub)
    await handheld.next()
    await handheld.do("start")
    for line in handheld.order["lines"]:
        for quantity in (1, 2):
            await handheld.do("pick", line=line["sku"], quantity=quantity)
    await handheld.do("complete")
    await handheld.do("ready")
    await settle(hub)
    for event in ROAD:
        await hook(api, news(event, ref))
        await settle(hub)


async def measure(two, orders):
    goods = [MILK | {"id": f"9{n:05}", "name": f"Товар {n} фасованный"} for n in range(LINES)]
    hub, api = two.a.hub, two.a.api
    await know(hub, *goods)
    handheld = await Handheld(api).sign_in()
    conn = await asyncpg.connect(two.a.dsn)
    before, processor = await counters(conn), time.process_time()
    for number in range(orders):
        await live(hub, api, handheld, f"M{number}", goods)
    spent = time.process_time() - processor
    await issue(hub)
    after = await counters(conn)
    for name, value in after.items():
        say(f"{name:24} {float(value - before[name]) / orders:10.1f}")
    say(f"{'seconds of Python':24} {spent / orders:10.3f}")
    for row in await conn.fetch(TABLES):
        share = row["rows"] / orders, row["bytes"] / orders
        say(f"  {row['relname']:22} {share[0]:7.1f} rows {share[1]:9.0f} bytes")
    await conn.close()


async def move(two):
    async with two.mover(two.a, two.b) as mover:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        begun = time.monotonic()
        async for name in steps(mover):
            say(f"  {name:10} {time.monotonic() - begun:7.2f} s")


async def main(orders):
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    server, name = server_dsn(), f"template_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(server)
    for database in (name, f"{name}_demo"):
        await admin.execute(f"CREATE DATABASE {database}")
        await migrate(with_database(server, database))
    conn = await asyncpg.connect(with_database(server, f"{name}_demo"))
    await prepare(conn)
    await setup.set_up(conn, SEAL, {"kuper": RecordingKuper()}, DEMO)
    await conn.close()
    async with two_cells(f"{name}_demo", name) as two:
        await measure(two, orders)
        await move(two)
    for database in (name, f"{name}_demo"):
        await admin.execute(f"DROP DATABASE {database} WITH (FORCE)")
    await admin.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
