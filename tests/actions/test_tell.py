"""What becomes of a message to people, whatever happens on its way."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.tell import keep_speaking, speak
from app.db import incidents, telegram
from app.db.telegram import ChatMessage
from app.domain.incident import Change, Event, Incident, IncidentState
from app.domain.pace import FREE, TELEGRAM, Limit
from app.domain.rule import Level
from app.errors import (
    ChatLost,
    ChatMoved,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    TokenUnknown,
)
from app.identifiers import new_id
from tests.conftest import CREDENTIALS, quick
from tests.sandbox.conftest import until
from tests.stories import RecordingChat

CHAT = CREDENTIALS["telegram"]["chat_id"]
OTHER = -1009
NOW = datetime.now(UTC)


class Chat(RecordingChat):
    """`ways` are raised for a chat, each once; `slow` chats answer when `answer` is set."""

    def __init__(self):
        super().__init__()
        self.ways = {}
        self.slow, self.answer = set(), asyncio.Event()

    async def tell(self, saying):
        if saying.chat_id in self.slow:
            await self.answer.wait()
        if self.ways.get(saying.chat_id):
            raise self.ways[saying.chat_id].pop(0)
        return await super().tell(saying)


@pytest.fixture
def duty(hub):
    return quick(hub, chat=Chat(), clock=lambda: NOW)  # a post names the day when it is another


class Story:
    """Incidents and messages of one hub, written as the monitoring would."""

    def __init__(self, hub):
        self.hub = hub

    async def sql(self, statement, *values):
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetch(statement, *values)

    async def begins(self, chats=(CHAT,), **changes):
        """An incident, to be seen in these chats."""
        merchant = (await self.sql("SELECT id FROM merchant"))[0]["id"]
        values = {
            "id": new_id(), "rule": "order_late", "subject": new_id().hex, "level": Level.CRITICAL,
            "state": IncidentState.FIRING, "value": 9.0, "seen_at": NOW, "last_seen_at": NOW,
            "facts": {"number": "H1", "store": "MSK-07", "lines": 3, "state": "picking"},
            "fired_at": NOW, "told_at": NOW, "merchant_id": merchant, "seq": 1, "revision": 1,
        }  # fmt: skip
        one = Incident(**(values | changes))
        await self.becomes(one, chats=chats, bump=False)
        return one

    async def becomes(self, one, *, chats=(), bump=True, actor="hub", **changes):
        """What has become of it."""
        one = replace(one, **changes)
        if bump:
            one = replace(one, seq=one.seq + 1, revision=one.revision + 1)
        at = datetime.now(UTC)
        async with self.hub.pools.drains.acquire() as conn, conn.transaction():
            await incidents.save(conn, at, [Change(one, (Event("changed", actor),))])
            places = [incidents.Place(one.id, chat, None) for chat in chats]
            await telegram.post(conn, places)
            await telegram.show(conn, [one.id], "trace")
        return one

    async def ends(self, one):
        now = datetime.now(UTC)
        return await self.becomes(one, state=IncidentState.RESOLVED, resolved_at=now)

    async def say(self, chat=CHAT, kind="notice", **fields):
        async with self.hub.pools.drains.acquire() as conn, conn.transaction():
            message = ChatMessage(chat, kind, fields.pop("text", "hello"), **fields)
            await telegram.add(conn, message, "trace")

    async def chat(self, chat_id):
        await self.sql("INSERT INTO telegram_chat (chat_id) VALUES ($1)", chat_id)

    async def speak(self, seconds=0.0, **changes):
        """What was said meanwhile: (chat, first line, edited message)."""
        before = len(self.hub.chat.said)
        await speak(quick(self.hub, **changes), asyncio.Event(), seconds)
        said = self.hub.chat.said[before:]
        return [(chat, text.split("\n")[0], edit) for chat, text, edit in said]

    async def archive(self):
        rows = await self.sql(
            "SELECT kind, outcome FROM telegram_archive ORDER BY sent_at, outcome"
        )
        return [tuple(row) for row in rows]

    async def waiting(self):
        return await self.sql(
            "SELECT fifo_key, attempts, reason, due_at > now() AS later FROM telegram_outbox"
            " WHERE state = 'waiting' ORDER BY seq"
        )


@pytest.fixture
async def story(duty):
    return Story(duty)


async def test_an_incident_that_ended_untold_is_dropped_and_the_archive_says_so(story):
    one = await story.begins()
    await story.ends(one)
    assert await story.speak() == []
    assert await story.archive() == [("incident", "dropped")]
    back = await story.becomes(one, state=IncidentState.FIRING, resolved_at=None, revision=5)
    assert [edit for _, _, edit in await story.speak()] == [None]
    assert back.returns == 0


async def test_old_news_is_archived_as_expired_and_not_sent(story):
    for kind in ("nudge", "reply", "notice", "digest"):
        await story.say(kind=kind, expires_at=NOW - timedelta(seconds=1))
    await story.say(text="fresh")
    await story.sql("UPDATE telegram_message SET expires_at = now() - interval '1 s'"
                    " WHERE text <> 'fresh'")  # fmt: skip
    assert [text for _, text, _ in await story.speak()] == ["fresh"]
    assert sorted(await story.archive()) == [
        ("digest", "expired"), ("notice", "expired"), ("notice", "sent"),
        ("nudge", "expired"), ("reply", "expired"),
    ]  # fmt: skip


async def test_what_says_nothing_of_its_age_gets_one_by_its_kind(story):
    await story.say(kind="reply")
    (row,) = await story.sql("SELECT expires_at - created_at AS good FROM telegram_message")
    assert row["good"] == timedelta(minutes=10)


async def test_urgent_things_go_first(story):
    await story.say(kind="digest", text="digest")
    await story.begins(level=Level.WARNING, facts={"store": "warning"})
    await story.begins(facts={"store": "critical"})
    await story.say(kind="nudge", text="nudge")
    await story.say(kind="reply", text="reply")
    async with story.hub.pools.drains.acquire() as conn:
        rows = await conn.fetch("SELECT fifo_key FROM telegram_outbox ORDER BY due_at")
    lanes = [row["fifo_key"].rpartition(":")[2] for row in rows]
    assert lanes == ["reply", "nudge", "critical", "incident", "digest"]


async def test_an_incident_that_worsens_while_it_waits_goes_with_the_critical_ones(story):
    one = await story.begins(level=Level.WARNING)
    await story.becomes(one, level=Level.CRITICAL)
    (row,) = await story.waiting()
    assert row["fifo_key"] == f"chat:{CHAT}:critical"
    assert len(await story.speak()) == 1


async def test_an_edit_that_would_show_the_same_is_not_sent_and_leaves_no_trace(story):
    one = await story.begins()
    await story.speak()
    await story.becomes(replace(one, seq=one.seq - 1))  # the buttons are the same as well
    assert await story.speak() == []
    assert await story.archive() == [("incident", "sent")]
    assert await story.waiting() == []


async def test_edits_keep_their_distance_unless_a_person_acted(story):
    slow = replace(FREE, edits=timedelta(hours=1))
    one = await story.begins()
    await story.speak(paces=slow)
    one = await story.becomes(one, level=Level.WARNING)
    assert await story.speak(paces=slow) == []
    (row,) = await story.waiting()
    assert (row["attempts"], row["reason"], row["later"]) == (0, "paced", True)
    taken = {"state": IncidentState.ACKNOWLEDGED, "acknowledged_by": "Анна"}
    await story.becomes(one, actor="Анна", acknowledged_at=datetime.now(UTC), **taken)
    assert [text[0] for _, text, _ in await story.speak(paces=slow)] == ["🟡"]


async def test_a_chat_that_asks_for_patience_is_left_alone_and_the_others_go_on(story):
    await story.chat(OTHER)
    story.hub.chat.ways[CHAT] = [RemoteBusy(after=600)]
    await story.say(CHAT, "reply")
    assert await story.speak() == []
    for chat in (CHAT, OTHER):
        await story.say(chat, "notice")
    assert [chat for chat, _, _ in await story.speak()] == [OTHER]
    waiting = await story.waiting()
    assert [(row["attempts"], row["later"]) for row in waiting] == [(0, True), (0, True)]
    assert {row["reason"] for row in waiting} == {"paced", "remote_busy"}


async def test_an_unknown_token_is_one_pause_for_everybody(story):
    await story.chat(OTHER)
    story.hub.chat.ways[OTHER] = [TokenUnknown(after=300)]
    await story.say(OTHER, "reply")
    assert await story.speak() == []
    await story.say(CHAT, "reply")
    assert await story.speak() == []
    assert [row["attempts"] for row in await story.waiting()] == [0, 0]


async def test_a_chat_that_hangs_keeps_no_other_waiting(story):
    story.hub.chat.slow = {CHAT}
    for chat in range(1, 30):
        await story.say(chat)
    await story.say(CHAT, "reply")
    speaking = asyncio.create_task(speak(story.hub, asyncio.Event()))
    await until(lambda: len(story.hub.chat.said) == 29)
    story.hub.chat.answer.set()
    assert await speaking == 30


async def test_a_lost_chat_is_disabled_and_what_was_told_only_there_is_told_elsewhere(story):
    await story.chat(OTHER)
    one = await story.begins(chats=(OTHER,))
    two = await story.begins(chats=(OTHER, CHAT), rule="help_wanted", facts={"store": "two"})
    await story.say(OTHER, "digest", text="never said")
    story.hub.chat.ways[OTHER] = [ChatLost("Forbidden: bot was kicked")] * 5
    said = await story.speak()
    assert {chat for chat, _, _ in said} == {CHAT}
    assert sum("опаздывает" in text for _, text, _ in said) == 1
    assert len(said) == 2
    assert sorted(await story.archive()).count(("incident", "undeliverable")) == 2
    assert ("digest", "undeliverable") in await story.archive()
    (chat,) = await story.sql("SELECT * FROM telegram_chat WHERE disabled_at IS NOT NULL")
    assert (chat["chat_id"], "kicked" in chat["disabled_reason"]) == (OTHER, True)
    posts = await story.sql("SELECT chat_id FROM incident_post")
    assert {post["chat_id"] for post in posts} == {CHAT}
    (audit,) = await story.sql("SELECT kind, outcome FROM telegram_audit")
    assert tuple(audit) == ("chat", "disabled")
    await story.say(OTHER, "reply")
    assert await story.speak() == []
    assert one.id != two.id


async def test_a_group_that_became_a_supergroup_goes_on_under_its_new_id(story):
    new = -1_000_000_000_777
    one = await story.begins()
    two = await story.begins(facts={"store": "two"})
    over = await story.begins(facts={"store": "over"})
    await story.speak()
    over = await story.ends(over)
    await story.speak()
    await story.say(kind="digest", text="digest")
    story.hub.chat.ways[CHAT] = [ChatMoved(new)] * 5
    await story.ends(one)
    said = await story.speak()
    assert {chat for chat, _, _ in said} == {new}
    assert ("two" in str(said), "digest" in str(said), "over" in str(said)) == (True, True, False)
    assert all(edit is None for _, _, edit in said)
    for table in ("store", "merchant"):
        named = await story.sql(f"SELECT DISTINCT telegram_chat FROM {table}")
        assert CHAT not in [row["telegram_chat"] for row in named]
    rows = await story.sql("SELECT chat_id FROM telegram_chat")
    assert [row["chat_id"] for row in rows] == [new]
    assert await story.waiting() == []
    await story.ends(two)
    assert [(chat, edit is None) for chat, _, edit in await story.speak()] == [(new, False)]


async def test_two_ids_of_one_group_become_one(story):
    new = -1_000_000_000_777
    await story.chat(new)
    merchant = (await story.sql("SELECT id FROM merchant"))[0]["id"]
    for chat in (CHAT, new):
        await story.sql("INSERT INTO telegram_route (id, merchant_id, chat_id) VALUES ($1, $2, $3)",
                        new_id(), merchant, chat)  # fmt: skip
    await story.begins(chats=(CHAT, new))
    story.hub.chat.ways[CHAT] = [ChatMoved(new)] * 5
    await story.speak()
    for table in ("telegram_chat", "telegram_route", "incident_post"):
        rows = await story.sql(f"SELECT chat_id FROM {table}")
        assert [row["chat_id"] for row in rows] == [new]
    assert await story.waiting() == []


async def test_in_quiet_hours_only_what_is_critical_rings(story):
    await story.sql("UPDATE telegram_chat SET quiet_from = '0:00', quiet_until = '23:59:59.999999'")
    await story.begins(level=Level.WARNING, facts={"store": "a"})
    await story.begins(facts={"store": "b"})
    await story.say(kind="notice", text="c")
    await story.say(kind="reply", text="d")
    await story.speak()
    silent = {one.text.split("</b>")[0][-1]: one.silent for one in story.hub.chat.sayings}
    assert silent == {"a": True, "b": False, "c": True, "d": False}


async def test_a_chat_reads_its_own_language_by_its_own_clock_with_buttons(story):
    await story.sql("UPDATE telegram_chat SET language = 'en', timezone = 'Asia/Tokyo'")
    hub = quick(story.hub, public_url="https://hub.example")
    story.hub = hub
    one = await story.begins(fired_at=datetime(2026, 3, 2, 12, tzinfo=UTC), rule="order_not_taken")
    await story.speak()
    (said,) = hub.chat.sayings
    assert "nobody has taken it" in said.text
    assert "firing since 02.03 21:00" in said.text
    id_ = one.id.hex
    assert said.keyboard == (
        (("✋ Ack", f"a:{id_}:1"), ("Open", f"https://hub.example/portal/incidents/{one.id}")),
        (("🔕 30 min", f"m30:{id_}:1"),),  # this rule may be silent for no longer
    )
    await story.ends(one)
    await story.speak()
    assert hub.chat.sayings[-1].keyboard == ()


async def test_a_nudge_replies_to_the_post_and_is_not_said_once_somebody_took_care(story):
    one = await story.begins()
    await story.speak()
    await story.say(kind="nudge", incident_id=one.id, text="5 min")
    await story.speak()
    assert (story.hub.chat.sayings[-1].text, story.hub.chat.sayings[-1].reply_to) == ("5 min", 1)
    await story.say(kind="nudge", incident_id=one.id, text="10 min")
    taken = {"state": IncidentState.ACKNOWLEDGED, "acknowledged_by": "Анна"}
    await story.becomes(one, acknowledged_at=NOW, **taken)
    assert [edit for _, _, edit in await story.speak()] == [1]
    assert ("nudge", "dropped") in await story.archive()


async def test_a_buried_message_keeps_no_later_news_of_its_incident_from_being_told(story):
    one = await story.begins()
    story.hub.chat.fails = [RemoteRefused("something new")]
    await story.speak()
    await story.becomes(one, level=Level.WARNING)
    assert len(await story.speak()) == 1


async def test_a_thousand_incidents_for_one_chat_are_not_claimed_again_and_again(story):
    """Only the first of each lane is looked at."""
    async with story.hub.pools.drains.acquire() as conn, conn.transaction():
        for number in range(1000):
            await telegram.add(conn, ChatMessage(CHAT, "notice", f"{number}"), "trace")
    await story.chat(OTHER)
    await story.say(OTHER, text="other")
    two_an_hour = replace(TELEGRAM, chat=Limit(2 / 3600, 2))
    said = await story.speak(paces=two_an_hour)
    assert sorted(text for _, text, _ in said) == ["0", "1", "other"]
    (row,) = await story.sql("SELECT sum(epoch) AS claims FROM telegram_outbox")
    assert row["claims"] == 1


async def test_the_answer_that_was_lost_is_one_visible_double(story):
    one = await story.begins()
    story.hub.chat.ways[CHAT] = [RemoteUnavailable("no answer", ambiguous=True)]
    assert await story.speak() == []
    await story.sql("UPDATE telegram_outbox SET due_at = now()")
    assert len(await story.speak()) == 1
    assert await story.archive() == [("incident", "sent")]
    assert one.id


async def test_a_message_whose_payload_is_gone_is_nobodys_trouble(story):
    await story.say()
    await story.sql("DELETE FROM telegram_message")
    assert await story.speak() == []
    assert await story.waiting() == []


async def test_without_a_token_nothing_is_lost(story):
    await story.begins()
    assert await story.speak(chat=None) == []
    (row,) = await story.waiting()
    assert row["reason"] == "remote_unavailable"


async def test_the_drain_goes_on_for_its_time_and_says_what_is_queued_meanwhile(story):
    stopping = asyncio.Event()
    speaking = asyncio.create_task(keep_speaking(story.hub, stopping, 600))
    await story.say(text="first")
    await until(lambda: len(story.hub.chat.said) == 1)
    await story.say(text="second")
    await until(lambda: len(story.hub.chat.said) == 2)
    stopping.set()
    assert await speaking == 2


async def test_what_waits_for_its_turn_is_said_when_it_comes(story):
    paced = replace(FREE, chat=Limit(5.0, 1))
    for number in range(4):
        await story.say(text=f"{number}")
    said = await story.speak(600, paces=paced)
    assert [text for _, text, _ in said] == ["0", "1", "2", "3"]


async def test_an_edit_that_keeps_its_distance_keeps_no_new_trouble_from_being_told(story):
    slow = replace(FREE, edits=timedelta(hours=1))
    one = await story.begins()
    await story.speak(paces=slow)
    await story.becomes(one, value=10.0, facts={**one.facts, "lines": 4})
    assert await story.speak(paces=slow) == []
    await story.begins()
    assert len(await story.speak(paces=slow)) == 1


async def test_nobody_is_called_to_what_was_silenced_meanwhile(story):
    one = await story.begins()
    await story.speak()
    await story.say(kind="nudge", incident_id=one.id, text="5 min")
    until_ = datetime.now(UTC) + timedelta(minutes=30)
    muted = {"muted_until": until_, "muted_by": "Анна", "muted_why": "знаем"}
    await story.becomes(one, actor="Анна", **muted)
    await story.speak()
    assert ("nudge", "dropped") in await story.archive()
