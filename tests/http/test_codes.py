"""Every code a handheld can be answered with can be reached, with its status and its sentence."""

import asyncio
import uuid

import pytest

from app.db.queue import Queue
from app.domain.refusals import Code, Notice
from app.http.errors import REFUSAL_STATUS, RETRYABLE
from app.render.language import say
from tests.factories import BANANAS, BREAD, Handheld, settle
from tests.http.picking import BANANAS_ID, finish, picking
from tests.http.ways import NOTICES, WAYS
from tests.http.ways.verbs import (
    already_claimed,
    illegal_transition,
    lease_lost,
    order_cancelled,
    too_many_requests,
    version_conflict,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


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


@pytest.mark.parametrize("notice", Notice)
async def test_a_write_that_is_done_may_tell_each_notice_with_its_sentence(world, notice):
    if notice not in NOTICES:
        pytest.fail(f"no test ever reaches {notice}")
    answer = await NOTICES[notice](world)
    message = answer.json()["message"]
    assert (answer.status_code, message["code"]) == (200, notice)
    assert message["text"] in {say("en", notice), say("ru", notice)}


async def test_a_marketplace_that_hears_everything_is_no_news(world):
    handheld = await picking(world, BREAD)
    await settle(world.hub)
    assert (await finish(handheld)).order["state"] == "picked"
    assert (await handheld.do("ready"))["message"] is None


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
        await asyncio.wait_for(finish(handheld), 60)
        await handheld.do("ready")
    finally:
        await world.value("UPDATE account SET active = true")
    assert handheld.order["state"] == "ready"
    assert await world.value("SELECT count(*) FROM queue_item WHERE queue = $1", Queue.OUTBOX) > 0
