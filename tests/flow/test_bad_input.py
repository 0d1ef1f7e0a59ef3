"""Hostile bodies at the hook: authentic ones are kept, acknowledged and buried with a reason; the
others are refused and leave nothing but a note. Never a 500, and nothing by halves."""

from __future__ import annotations

import gzip
import json
import logging
import uuid

import pytest
import pytest_asyncio

from tests.conftest import TOKEN
from tests.factories import BREAD, body, news, placed, settle
from tests.flow.shared import world_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Nobody's number: wherever it turns up outside the tables for it, something leaks.
PHONE = "+70001112233"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(seeded):
    async with world_of(seeded) as made:
        yield made


def spoilt(**fields) -> bytes:
    """An order.created with other fields in its payload."""
    return placed(f"H-{uuid.uuid4().hex[:10]}", **fields)


def position(**fields) -> bytes:
    return spoilt(positions=[BREAD | fields])


def with_text(text: str) -> bytes:
    """A body with this raw text in the place of a price."""
    return position(price="HOLE", discountPrice="HOLE").replace(b'"HOLE"', text.encode())


DEEP = b'{"event_type":"order.created","payload":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
MANY = [{"id": n} for n in range(15_000)]
BURIED = {
    "empty": b"",
    "a space": b" ",
    "half a brace": b"{",
    "cut off": spoilt()[:-20],
    "garbage after": spoilt() + b"x",
    "two documents": spoilt() + spoilt(),
    "a list": b"[]",
    "a number": b"5",
    "null": b"null",
    "no event": b"{}",
    "a byte order mark": b"\xef\xbb\xbf" + spoilt(),
    "UTF-16": spoilt().decode().encode("utf-16"),
    "UTF-7": b"+AHs-",
    "Latin-1": spoilt(comment="é").decode().encode("latin-1", "replace"),
    "bad UTF-8": spoilt().replace(b"+7000", b"\xff\xfe"),
    "bad UTF-8 in a field nobody reads": body("order.created", {}).replace(b"}", b',"x":"\xff"}'),
    "a NUL byte": spoilt() + b"\x00",
    "an escaped NUL in the id": placed("H\x00"),
    "a lone surrogate": b'{"event_type":"\\ud800","payload":{}}',
    "nested 100,000 deep": DEEP,
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a form": b"event_type=order.created",
    "NaN": with_text("NaN"),
    "Infinity": with_text("-Infinity"),
    "1e400": with_text("1e400"),
    "1e100000": with_text("1e100000"),
    "1e100000 in quotes": position(price="1e100000", discountPrice=None),
    "5,000 digits": with_text("9" * 5000),
    "an int64 too far": position(quantity=2**63),
    "a negative price": position(price="-0.01"),
    "a negative quantity": position(quantity=-1),
    "a quantity of nothing": position(quantity=0),
    "a fraction of a piece": position(quantity=0.5),
    "a price in words": position(price="дорого"),
    "no price": position(price=None),
    "no positions": spoilt(positions=[]),
    "positions missing": body("order.created", {"originalOrderId": "H1", "storeID": "101"}),
    "a position twice": spoilt(positions=[BREAD, BREAD]),
    "1,001 positions": spoilt(positions=[BREAD | {"id": str(n)} for n in range(1001)]),
    "15,000 positions": body("order.created", {"originalOrderId": "HM", "storeID": "101",
                                                "positions": MANY}),
    "a store of no name": spoilt(storeID=None),
    "the year 9999": spoilt(completeBefore="9999-12-31T23:59:59Z"),
    "the year 1": spoilt(completeBefore="0001-01-01T00:00:00+14:00"),
    "February 30": spoilt(completeBefore="2026-02-30T10:00:00Z"),
    "a leap second": spoilt(completeBefore="2026-03-02T10:15:60Z"),
    "no time zone": spoilt(completeBefore="2026-03-02T10:15:00"),
    "milliseconds": spoilt(completeBefore=1767225600000),
    "no order": body("order.paid", {}),
    "an order of no name": news("order.delivered", ""),
    "an order of a long name": news("order.canceled", "x" * 5000),
    "an event that is a number": b'{"event_type":5,"payload":{}}',
    "wrong types everywhere": body("order.created", {"originalOrderId": {}, "positions": "x"}),
    "a payload that is a list": body("order.created", []),
}  # fmt: skip
COMPRESSED = {
    "gzip": gzip.compress(spoilt()),
    "deflate": spoilt(),
    "a gzip bomb": gzip.compress(b"\x00" * 10_000_000),
    "gzip of gzip": gzip.compress(gzip.compress(spoilt())),
    "half a gzip": gzip.compress(spoilt())[:20],
}


async def hook(world, content, **headers):
    return await world.api.post("/hooks/sm-demo", content=content, headers={**TOKEN, **headers})


async def last_delivery(world):
    return await world.row(
        "SELECT body, state, reason, last_error, attempts FROM inbox JOIN inbox_delivery USING (id)"
        " ORDER BY inbox.seq DESC LIMIT 1"
    )


async def check_buried(world, content, **headers):
    before = await world.effects()
    answer = await hook(world, content, **headers)
    assert answer.status_code == 200
    await settle(world.hub)
    kept = await last_delivery(world)
    assert kept["body"] == content
    assert (kept["state"], kept["attempts"]) == ("dead", 1)
    assert kept["reason"] == "malformed"
    assert 5 < len(kept["last_error"]) < 500
    assert await world.effects() == before
    return kept


@pytest.mark.parametrize("name", BURIED)
async def test_an_authentic_but_unusable_delivery_is_kept_acknowledged_and_buried(world, name):
    await check_buried(world, BURIED[name], **{"content-type": "application/json"})


@pytest.mark.parametrize("name", COMPRESSED)
async def test_a_compressed_delivery_is_kept_as_it_came_and_never_opened(world, name):
    encoding = "deflate" if name == "deflate" else "gzip"
    kept = await check_buried(world, COMPRESSED[name], **{"content-encoding": encoding})
    assert "compressed" in kept["last_error"]


@pytest.mark.parametrize("name", ["empty", "cut off", "bad UTF-8"])
async def test_what_was_buried_is_buried_once_however_often_it_comes(world, name):
    content = BURIED[name] + b"  "
    first = await hook(world, content)
    await settle(world.hub)
    count = await world.value("SELECT count(*) FROM inbox")
    again = await hook(world, content)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert await world.value("SELECT count(*) FROM inbox") == count


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("order.something_new", body("order.something_new", {"x": [1]})),
        ("ping", b'{"event_type":"ping"}'),
        ("", b'{"event_type":""}'),
        ("x" * 100, json.dumps({"event_type": "x" * 9000}).encode()),
        ("ab", b'{"event_type":"a\\u0000b"}'),
    ],
)
async def test_an_event_nobody_knows_is_kept_and_done(world, name, content):
    assert (await hook(world, content)).content == b'{"status":"ok"}'
    await settle(world.hub)
    assert await world.value("SELECT event FROM inbox_delivery WHERE body = $1", content) == name
    assert (await last_delivery(world))["state"] == "done"
    assert (await last_delivery(world))["reason"] == "unknown_event"


ODD = {
    "an escaped NUL in a comment": {"comment": "до\u0000после"},
    "a comment of 100 KB": {"comment": "я" * 50_000},
    "reading turned around": {"comment": "\u202eabc\u2066"},
    "emoji": {"comment": "😀👨‍👩‍👧"},
    "combining marks": {"comment": "e" + "\u0301" * 500},
    "a customer who is a number": {"customer": {"name": 5, "phone": 7, "x": None, "y": [1]}},
    "no customer": {"customer": None},
    "no address": {"address": None},
    "fields nobody knows": {"newField": {"deep": [1, 2, {"a": "b"}]}},
    "money that adds up to nothing": {"total": {"totalPrice": "0"}},
    "a store by its import key": {"storeID": None, "storeImportKey": "101"},
    "fourteen hours east": {"completeBefore": "2026-12-02T10:15:00+14:00"},
    "1,000 positions": {"positions": [BREAD | {"id": str(n)} for n in range(1000)]},
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_but_usable_order_is_taken(world, name):
    content = spoilt(**ODD[name])
    answer = await hook(world, content)
    assert answer.json()["status"] == "created"
    await settle(world.hub)
    order = await world.row("SELECT * FROM orders WHERE number = $1", answer.json()["number"])
    assert order["state"] == "accepted"
    assert len(order["comment"]) <= 2000
    assert "\u202e" not in order["comment"]


@pytest.mark.parametrize("size", [262_145, 1_000_000, 3_000_000])
@pytest.mark.parametrize("path", ["/hooks/sm-demo", "/hooks/nobody", "/picker/v1/sessions"])
async def test_a_body_beyond_the_limit_is_413_before_anybody_looks_at_it(world, size, path):
    before = await world.value("SELECT count(*) FROM inbox")
    answer = await world.api.post(path, content=b"x" * size, headers=TOKEN)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"type", "title", "status", "code", "message"}
    assert await world.value("SELECT count(*) FROM inbox") == before


async def test_50_000_positions_are_413_too(world):
    content = body("order.created", {"positions": [BREAD] * 50_000})
    assert (await hook(world, content)).status_code == 413


FORGED = [
    {}, {"client-token": ""}, {"client-token": "x"}, {"client-token": "x" * 8000},
    {"client-token": TOKEN["Client-Token"][:-1]}, {"client-token": TOKEN["Client-Token"] + "0"},
    {"client-token": "\xff"}, {"client-token": "\x00"}, {"authorization": "Bearer x"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FORGED)
@pytest.mark.parametrize("content", [b"", spoilt(), DEEP, gzip.compress(b"\x00" * 1_000_000)])
async def test_a_delivery_that_proves_nothing_is_403_and_only_noted(world, headers, content):
    before = await world.effects(), await world.value("SELECT count(*) FROM inbox")
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    agent = {"user-agent": b"sm/1.0 \xff", "x-forwarded-for": b"203.0.113.9"}
    answer = await world.api.post("/hooks/sm-demo", content=content, headers=raw | agent)
    assert answer.status_code == 403
    assert (await world.effects(), await world.value("SELECT count(*) FROM inbox")) == before


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(seeded):
    """A hub that has refused nobody yet: refusals have a budget."""
    async with world_of(seeded) as made:
        yield made


async def test_a_refusal_is_noted_without_the_token_and_the_body(fresh):
    wrong = {"client-token": "almost-a-secret", "user-agent": "sm/1.0"}
    await fresh.api.post("/hooks/sm-demo", content=b"private body", headers=wrong)
    noted = dict(await fresh.row("SELECT * FROM inbox_refused"))
    assert (noted["account"], noted["reason"], noted["size"]) == ("sm-demo", "forged", 12)
    assert noted["headers"] == {"user-agent": "sm/1.0", "content-length": "12"}
    assert "almost-a-secret" not in str(noted)
    assert "private" not in str(noted)


async def test_a_flood_of_forgeries_fills_no_disk(fresh):
    for _ in range(80):
        assert (await fresh.api.post("/hooks/sm-demo", content=b"")).status_code == 403
    assert 50 < await fresh.value("SELECT count(*) FROM inbox_refused") <= 61


@pytest.mark.parametrize(
    "account",
    ["nobody", "sm-demo2", "SM-DEMO", "x" * 5000, "%00", "sm-demo%00", "%ff%fe", "' OR 1=1 --",
     "..%2fpicker", "%F0%9F%98%80", "\u202e"],
)  # fmt: skip
async def test_an_account_nobody_has_is_404(world, account):
    answer = await world.api.post(f"/hooks/{account}", content=b"{}", headers=TOKEN)
    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
async def test_a_hook_takes_post_and_nothing_else(world, method):
    answer = await world.api.request(method, "/hooks/sm-demo", headers=TOKEN)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("name", ["user-agent", "x-request-id", "content-type", "content-encoding",
                                  "accept-language", "x-forwarded-for"])  # fmt: skip
@pytest.mark.parametrize("value", [b"\x00", b"\xff\xfe", b"x" * 8000, b"\r", b"{}", b"'; --"])
async def test_no_header_can_keep_a_delivery_from_being_stored(world, name, value):
    content = spoilt()
    headers = {**TOKEN, name: value}
    answer = await world.api.post("/hooks/sm-demo", content=content, headers=headers)
    assert answer.status_code == 200
    assert await world.value("SELECT count(*) FROM inbox_delivery WHERE body = $1", content) == 1


async def test_the_originals_own_url_leads_to_the_same_hook(world):
    content = spoilt()
    answer = await world.api.post("/sbermarket/orders/hook/", content=content, headers=TOKEN)
    assert answer.json()["status"] == "created"
    refused = await world.api.post("/sbermarket/orders/hook/", content=content)
    assert refused.status_code == 403


async def test_no_log_holds_a_token_or_a_customers_phone(world, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    customer = {"name": "Тест Канарейкин", "phone": PHONE}
    for content in (
        spoilt(customer=customer),
        spoilt(customer=customer, storeID=PHONE),
        spoilt(customer=customer, positions=[BREAD | {"price": PHONE}]),
        spoilt(customer=customer, completeBefore=PHONE),
        spoilt(customer=customer, comment=PHONE)[:-30],
        body("order.created", {"customer": customer, "originalOrderId": 1.5}),
        gzip.compress(spoilt(customer=customer)),
    ):
        await hook(world, content)
        await world.api.post("/hooks/sm-demo", content=content, headers={"client-token": "f00f00f"})
        await settle(world.hub)
    out, err = capfd.readouterr()
    logs = caplog.text + out + err
    assert "row failed" in logs
    for secret in (PHONE, PHONE[1:], "Канарейкин", TOKEN["Client-Token"], "f00f00f"):
        assert secret not in logs
