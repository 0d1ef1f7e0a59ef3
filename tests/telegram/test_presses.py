"""A press changes what its button was drawn for, once, if who presses may; or says why not."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.actions.tell import speak
from app.db import incidents, telegram
from app.db.incidents import Place
from app.domain.chat import EndMute, Speak, Touch, ask_of, speak_data, unmute_data
from app.domain.incident import Change, Event, Incident, IncidentState
from app.domain.rule import Level
from app.identifiers import new_id
from tests.stories import place
from tests.telegram.talk import ANNA, BORIS, GROUP, VIKTOR, Talk, keys


@pytest.fixture
async def late(talk, api):
    """An order that is late, told in the group, with its buttons."""
    await talk.link()
    order = await place(api, talk.hub, "H1")
    (store,) = await talk.sql("SELECT id, merchant_id FROM store WHERE code = 'MSK-07'")
    now = talk.hub.clock()
    incident = Incident(
        new_id(), "order_late", f"order:{order}", Level.CRITICAL, IncidentState.FIRING, 60.0,
        {"store": "MSK-07", "number": "H1"}, now, now, store["merchant_id"], store["id"],
        order_id=order, fired_at=now, told_at=now, seq=1, revision=1,
    )  # fmt: skip
    await write(talk, incident)
    return (await post(talk))["telegram_id"]


async def write(talk, incident):
    """An incident as it is now, and its post."""
    async with talk.hub.pools.drains.acquire() as conn, conn.transaction():
        change = Change(incident, (Event("fired", "hub"),))
        await incidents.save(conn, talk.hub.clock(), [change])
        await telegram.post(conn, [Place(incident.id, GROUP, None)])
        await telegram.show(conn, [incident.id], "trace")
    await speak(talk.hub, asyncio.Event())


async def post(talk):
    (row,) = await talk.sql(
        "SELECT incident.*, post.telegram_id FROM incident"
        "  JOIN incident_post AS post ON post.incident_id = incident.id"
    )
    return row


async def shown(talk: Talk, message_id, chat=GROUP):
    return next(one for one in await talk.messages(chat) if one["message_id"] == message_id)


async def test_taking_care_shows_at_once_who_does_and_offers_to_give_back(talk, late):
    assert await talk.pressed(late) == "Принято, занимаетесь вы."
    message = await shown(talk, late)
    assert "Анна" in message["text"]
    assert message["text"].startswith("🟡")
    incident = await post(talk)
    assert (incident["state"], incident["acknowledged_by"]) == ("acknowledged", "Анна")
    assert await talk.pressed(late) == "Готово: инцидент снова ничей."
    assert (await post(talk))["state"] == "firing"
    assert [row[0] for row in await talk.audit()] == ["press", "press"]


async def test_two_who_press_at_once_are_one_who_does_and_one_who_is_told_so(talk, late):
    await talk.link(BORIS)
    first, second = await talk.press(late), await talk.press(late, who=BORIS)
    third = await talk.press(late)
    await talk.turn()
    assert await talk.answer(first) == "Принято, занимаетесь вы."
    for late_one in (second, third):
        assert "С тех пор инцидент изменился" in await talk.answer(late_one)
    events = await talk.sql("SELECT actor FROM incident_event WHERE kind = 'acknowledged'")
    assert [row["actor"] for row in events] == ["Анна"]


async def test_muting_says_until_when_and_the_list_has_it(talk, late):
    row = [names[0] for names in keys(await shown(talk, late))].index("🔕 30 мин")
    assert (await talk.pressed(late, row)).startswith("Заглушено до ")
    assert "Заглушено: 1" in await talk.ask("/mutes")
    assert "Анна" in (await shown(talk, late))["text"]


async def test_who_sees_one_store_only_ends_the_silence_they_began_there(talk, late):
    await talk.sql("UPDATE telegram_person SET store_id = (SELECT id FROM store WHERE code = $1)",
                   "MSK-07")  # fmt: skip
    row = [names[0] for names in keys(await shown(talk, late))].index("🔕 30 мин")
    assert (await talk.pressed(late, row)).startswith("Заглушено до ")
    listed = await talk.ask("/mutes")
    assert "MSK-07 — заказ H1: " in listed
    await talk.sql("UPDATE telegram_person SET store_id = (SELECT id FROM store WHERE code = $1)",
                   "EKB-03")  # fmt: skip
    assert "Ничего не заглушено" in await talk.ask("/mutes")
    await talk.sql("UPDATE telegram_person SET store_id = (SELECT id FROM store WHERE code = $1)",
                   "MSK-07")  # fmt: skip
    assert "Звук возвращён" in await talk.ask("/unmute 1")
    assert (await post(talk))["muted_until"] is None


async def test_a_press_on_what_is_over_changes_nothing_and_takes_the_buttons_away(talk, late):
    query = await talk.press(late)
    await talk.sql(
        "UPDATE incident SET state = 'resolved', resolved_at = now(), seq = 2, revision = 2"
    )
    await talk.turn()
    assert (await talk.answer(query)).startswith("Уже решено в ")
    message = await shown(talk, late)
    assert (keys(message), message["text"][0]) == ([], "🟢")
    assert (await post(talk))["state"] == "resolved"


async def test_a_stale_press_brings_the_message_up_to_date(talk, late):
    incident = await post(talk)
    query = await talk.press(late)
    await talk.sql(
        "UPDATE incident SET seq = seq + 5, value = 999 WHERE id = $1", incident["id"]
    )  # changed, and the edit was lost
    await talk.turn()
    assert "С тех пор инцидент изменился" in await talk.answer(query)
    (button, *_) = (await shown(talk, late))["reply_markup"]["inline_keyboard"][0]
    assert button["callback_data"].endswith(f":{incident['seq'] + 5}")
    assert (await post(talk))["state"] == "firing"


async def test_yesterdays_message_loses_its_buttons(talk, late):
    incident = await post(talk)
    query = await talk.press(late)
    await talk.sql("DELETE FROM incident_post WHERE incident_id = $1", incident["id"])
    await talk.sql("DELETE FROM incident_event WHERE incident_id = $1", incident["id"])
    await talk.sql("DELETE FROM incident WHERE id = $1", incident["id"])
    await talk.turn()
    assert await talk.answer(query) == "Такого инцидента больше нет."
    assert keys(await shown(talk, late)) == []


async def test_strangers_press_in_vain_and_leave_one_row_a_day(talk, late):
    for _ in range(3):
        assert "только у подключённых" in await talk.pressed(late, who=VIKTOR)
    assert (await post(talk))["state"] == "firing"
    rows = await talk.sql("SELECT user_id, kind, times FROM telegram_audit")
    assert [tuple(row) for row in rows] == [(VIKTOR, "stranger", 3)]


async def test_a_chat_that_is_not_ours_any_more_is_no_place_to_press(talk, late):
    await talk.sql(
        "UPDATE telegram_chat SET disabled_at = now(), disabled_reason = 'x' WHERE chat_id = $1",
        GROUP,
    )
    assert "не подключён" in await talk.pressed(late)
    assert (await post(talk))["state"] == "firing"


async def test_another_chains_or_stores_person_may_not(talk, late):
    await talk.sql("UPDATE telegram_person SET store_id = (SELECT id FROM store WHERE code = $1)",
                   "EKB-03")  # fmt: skip
    assert "не вашей сети" in await talk.pressed(late)
    await talk.sql("UPDATE telegram_person SET language = 'en'")
    assert "not of your chain" in await talk.pressed(late)
    assert (await post(talk))["state"] == "firing"


async def test_invented_buttons_are_answered_and_noted(talk):
    await talk.link()
    for number, data in enumerate(("", "a:x:1", f"a:{uuid4().hex}:1", "x:" + "0" * 32, "🔥")):
        press = {"id": f"9{number}", "from": {"id": ANNA, "is_bot": False, "first_name": "А"},
                 "chat_instance": "1", "data": data,
                 "message": {"message_id": 5, "date": 0, "chat": {"id": GROUP,
                             "type": "supergroup", "title": "x"}}}  # fmt: skip
        await talk.control(updates=[{"callback_query": press}])
    await talk.turn()
    outcomes = [outcome for _, _, outcome in await talk.audit()]
    assert outcomes == ["unclear", "unclear", "unknown", "not muted", "unclear"]


async def test_a_press_that_telegram_forgot_is_handled_all_the_same(talk, late):
    query = await talk.press(late)
    await talk.control(switches={"fail_next": {"count": 1, "status": 400,
                                               "method": "answerCallbackQuery"}})  # fmt: skip
    await talk.turn()
    presses = (await talk.http.get("/_state")).json()["presses"]
    assert [one["answered"] for one in presses if one["id"] == query] == [False]
    assert (await post(talk))["state"] == "acknowledged"


def test_a_button_means_what_it_says_and_nothing_else():
    id_ = UUID("0123456789abcdef0123456789abcdef")
    assert ask_of(f"a:{id_.hex}:7") == Touch("acknowledge", id_, 7)
    assert ask_of(f"u:{id_.hex}:7") == Touch("unacknowledge", id_, 7)
    assert ask_of(f"m120:{id_.hex}:0") == Touch("mute", id_, 0, 120)
    assert ask_of(unmute_data(id_)) == EndMute(id_)
    assert ask_of(speak_data("ru")) == Speak("ru")
    for nothing in ("", "a", f"a:{id_.hex}", f"b:{id_.hex}:1", f"m:{id_.hex}:1", f"a:{id_}:1",
                    f"a:{id_.hex}:-1", f"a:{id_.hex}:1\n", "l:de", f"a:{id_.hex.upper()}:1",
                    f"m99999:{id_.hex}:1"):  # fmt: skip
        assert ask_of(nothing) is None
