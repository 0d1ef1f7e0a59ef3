"""Refusals, what is buried and replays, as a person at a terminal and a program meet them."""

from __future__ import annotations

import json

import pytest

from app.db import refused
from app.db.refused import Filter, place_of
from tests.cli.test_cli import orderhub  # noqa: F401 - a fixture
from tests.conftest import TOKEN
from tests.factories import news, placed, settle
from tests.http.ways.monitoring import DUTY
from tests.stories import deliver_one, hook


@pytest.fixture
async def knocks(api):
    """Strangers, one with a body that is too large."""
    for number in range(5):
        content = news("order.paid", f"H{number}")
        await api.post(
            "/hooks/sm-demo", content=content, headers={"Client-Token": f"guess{number}"}
        )
    await api.post("/hooks/nobody", content=b"{}", headers=TOKEN)
    await api.post("/hooks/sm-demo", content=b"x" * 300_000, headers=TOKEN)


async def listed(api, query=""):
    answer = await api.get(f"/monitoring/v1/refused{query}", auth=DUTY)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("knocks")
async def test_refusals_are_told_apart_by_account_reason_and_time(api):
    assert len((await listed(api))["refused"]) == 7
    assert len((await listed(api, "?reason=forged"))["refused"]) == 5
    assert len((await listed(api, "?word=token"))["refused"]) == 5
    assert len((await listed(api, "?account=nobody"))["refused"]) == 1
    (large,) = (await listed(api, "?reason=too_large"))["refused"]
    assert large["account"] == "sm-demo"
    assert large["headers"]["content-length"] == "300000"
    assert (await listed(api, "?since=2100-01-01T00:00:00Z"))["refused"] == []
    assert len((await listed(api, "?until=2100-01-01T00:00:00Z"))["refused"]) == 7
    assert (await listed(api, "?account=%00%27;DROP"))["refused"] == []


@pytest.mark.usefixtures("knocks")
async def test_pages_of_refusals_miss_none_and_repeat_none(api):
    seen, cursor = [], ""
    while cursor is not None:
        page = await listed(api, f"?limit=2&cursor={cursor}")
        seen += [each["id"] for each in page["refused"]]
        cursor = page["next"]
    everything = [each["id"] for each in (await listed(api))["refused"]]
    assert seen == everything
    assert len(set(seen)) == 7


@pytest.mark.parametrize("query", [
    "?cursor=x", "?cursor=1-2", "?limit=0", "?limit=501", "?limit=x", "?limit=²",
    "?since=yesterday", "?since=2026-01-01", "?until=2026-01-01T00:00:00",
    "?cursor=99999999999999999-" + "0" * 32 + "0",
])  # fmt: skip
async def test_a_query_that_says_nothing_is_refused(api, query):
    answer = await api.get(f"/monitoring/v1/refused{query}", auth=DUTY)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def test_every_place_of_a_page_is_read_back_as_it_was(api, hub, knocks):
    async with hub.pools.picking.acquire() as conn:
        _, place = await refused.page(conn, Filter(), 3)
    assert place_of(str(place)) == place
    assert place_of(f"{10**16}-{'f' * 32}") is not None
    assert place_of(f"{10**17 - 1}9-{'f' * 32}") is None


@pytest.mark.usefixtures("knocks")
async def test_at_a_terminal_the_next_page_is_where_the_last_one_ended(orderhub):  # noqa: F811
    first = await orderhub("refused", "--limit", "4")
    assert "too_large" in first
    assert "forged" in first
    after = first.split("--after ")[1].split()[0]
    assert "nobody" not in (rest := await orderhub("refused", "--after", after))
    assert rest.count("forged") == 3
    assert "guess" not in first + rest
    only = json.loads(await orderhub("refused", "--account", "nobody", "--json"))
    assert [each["reason"] for each in only["refused"]] == ["unknown_account"]
    assert "Nobody was turned away." in await orderhub("refused", "--word", "future")
    assert "The cursor is" in await orderhub("refused", "--after", "x", code=2)


async def buried(hub, *errors):
    async with hub.pools.picking.acquire() as conn:
        for said in errors:
            await conn.execute(
                "INSERT INTO queue_item (queue, id, account_id, fifo_key, state, finished_at,"
                " reason, last_error) SELECT 'outbox', gen_random_uuid(), id, 'k', 'dead', now(),"
                " 'refused', $1 FROM account LIMIT 1",
                said,
            )


async def test_what_is_buried_is_one_group_whatever_it_quotes(api, hub, orderhub):  # noqa: F811
    await buried(
        hub,
        "Shop 'A 1' is closed. Come at 10:00",
        "Shop 'B' is closed. Come at 12:30\nand bring ID",
        'No order 17 of "x"',
        "No order 99 of «y»",
        "No order 01a203f4-8540-7729-9374-6aa4769214d5",
        None,
        "",
    )
    groups = (await api.get("/monitoring/v1/buried?queue=outbox", auth=DUTY)).json()["groups"]
    assert {(group["cause"], group["rows"]) for group in groups} == {
        ("Shop … is closed.", 2), ("No order # of …", 2), ("No order #", 1), ("", 2),
    }  # fmt: skip
    shown = await orderhub("dead")
    assert "Shop … is closed." in shown
    assert groups[0]["examples"][0] in shown
    assert "Nothing is buried." in await orderhub("dead", "inbox")
    assert "Nothing is buried." in await orderhub("dead", "--account", "nobody")
    assert json.loads(await orderhub("dead", "--json", "--limit", "1"))[0]["rows"] == 2


@pytest.mark.parametrize("only", ["one", "--dead"])
async def test_why_stays_with_one_or_all_that_is_buried(api, hub, orderhub, only):  # noqa: F811
    await deliver_one(api, hub, "H1")
    async with hub.pools.picking.acquire() as conn:
        id_ = await conn.fetchval(
            "UPDATE inbox SET state = 'dead', reason = 'malformed', last_error = 'no sum'"
            " WHERE id = (SELECT id FROM inbox LIMIT 1) RETURNING id"
        )
    which = str(id_) if only == "one" else only
    await orderhub("replay", "inbox", which, "--why", "they lost it")
    (run,) = json.loads(await orderhub("replays", "list", "--json"))
    assert (run["replayed"], run["reason"]) == (1, "they lost it")


async def test_a_replay_is_counted_first_and_done_when_asked_for(api, hub, orderhub):  # noqa: F811
    await deliver_one(api, hub, "H1")
    counted = await orderhub("replay", "inbox", "--account", "sm-demo", "--since", "2020-01-01")
    assert "4 rows of inbox" in counted
    assert "Nothing is done yet. With --yes: 4 rows" in counted
    assert "Nothing was replayed yet." in await orderhub("replays", "list")
    done = await orderhub("replay", "inbox", "--order", "H1", "--why", "to see", "--yes")
    assert "is done: 4 of 4 rows replayed" in done
    await settle(hub)
    id_ = done.split("Replay ")[1].split()[0]
    assert "Of its rows: 4 done." in (shown := await orderhub("replays", "show", id_))
    assert "to see" in shown
    assert id_ in await orderhub("replays", "list")
    assert "is done" in await orderhub("replays", "cancel", id_)
    assert json.loads(await orderhub("replays", "show", id_, "--json"))["became"] == {"done": 4}


@pytest.mark.parametrize("words", [
    ("inbox", "--dead", "01a20000-0000-7000-8000-000000000000"),
    ("inbox", "--account", "x", "01a20000-0000-7000-8000-000000000000"),
    ("event_outbox", "--dead"),
])  # fmt: skip
async def test_what_is_said_two_ways_is_not_guessed_at(orderhub, words):  # noqa: F811
    assert "Say inbox, outbox or" in await orderhub("replay", *words, code=2)


async def test_an_unknown_name_is_one_sentence(hub, orderhub):  # noqa: F811
    nowhere = await orderhub("replay", "inbox", "--account", "nowhere", "--yes", code=1)
    assert "There is no account nowhere." in nowhere
    assert "There is no store x." in await orderhub("replay", "outbox", "--store", "x", code=1)
    nothing = await orderhub("replay", "inbox", "--order", "nothing", "--yes")
    assert "No finished row of inbox is meant." in nothing
    missing = "01a20000-0000-7000-8000-000000000000"
    assert "no such replay" in await orderhub("replays", "show", missing, code=1)


async def test_a_buried_delivery_of_an_order_that_never_came_to_be_is_found_by_its_number(
    api, hub, orderhub  # noqa: F811
):  # fmt: skip
    await hook(api, placed("H9", positions=7))
    await settle(hub)
    assert "1 row of inbox" in await orderhub("replay", "inbox", "--order", "H9")


@pytest.mark.parametrize("wish", [
    {"queue": "telegram_outbox"},
    {"queue": "inbox", "ids": ["x"]},
    {"queue": "inbox", "ids": ["01a20000-0000-7000-8000-000000000000"], "account": "sm-demo"},
    {"queue": "inbox", "rate": 0},
    {"queue": "inbox", "rate": 1e9},
    {"queue": "inbox", "limit": 0},
    {"queue": "inbox", "account": ""},
    {"queue": "inbox", "account": "a\x00"},
    {"queue": "inbox", "states": ["waiting"]},
    {"queue": "inbox", "since": "2026-01-01T00:00:00"},
    {"queue": "inbox", "account": "nowhere"},
])  # fmt: skip
async def test_a_wish_that_cannot_be_is_refused_and_begins_nothing(api, hub, wish):
    answer = await api.post(
        "/monitoring/v1/replays", content=json.dumps(wish | {"dry_run": False}), auth=DUTY
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")
    assert (await api.get("/monitoring/v1/replays", auth=DUTY)).json()["replays"] == []
