"""Accounts over HTTP: operators alone, a secret once at most, hostile input refused by name."""

from __future__ import annotations

import asyncio
import logging

import pytest

from app.db.keys import PLACES
from tests.factories import placed, settle
from tests.http.ways.accounts import ACCOUNTS, a_new_one
from tests.http.ways.monitoring import DUTY
from tests.stories import hook

DEMO = f"{ACCOUNTS}/sm-demo"


async def ask(api, path, asked=None, status=200):
    if asked is None:
        answer = await api.get(path, auth=DUTY)
    else:
        answer = await api.post(path, json=asked, auth=DUTY)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize("path", ["/accounts/v1/adapters", ACCOUNTS, DEMO, f"{DEMO}/mappings"])
async def test_nobody_but_operators_learns_anything(hub, api, path):
    for proof in ({}, {"auth": ("duty", "guessed")}, {"headers": {"Authorization": "Bearer x"}}):
        answer = await api.get(path, **proof)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_a_secret_made_over_http_works_at_once_and_is_told_once(hub, api, caplog):
    caplog.set_level(logging.DEBUG)
    await hook(api, placed("H1"))  # the worker knows the account and its former secret
    made = (await ask(api, f"{DEMO}/rotate", {"kind": "inbound_token"}))["secret"]
    answer = await api.post("/hooks/sm-demo", content=placed("H2"), headers={"Client-Token": made})
    assert answer.status_code == 200
    assert (await hook(api, placed("H3"))).status_code == 200
    for path in (ACCOUNTS, DEMO, "/accounts/v1/adapters"):
        assert made not in (await api.get(path, auth=DUTY)).text
    assert made not in caplog.text
    async with hub.pools.drains.acquire() as conn:
        events = await conn.fetch("SELECT detail FROM account_event")
    assert made not in repr(events)


async def test_no_read_shows_any_secret_there_is(hub, api):
    opened = [
        secret
        for kind, versions in (await hub.accounts.by_code("sm-demo")).secrets.items()
        for secret in versions
        if kind != "client_id"  # which is the account's code here
    ]
    assert opened
    pages = [(await api.get(path, auth=DUTY)).text
             for path in (ACCOUNTS, DEMO, f"{DEMO}/mappings", "/metrics")]  # fmt: skip
    assert not [secret for secret in opened for page in pages if secret in page]


async def test_two_who_make_the_same_account_make_one(hub, api):
    asked = a_new_one("sm-2")
    answers = await asyncio.gather(*(api.post(ACCOUNTS, json=asked, auth=DUTY) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_words_said_over_http_let_what_waited_go_on(hub, api):
    await hook(api, placed("H1", storeID="999"))
    await settle(hub)
    (word,) = (await ask(api, "/accounts/v1/unmapped?account=sm-demo"))["words"]
    assert (word["kind"], word["theirs"], word["waiting"], word["example"]) == (
        "store", "999", 1, "H1")  # fmt: skip
    said = {"kind": "store", "words": {"999": "MSK-07"}}
    assert await ask(api, f"{DEMO}/mappings", said) == {"mapped": 1, "woken": 1}
    assert (await ask(api, "/accounts/v1/unmapped"))["words"] == []
    await settle(hub)
    async with hub.pools.drains.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM orders") == 1


async def test_many_words_are_read_a_page_at_a_time_and_none_twice(hub, api):
    for start in (0, 1000):
        words = {f"u{n:04d}": "piece" for n in range(start, start + 600)}
        await ask(api, f"{DEMO}/mappings", {"kind": "unit", "words": words})
    seen, after = [], ""
    while after is not None:
        page = await ask(api, f"{DEMO}/mappings?kind=unit&after={after}")
        seen += [each["theirs"] for each in page["mappings"]]
        after = page["after"]
    assert seen == sorted(set(seen))
    assert len(seen) == 1200


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("", {**a_new_one("../x")}, 400),
        ("", {**a_new_one("a" * 64)}, 400),
        ("", {**a_new_one("x"), "settings": {"url": "a\0"}}, 400),
        ("", {**a_new_one("x"), "secrets": {"outbound_token": "a\0b"}}, 400),
        ("", {**a_new_one("x"), "secrets": {"inbound_token\0": "long-enough"}}, 400),
        ("", {**a_new_one("x"), "rules": {"goods": "maybe"}}, 400),
        ("", {**a_new_one("x"), "merchant": "nobody"}, 400),
        ("/sm-demo", {"settings": {}}, 400),
        ("/sm-demo", {"rules": {"over_percent": 1e99}}, 400),
        ("/sm-demo/pause", {"reason": "  "}, 400),
        ("/sm-demo/pause", {"reason": "a\0b"}, 400),
        ("/sm-demo/rotate", {"kind": "inbound_token", "overlap_hours": -1}, 400),
        ("/sm-demo/rotate", {"kind": "inbound_token", "overlap_hours": 1e9}, 400),
        ("/sm-demo/rotate", {"kind": "inbound_token", "secret": "тайна тайна"}, 400),
        ("/sm-demo/rotate", {"kind": "outbound_token"}, 400),
        ("/sm-demo/rotate", {"kind": "\0"}, 400),
        ("/sm-demo/rotate", {"kind": "pet"}, 404),
        ("/sm-demo/revoke", {"kind": "inbound_token", "version": 2**40}, 400),
        ("/sm-demo/mappings", {"kind": "unit", "words": {}}, 400),
        ("/sm-demo/mappings", {"kind": "unit", "words": {"": "piece"}}, 400),
        ("/sm-demo/mappings", {"kind": "unit", "words": {"a\0": "piece"}}, 400),
        ("/sm-demo/mappings", {"kind": "unit", "words": {"x" * 201: "piece"}}, 400),
        ("/sm-demo/mappings", {"kind": "unit", "words": {str(n): "x" for n in range(1001)}}, 400),
        ("/nobody/pause", {"reason": "x"}, 404),
        ("/nobody/mappings", {"kind": "unit", "words": {"a": "b"}}, 404),
        ("/%00/pause", {"reason": "x"}, 404),
    ],
)
async def test_what_is_not_right_is_refused_and_nothing_is_written(hub, api, path, asked, status):
    answer = await api.post(f"{ACCOUNTS}{path}", json=asked, auth=DUTY)
    assert answer.status_code == status, answer.text
    assert "тайна" not in answer.text
    async with hub.pools.drains.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM account_event") == 0
        assert await conn.fetchval("SELECT count(*) FROM account_mapping") == 0
        assert not await conn.fetchval("SELECT count(*) FROM account WHERE NOT active")


@pytest.mark.parametrize("waiting", ["-1", "x", "1e9", "٣", "9" * 40])
async def test_a_count_that_is_none_removes_nothing(hub, api, waiting):
    answer = await api.delete(f"{DEMO}?waiting={waiting}", auth=DUTY)
    assert answer.status_code == 400
    assert (await hook(api, placed())).status_code == 200


async def test_an_account_is_tried_and_the_answer_says_how_it_went(hub, api):
    assert await ask(api, f"{DEMO}/test", {}) == {"taken": True, "said": "as recorded, sm-demo"}


async def test_every_place_with_secrets_is_known_to_the_keys(hub):
    """A table that gets a sealed column gets a row in PLACES too."""
    async with hub.pools.drains.acquire() as conn:
        columns = await conn.fetch(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'bytea'"
            "   AND column_name IN ('sealed', 'kept') ORDER BY 1, 2")  # fmt: skip
    assert len(columns) == len(PLACES), [tuple(row) for row in columns]
