"""PostgreSQL away, slow, cut in the middle: nothing acknowledged is lost, nobody waits for long."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial

import pytest

from app.db.accounts import AccountBook
from app.db.conn import FAULTS
from app.db.conn import pool as open_pool
from app.hub import REQUEST_PATIENCE, Pools
from tests.conftest import SEAL, TOKEN, api_of, quick
from tests.factories import BREAD, Handheld, news, placed, settle
from tests.flow.proxy import proxied
from tests.ops.gateway import free_port

#: Seconds a sender may be kept waiting.
PROMISE = 2.0
#: Seconds that nobody here waits: who is not answered before has been forgotten.
NEVER = 600.0
#: Seconds until a test gives up.
PATIENCE = 120.0


async def hook(api, content, headers=TOKEN):
    return await api.post("/hooks/sm-demo", content=content, headers=headers)


@asynccontextmanager
async def on(hub, dsn, ends=NEVER):
    """The hub and its API with pools that lead to another address. A query ends by itself after so
    many seconds: never, so that a door has only its own patience to say 503 by."""
    assert REQUEST_PATIENCE < PROMISE
    slow = {"connect_timeout": ends, "slowest": ends}
    async with (
        asyncio.timeout(PATIENCE),
        open_pool(dsn, 3, name="hooks", **slow) as hooks,
        open_pool(dsn, 6, name="picking", **slow) as picking,
        open_pool(dsn, 6, name="drains", **slow) as drains,
    ):
        moved = quick(
            hub, pools=Pools(hooks, picking, drains),
            accounts=AccountBook(hooks, SEAL, lambda: 0.0),  # what it has read stays fresh
            patience=REQUEST_PATIENCE,
        )  # fmt: skip
        async with api_of(moved) as api:
            yield moved, api


@asynccontextmanager
async def calm(moved):
    """The same hub's API for what is only prepared: nothing is wrong yet, however long it takes."""
    async with api_of(quick(moved, patience=PATIENCE)) as api:
        yield api


async def prepared(moved, api):
    """Somebody signed in, who goes on at an API that is not so calm."""
    async with calm(moved) as patient:
        handheld = await Handheld(patient).sign_in()
    handheld.client = api
    return handheld


def check_away(answer):
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "TEMPORARY"
    assert answer.json()["retryable"] is True


async def until_200(ask):
    """The answer to a caller that comes again as long as it is told to."""
    while (answer := await ask()).status_code != 200:
        assert answer.json()["retryable"] is True, answer.text
        await asyncio.sleep(0.05)
    return answer


async def count(hub, table):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetchval(f"SELECT count(*) FROM {table}")


async def test_with_nobody_at_the_database_every_door_says_come_again(hub):
    async with on(hub, f"postgresql://nobody@127.0.0.1:{free_port()}/none") as (_, api):
        for answer in await asyncio.gather(
            hook(api, placed("H1")),
            hook(api, b"{", {}),
            api.post("/picker/v1/sessions", json={"badge": "1001", "pin": "4711"}),
            api.get("/picker/v1/me", headers={"Authorization": "Bearer x"}),
            api.post("/picker/v1/orders/next", headers={"Authorization": "Bearer x"}),
            api.get("/metrics"),
        ):
            check_away(answer)
        assert (await api.get("/livez")).status_code == 200
        assert (await api.get("/readyz")).status_code == 503


@pytest.mark.parametrize("fault", ["cut", "freeze"])
async def test_a_database_that_goes_away_is_503_in_time_and_back_again_by_itself(hub, dsn, fault):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (moved, api):
        await until_200(partial(hook, api, placed("H1")))
        handheld = await prepared(moved, api)
        getattr(proxy, fault)()
        answers = await asyncio.gather(
            *(hook(api, placed(f"H{n}")) for n in range(2, 30)),
            *(handheld.get("/picker/v1/me") for _ in range(15)),
            handheld.post("/picker/v1/orders/next"),
        )
        for answer in answers:
            check_away(answer)
        proxy.mend()
        await until_200(lambda: handheld.get("/picker/v1/me"))
        for n in range(1, 30):
            await until_200(partial(hook, api, placed(f"H{n}")))
        await work_off(hub, moved)
    assert await count(hub, "orders") == 29


@pytest.mark.parametrize("fault", ["cut", "freeze"])
async def test_a_wrong_token_is_403_even_while_the_refusal_cannot_be_kept(hub, dsn, fault):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (_, api):
        await until_200(partial(hook, api, placed("H1")))
        getattr(proxy, fault)()
        assert (await hook(api, b"{}", {"client-token": "x"})).status_code == 403
        proxy.mend()


async def test_an_order_whose_commit_was_answered_by_silence_is_there_once_after_the_repeat(
    hub, dsn
):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (moved, api):
        await until_200(partial(hook, api, placed("H0")))
        proxy.lose_answer_to = b"fifo-marker"
        content = placed("H1", comment="fifo-marker")
        first = await hook(api, content)
        assert first.status_code == 503
        while await count(hub, "inbox") < 2:  # noqa: ASYNC110 - of the server's making
            await asyncio.sleep(0.02)
        proxy.mend()
        again = await until_200(partial(hook, api, content))
        assert again.json()["number"] == "H1"
        await work_off(hub, moved)
    assert await count(hub, "inbox") == await count(hub, "orders") == 2


async def test_a_pick_whose_commit_was_answered_by_silence_is_done_once_after_the_repeat(hub, dsn):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (moved, api):
        async with calm(moved) as patient:
            await hook(patient, placed("H1", BREAD))
            await settle(moved)
            handheld = await Handheld(patient).sign_in()
            await handheld.next()
            await handheld.do("start")
        handheld.client = api
        proxy.lose_answer_to = b"COMMIT"
        pick = {"line": BREAD["id"], "quantity": 2, "key": "the-same-key"}
        lost = await handheld.ask("pick", **pick)
        assert lost.status_code == 503
        proxy.mend()
        repeated = await until_200(partial(handheld.ask, "pick", **pick))
        assert repeated.json()["order"]["version"] == handheld.order["version"] + 1
    assert await count(hub, "timeline WHERE detail ->> 'verb' = 'pick'") == 1


async def test_with_every_connection_of_the_handhelds_taken_hooks_go_on(hub, dsn):
    async with on(hub, dsn) as (moved, api):
        handheld = await prepared(moved, api)
        taken = [await moved.pools.picking.acquire() for _ in range(6)]
        waiting = asyncio.create_task(handheld.get("/picker/v1/me"))
        await until_200(partial(hook, api, placed("H1")))
        check_away(await waiting)
        for conn in taken:
            await moved.pools.picking.release(conn)
        await until_200(lambda: handheld.get("/picker/v1/me"))


async def test_connections_that_end_again_and_again_lose_nothing_and_double_nothing(hub, dsn):
    stop, onward = asyncio.Event(), asyncio.Event()

    async def terminate():
        """Each time the hub has got on a little, or a busy machine would never come to an end."""
        while not stop.is_set():
            await onward.wait()
            onward.clear()
            async with hub.pools.drains.acquire() as conn:
                await conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    " AND application_name <> 'test'"
                )
            await asyncio.sleep(0.2)

    async with on(hub, dsn) as (moved, api):
        cruelty = asyncio.create_task(terminate())
        numbers = [f"H{n}" for n in range(15)]
        for number in numbers:
            for content in (placed(number), news("order.received", number),
                            news("order.delivered", number)):  # fmt: skip
                await until_200(partial(hook, api, content))
                onward.set()
            await work_through(moved)
            onward.set()
        stop.set()
        onward.set()
        await cruelty
        await work_off(hub, moved)
    assert await count(hub, "inbox") == await count(hub, "inbox_delivery") == 45
    assert await count(hub, "inbox WHERE state = 'done'") == await count(hub, "inbox")
    assert await count(hub, "orders WHERE state = 'delivered'") == 15
    assert await count(hub, "order_contact") == 15


async def work_through(hub):
    """Settle as the drains do: what the database's trouble stops is begun again."""
    while True:
        try:
            return await settle(hub)
        except FAULTS:
            await asyncio.sleep(0.02)


async def work_off(hub, moved):
    """Until every delivery is done: a row whose connection ended is leased for a while yet."""
    while await count(hub, "inbox WHERE state <> 'done'"):
        async with hub.pools.drains.acquire() as conn:
            await conn.execute("UPDATE queue_item SET due_at = now() WHERE state <> 'done'")
        await work_through(moved)


async def test_a_migration_under_a_working_hub_is_not_noticed(hub, dsn):
    async with on(hub, dsn) as (moved, api):
        async with calm(moved) as patient:
            await hook(patient, placed("H1", BREAD))
            await settle(moved)
            handheld = await Handheld(patient).sign_in()
            await handheld.next()
        handheld.client = api
        async with hub.pools.drains.acquire() as conn:
            await conn.execute("ALTER TABLE orders ADD COLUMN new_one text DEFAULT 'x'")
            await conn.execute("ALTER TABLE order_line ADD COLUMN new_one integer DEFAULT 1")
        for verb in ("start", "pick", "complete", "ready"):
            fields = {"line": BREAD["id"], "quantity": 3} if verb == "pick" else {}
            # A statement of before may say 503; the next one is of today.
            answer = await until_200(partial(handheld.ask, verb, **fields, key=f"{verb}-once"))
            handheld.order = answer.json()["order"]
        await until_200(partial(hook, api, news("order.delivered")))
        await work_off(hub, moved)
    assert await count(hub, "orders WHERE state = 'delivered'") == 1
