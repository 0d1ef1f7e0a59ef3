"""Every real problem becomes one incident with one message, and one resolution."""

from datetime import UTC, datetime, timedelta

import pytest

from app.actions.drain import drain
from app.actions.tell import tell
from app.actions.watch import watch
from app.db.queue import Queue
from app.db.rules import read_rules
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable, SettingsInvalid
from tests.conftest import quick
from tests.factories import BREAD, Handheld, iso, news, placed, settle
from tests.monitoring.scene import LEISURE
from tests.stories import RecordingChat, deliver_one, hook, place

RULES = read_rules()


@pytest.fixture
def duty(hub):
    """The same hub with a chat that remembers."""
    return quick(hub, chat=RecordingChat(), rule_patience=LEISURE)


async def look(duty):
    """One minute of monitoring and one drain of Telegram."""
    import asyncio

    await watch(duty, RULES)
    while await drain(duty, Queue.TELEGRAM, tell, asyncio.Event()):
        pass
    return duty.chat.said


async def age(hub, sql):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute(sql)


async def test_nothing_wrong_says_nothing(api, duty):
    await place(api, duty)
    assert await look(duty) == []


async def test_an_order_nobody_takes_is_told_once_and_its_end_edits_the_message(api, duty):
    await place(api, duty, "H7")
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '11 minutes',"
                    " due_at = now() + interval '50 minutes'")  # fmt: skip
    assert len(await look(duty)) == 1
    assert len(await look(duty)) == 1
    await (await Handheld(api).sign_in()).next()
    (_, told, _), (_, over, edited) = await look(duty)
    assert "🔴" in told
    assert "H7" in told
    assert "никто не взял" in told
    assert "ждёт 11 мин" in told
    assert "🟢" in over
    assert edited == 1
    assert len(await look(duty)) == 2


async def test_a_planned_order_of_tomorrow_alarms_nobody(api, duty):
    tomorrow = datetime.now(UTC) + timedelta(hours=20)
    await place(api, duty, "H1", BREAD, completeBefore=iso(tomorrow))
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '3 hours'")
    assert await look(duty) == []


async def test_a_late_order_is_one_incident_before_and_after_it_is_taken(api, duty):
    await place(
        api, duty, "H1", BREAD, completeBefore=iso(datetime.now(UTC) - timedelta(minutes=9))
    )
    (only,) = await look(duty)
    assert "никто не взял" in only[1]
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    said = await look(duty)
    assert len(said) == 3
    assert any("опаздывает" in text and "опоздание 9 мин" in text for _, text, _ in said)


async def begin(api, duty, order_id, badge):
    """A picker takes an order and starts: the marketplace is to be told."""
    await place(api, duty, order_id)
    handheld = await Handheld(api).sign_in(badge, f"47{badge[0]}{badge[-1]}")
    await handheld.next()
    await handheld.do("start")
    await settle(duty)


async def test_notifications_that_are_refused_raise_one_incident_per_account(api, duty):
    duty.marketplaces["kuper"].fails = [
        RemoteRefused("HTTP 405: no"),
        RemoteRefused("HTTP 405: no"),
    ]
    await begin(api, duty, "H1", "1001")
    await begin(api, duty, "H2", "1002")
    (only,) = await look(duty)
    assert "маркетплейс окончательно отклонил уведомления" in only[1]
    assert "сколько: 2" in only[1]
    assert "HTTP 405" in only[1]


async def test_a_refusal_that_crossed_the_marketplaces_own_cancel_wakes_nobody(api, duty):
    duty.marketplaces["kuper"].fails = [RemoteRefused("HTTP 422: canceled")]
    await begin(api, duty, "H1", "1001")
    await hook(api, news("order.canceled", "H1"))
    await settle(duty)
    assert await look(duty) == []


async def test_an_old_refusal_hides_no_outage(api, duty):
    kuper = duty.marketplaces["kuper"]
    kuper.fails = [RemoteRefused("HTTP 405: no")]
    await begin(api, duty, "H1", "1001")
    assert len(await look(duty)) == 1
    kuper.fails = [RemoteUnavailable("no connection") for _ in range(9)]
    await begin(api, duty, "H2", "1002")
    for _ in range(3):
        await age(duty, "UPDATE outbox SET due_at = now() WHERE state = 'waiting'")
        await settle(duty)
    said = [text for _, text, _ in await look(duty)]
    assert "маркетплейс не принимает уведомления" in said[-1]


async def test_a_delivery_that_fails_again_and_again_is_told_within_minutes(api, duty):
    await hook(api, placed("H1"))
    await age(
        duty,
        "UPDATE inbox SET created_at = now() - interval '6 minutes', attempts = 3,"
        " reason = 'bug', last_error = 'KeyError', due_at = now() + interval '1 hour'",
    )
    (only,) = await look(duty)
    assert "вебхуки не обрабатываются" in only[1]
    assert "причина: bug" in only[1]


async def test_deliveries_we_cannot_use_are_told_by_account_and_reason(api, duty):
    for content in (b"{", b"[1]", b"not json"):
        assert (await hook(api, content)).status_code == 200
    await hook(api, placed("H1", storeID="999"))
    await settle(duty)
    said = [text for _, text, _ in await look(duty)]
    assert len(said) == 2
    assert any("malformed" in text and "сколько: 3" in text for text in said)
    assert any("store" in text and "999" in text for text in said)


async def test_a_delivered_order_without_a_document_is_noticed(api, duty):
    await deliver_one(api, duty, "H1")
    await age(duty, "UPDATE orders SET delivered_at = now() - interval '3 hours'")
    (only,) = await look(duty)
    assert "документы реализации не созданы" in only[1]


async def test_two_watchers_at_once_tell_once(api, duty):
    import asyncio

    await place(api, duty, "H1")
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '11 minutes'")
    await asyncio.gather(*(watch(duty, RULES) for _ in range(4)))
    assert len(await look(duty)) == 1


async def test_a_hostile_name_cannot_break_the_message(api, duty):
    await place(api, duty, "H<b>&1")
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '11 minutes'")
    (only,) = await look(duty)
    assert "H&lt;b&gt;&amp;1" in only[1]


async def test_a_broken_rule_does_not_stop_the_others(api, duty):
    from dataclasses import replace

    await place(api, duty, "H1")
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '11 minutes'")
    broken = replace(RULES[0], sql="SELECT no_such_column AS value WHERE $2 > 0")
    said = await watch(duty, (broken, *RULES[1:]))
    assert f"failed: {RULES[0].name}" in said
    assert len(await look(duty)) == 1


def test_a_file_that_is_no_rule_is_refused_with_its_name(tmp_path):
    (tmp_path / "my_rule.sql").write_text("SELECT 1")
    with pytest.raises(SettingsInvalid, match=r"my_rule\.sql"):
        read_rules(tmp_path)


async def test_a_sent_message_moves_to_the_archive(api, duty):
    await place(api, duty, "H1")
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '11 minutes'")
    await look(duty)
    async with duty.pools.picking.acquire() as conn:
        counts = await conn.fetchrow(
            "SELECT (SELECT count(*) FROM telegram_archive),"
            " (SELECT count(*) FROM telegram_message), (SELECT count(*) FROM telegram_outbox)"
        )
    assert tuple(counts) == (1, 0, 0)


async def test_telegrams_patience_costs_no_attempts_and_a_chat_that_refuses_is_buried(api, duty):
    await place(api, duty, "H1")
    await age(duty, "UPDATE orders SET accepted_at = now() - interval '11 minutes'")
    duty.chat.fails = [RemoteBusy(after=0.01) for _ in range(15)]
    await look(duty)
    for _ in range(15):
        await age(duty, "UPDATE telegram_outbox SET due_at = now()")
        await look(duty)
    assert len(duty.chat.said) == 1
    duty.chat.fails = [RemoteRefused("bot was kicked")]
    await hook(api, news("order.canceled", "H1"))
    await settle(duty)
    await look(duty)
    async with duty.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT state FROM telegram_outbox") == "dead"


async def test_a_call_for_help_is_told_with_who_asks_and_what_and_ends_when_it_is_closed(api, duty):
    await place(api, duty, "H5", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    line = handheld.order["lines"][0]["id"]
    asked = {"order_id": handheld.order["id"], "line_id": line, "text": "Нет <ценника> & весов"}
    await handheld.post("/picker/v1/problems", asked)
    await handheld.post("/picker/v1/problems", {"text": "Сканер не видит"})
    told = [text for _, text, _ in await look(duty)]
    assert len(told) == 2
    assert "🟠" in told[0]
    assert "сборщик просит помощи" in told[0]
    assert "H5" in told[0]
    assert "1001" in told[0]
    assert "Хлеб" in told[0]
    assert "«Нет &lt;ценника&gt; &amp; весов»" in told[0]
    assert "заказ" not in told[1]
    boss = await Handheld(api).sign_in("1009", "583026")
    for call in (await boss.get("/picker/v1/problems")).json()["problems"]:
        await boss.post(f"/picker/v1/problems/{call['id']}/close")
    assert [edited for _, _, edited in await look(duty)] == [None, None, 1, 2]
    assert len(await look(duty)) == 4
