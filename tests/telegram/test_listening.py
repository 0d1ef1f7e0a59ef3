"""Updates come in once each, by polling or pushed; one process listens, and the bad ones wait."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.chat_listen import Way
from app.actions.chat_work import MOST, Desk
from app.db import telegram_updates
from app.db.telegram_updates import digest
from app.domain.chat import Moved, Nothing, Presence, Press, Said
from app.errors import LeaseLost
from app.telegram.reading import read_update
from scheduler.listening import at_work
from tests.conftest import api_of, quick
from tests.telegram.talk import BOT, talking


async def until(holds, seconds=120):
    async with asyncio.timeout(seconds):
        while not (found := await holds()):  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def listening(listener):
    stopping = asyncio.Event()
    task = asyncio.create_task(listener.run(stopping))
    yield task
    stopping.set()
    await task


async def outcomes(talk):
    rows = await talk.sql("SELECT outcome FROM telegram_update ORDER BY update_id")
    return [row["outcome"] for row in rows]


async def answers(talk):
    return [one["text"] for one in await talk.messages() if one["by_bot"]]


async def test_what_is_written_is_answered_without_waiting_for_any_clock(talk):
    await talk.link()
    async with at_work(talk.hub, talk.desk, Way.POLLING):
        await talk.write("/help")
        await until(lambda: answers(talk))
    assert "Что я умею" in (await answers(talk))[0]
    assert await outcomes(talk) == ["answered"]


async def test_of_two_processes_one_listens_and_the_other_takes_over(talk):
    await talk.link()
    other = quick(talk.hub, worker="other")
    async with listening(talk.listener()):
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE owner = 'test'"))
        async with listening(talk.listener(hub=other)):
            await talk.write("/help")
            await until(lambda: outcomes(talk))
    counts = (await talk.http.get("/_state")).json()["counts"]
    assert counts.get("refused_409", 0) == 0  # they were never there at once
    async with listening(talk.listener(hub=other)):
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE owner = 'other'"))


async def test_a_process_that_lost_its_lease_stores_nothing_more(talk, pool):
    async with pool.acquire() as conn:
        first = await telegram_updates.take(conn, BOT, "first", 30)
        assert await telegram_updates.take(conn, BOT, "second", 30) is None
        await conn.execute("UPDATE telegram_bot SET lease_until = now() - interval '1 second'")
        second = await telegram_updates.take(conn, BOT, "second", 30)
        assert second.epoch > first.epoch
        with pytest.raises(LeaseLost):
            await telegram_updates.keep(conn, first, 30)
        await telegram_updates.leave(conn, first)
        await telegram_updates.keep(conn, second, 30)


async def test_an_update_that_comes_again_is_handled_once(talk):
    await talk.link()
    await talk.write("/help")
    assert await talk.fetch() == 1
    updates = await talk.desk.fetch(0, 0)
    async with talk.hub.pools.drains.acquire() as conn:
        again = await talk.sql("SELECT update_id, body FROM telegram_update")
        assert await telegram_updates.store(conn, BOT, updates) == 0
    assert len(again) == 1
    await talk.turn()
    await talk.turn()
    assert len(await answers(talk)) == 1


async def test_many_workers_at_once_handle_each_update_once(talk):
    await talk.link()
    for number in range(12):
        await talk.write(f"/order {number}")
    await talk.fetch()
    handled = await asyncio.gather(*(talk.work() for _ in range(4)))
    assert sum(handled) == 12
    assert await outcomes(talk) == ["no order"] * 12
    assert len(await talk.sql("SELECT FROM telegram_message WHERE kind = 'reply'")) == 12


async def test_whoever_dies_over_an_update_leaves_it_to_others_and_no_half_of_its_effect(talk):
    await talk.link()
    await talk.write("/language en")
    await talk.fetch()
    async with talk.hub.pools.drains.acquire() as conn:  # claimed, and the process dies
        assert await telegram_updates.claim(conn, BOT, 0.0)
    await talk.work()
    assert await outcomes(talk) == ["speaks"]
    assert len(await talk.audit()) == 1


async def test_an_update_somebody_else_took_over_is_not_handled_twice(talk):
    await talk.link()
    await talk.write("/help")
    await talk.fetch()
    async with talk.hub.pools.drains.acquire() as conn:
        slow = await telegram_updates.claim(conn, BOT, 0.0)
        await telegram_updates.claim(conn, BOT, 30.0)
        async with conn.transaction():
            assert not await telegram_updates.hold(conn, slow)


class Hostile:
    """A desk at which some updates cannot be handled at all."""

    def __init__(self, desk):
        self._desk, self.bot_id = desk, desk.bot_id

    def __getattr__(self, name):
        return getattr(self._desk, name)

    def read(self, body):
        deed = self._desk.read(body)
        if isinstance(deed, Said) and "bomb" in deed.text:
            raise ZeroDivisionError
        return deed


async def test_an_update_that_breaks_us_is_noted_and_stands_in_nobodys_way(talk):
    await talk.link()
    await talk.write("bomb")
    await talk.write("/help")
    await talk.fetch()
    desk = Desk(talk.hub, Hostile(talk.desk), asyncio.Event())
    for _ in range(MOST):
        while await desk.next():
            pass
        await talk.sql("UPDATE telegram_update SET due_at = now()")
    assert await outcomes(talk) == ["failed: ZeroDivisionError", "answered"]


async def test_one_that_kills_every_process_is_given_up(talk):
    await talk.write("/help")
    await talk.fetch()
    await talk.sql("UPDATE telegram_update SET attempts = 20")
    await talk.work()
    assert await outcomes(talk) == ["given up"]


async def test_the_offset_goes_on_from_what_is_stored_and_a_quiet_week_begins_anew(talk, pool):
    async with pool.acquire() as conn:
        assert await telegram_updates.offset(conn, BOT) == 0
        await talk.write("/help")
        await talk.fetch()
        (row,) = await talk.sql("SELECT update_id FROM telegram_update")
        assert await telegram_updates.offset(conn, BOT) == row["update_id"] + 1
        await conn.execute("UPDATE telegram_update SET received_at = now() - interval '7 days'")
        assert await telegram_updates.offset(conn, BOT) == 0


@pytest.fixture
async def pushed(api, hub):
    """The stand-in pushes to the web application itself."""
    ours = quick(hub, public_url="https://hub.test")
    async with api_of(ours) as client, talking(ours, client._transport) as running:
        yield running


async def hook(talk):
    return (await talk.http.get("/_state")).json()["webhook"]


async def test_a_webhook_is_set_once_and_what_it_brings_is_answered(pushed):
    talk = pushed
    await talk.link()
    async with at_work(talk.hub, talk.desk, Way.WEBHOOK):
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE hook_url IS NOT NULL"))
        await talk.write("/help")
        await until(lambda: answers(talk))
    url = (await hook(talk))["url"]
    assert url.startswith("https://hub.test/telegram/")
    secret = url.rpartition("/")[2]
    (row,) = await talk.sql("SELECT * FROM telegram_bot")
    assert row["hook_path"] == digest(secret)
    assert secret not in str(dict(row))
    async with listening(talk.listener(Way.WEBHOOK)):  # a new process: nothing has changed
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE epoch > $1", row["epoch"]))
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE owner IS NOT NULL"))
    counts = (await talk.http.get("/_state")).json()["counts"]
    assert counts["calls_setwebhook"] == 1
    assert counts["calls_setmycommands"] == 3
    async with listening(talk.listener(Way.POLLING)):
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE hook_path IS NULL"))
        await talk.write("/help")
        await until(lambda: talk.sql("SELECT FROM telegram_update OFFSET 1"))
    assert (await hook(talk))["url"] == ""


async def test_a_webhook_that_somebody_else_took_away_is_set_anew(pushed):
    talk = pushed
    async with listening(talk.listener(Way.WEBHOOK)):
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE hook_url IS NOT NULL"))
    await talk.desk.set_hook("", "")
    async with listening(talk.listener(Way.WEBHOOK)):
        await until(lambda: hooked(talk))


async def hooked(talk):
    return (await hook(talk))["url"]


async def test_telegram_that_is_away_is_asked_again(talk):
    await talk.control(switches={"fail_next": {"count": 2, "status": 502}})
    async with listening(talk.listener()):
        await until(lambda: talk.sql("SELECT FROM telegram_bot WHERE username <> ''"))


# --- what is read of an update -------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
PERSON = {"id": 5, "is_bot": False, "first_name": "A"}
ROOM = {"id": -5, "type": "group", "title": "t"}
MESSAGE = {"message_id": 1, "date": 1, "chat": ROOM, "from": PERSON, "text": "/status"}
MEMBER = {"user": {**PERSON, "is_bot": True}, "status": "member"}
PRESENCE = {"chat": ROOM, "from": PERSON, "date": 1, "old_chat_member": MEMBER,
            "new_chat_member": MEMBER}  # fmt: skip
PRESS = {"id": "1", "from": PERSON, "chat_instance": "1", "data": "x", "message": MESSAGE}
WHOLE = {"message": MESSAGE, "my_chat_member": PRESENCE, "callback_query": PRESS}


@pytest.mark.parametrize(
    ("update", "kind"),
    [({"message": MESSAGE}, Said), ({"my_chat_member": PRESENCE}, Presence),
     ({"callback_query": PRESS}, Press), ({"edited_message": MESSAGE}, Nothing),
     ({"message": {**MESSAGE, "migrate_to_chat_id": -1005}}, Moved), ({}, Nothing),
     ({"message": {**MESSAGE, "from": {**PERSON, "is_bot": True}}}, Nothing),
     ({"message": {**MESSAGE, "message_thread_id": 2**40, "is_topic_message": True}}, Nothing),
     ({"message": {**MESSAGE, "chat": {**ROOM, "id": 2**70}}}, Nothing)],
)  # fmt: skip
def test_an_update_is_read_as_what_it_is(update, kind):
    assert isinstance(read_update(json.dumps({"update_id": 1, **update}).encode()), kind)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_read_without_a_fault(body):
    assert read_update(body) is not None


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_an_update_with_anything_in_place_of_any_field_is_read_without_a_fault(kind, data):
    update = json.loads(json.dumps({"update_id": 1, kind: WHOLE[kind]}))
    inner = update[kind]
    for _ in range(data.draw(st.integers(1, 3))):
        target = inner
        name = data.draw(st.sampled_from(sorted(target)))
        if isinstance(target[name], dict) and target[name] and data.draw(st.booleans()):
            target = target[name]
            name = data.draw(st.sampled_from(sorted(target)))
        target[name] = data.draw(JSON)
    deed = read_update(json.dumps(update).encode())
    if isinstance(deed, Said):
        for text in (deed.text, deed.person.name, deed.room.title):
            text.encode()
            assert "\x00" not in text


@pytest.mark.parametrize(
    "update",
    [{"message": {**MESSAGE, "text": "/status \x00"}}, {"message": {"message_id": 1}},
     {"message": 5}, {"callback_query": {**PRESS, "data": None}}, {"poll": {}},
     {"message": {**MESSAGE, "chat": {**ROOM, "id": 10**30}}},
     {"message": {**MESSAGE, "date": 10**20}}, {"unheard_of": [1, 2, {"x": "<b>"}]},
     {"message": {**MESSAGE, "from": {**PERSON, "first_name": "<b>\x00" * 5000}}}],
)  # fmt: skip
async def test_garbage_is_noted_and_the_others_are_answered(talk, update):
    await talk.link()
    await talk.write("/help")
    await talk.control(updates=[update])
    await talk.write("/help")
    await talk.turn()
    assert len(await answers(talk)) == 2
    assert None not in await outcomes(talk)
