"""What linked people ask is answered, about their own chain and stores only."""

import asyncio

import pytest

from app.actions.watch import watch
from app.domain.chat import command_of
from tests.factories import Handheld
from tests.stories import place
from tests.telegram.talk import ANNA, BORIS, GROUP, VIKTOR, keys


async def other_chain(talk):
    """Another chain with a store of the same code, an order of the same number and a trouble."""
    await talk.sql(
        "WITH m AS (INSERT INTO merchant (id, name) VALUES (gen_random_uuid(), 'Чужие')"
        " RETURNING id) INSERT INTO store (id, merchant_id, code, name)"
        " SELECT gen_random_uuid(), id, 'FAR-01', 'Далёкий' FROM m"
    )
    await talk.sql(
        "INSERT INTO incident (id, rule, subject, merchant_id, store_id, level, state, fired_at,"
        " told_at, facts) SELECT gen_random_uuid(), 'order_late', 'x', merchant_id, id, 'critical',"
        " 'firing', now(), now(), '{\"store\": \"FAR-01\"}' FROM store WHERE code = 'FAR-01'"
    )


async def test_all_is_well_only_if_somebody_looks(talk, hub):
    await talk.link()
    assert (await talk.ask("/status")).startswith("⚪ Неизвестно, всё ли спокойно")
    await watch(talk.hub, tuple(hub.rules.values()))
    said = await talk.ask("/status")
    assert said.startswith("🟢 Всё спокойно")
    assert "Проверено" in said
    await talk.sql("UPDATE rule_run SET at = now() - interval '10 minutes'")
    said = await talk.ask("/status")
    assert said.startswith("⚪")
    assert "Мониторинг молчит: последняя проверка 10 мин" in said


async def test_what_is_wrong_is_told_with_its_place_and_age_and_nothing_of_other_chains(talk, api):
    await talk.link()
    await place(api, talk.hub, "H1")
    await talk.sql("UPDATE orders SET due_at = now() - interval '1 hour'")
    await other_chain(talk)
    rules = tuple(talk.hub.rules.values())
    await watch(talk.hub, rules)
    said = await talk.ask("/status")
    assert said.startswith(("🔴", "🟠"))
    assert "MSK-07" in said
    assert "заказ H1" in said
    assert "FAR-01" not in said
    assert "sm-demo — " in said


async def test_a_store_by_its_code_whatever_its_case_and_whose_it_is(talk, api):
    await talk.link()
    await place(api, talk.hub, "H1")
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await api.post("/picker/v1/shift", headers=handheld.headers)
    await other_chain(talk)
    said = await talk.ask("/store msk-07")
    assert "Магазин на Тестовой · MSK-07" in said
    assert "Открытые заказы: принят, не начат — 1" in said
    assert "Инцидентов нет" in said
    assert "нет среди ваших" in await talk.ask("/store FAR-01")
    listed = await talk.ask("/store")
    assert "MSK-07" in listed
    assert "FAR-01" not in listed


async def test_an_order_by_either_number_without_a_word_about_the_customer(talk, api):
    await talk.link()
    await place(api, talk.hub, "H1")
    said = await talk.ask("/order H1")
    assert "H1 · MSK-07 · sm-demo" in said
    assert "Позиций собрано: 0 из 2" in said
    contacts = await talk.sql("SELECT customer::text || address::text AS all FROM order_contact")
    assert contacts
    secret = [word for word in contacts[0]["all"].split('"') if len(word) > 3 and word.isalpha()]
    assert not [word for word in secret if word in said and word[0].isupper()]
    assert "нет среди ваших" in await talk.ask("/order <b>&H2")
    assert "/order 123456" in await talk.ask("/order")


async def test_a_person_of_one_store_sees_that_store_only(talk, api):
    await talk.link(store="EKB-03")
    await place(api, talk.hub, "H1")
    assert "нет среди ваших" in await talk.ask("/order H1")
    assert "нет среди ваших" in await talk.ask("/store MSK-07")
    assert "EKB-03" in await talk.ask("/store")
    assert "EKB-03" in await talk.ask("/status")


async def test_commands_may_name_the_bot_and_those_of_other_bots_are_left_alone(talk):
    await talk.link()
    await asyncio.wait_for(introduced(talk), 120)
    assert "Что я умею" in await talk.ask("/help@order_hub_test_bot")
    assert "Что я умею" in await talk.ask("/HELP@Order_Hub_Test_Bot  ")
    assert await talk.ask("/help@another_bot") is None
    assert await talk.ask("/weather") is None
    assert "Не знаю такой команды" in await talk.ask("/weather@order_hub_test_bot")
    assert await talk.ask("всем привет") is None


async def introduced(talk):
    stopping = asyncio.Event()
    task = asyncio.create_task(talk.listener().run(stopping))
    while not await talk.sql("SELECT FROM telegram_bot WHERE username <> ''"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    stopping.set()
    await task


async def test_alone_with_the_bot_every_word_is_answered(talk):
    await talk.link()
    await talk.control(add=[{"id": ANNA, "title": "Анна"}])
    assert "Не знаю такой команды" in await talk.ask("привет", chat=ANNA)
    assert "Вы подключены: дежурный" in await talk.ask("/start", chat=ANNA)
    assert "Что я умею" in await talk.ask("/help", chat=ANNA)


async def test_the_language_is_the_persons_and_in_a_group_the_chats(talk):
    await talk.link()
    await talk.control(add=[{"id": ANNA, "title": "Анна"}])
    assert "I will answer in English" in await talk.ask("/language en", chat=ANNA)
    assert "What I can do" in await talk.ask("/help", chat=ANNA)
    await talk.sql("UPDATE telegram_chat SET language = 'ru' WHERE chat_id = $1", GROUP)
    assert "Что я умею" in await talk.ask("/help")
    await talk.ask("/language", chat=ANNA)
    asked = (await talk.messages(ANNA))[-1]
    assert keys(asked) == [["Русский", "English"]]
    assert await talk.pressed(asked["message_id"], chat=ANNA) == "Буду отвечать по-русски."
    assert "Что я умею" in await talk.ask("/help", chat=ANNA)


async def test_an_answer_is_in_the_topic_it_was_asked_in(talk):
    await talk.link()
    await talk.control(topics=[{"chat_id": GROUP, "thread_id": 7, "title": "Смена"}])
    await talk.ask("/help", thread=7)
    assert [one.get("thread") for one in await talk.messages()] == [7, 7]


async def test_hostile_names_are_shown_as_they_are_and_break_nothing(talk):
    name = "<b>&amp; O'Brien </i><a href='x'>\u202e"
    await talk.link(name=name)
    await talk.sql("UPDATE picker SET name = $1", name * 20)
    await talk.sql("UPDATE store SET name = $1", name)
    await talk.sql(
        "INSERT INTO shift (id, picker_id, store_id) SELECT gen_random_uuid(), id, store_id"
        " FROM picker"
    )
    assert "<b>&amp; O'Brien" in await talk.ask("/who")
    assert "<b>&amp; O'Brien" in await talk.ask("/store MSK-07")
    assert "<b>&amp; O'Brien" in await talk.ask("/store")
    assert "<b>" in await talk.ask("/order <b>")


@pytest.mark.parametrize("command", ["/status", "/store MSK-07", "/store", "/who", "/mutes"])
async def test_a_list_that_is_too_long_is_cut_line_by_line_and_counted(talk, command):
    await talk.link()
    long = "Очень длинное название, с которым ничего не поделать " * 3
    await talk.sql(
        "INSERT INTO incident (id, rule, subject, merchant_id, store_id, level, state, fired_at,"
        " told_at, facts) SELECT gen_random_uuid(), 'order_late', 's' || n, merchant_id, id,"
        " 'critical', 'firing', now(), now(),"
        " jsonb_build_object('store', code, 'number', $1::text || n)"
        " FROM store, generate_series(1, 500) AS n WHERE code = 'MSK-07'",
        long,
    )
    await talk.sql(
        "INSERT INTO incident_mute (id, rule, subject, merchant_id, reason, owner, created_at,"
        " until) SELECT gen_random_uuid(), 'order_late', 's' || n, id, $1, 'Анна', now(),"
        " now() + interval '1 hour' FROM merchant, generate_series(1, 300) AS n",
        long,
    )
    await talk.sql(
        "INSERT INTO store (id, merchant_id, code, name)"
        " SELECT gen_random_uuid(), id, 'X' || n, $1 FROM merchant, generate_series(1, 300) AS n",
        long,
    )
    await talk.sql(
        "INSERT INTO telegram_person (user_id, merchant_id, name, role)"
        " SELECT n, id, $1, 'duty' FROM merchant, generate_series(1, 300) AS n",
        long,
    )
    said = await talk.ask(command)
    assert 300 < len(said) <= 3500
    assert "… и ещё" in said


async def test_a_mute_ends_by_its_button_or_its_number(talk):
    await talk.link()
    await talk.sql(
        "INSERT INTO incident_mute (id, rule, merchant_id, store_id, reason, owner, created_at,"
        " until) SELECT gen_random_uuid(), unnest(ARRAY['order_late', 'help_wanted']), merchant_id,"
        " id, 'ремонт', 'Борис', now(), now() + interval '1 hour' FROM store WHERE code = 'MSK-07'"
    )
    assert "/mutes: /unmute 1" in await talk.ask("/unmute")
    assert "/mutes: /unmute 1" in await talk.ask("/unmute x")
    said = await talk.ask("/mutes")
    assert "Заглушено: 2" in said
    assert "MSK-07" in said
    assert "Борис · ремонт" in said
    listed = (await talk.messages())[-1]
    assert len(keys(listed)) == 2
    assert await talk.pressed(listed["message_id"]) == "Звук возвращён."
    assert await talk.pressed(listed["message_id"]) == "Этот инцидент уже не заглушён."
    assert "Звук возвращён: MSK-07" in await talk.ask("/unmute 1")
    assert "Этот инцидент уже не заглушён" in await talk.ask("/unmute 1")
    ended = await talk.sql("SELECT ended_by FROM incident_mute")
    assert [row["ended_by"] for row in ended] == ["Анна", "Анна"]
    assert "Ничего не заглушено" in await talk.ask("/mutes")


async def test_strangers_and_unknown_chats_learn_nothing(talk):
    await talk.control(add=[{"id": -555, "title": "Чужая группа"}, {"id": VIKTOR, "title": "В"}])
    assert await talk.ask("/status", who=VIKTOR) is None
    assert "служебный бот" in await talk.ask("/status", chat=VIKTOR)
    assert await talk.ask("/status", chat=VIKTOR) is None
    assert await talk.ask("и ещё раз", chat=VIKTOR) is None
    await talk.link()
    assert await talk.ask("/status", chat=-555) is None
    await talk.link(BORIS)
    await talk.sql("UPDATE telegram_person SET revoked_at = now() WHERE user_id = $1", BORIS)
    assert await talk.ask("/status", who=BORIS) is None
    rows = await talk.sql("SELECT user_id, kind, outcome, times FROM telegram_audit ORDER BY at")
    assert [tuple(row) for row in rows] == [
        (VIKTOR, "stranger", "told", 4),
        (ANNA, "command", "unknown chat", 1),
        (BORIS, "stranger", "ignored", 1),
    ]


async def test_an_old_command_is_not_answered_out_of_the_blue(talk):
    await talk.link()
    update = {"message": {"message_id": 1, "date": 1_700_000_000, "text": "/status",
                          "chat": {"id": GROUP, "type": "supergroup", "title": "x"},
                          "from": {"id": ANNA, "is_bot": False, "first_name": "Анна"}}}  # fmt: skip
    await talk.control(updates=[update])
    await talk.turn()
    assert await talk.messages() == []
    assert (await talk.sql("SELECT outcome FROM telegram_update"))[0]["outcome"] == "old"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/status", ("status", "", False)),
        ("/Store  MSK-07 ", ("store", "MSK-07", False)),
        ("/order@Hub_Bot\nA 1", ("order", "A 1", True)),
        ("/x@other", None), ("/", None), ("status", None), ("/a-b", None), ("/status!", None),
        ("/" + "a" * 33, None), (" /help", ("help", "", False)),
    ],
)  # fmt: skip
def test_a_command_is_a_word_after_a_slash_and_ours_if_it_names_no_other_bot(text, found):
    command = command_of(text, "hub_bot")
    assert (command and (command.name, command.argument, command.addressed)) == found
