"""What is critical and in no chat goes out another way: once, and its end once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.alarm import LEASE, alarm, rehearse
from app.db import incidents
from app.db.alarms import ways
from app.domain.incident import Change, Event, Incident, IncidentState
from app.domain.rule import Level
from app.errors import RemoteRefused, RemoteUnavailable
from app.identifiers import new_id
from tests.conftest import quick

START = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


class RecordingWay:
    """A way as a list; `fails` are raised first, one per letter; at a `gate`, letters wait."""

    def __init__(self, name="email"):
        self.name, self.sent, self.fails, self.gate = name, [], [], None
        self.reached = asyncio.Event()

    async def send(self, letter):
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(letter)
        return "taken"

    @property
    def subjects(self):
        return [letter.subject for letter in self.sent]


@pytest.fixture
def way():
    return RecordingWay()


@pytest.fixture
def watched(hub, way):
    return quick(hub, ways={"email": way}, language="en")


def minute(n):
    return START + timedelta(minutes=n)


async def sql(hub, statement, *values):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetch(statement, *values)


async def trouble(hub, at=START, kind="fired", **changes):
    """A critical incident that is on, with its history."""
    merchant = (await sql(hub, "SELECT id FROM merchant"))[0][0]
    values = {
        "id": new_id(), "rule": "order_not_taken", "subject": new_id().hex, "value": 12.0,
        "level": Level.CRITICAL, "state": IncidentState.FIRING, "seen_at": at, "fired_at": at,
        "last_seen_at": at, "merchant_id": merchant, "revision": 1,
        "facts": {"number": "H1", "store": "MSK-07", "timezone": "Europe/Moscow"},
    }  # fmt: skip
    return await keep(hub, Incident(**(values | changes)), at, kind)


async def keep(hub, incident, at, *kinds):
    async with hub.pools.drains.acquire() as conn:
        events = tuple(Event(kind, "hub") for kind in kinds)
        await incidents.save(conn, at, [Change(incident, events)])
    return incident


async def over(hub, incident, at):
    ended = replace(
        incident, state=IncidentState.RESOLVED, resolved_at=at, revision=incident.revision + 1
    )
    return await keep(hub, ended, at, "resolved")


async def show(hub, incident, at, *, telegram_id=7, shown=1):
    """Telegram shows it as it was at a revision."""
    await sql(
        hub,
        "INSERT INTO incident_post (incident_id, chat_id, telegram_id, shown, shown_at)"
        " SELECT $1, chat_id, $2, $3, $4 FROM telegram_chat LIMIT 1",
        incident.id, telegram_id, shown, at,
    )  # fmt: skip


async def test_what_no_chat_shows_for_three_minutes_is_told_once_and_its_end_once(watched, way):
    incident = await trouble(watched)
    assert [await alarm(watched, minute(n)) for n in (0, 2, 3, 4, 60)] == [0, 0, 1, 0, 0]
    await over(watched, incident, minute(61))
    assert [await alarm(watched, minute(n)) for n in (61, 62, 90)] == [1, 0, 0]
    begun, ended = way.sent
    assert begun.subject == "Order hub: 🔴 MSK-07 — order H1: nobody has taken it"
    assert begun.firing
    assert begun.facts["began"][0]["id"] == str(incident.id)
    assert ended.subject == "Order hub: 🟢 MSK-07 — order H1: nobody has taken it"
    assert ended.answers == (begun.id,)
    assert not ended.firing


async def test_what_a_chat_shows_is_not_told_twice(watched, way):
    incident = await trouble(watched)
    await show(watched, incident, minute(1))
    await alarm(watched, minute(5))
    await over(watched, incident, minute(6))
    await alarm(watched, minute(20))
    assert way.sent == []


async def test_a_post_that_never_became_a_message_shows_nothing(watched, way):
    await show(watched, await trouble(watched), None, telegram_id=None, shown=-1)
    assert await alarm(watched, minute(3)) == 1


async def test_a_chat_that_shows_it_from_before_it_got_worse_does_not_show_it(watched, way):
    warned = await trouble(watched, level=Level.WARNING)
    await show(watched, warned, minute(1))
    await keep(watched, replace(warned, level=Level.CRITICAL, revision=2), minute(10), "worsened")
    assert [await alarm(watched, minute(n)) for n in (12, 13)] == [0, 1]


async def test_a_chat_that_lags_behind_a_small_change_still_shows_it(watched, way):
    incident = await trouble(watched)
    await show(watched, incident, minute(1))
    await keep(watched, replace(incident, revision=5), minute(10), "muted")
    assert await alarm(watched, minute(30)) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"level": Level.WARNING},
        {"state": IncidentState.PENDING, "fired_at": None},
        {"state": IncidentState.ACKNOWLEDGED, "acknowledged_at": START, "acknowledged_by": "anna"},
        {"state": IncidentState.RESOLVED, "resolved_at": START},
    ],
)
async def test_only_what_is_critical_and_on_is_told(watched, way, changes):
    await trouble(watched, **changes)
    assert await alarm(watched, minute(10)) == 0


@pytest.mark.parametrize("kind", ["parent_id", "silenced_by"])
async def test_what_is_told_as_part_of_another_is_not_told_by_itself(watched, way, kind):
    parent = await trouble(watched)
    await trouble(watched, **{kind: parent.id})
    await alarm(watched, minute(5))
    assert [fact["id"] for fact in way.sent[0].facts["began"]] == [str(parent.id)]


async def test_what_somebody_wants_silent_is_told_when_the_silence_ends(watched, way):
    until = minute(30)
    silent = await trouble(watched, muted_until=until, muted_by="anna", muted_why="works")
    assert [await alarm(watched, minute(n)) for n in (5, 29)] == [0, 0]
    loud = replace(silent, muted_until=None, muted_by=None, muted_why=None)
    await keep(watched, loud, until, "unmuted")
    assert [await alarm(watched, minute(n)) for n in (32, 33)] == [0, 1]


async def test_what_is_silenced_before_its_letter_goes_is_not_told(watched, way):
    way.fails = [RemoteUnavailable("no connection")]
    incident = await trouble(watched)
    await alarm(watched, minute(3))
    silent = replace(incident, muted_until=minute(60), muted_by="anna", muted_why="works")
    await keep(watched, silent, minute(4), "muted")
    assert [await alarm(watched, minute(n)) for n in range(4, 30)] == [0] * 26


async def test_an_incident_that_is_forgotten_takes_its_letter_s_part_with_it(watched, way):
    incident = await trouble(watched)
    await alarm(watched, minute(3))
    await sql(watched, "DELETE FROM incident WHERE id = $1", incident.id)
    assert await alarm(watched, minute(60)) == 0


async def test_several_at_once_are_one_letter(watched, way):
    for n in range(40):
        await trouble(watched, facts={"number": f"H{n}", "store": "MSK-07"})
    assert await alarm(watched, minute(3)) == 1
    (letter,) = way.sent
    assert letter.subject.endswith("order H0: nobody has taken it (and 39 more)")
    assert letter.facts["counts"] == {"began": 40, "passed": 0, "ended": 0}
    assert "… and 10 more" in letter.text
    assert await alarm(watched, minute(10)) == 0


async def test_a_long_storm_is_told_at_a_growing_distance(watched, way):
    for n in range(180):
        await trouble(watched, minute(n))
        await alarm(watched, minute(n + 3))
    assert len(way.sent) < 30
    assert sum(letter.facts["counts"]["began"] for letter in way.sent) > 170


async def test_a_way_that_is_down_is_tried_at_a_growing_distance_and_then_tells_how_it_is_now(
    watched, way
):
    way.fails = [RemoteUnavailable("no connection")] * 5
    first = await trouble(watched)
    tried = []
    for n in range(3, 60):
        before = len(way.fails)
        await alarm(watched, minute(n))
        tried += [n] * (before - len(way.fails))
        if n == 10:
            await over(watched, first, minute(10))
            await trouble(watched, minute(10), facts={"number": "H2", "store": "MSK-07"})
    assert tried == [3, 4, 5, 7, 12]
    (letter,) = way.sent
    assert letter.facts["counts"] == {"began": 1, "passed": 1, "ended": 0}
    assert "Is over, and no chat ever showed it:" in letter.text


async def test_what_telegram_told_meanwhile_the_other_way_need_not(watched, way):
    way.fails = [RemoteUnavailable("no connection")]
    incident = await trouble(watched)
    await alarm(watched, minute(3))
    await show(watched, incident, minute(4))
    for n in range(4, 30):
        await alarm(watched, minute(n))
    assert way.sent == []


async def test_once_told_only_the_end_follows_though_telegram_came_back(watched, way):
    incident = await trouble(watched)
    await alarm(watched, minute(3))
    await show(watched, incident, minute(4))
    await over(watched, incident, minute(50))
    for n in range(4, 70):
        await alarm(watched, minute(n))
    assert [letter.facts["counts"]["ended"] for letter in way.sent] == [0, 1]


async def test_one_that_comes_and_goes_fills_no_letter_box(watched, way):
    incident = await trouble(watched)
    for n in range(10):
        await alarm(watched, minute(10 * n + 4))
        incident = await over(watched, incident, minute(10 * n + 5))
        await alarm(watched, minute(10 * n + 5))
        incident = replace(
            incident, state=IncidentState.FIRING, resolved_at=None, returns=incident.returns + 1
        )
        await keep(watched, incident, minute(10 * n + 9), "returned")
    await over(watched, incident, minute(100))
    await alarm(watched, minute(111))
    assert len(way.sent) <= 4
    assert "🟢" in way.sent[-1].subject


async def test_a_letter_that_may_have_arrived_goes_again_as_it_was(watched, way):
    way.fails = [RemoteUnavailable("no answer", ambiguous=True)]
    first = await trouble(watched)
    await alarm(watched, minute(3))
    await trouble(watched, minute(1))
    await over(watched, first, minute(4))
    async with watched.pools.drains.acquire() as conn:
        (kept,) = await conn.fetch("SELECT id, body FROM alarm_letter")
    for n in (5, 6, 7):
        await alarm(watched, minute(n))
    again, rest = way.sent
    assert (again.id, again.text) == (kept["id"], kept["body"])
    assert again.facts["counts"] == {"began": 1, "passed": 0, "ended": 0}
    assert rest.facts["counts"] == {"began": 1, "passed": 0, "ended": 1}


async def test_five_processes_at_once_send_one_letter(watched, way):
    await trouble(watched)
    way.gate = asyncio.Event()
    others = [replace(watched, worker=f"web-{n}") for n in range(5)]
    running = iter(asyncio.as_completed([alarm(one, minute(3)) for one in others]))
    async with asyncio.timeout(60):
        assert [await next(running) for _ in range(4)] == [0] * 4  # they wait for nobody
    way.gate.set()
    assert await next(running) == 1
    assert len(way.sent) == 1


async def test_the_letter_of_a_process_that_died_is_sent_by_another_under_the_same_id(watched, way):
    await trouble(watched)
    way.gate = asyncio.Event()
    dying = asyncio.create_task(alarm(watched, minute(3)))
    async with asyncio.timeout(60):
        await way.reached.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    way.gate.set()
    (kept,) = await sql(watched, "SELECT id FROM alarm_letter")
    assert await alarm(watched, minute(3)) == 0
    assert await alarm(watched, minute(3) + timedelta(seconds=LEASE)) == 1
    assert way.sent[0].id == kept["id"]


async def test_each_way_tells_by_itself_and_one_that_fails_holds_no_other(watched, way):
    hook = RecordingWay("webhook")
    both = quick(watched, ways={"email": way, "webhook": hook})
    way.fails = [RemoteRefused("HTTP 404")]
    await trouble(both)
    assert await alarm(both, minute(3)) == 1
    assert await alarm(both, minute(4)) == 1
    assert (len(way.sent), len(hook.sent)) == (1, 1)


async def test_a_way_with_a_fault_of_ours_leaves_no_other_behind(watched, way):
    hook = RecordingWay("webhook")
    both = quick(watched, ways={"email": way, "webhook": hook})
    way.fails, hook.gate = [ZeroDivisionError()], asyncio.Event()
    await trouble(both)
    telling = asyncio.create_task(alarm(both, minute(3)))
    async with asyncio.timeout(60):
        await hook.reached.wait()
        await way.reached.wait()
    assert not (await asyncio.wait({telling}, timeout=0.1))[0]  # it is not over before the other
    hook.gate.set()
    with pytest.raises(ZeroDivisionError):
        await telling
    assert len(hook.sent) == 1


async def test_how_a_way_does_is_kept(watched, way):
    way.fails = [RemoteRefused("HTTP 404")] * 2
    await trouble(watched)
    await alarm(watched, minute(3))
    await alarm(watched, minute(4))
    async with watched.pools.drains.acquire() as conn:
        (standing,) = await ways(conn)
        assert standing["failures"] == 2
        assert standing["failing_since"] == minute(3)
        assert "404" in standing["error"]
        await alarm(watched, minute(30))
        (standing,) = await ways(conn)
    assert (standing["failures"], standing["failing_since"], standing["error"]) == (0, None, None)


async def test_without_a_second_way_nothing_is_kept(hub):
    await trouble(hub)
    assert await alarm(hub, minute(10)) == 0
    assert await sql(hub, "SELECT FROM alarm_way") == []


async def test_a_thousand_at_once_are_one_short_letter(watched, way):
    await sql(
        watched,
        "INSERT INTO incident (id, merchant_id, rule, subject, level, state, facts, seen_at,"
        " last_seen_at, fired_at) SELECT gen_random_uuid(), merchant.id, 'order_late', n::text,"
        " 'critical', 'firing', '{}', $1, $1, $1 FROM merchant, generate_series(1, 1000) AS n",
        START,
    )
    assert await alarm(watched, minute(3)) == 1
    assert way.sent[0].facts["counts"]["began"] == 1000
    assert len(way.sent[0].text) < 10_000


async def test_a_test_letter_says_how_it_went(way):
    way.fails = [RemoteUnavailable("no connection")]
    assert await rehearse(way, "en", START) == (False, "no connection")
    assert await rehearse(way, "en", START) == (True, "taken")
    assert way.sent[0].facts == {"type": "alarm.test"}
