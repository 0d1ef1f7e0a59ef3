"""Incidents' life in the database: one message for many, calls by name, and everything at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.incidents import Muting, Pressed, acknowledge, mute, mutes, silence, unmute
from app.actions.watch import watch
from app.db.queries import load
from app.domain.mute import Mute
from app.identifiers import new_id
from tests.actions.troubles import rule, town_of

#: Somebody waits for the lock of those who look.
WAITS = """SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
 WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"""
STORE_CHAT, CHAIN_CHAT, THIRD_CHAT = -1, -2, -3


@pytest.fixture
async def town(hub):
    town = await town_of(hub, rule("noise"), rule("orders", silenced_by=("noise",)))
    town.home = (await town.sql("SELECT id FROM store ORDER BY id LIMIT 1"))[0]["id"]
    for chat in (STORE_CHAT, CHAIN_CHAT, THIRD_CHAT):
        await town.sql(
            "INSERT INTO telegram_chat (chat_id, merchant_id, language) VALUES ($1, $2, 'ru')",
            chat, town.merchant,
        )  # fmt: skip
    await town.sql("UPDATE store SET telegram_chat = $2 WHERE id = $1", town.home, STORE_CHAT)
    await town.sql("UPDATE merchant SET telegram_chat = $1", CHAIN_CHAT)
    return town


async def person(town, user_id, name, username="", role="supervisor"):
    await town.sql(
        "INSERT INTO telegram_person (user_id, merchant_id, name, username, role)"
        " VALUES ($1, $2, $3, $4, $5)",
        user_id, town.merchant, name, username, role,
    )  # fmt: skip


async def chats(town):
    rows = await town.sql("SELECT chat_id FROM incident_post ORDER BY chat_id DESC")
    return [row["chat_id"] for row in rows]


async def test_a_flood_of_a_thousand_is_one_message_and_one_end(town):
    stores = await town.stores(200)
    await town.sql(
        "INSERT INTO trouble (rule, subject, merchant_id, store_id, value)"
        " SELECT 'noise', 'f' || n, $1, ($2::uuid[])[1 + n % 200], 12"
        "   FROM generate_series(1, 1000) AS n",
        town.merchant, stores,
    )  # fmt: skip
    await town.look()
    found = await town.look()
    assert len(found) == 1201
    assert [row["chat_id"] for row in await town.waiting()] == [CHAIN_CHAT]
    chain = next(one for one in found if one["subject"].startswith("group:merchant"))
    assert (chain["facts"]["count"], chain["facts"]["stores_count"]) == (1000, 200)
    await town.sent()
    await town.sql("DELETE FROM trouble")
    found = await town.look()
    assert {one["state"] for one in found} == {"resolved"}
    assert len(await town.waiting()) == 1


async def test_what_befalls_a_chain_is_one_incident_seen_in_its_stores_chats_too(town):
    elsewhere = await town.stores(3)
    await town.sql("UPDATE store SET telegram_chat = $2 WHERE id = $1", elsewhere[0], THIRD_CHAT)
    for number, store in enumerate(elsewhere):
        await town.trouble(f"t{number}", store=store)
    await town.look()
    chain = f"group:merchant:{town.merchant}"
    rows = await town.sql(
        "SELECT subject, post.chat_id FROM incident_post AS post"
        " JOIN incident ON incident.id = post.incident_id ORDER BY post.chat_id DESC"
    )
    assert [tuple(row) for row in rows] == [(chain, CHAIN_CHAT), (chain, THIRD_CHAT)]
    await town.trouble("t9", store=town.home)
    await town.look()
    assert STORE_CHAT in await chats(town)


async def test_what_nobody_takes_is_nudged_then_shown_to_the_chain_then_called_everywhere(town):
    await person(town, 11, "Анна <boss>")
    await person(town, 12, "Boris", "boris")
    await person(town, 13, "Vera", "vera", "duty")
    await town.trouble(store=town.home)
    for _ in range(6):
        await town.look()
    (nudge,) = await town.waiting("nudge")
    assert nudge["chat_id"] == STORE_CHAT
    assert '<a href="tg://user?id=11">Анна &lt;boss&gt;</a>, @boris' in nudge["text"]
    assert "никто не взялся уже 5 мин" in nudge["text"]
    assert "vera" not in nudge["text"]
    await town.sent()
    for _ in range(5):
        await town.look()
    assert await chats(town) == [STORE_CHAT, CHAIN_CHAT]
    assert [row["chat_id"] for row in await town.waiting()] == [CHAIN_CHAT]
    assert await town.waiting("nudge") == []
    await town.sent()
    for _ in range(5):
        await town.look()
    calls = await town.waiting("nudge")
    assert {row["chat_id"] for row in calls} == {STORE_CHAT, CHAIN_CHAT}
    assert all("@vera" in row["text"] for row in calls)
    await acknowledge(town.hub, (await town.all())[0]["id"], "vera", now=town.now)
    await town.sent()
    for _ in range(40):
        await town.look()
    assert await town.waiting("nudge") == []


async def test_a_route_of_the_second_step_comes_before_the_chains_chat(town):
    await town.sql(
        "INSERT INTO telegram_route (id, merchant_id, step, chat_id) VALUES ($1, $2, 2, $3)",
        new_id(), town.merchant, THIRD_CHAT,
    )  # fmt: skip
    await town.trouble(store=town.home)
    for _ in range(11):
        await town.look()
    assert await chats(town) == [STORE_CHAT, THIRD_CHAT]


async def test_what_gets_worse_calls_the_supervisors_at_once(town):
    await person(town, 12, "Boris", "boris")
    await town.trouble(value=6, store=town.home)
    await town.look()
    await town.sent()
    await town.trouble(value=12, store=town.home)
    await town.look()
    (nudge,) = await town.waiting("nudge")
    assert "стало хуже" in nudge["text"]
    assert "@boris" in nudge["text"]
    assert len(await town.waiting()) == 1


async def test_nobody_of_another_chain_is_called(town):
    await person(town, 12, "Boris", "boris")
    other = new_id()
    await town.sql(
        "INSERT INTO merchant (id, name, telegram_chat) VALUES ($1, 'Other', 9)",
        other,
    )
    await town.sql("INSERT INTO telegram_chat (chat_id, merchant_id) VALUES (9, $1)", other)
    await town.trouble(merchant=other)
    for _ in range(6):
        await town.look()
    (nudge,) = await town.waiting("nudge")
    assert (nudge["chat_id"], "boris" in nudge["text"]) == (9, False)


async def test_where_there_is_no_chat_it_is_told_as_soon_as_there_is_one(town):
    await town.sql("UPDATE telegram_chat SET disabled_at = now(), disabled_reason = 'kicked'")
    await town.trouble(store=town.home)
    for _ in range(3):
        await town.look()
    assert await chats(town) == []
    await town.sql("UPDATE telegram_chat SET disabled_at = NULL, disabled_reason = NULL")
    await town.look()
    assert await chats(town) == [STORE_CHAT]
    assert len(await town.waiting()) == 1
    await town.look()
    assert len(await town.waiting()) == 1


async def test_a_chain_without_a_chat_of_its_own_is_told_in_its_stores_chats(town):
    await town.sql("UPDATE merchant SET telegram_chat = NULL")
    await town.trouble()
    await town.look()
    assert STORE_CHAT in await chats(town)


async def test_a_member_that_was_told_before_and_the_common_one_are_both_shown(town):
    for name in ("a", "b"):
        await town.trouble(name, store=town.home)
    await town.look()
    await town.sent()
    await town.trouble("c", store=town.home)
    found = await town.look()
    group = next(one for one in found if one["subject"].startswith("group:store"))
    assert len(await town.waiting()) == 3
    member = next(one for one in found if one["subject"] == "a")
    assert await acknowledge(town.hub, member["id"], "anna", member["seq"]) is Pressed.STALE
    assert await acknowledge(town.hub, member["id"], "anna") is Pressed.DONE
    taken = next(one for one in await town.all() if one["id"] == group["id"])
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "anna")


async def test_a_mute_by_command_silences_what_is_there_and_what_comes(town):
    await town.trouble("a", store=town.home)
    await town.look()
    until = town.now + timedelta(days=365)
    new = Mute(new_id(), "noise", "ремонт", "cli", town.now, until, store_id=town.home)
    kept = await silence(town.hub, new)
    assert (kept.until - kept.created_at).total_seconds() == 3600
    await town.trouble("b", store=town.home)
    await town.sent()
    found = await town.look()
    assert {one["muted_why"] for one in found} == {"ремонт"}
    assert await town.waiting() == []
    assert await unmute(town.hub, kept.id, "cli", now=town.now)
    assert len(await town.waiting()) == 2


async def test_looks_at_once_write_what_they_saw_once(town):
    await town.trouble(store=town.home)
    rules = tuple(town.hub.rules.values())
    said = await asyncio.gather(*(watch(town.hub, rules) for _ in range(6)))
    assert any("messages" in one for one in said)
    assert len(await town.all()) == 1
    assert await town.events() == ["fired", "told"]
    assert len(await town.waiting()) == 1


async def test_a_look_that_was_held_up_does_not_undo_a_newer_one(town):
    await town.trouble(store=town.home)
    rules = tuple(town.hub.rules.values())
    async with town.hub.pools.picking.acquire() as conn, conn.transaction():
        await conn.execute(load("rules")["lock"], 7_305_022)
        held = asyncio.create_task(watch(town.hub, rules, town.now))
        async with asyncio.timeout(50):
            while not await town.sql(WAITS):  # noqa: ASYNC110 - a lock has no event
                await asyncio.sleep(0.01)
        await conn.execute(
            "INSERT INTO rule_run (rule, at, ms, seen) VALUES ('noise', $1, 1, 0)", town.now
        )
    assert await held == "somebody else has looked meanwhile"
    assert await town.all() == []


async def test_a_press_and_a_look_at_once_lose_nothing(town):
    await town.trouble(store=town.home)
    (one,) = await town.look()
    for _ in range(5):
        await asyncio.gather(
            town.look(),
            acknowledge(town.hub, one["id"], "anna", now=town.now),
            mute(town.hub, one["id"], Muting(30, "ремонт"), "boris", now=town.now),
        )
    (after,) = await town.all()
    assert (after["state"], after["acknowledged_by"]) == ("acknowledged", "anna")
    assert after["muted_by"] == "boris"
    async with town.hub.pools.picking.acquire() as conn:
        assert len(await mutes(conn, now=town.now)) <= 5


async def test_what_is_explained_is_in_the_history_with_what_explains_it(town):
    await town.trouble("down", rule="noise")
    await town.trouble("o1", rule="orders")
    await town.look()
    assert await town.events("o1") == ["fired", "silenced"]
    await town.mend("down")
    await town.look()
    await town.look()
    assert await town.events("o1") == ["fired", "silenced", "unsilenced", "told"]


async def test_old_incidents_cost_a_look_nothing(town):
    await town.sql(
        "INSERT INTO incident (id, rule, subject, level, state, fired_at, resolved_at)"
        " SELECT gen_random_uuid(), 'noise', 'o' || n, 'critical', 'resolved', at, at"
        "   FROM generate_series(1, 20000) AS n,"
        "        LATERAL (SELECT now() - make_interval(hours => 1 + n % 9000) AS at) AS old"
    )
    await town.sql("ANALYZE incident")
    asked = load("incidents")["known"].replace("$1", "now() - interval '10 minutes'")
    plan = "\n".join(row[0] for row in await town.sql(f"EXPLAIN {asked}"))
    assert "Seq Scan" not in plan
    assert "incident_alive_idx" in plan
    assert "incident_recent_idx" in plan


async def test_an_outage_of_ours_makes_nothing_ripen_and_forgets_nothing(town):
    await town.trouble("a")
    await town.trouble("b")
    await town.look()
    await town.mend("b")
    await town.look(hours=3)
    await town.trouble("b")
    await town.look()
    assert await town.events("a") == ["fired", "told"]
    assert await town.events("b") == ["fired", "told", "resolved", "returned"]


async def test_one_rule_alone_is_looked_at_without_touching_the_others(town):
    await town.trouble("a")
    await town.trouble("o", rule="orders")
    await town.look()
    await town.mend("a")
    await town.mend("o")
    await watch(town.hub, [town.hub.rules["orders"]], town.now)
    states = {one["subject"]: one["state"] for one in await town.all()}
    assert states == {"a": "firing", "o": "resolved"}


async def test_a_look_at_one_rule_leaves_the_others_incidents_alone(town):
    await town.trouble("o1", rule="orders")
    await town.look()
    town.later(minutes=2)
    rules = town.hub.rules
    older = replace(town.hub, rules={"noise": rules["noise"], "new": rule("new")})
    for hub in (town.hub, older):  # of the release before, which does not know every rule
        for _ in range(9):
            town.later(minutes=1)
            await watch(hub, [rules["noise"]], town.now)
    assert await town.events("o1") == ["fired", "told"]
