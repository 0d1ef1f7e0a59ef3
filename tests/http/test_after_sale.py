"""Operators' programs take goods back, correct what was sold, and look it up."""

import pytest

from app.actions.issue import issue
from tests.factories import BANANAS, BREAD
from tests.http.delivered import DOCUMENTS, ask, delivered, some
from tests.http.picking import order
from tests.http.ways.monitoring import DUTY

pytestmark = pytest.mark.asyncio(loop_scope="module")
SKU = BREAD["id"]


async def ledger(world, number):
    answer = await world.api.get(f"{DOCUMENTS}/{number}", auth=DUTY)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_return_is_answered_the_same_however_often_it_is_asked(world):
    number = await delivered(world, BREAD, BANANAS)
    first = await ask(world, number, "returns", some(SKU, quantity=1), "k1")
    assert first.status_code == 200, first.text
    told = first.json()
    assert (told["kind"], told["order"], told["by"]) == ("return", number, "duty")
    assert [(line["sku"], line["pieces"], line["total"]) for line in told["lines"]] == [
        (SKU, 2, 10_900)
    ]
    await issue(world.hub)
    assert (await ask(world, number, "returns", some(SKU, quantity=1), "k1")).content == (
        first.content
    )
    other = await ask(world, number, "returns", some(SKU, quantity=2), "k1")
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    elsewhere = await ask(world, number, "corrections", some(SKU, quantity=1), "k1")
    assert elsewhere.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_the_answer_stays_the_same_after_later_changes(world):
    number = await delivered(world, BREAD)
    first = await ask(world, number, "returns", some(SKU, quantity=1), "k2")
    await ask(world, number, "corrections", some(SKU, price=5000))
    await issue(world.hub)
    assert (await ask(world, number, "returns", some(SKU, quantity=1), "k2")).content == (
        first.content
    )


async def test_the_ledger_tells_documents_what_is_sold_and_what_waits(world):
    number = await delivered(world, BREAD, BANANAS)
    before = await ledger(world, number)
    assert (before["total"], before["documents"], before["state"]) == (29_340, [], "delivered")
    await issue(world.hub)
    await ask(world, number, "returns", some(BANANAS["id"], grams=500))
    waiting = await ledger(world, number)
    assert waiting["total"] == 29_340 - 6495
    assert [each["kind"] for each in waiting["documents"]] == ["sale"]
    assert [each["document"] for each in waiting["changes"]] == [None]
    await issue(world.hub)
    done = await ledger(world, number)
    sale, back = done["documents"]
    assert (back["base"], back["total"]) == (sale["number"], -6495)
    assert [each["document"] for each in done["changes"]] == [back["number"]]
    assert done["sold"] == waiting["sold"]
    assert sum(each["total"] for each in done["documents"]) == done["total"]


async def test_an_order_that_is_not_delivered_has_sold_nothing(world):
    number = await order(world, BREAD)
    found = await ledger(world, number)
    assert (found["total"], found["sold"], found["documents"]) == (0, [], [])
    answer = await ask(world, number, "returns", some(SKU, quantity=1))
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("returns", {"lines": [], "reason": "x"}, "INVALID_BODY"),
        ("returns", {"lines": [{"quantity": 1}], "reason": "x"}, "INVALID_BODY"),
        ("returns", some(SKU, quantity=0), "INVALID_BODY"),
        ("returns", some(SKU, quantity=4), "INVALID_QUANTITY"),
        ("returns", some(SKU, grams=4), "WRONG_UNIT"),
        ("returns", some("nothing", quantity=1), "LINE_NOT_FOUND"),
        ("returns", some(SKU, " ", quantity=1), "REASON_REQUIRED"),
        ("returns", some(SKU, quantity=1) | {"at": "2001-01-01T00:00:00Z"}, "INVALID_BODY"),
        ("returns", some(SKU, quantity=1) | {"at": "2026-01-01T00:00:00"}, "INVALID_BODY"),
        ("corrections", some(SKU, price=-1), "INVALID_BODY"),
        ("corrections", some(SKU, price=10**13), "INVALID_BODY"),
    ],
)
async def test_what_cannot_be_is_a_problem_with_a_code(world, verb, body, code):
    number = await delivered(world, BREAD)
    answer = await ask(world, number, verb, body)
    assert answer.json()["code"] == code
    assert (await ledger(world, number))["changes"] == []


async def test_without_a_key_a_login_or_an_order_nothing_happens(world):
    number = await delivered(world, BREAD)
    url, body = f"{DOCUMENTS}/{number}/returns", some(SKU, quantity=1)
    keyless = await world.api.post(url, json=body, auth=DUTY)
    assert keyless.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    stranger = await world.api.post(url, json=body, headers={"Idempotency-Key": "k"})
    assert stranger.status_code == 401
    assert (await ask(world, "nobody-knows", "returns", body)).json()["code"] == "ORDER_NOT_FOUND"
    nul = await world.api.get(f"{DOCUMENTS}/a%00b", auth=DUTY)
    assert nul.json()["code"] == "ORDER_NOT_FOUND"
    assert (await ledger(world, number))["changes"] == []
