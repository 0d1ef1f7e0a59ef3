"""How people and groups come in: by a code once, by the administrator; and how they go."""

import re
from random import Random

import pytest

from app.db import telegram_people
from app.db.telegram_updates import digest
from app.domain.link_code import ALPHABET, code_of, new_code, shown
from tests.cli.test_people import orderhub
from tests.telegram.talk import ANNA, BORIS, GROUP, VIKTOR

__all__ = ["orderhub"]


@pytest.fixture
async def private(talk):
    """Everybody has a chat of their own with the bot."""
    people = {ANNA: "Анна", BORIS: "Борис", VIKTOR: "Виктор"}
    await talk.control(add=[{"id": id_, "title": name} for id_, name in people.items()])
    return talk


async def code_for(orderhub, *words, code=0):
    said = await orderhub("telegram", "link", "--name", "Анна П.", *words, code=code)
    return re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", said)[0]


async def test_a_code_links_one_person_once_with_its_role_and_store(private, orderhub):
    code = await code_for(orderhub, "--role", "supervisor", "--store", "MSK-07")
    assert "Вы подключены: руководитель" in await private.ask(f"/start {code}", chat=ANNA)
    assert "Код не подошёл" in await private.ask(f"/start {code}", chat=VIKTOR)
    assert "MSK-07" in await private.ask("/store", chat=ANNA)
    (row,) = await private.sql("SELECT * FROM telegram_person")
    assert (row["user_id"], row["name"], row["role"]) == (ANNA, "Анна П.", "supervisor")
    assert row["username"] == "anna_duty"
    listed = await orderhub("telegram", "people")
    assert "@anna_duty" in listed
    assert "MSK-07" in listed
    kept = await private.sql("SELECT code_hash FROM telegram_link")
    assert [row["code_hash"] for row in kept] == [digest(code.replace("-", ""))]


async def test_a_code_may_be_typed_in_any_way_and_ends_after_a_quarter_of_an_hour(
    private, orderhub
):
    code = await code_for(orderhub)
    late = await code_for(orderhub)
    await private.sql(
        "UPDATE telegram_link SET until = now() WHERE code_hash = $1",
        digest(late.replace("-", "")),
    )
    assert "Код не подошёл" in await private.ask(f"/start {late}", chat=VIKTOR)
    typed = f"/start  {code[:4].lower()} {code[5:].lower()} "
    assert "Вы подключены: дежурный" in await private.ask(typed, chat=ANNA)


async def test_guessing_ends_after_a_few_and_a_good_code_does_not_help_then(private, orderhub):
    code = await code_for(orderhub)
    for number in range(5):
        assert "Код не подошёл" in await private.ask(f"/start WRONG{number}", chat=VIKTOR)
    assert "Слишком много" in await private.ask(f"/start {code}", chat=VIKTOR)
    assert await private.ask(f"/start {code}", chat=VIKTOR) is None
    assert "Вы подключены" in await private.ask(f"/start {code}", chat=ANNA)


async def test_many_who_guess_together_are_stopped_together(private, orderhub):
    code = await code_for(orderhub)
    await private.sql(
        "INSERT INTO telegram_audit (id, user_id, name, chat_id, kind, what, outcome)"
        " SELECT gen_random_uuid(), n, 'x', n, 'link', '/start', 'wrong'"
        "   FROM generate_series(1, 50) AS n"
    )
    assert "Слишком много" in await private.ask(f"/start {code}", chat=ANNA)
    await private.sql("UPDATE telegram_audit SET at = at - interval '20 minutes'")
    assert "Вы подключены" in await private.ask(f"/start {code}", chat=ANNA)


async def test_a_code_that_a_group_has_seen_is_void(private, orderhub):
    code = await code_for(orderhub)
    assert "здесь его видят все" in await private.ask(f"/start {code}", who=ANNA)
    assert "Код не подошёл" in await private.ask(f"/start {code}", chat=VIKTOR)
    assert await private.ask("/start whatever", who=ANNA) is None


async def test_a_link_that_is_taken_back_ends_at_once(private, orderhub):
    await private.ask(f"/start {await code_for(orderhub)}", chat=ANNA)
    assert "shut out" in await orderhub("telegram", "revoke", "@anna_duty")
    assert await private.ask("/status") is None
    await orderhub("telegram", "test", str(ANNA), code=1)  # nor is anything said to them alone
    assert "no such person" in await orderhub("telegram", "revoke", "@anna_duty", code=1)
    assert "revoked" in await orderhub("telegram", "people")
    again = await code_for(orderhub)
    assert "Вы подключены" in await private.ask(f"/start {again}", chat=ANNA)
    await orderhub("telegram", "test", str(ANNA))


async def test_a_group_the_bot_is_added_to_waits_for_the_administrator(talk, orderhub):
    await talk.link()
    await talk.control(join=[{"id": -1009, "title": "Новая <группа>"}])
    await talk.turn()
    assert await talk.messages(-1009) == []
    assert await talk.ask("/status", chat=-1009) is None
    listed = await orderhub("telegram", "chats", "--unknown")
    assert "Новая <группа>" in listed
    assert "-1009" in listed
    await orderhub("telegram", "chat", "add", "-1009", "--language", "en")
    assert "no such chats" in await orderhub("telegram", "chats", "--unknown")
    assert "What I can do" in await talk.ask("/help", chat=-1009)
    assert "Новая <группа>" in await orderhub("telegram", "chats")


async def test_a_chat_that_sent_the_bot_away_is_lost_until_it_is_asked_back(talk, orderhub):
    await talk.link()
    await talk.control(leave=[GROUP])
    await talk.turn()
    assert "removed" in await orderhub("telegram", "chats")
    assert "not connected" in await orderhub("telegram", "test", str(GROUP), code=1)
    await talk.control(join=[{"id": GROUP, "title": "Дежурная смена"}])
    await talk.turn()
    assert "Что я умею" in await talk.ask("/help")
    await talk.control(join=[{"id": -7, "title": "Чужая"}])
    await talk.control(leave=[-7])
    await talk.turn()
    assert "no such chats" in await orderhub("telegram", "chats", "--unknown")


async def test_a_group_with_another_id_is_the_same_group(talk):
    await talk.link()
    await talk.control(migrate=[{"chat_id": GROUP, "to": -1002000000002}])
    await talk.turn()
    assert "Что я умею" in await talk.ask("/help", chat=-1002000000002)
    rows = await talk.sql("SELECT chat_id FROM telegram_chat")
    assert [row["chat_id"] for row in rows] == [-1002000000002]
    rows = await talk.sql("SELECT DISTINCT telegram_chat FROM merchant")
    assert [row["telegram_chat"] for row in rows] == [-1002000000002]


async def test_administrators_say_how_a_chat_is_spoken_to(talk, orderhub):
    chat = ("telegram", "chat")
    await orderhub(*chat, "language", str(GROUP), "en")
    await orderhub(*chat, "quiet", str(GROUP), "22:00-07:00", "--timezone", "Asia/Yekaterinburg")
    await orderhub(*chat, "topic", str(GROUP), "--thread", "7", "--class", "quality")
    await orderhub(*chat, "topic", str(GROUP), "--store", "MSK-07", "--step", "1")
    listed = await orderhub("telegram", "chats")
    for part in ("en", "22:00–07:00", "quality #7", "MSK-07 +1"):
        assert part in listed
    await orderhub(*chat, "topic", str(GROUP), "--class", "quality", "--off")
    assert "not told" in await orderhub(
        *chat, "topic", str(GROUP), "--class", "quality", "--off", code=1
    )
    await orderhub(*chat, "quiet", str(GROUP), "-")
    await orderhub(*chat, "language", str(GROUP), "-")
    for wrong in (("language", str(GROUP), "de"), ("quiet", str(GROUP), "25:00-07:00"),
                  ("quiet", str(GROUP), "22:00"), ("quiet", str(GROUP), "7:00-07:00"),
                  ("quiet", str(GROUP), "22:00-07:00", "--timezone", "Mars/Base"),
                  ("topic", str(GROUP), "--class", "weather")):  # fmt: skip
        await orderhub(*chat, *wrong, code=2)
    for unknown in (("language", "-5", "en"), ("quiet", "-5", "-"), ("topic", "-5"),
                    ("enable", str(GROUP)), ("topic", str(GROUP), "--store", "NOPE")):  # fmt: skip
        await orderhub(*chat, *unknown, code=1)


async def test_a_test_message_is_sent_in_the_chats_language(talk, orderhub):
    await orderhub("telegram", "chat", "language", str(GROUP), "en")
    await orderhub("telegram", "test", str(GROUP))
    await talk.turn()
    assert (await talk.messages())[0]["text"].startswith("✅ Connection test")


async def test_the_audit_tells_who_did_what_and_what_came_of_it(talk, orderhub):
    await talk.link()
    await talk.ask("/order 17")
    await talk.ask("/status", who=VIKTOR)
    said = await orderhub("telegram", "audit")
    assert "/order 17" in said
    assert "no order" in said
    assert "@viktor_guest" in said
    assert "/order" not in await orderhub("telegram", "audit", "--person", str(VIKTOR))
    assert '"outcome"' in await orderhub("telegram", "audit", "--chat", str(GROUP), "--json")


async def test_the_store_of_another_merchant_is_named_with_it(talk, orderhub):
    await talk.sql(
        "WITH m AS (INSERT INTO merchant (id, name) VALUES (gen_random_uuid(), 'Вторая')"
        " RETURNING id) INSERT INTO store (id, merchant_id, code, name)"
        " SELECT gen_random_uuid(), id, 'MSK-07', 'Другой' FROM m"
    )
    link = ("telegram", "link", "--name", "Яна")
    await orderhub(*link, code=1)
    await orderhub(*link, "--store", "MSK-07", code=1)
    await orderhub(*link, "--store", "MSK-07", "--merchant", "Вторая")
    await orderhub(*link, "--merchant", "Вторая")
    await orderhub("telegram", "link", "--name", "  ", code=2)


def test_a_code_is_typed_as_it_is_read():
    code = new_code(Random(7).randrange)
    assert code_of(shown(code)) == code_of(f" {shown(code).lower()} ") == code
    assert set(code) <= set(ALPHABET)
    assert code_of("  ") is None
    assert telegram_people.CODE_MINUTES == 15


async def test_who_was_shut_out_hears_nothing_by_blocking_the_bot_and_asking_it_back(
    private, orderhub
):
    await private.ask(f"/start {await code_for(orderhub)}", chat=ANNA)
    await private.control(leave=[ANNA])
    await private.turn()
    assert "shut out" in await orderhub("telegram", "revoke", "@anna_duty")
    await private.control(join=[{"id": ANNA, "title": "Анна"}])
    await private.turn()
    await orderhub("telegram", "test", str(ANNA), code=1)


async def test_a_chat_found_lost_before_its_farewell_came_is_found_again_all_the_same(
    talk, orderhub
):
    """Which comes first, the 403 or the update, is a race."""
    await talk.link()
    await talk.sql(
        "UPDATE telegram_chat SET disabled_at = now(), disabled_reason = 'Forbidden: kicked'"
        " WHERE chat_id = $1",
        GROUP,
    )
    await talk.control(leave=[GROUP])
    await talk.turn()
    await talk.control(join=[{"id": GROUP, "title": "Дежурная смена"}])
    await talk.turn()
    assert "Что я умею" in await talk.ask("/help")


async def test_who_comes_back_as_somebody_of_another_chain_hears_nothing_of_the_first(
    private, orderhub
):
    await private.ask(f"/start {await code_for(orderhub)}", chat=ANNA)
    (first,) = await private.sql("SELECT merchant_id FROM telegram_person")
    (other,) = await private.sql(
        "INSERT INTO merchant (id, name) VALUES (gen_random_uuid(), 'Другая сеть') RETURNING id"
    )
    await private.sql(
        "INSERT INTO telegram_route (id, merchant_id, step, chat_id)"
        " VALUES (gen_random_uuid(), $1, 0, $3), (gen_random_uuid(), $2, 0, $3)",
        first["merchant_id"], other["id"], ANNA,
    )  # fmt: skip
    code = await code_for(orderhub, "--merchant", "Другая сеть")
    assert "Вы подключены" in await private.ask(f"/start {code}", chat=ANNA)
    rows = await private.sql("SELECT merchant_id FROM telegram_route WHERE chat_id = $1", ANNA)
    assert [row["merchant_id"] for row in rows] == [other["id"]]
