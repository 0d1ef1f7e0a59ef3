"""Every code a handheld can be answered with can be reached, with its status and its sentence."""

import asyncio
import uuid

import pytest

from app.db.queue import Queue
from app.domain.refusals import Code, Notice
from app.http.errors import REFUSAL_STATUS, RETRYABLE
from app.render.language import say
from tests.factories import BANANAS, BREAD, Handheld
from tests.http.picking import (
    BANANAS_ID,
    BREAD_ID,
    MARKED,
    MARKED_ID,
    claimed,
    device,
    finish,
    looking_at,
    order,
    picking,
    tell,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def invalid_body(world):
    return await (await picking(world)).ask("pick", line=BREAD_ID, quantity="three")


async def invalid_quantity(world):
    return await (await picking(world)).ask("weigh", line=BANANAS_ID, grams=0)


async def idempotency_key_required(world):
    handheld = await claimed(world)
    path = f"/picker/v1/orders/{handheld.order['id']}/start"
    return await world.api.post(path, headers=handheld.headers | {"If-Match": '"1"'})


async def session_expired(world):
    return await world.api.get("/picker/v1/me", headers={"Authorization": "Bearer nobody"})


async def pin_wrong(world):
    return await world.api.post("/picker/v1/sessions", json={"badge": "1001", "pin": "0000"})


async def not_assigned(world):
    return await (await looking_at(world, await order(world))).ask("start")


async def order_not_found(world):
    return await (await device(world)).get(f"/picker/v1/orders/{uuid.uuid4()}")


async def line_not_found(world):
    handheld = await picking(world)
    handheld.order["lines"][0]["id"] = str(uuid.uuid4())
    return await handheld.ask("pick", line=handheld.order["lines"][0]["sku"], quantity=1)


async def version_conflict(world):
    return await (await claimed(world)).ask("start", version=1)


async def already_claimed(world):
    holder = await claimed(world)
    return await (await looking_at(world, holder.order["number"], "1002")).ask("claim")


async def lease_lost(world):
    holder = await picking(world)
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 second'")
    await (await looking_at(world, holder.order["number"], "1002")).do("claim")
    return await holder.ask("pick", line=BREAD_ID, quantity=1)


async def order_cancelled(world):
    handheld = await picking(world)
    await tell(world, "order.canceled", handheld.order["number"])
    return await handheld.ask("pick", line=BREAD_ID, quantity=1)


async def illegal_transition(world):
    return await (await picking(world)).ask("start")


async def operation_in_progress(world):
    handheld = await claimed(world)
    async with world.hub.pools.drains.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM orders WHERE id = $1 FOR UPDATE", handheld.order["id"])
        return await handheld.ask("start")


async def mark_already_used(world):
    handheld = await picking(world, MARKED)
    return await handheld.ask("pick", line=MARKED_ID, quantity=2, marks=["m", "m"])


async def wrong_unit(world):
    return await (await picking(world)).ask("pick", line=BANANAS_ID, quantity=1)


async def qty_over_requested(world):
    return await (await picking(world)).ask("pick", line=BREAD_ID, quantity=4)


async def weight_out_of_hard_limit(world):
    return await (await picking(world)).ask("weigh", line=BANANAS_ID, grams=1301)


async def reason_required(world):
    return await (await picking(world)).ask("drop", line=BREAD_ID, reason="  ")


async def mark_required(world):
    return await (await picking(world, MARKED)).ask("pick", line=MARKED_ID, quantity=2)


async def lines_not_closed(world):
    return await (await picking(world)).ask("complete")


async def nothing_picked(world):
    handheld = await picking(world, BREAD)
    await handheld.do("drop", line=BREAD_ID, reason="not_found")
    return await handheld.ask("complete")


async def idempotency_key_reused(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=1, key="one-key")
    return await handheld.ask("pick", line=BREAD_ID, quantity=2, key="one-key")


async def version_required(world):
    handheld = await claimed(world)
    return await handheld.post(f"/picker/v1/orders/{handheld.order['id']}/start")


async def too_many_requests(world):
    for _ in range(5):
        await world.api.post("/picker/v1/sessions", json={"badge": "3001", "pin": "0000"})
    return await world.api.post("/picker/v1/sessions", json={"badge": "3001", "pin": "4731"})


#: A way to each code.
WAYS = {
    Code[name.upper()]: way
    for name, way in list(globals().items())
    if name.upper() in Code.__members__
}


async def test_every_code_has_a_way_to_it_and_a_status():
    assert set(WAYS) == set(Code) == set(REFUSAL_STATUS)


@pytest.mark.parametrize("code", Code)
async def test_a_code_is_answered_with_its_status_and_its_sentence(world, code):
    if code not in WAYS:
        pytest.fail(f"no test ever reaches {code}")
    answer = await WAYS[code](world)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (REFUSAL_STATUS[code], code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/docs#{code}"
    assert problem["title"]
    assert problem["message"] in {say("en", code), say("ru", code)}
    assert problem.get("retryable", False) is (code in RETRYABLE)
    assert ("retry-after" in answer.headers) is (code in RETRYABLE)
    assert ("www-authenticate" in answer.headers) is (answer.status_code == 401)


@pytest.mark.parametrize("code", [*Code, *Notice])
@pytest.mark.parametrize("language", ["ru", "en"])
async def test_every_code_is_a_sentence_in_both_languages(code, language):
    assert say(language, code) != code


@pytest.mark.parametrize(
    "way",
    [version_conflict, already_claimed, lease_lost, order_cancelled, illegal_transition],
    ids=lambda way: way.__name__,
)
async def test_a_conflict_shows_the_order_as_it_stands(world, way):
    answer = await way(world)
    assert answer.status_code == 409
    current = answer.json()["current"]
    known = await world.row("SELECT state, version FROM orders WHERE id = $1", current["id"])
    assert (current["state"], current["version"]) == tuple(known)


async def test_a_locked_badge_says_how_long_to_wait(world):
    answer = await too_many_requests(world)
    assert int(answer.headers["retry-after"]) == answer.json()["details"]["seconds"] == 60


@pytest.mark.parametrize(
    ("language", "word"),
    [("ru", "заказ"), ("en", "order"), ("de", "заказ"), ("ru-RU,en;q=0.5", "заказ"),
     ("en-GB", "order"), ("*", "заказ"), ("\u00ff" * 50, "заказ"), ("en;q=x,,;", "order")],
)  # fmt: skip
async def test_a_handheld_hears_its_own_language(world, language, word):
    handheld = Handheld(world.api, language=language.encode("latin-1"))
    await handheld.sign_in()
    answer = await handheld.get(f"/picker/v1/orders/{uuid.uuid4()}")
    assert word in answer.json()["message"].lower()


async def test_work_of_a_marketplace_that_is_away_does_not_fail_a_picker(world):
    handheld = await picking(world, BANANAS)
    await world.value("UPDATE account SET active = false")
    try:
        await handheld.do("weigh", line=BANANAS_ID, grams=1000)
        await asyncio.wait_for(finish(handheld), 10)
        await handheld.do("ready")
    finally:
        await world.value("UPDATE account SET active = true")
    assert handheld.order["state"] == "ready"
    assert await world.value("SELECT count(*) FROM queue_item WHERE queue = $1", Queue.OUTBOX) > 0
