"""Changes reach the handhelds as they happen: over real sockets, with readers that come and go."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from functools import partial

import pytest

from app.actions.feed import PER_SESSION, Feed, Listener, Page
from app.db.conn import FAULTS
from app.domain.cursor import Cursor
from app.domain.refusals import Code, Refused
from app.identifiers import new_id
from tests.factories import BREAD
from tests.flow.proxy import proxied
from tests.flow.shared import World
from tests.flow.streams import PATIENCE, Served, eventually, reading, served
from tests.flow.test_faults import calm, on
from tests.http.picking import BREAD_ID, claimed, device, looking_at, order, picking, tell


@pytest.fixture
async def here(hub):
    async with served(hub) as made:
        yield made


def world(here: Served) -> World:
    return World(here.hub, here.api)


async def test_a_cancel_while_picking_reaches_the_handheld_and_stops_its_writes(here):
    handheld = await picking(world(here), BREAD)
    number, version = handheld.order["number"], handheld.order["version"]
    async with reading(here.api, handheld.headers) as stream:
        queue = await stream.until("synced")
        assert queue[0].name == "reset"
        assert [each.data["state"] for each in queue if each.name == "change"] == ["picking"]
        await tell(world(here), "order.canceled", number)
        change = await stream.change(number=number)
    assert (change["state"], change["active"]) == ("cancelled", False)
    assert change["cancelled_by"]
    assert change["version"] > version
    refused = await handheld.ask("pick", line=BREAD_ID, quantity=1)
    assert (refused.status_code, refused.json()["code"]) == (409, Code.ORDER_CANCELLED)
    current = refused.json()["current"]
    assert (current["state"], current["version"]) == ("cancelled", change["version"])
    assert all(line["state"] == "todo" for line in current["lines"])
    rest = {"scan": {"raw": "4690001004013"}, "complete": {}, "release": {"reason": "break"}}
    for verb, fields in rest.items():
        answer = await handheld.ask(verb, version=change["version"], **fields)
        assert answer.json()["code"] == Code.ORDER_CANCELLED, verb


async def test_a_poller_hears_of_the_cancel_too(here):
    handheld = await picking(world(here), BREAD)
    began = (await handheld.get("/picker/v1/changes")).json()
    assert began["reset"] is True
    await tell(world(here), "order.canceled", handheld.order["number"])
    heard = (await handheld.get(f"/picker/v1/changes?since={began['cursor']}")).json()
    assert [(each["state"], each["active"]) for each in heard["changes"]] == [("cancelled", False)]
    assert heard["reset"] is heard["more"] is False
    again = (await handheld.get(f"/picker/v1/changes?since={heard['cursor']}")).json()
    assert again["changes"] == []


async def test_who_has_taken_an_order_is_seen_by_the_others(here):
    watching = await device(world(here), "1002")
    async with reading(here.api, watching.headers) as stream:
        await stream.until("synced")
        handheld = await claimed(world(here), BREAD)
        now = {key: handheld.order[key] for key in ("number", "version")}
        taken = await stream.change(**now)
        assert taken["picker"]["badge"] == "1001"
        assert taken["lease_until"]
        await handheld.do("release", reason="break")
        free = await stream.change(number=handheld.order["number"], picker=None)
        assert free["active"] is True


async def test_who_comes_back_hears_what_happened_meanwhile_and_only_that(here):
    handheld = await device(world(here))
    await order(world(here))
    async with reading(here.api, handheld.headers) as stream:
        await stream.until("synced")
    await here.quiet()
    number = await order(world(here))
    async with reading(here.api, handheld.headers, stream.last) as back:
        events = await back.until("synced")
    assert [each.name for each in events] == ["change", "synced"]
    assert events[0].data["number"] == number
    assert events[0].id == events[1].id == back.last != stream.last


async def test_a_strange_cursor_is_refused_and_an_old_one_begins_anew(here):
    handheld = await device(world(here))
    garbage = {**handheld.headers, "Last-Event-ID": "7"}
    answer = await here.api.get("/picker/v1/stream", headers=garbage)
    assert (answer.status_code, answer.json()["code"]) == (400, Code.INVALID_BODY)
    old = str(Cursor("6b0287c21fbad0ea-00000001", 1, "1:1:"))
    async with reading(here.api, handheld.headers, old) as stream:
        assert (await stream.event()).name == "reset"
    for query in ("since=7", "since=%00", "wait=26", "wait=-1", "wait=x", "wait=1.5", "wait="):
        answer = await handheld.get(f"/picker/v1/changes?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, Code.INVALID_BODY), query


async def test_without_a_session_there_is_no_stream(here):
    for path in ("/picker/v1/stream", "/picker/v1/changes"):
        answer = await here.api.get(path, headers={"Authorization": "Bearer nobody"})
        assert (answer.status_code, answer.json()["code"]) == (401, Code.SESSION_EXPIRED)
        assert (await here.api.get(path)).status_code == 401


async def test_a_question_may_wait_until_something_happens(here):
    handheld = await device(world(here))
    cursor = (await handheld.get("/picker/v1/changes")).json()["cursor"]
    waiting = asyncio.create_task(handheld.get(f"/picker/v1/changes?since={cursor}&wait=20"))
    await eventually(here.feed.listeners)
    number = await order(world(here))
    answer = (await asyncio.wait_for(waiting, PATIENCE)).json()
    assert number in {each["number"] for each in answer["changes"]}
    idle = await handheld.get(f"/picker/v1/changes?since={answer['cursor']}&wait=1")
    assert idle.status_code == 200
    await here.quiet()


async def test_a_stream_shows_that_it_lives_and_ends_with_the_session(hub):
    async with served(hub, pulse=0.05) as here:
        handheld = await device(world(here))
        async with reading(here.api, handheld.headers) as stream:
            await stream.until(":")
            await here.api.delete("/picker/v1/sessions/current", headers=handheld.headers)
            end = (await stream.until("end"))[-1]
            assert end.data == {"code": Code.SESSION_EXPIRED}
            assert await stream.event() is None
        await here.quiet()


async def test_a_killed_database_connection_costs_nothing(here):
    handheld = await device(world(here))
    async with reading(here.api, handheld.headers) as stream:
        await stream.until("synced")
        for _ in range(3):
            await insisting(partial(world(here).value, KILL))
            number = await insisting(partial(accepted, here))
            assert (await stream.change(number=number))["state"] == "accepted"


KILL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def accepted(here: Served) -> str:
    """An order of which the hub has taken note; its number."""
    number = await order(world(here))
    assert await world(here).value("SELECT state FROM orders WHERE number = $1", number)
    return number


async def insisting(ask):
    """The answer to somebody whom dead connections do not discourage; some die a little later."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await ask()
            except (AssertionError, *FAULTS):
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", ["cut", "freeze"])
async def test_a_stream_outlives_a_database_that_was_away(hub, dsn, fault):
    async with (
        proxied(dsn) as proxy,
        on(hub, proxy.dsn, ends=10) as (moved, _),  # a stream has no other patience than that
        served(moved, pulse=0.2) as here,
    ):
        async with calm(moved) as patient:
            handheld = await device(World(moved, patient))
        async with AsyncExitStack() as stack:
            opened = partial(reading, here.api, handheld.headers)
            stream = await insisting(lambda: stack.enter_async_context(opened()))
            await stream.until("synced")
            getattr(proxy, fault)()
            await stream.until(":")  # the session is not checked, and not over either
            unseen = new_id()
            async with hub.pools.picking.acquire() as conn:
                await conn.execute(
                    "INSERT INTO orders (id, store_id, account_id, number, external_id, state,"
                    " requested_total, due_at) SELECT $1, picker.store_id, account.id, 'N1',"
                    " 'N1', 'accepted', 1, now() FROM picker, account WHERE badge = '1001'",
                    unseen,
                )
            proxy.mend()
            assert (await stream.change(id=str(unseen)))["number"] == "N1"


async def test_a_reader_that_takes_nothing_is_let_go_and_the_others_go_on(hub):
    async with served(hub, slowest=0.2) as here:
        handheld, other = await device(world(here)), await device(world(here), "1002")
        numbers = [await order(world(here)) for _ in range(3)]
        deaf = socket.socket(socket.AF_UNIX)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(str(here.socket))
        token = handheld.headers["Authorization"]
        deaf.sendall(f"GET /picker/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
                     .encode())  # fmt: skip
        async with reading(here.api, other.headers) as stream, asyncio.timeout(PATIENCE):
            await stream.until("synced")
            await eventually(lambda: here.feed.listeners() == 2)
            versions = 1
            while here.feed.listeners() > 1:
                versions += 1
                # A comment of this size in each: the pipe is full sooner.
                await world(here).value(
                    "UPDATE orders SET version = $1, cancel_reason = repeat('x', 20000)", versions
                )
                await stream.change(number=numbers[0], version=versions)
        deaf.close()


def test_a_listener_that_falls_behind_is_over_and_holds_nothing():
    listener = Listener(new_id(), "s")
    page = Page([], Cursor("0-00000000", 1, "1:1:"))
    for _ in range(17):
        listener.tell(page)
    listener.tell(page)
    assert listener.over
    assert asyncio.run(listener.next(0)) is None


async def test_a_process_has_room_for_so_many_and_says_when_to_come_again(hub):
    async with served(hub, most=1) as here:
        first, second = await device(world(here)), await device(world(here), "1002")
        async with reading(here.api, first.headers) as stream:
            await stream.until("synced")
            refused = await second.get("/picker/v1/stream")
            assert refused.status_code == 429
            assert refused.json()["code"] == Code.TOO_MANY_REQUESTS
            assert refused.headers["retry-after"] == "5"
            assert (await second.get("/picker/v1/changes?wait=5")).status_code == 429
            assert (await second.get("/picker/v1/changes")).status_code == 200
        await here.quiet()
        async with reading(here.api, second.headers) as stream:
            await stream.until("synced")


async def test_the_newest_stream_of_a_session_counts_and_the_oldest_goes(here):
    handheld = await device(world(here))
    async with reading(here.api, handheld.headers) as oldest:
        await oldest.until("synced")
        for _ in range(PER_SESSION):
            answer = await here.api.send(
                here.api.build_request("GET", "/picker/v1/stream", headers=handheld.headers),
                stream=True,
            )
            assert answer.status_code == 200
        assert await oldest.event() is None
        assert here.feed.listeners() == PER_SESSION


async def test_nobody_looks_when_nobody_listens(here):
    handheld = await device(world(here))
    async with reading(here.api, handheld.headers) as stream:
        await stream.until("synced")
        assert "feed" in {task.get_name() for task in asyncio.all_tasks()}
    await eventually(lambda: "feed" not in {task.get_name() for task in asyncio.all_tasks()})
    assert here.feed.listeners() == 0


async def test_a_worker_that_stops_lets_streams_and_waiting_questions_go(hub):
    async with served(hub) as here:
        handheld = await device(world(here))
        cursor = (await handheld.get("/picker/v1/changes")).json()["cursor"]
        waiting = asyncio.create_task(handheld.get(f"/picker/v1/changes?since={cursor}&wait=25"))
        async with reading(here.api, handheld.headers) as stream:
            await stream.until("synced")
            await eventually(lambda: here.feed.listeners() == 2)
            here.server.should_exit = True
            assert await stream.event() is None
            assert (await waiting).json()["changes"] == []
            await asyncio.wait_for(here.running, PATIENCE)


async def test_after_the_end_nobody_is_taken_in(hub):
    feed = Feed(hub.pools.picking)
    feed.close()
    async with feed.listening(new_id(), "s") as listener:
        assert listener.over
    with pytest.raises(Refused):
        async with Feed(hub.pools.picking, most=0).listening(new_id(), "s"):
            pass


async def test_an_order_of_another_shop_is_not_told(here):
    stranger = await device(world(here), "1201")
    async with reading(here.api, stranger.headers) as stream:
        await stream.until("synced")
        handheld = await looking_at(world(here), await order(world(here)))
        await world(here).value(
            "UPDATE orders SET store_id = (SELECT store_id FROM picker WHERE badge = '1201')"
        )
        change = (await stream.until("change"))[-1].data
        assert change["number"] == handheld.order["number"]
