"""Goods that are missing, over the API: offered, asked about, decided, taken back, looked over."""

import asyncio
from datetime import timedelta

import pytest

from app.actions.answers import expire
from tests.conftest import RecordingKuper, api_of, quick
from tests.factories import BANANAS, BREAD, Handheld
from tests.flow.shared import World
from tests.http.picking import BANANAS_ID, BREAD_ID, free_hands, looking_at, order, picking, tell
from tests.http.ways.people import supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Bread of the demo's own: dearer and cheaper than what is ordered, and goods by weight.
LOAF, BAGUETTE, BLACK = "100202", "100203", "100201"
LOAF_EAN = "4690001002026"
OWN = {**BREAD, "id": BLACK, "price": "79.90"}


async def replacing(world: World, policy: str = "replace", **fields) -> Handheld:
    """A handheld that picks bread and bananas for a customer with this wish."""
    number = await order(world, BREAD, BANANAS)
    await world.value("UPDATE orders SET replacement_policy = $2 WHERE number = $1", number, policy)
    handheld = await looking_at(world, number)
    await free_hands(world)
    await handheld.do("claim")
    await handheld.do("start")
    return handheld


def one(sku=LOAF, **amounts):
    return {"items": [{"sku": sku, **amounts}], "reason": "not_found"}


async def later(world: World, minutes: int = 6) -> int:
    """Run the scheduler's duty some minutes from now."""
    hub = world.hub
    return await expire(quick(hub, clock=lambda: hub.clock() + timedelta(minutes=minutes)))


async def spoken(world: World, handheld: Handheld) -> list[dict]:
    rows = await world.value(
        "SELECT coalesce(jsonb_agg(detail ORDER BY id), '[]') FROM timeline WHERE order_id = $1"
        " AND detail ->> 'event' = 'replacement_expired'",
        handheld.order["id"],
    )
    return list(rows)


async def test_a_replacement_is_taken_at_once_when_the_customer_said_so(world):
    handheld = await replacing(world)
    done = await handheld.do("replace", line=BREAD_ID, **one(quantity=3))
    bread, loaf = handheld.line(BREAD_ID), handheld.line(LOAF)
    assert done["message"] is None
    assert (bread["state"], bread["reason"], bread["replacements"]) == (
        "replaced", "not_found", [loaf["id"]],
    )  # fmt: skip
    assert (loaf["state"], loaf["price"], loaf["replaces"]) == ("picked", 4990, bread["id"])
    assert set(done["changed"]["line_ids"]) == {bread["id"], loaf["id"]}
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    await handheld.do("complete")
    assert handheld.order["totals"]["final"] == 3 * 4990 + 12990


async def test_a_customer_who_wants_a_call_is_asked_and_the_picker_passes_the_answer_on(world):
    handheld = await replacing(world, "call_or_remove")
    done = await handheld.do("replace", line=BREAD_ID, **one(quantity=2))
    assert done["message"]["code"] == "REPLACEMENT_PROPOSED"
    bread = handheld.line(BREAD_ID)
    assert (bread["state"], handheld.line(LOAF)["state"]) == ("proposed", "proposed")
    assert bread["decide_by"] is not None
    assert {"decide", "withdraw", "replace"} <= set(bread["allowed_actions"])
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    waits = await handheld.ask("complete")
    assert (waits.status_code, waits.json()["code"]) == (409, "APPROVAL_PENDING")
    assert waits.json()["current"]["lines"][0]["state"] == "proposed"
    await handheld.do("decide", line=BREAD_ID, approved=True)
    assert (handheld.line(BREAD_ID)["state"], handheld.line(LOAF)["state"]) == (
        "replaced", "picked",
    )  # fmt: skip
    await handheld.do("complete")


async def test_goods_are_named_by_a_scanned_code_too(world):
    handheld = await replacing(world)
    await handheld.do("replace", line=BREAD_ID, items=[{"code": LOAF_EAN}], reason="none")
    assert handheld.line(LOAF)["state"] == "todo"
    unknown = await handheld.ask(
        "replace", line=BANANAS_ID, items=[{"code": "4607000000003"}], reason="none"
    )
    assert (unknown.status_code, unknown.json()["code"]) == (400, "INVALID_BARCODE")


async def test_two_stand_for_one_and_each_can_be_taken_back(world):
    handheld = await replacing(world)
    items = [{"sku": LOAF, "quantity": 1}, {"sku": BLACK, "quantity": 1}]
    await handheld.do("replace", line=BREAD_ID, items=items, reason="none")
    assert len(handheld.line(BREAD_ID)["replacements"]) == 2
    await handheld.do("withdraw", line=LOAF)
    assert handheld.line(BREAD_ID)["state"] == "replaced"
    await handheld.do("withdraw", line=BREAD_ID)
    assert handheld.line(BREAD_ID)["state"] == "todo"
    assert handheld.line(BLACK)["allowed_actions"] == []


async def test_the_same_goods_may_be_offered_again_after_they_were_taken_back(world):
    handheld = await replacing(world)
    for _ in range(3):
        await handheld.do("replace", line=BREAD_ID, **one(quantity=1))
        await handheld.do("withdraw", line=BREAD_ID)
    await handheld.do("replace", line=BREAD_ID, **one(quantity=1))
    await handheld.do("replace", line=BREAD_ID, **one(quantity=2))
    kept = await world.value(
        "SELECT count(*) FROM order_line WHERE order_id = $1 AND external_id = $2",
        handheld.order["id"], LOAF,
    )  # fmt: skip
    assert kept == 5
    await handheld.do("undo")
    live = [x for x in handheld.order["lines"] if x["sku"] == LOAF and x["reason"] != "withdrawn"]
    assert [(x["state"], x["requested"]["pieces"]) for x in live] == [("picked", 1)]
    assert handheld.line(BREAD_ID)["state"] == "replaced"


async def test_undo_takes_a_replacement_back_and_a_withdrawal_too(world):
    handheld = await replacing(world, "ask")
    await handheld.do("replace", line=BREAD_ID, **one(quantity=1))
    await handheld.do("withdraw", line=BREAD_ID)
    await handheld.do("undo")
    assert (handheld.line(BREAD_ID)["state"], handheld.line(LOAF)["state"]) == (
        "proposed", "proposed",
    )  # fmt: skip
    await handheld.do("undo")
    assert (handheld.line(BREAD_ID)["state"], handheld.line(LOAF)["reason"]) == (
        "todo", "withdrawn",
    )  # fmt: skip


async def test_a_repeated_request_offers_once(world):
    handheld = await replacing(world, "ask")
    version = handheld.order["version"]
    first = await handheld.ask("replace", line=BREAD_ID, key="one", version=version, **one())
    again = await handheld.ask("replace", line=BREAD_ID, key="one", version=version, **one())
    assert first.content == again.content
    lines = await world.value(
        "SELECT count(*) FROM order_line WHERE order_id = $1", handheld.order["id"]
    )
    assert lines == 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"items": [], "reason": "x"}, 400, "INVALID_BODY"),
        ({"items": [{}], "reason": "x"}, 400, "INVALID_BODY"),
        ({"items": [{"sku": LOAF}] * 6, "reason": "x"}, 400, "INVALID_BODY"),
        ({"items": [{"sku": LOAF}]}, 400, "INVALID_BODY"),
        ({"items": [{"sku": "\x00"}], "reason": "x"}, 400, "INVALID_BODY"),
        ({"items": [{"sku": LOAF}], "reason": " "}, 422, "REASON_REQUIRED"),
        ({"items": [{"sku": LOAF, "quantity": 0}], "reason": "x"}, 400, "INVALID_QUANTITY"),
        ({"items": [{"sku": LOAF, "quantity": -1}], "reason": "x"}, 400, "INVALID_BODY"),
        ({"items": [{"sku": LOAF, "grams": 5}], "reason": "x"}, 422, "WRONG_UNIT"),
        ({"items": [{"sku": "nobody"}], "reason": "x"}, 404, "UNKNOWN_CODE"),
        ({"items": [{"code": "4690001002019x"}], "reason": "x"}, 400, "INVALID_BARCODE"),
        ({"items": [{"sku": BANANAS_ID}], "reason": "x"}, 422, "REPLACEMENT_NOT_ALLOWED"),
    ],
)
async def test_what_cannot_be_offered_is_refused_and_changes_nothing(world, body, status, code):
    handheld = await replacing(world)
    answer = await handheld.ask("replace", line=BREAD_ID, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await handheld.reread())["version"] == 4
    assert len(handheld.order["lines"]) == 2


async def test_a_supervisor_sees_who_waits_and_decides_without_holding_the_order(world):
    handheld = await replacing(world, "call_or_replace")
    await handheld.do("replace", line=BREAD_ID, **one(quantity=3))
    boss = await supervisor(world)
    approvals = (await boss.get("/picker/v1/approvals")).json()["approvals"]
    (mine,) = [each for each in approvals if each["order_id"] == handheld.order["id"]]
    assert (mine["sku"], mine["preference"], mine["silence"]) == (
        BREAD_ID, "call_or_replace", True,
    )  # fmt: skip
    assert mine["price_difference"] == 3 * (4990 - 5450)
    assert [x["sku"] for x in mine["instead"]] == [LOAF]
    boss.order = handheld.order
    await boss.do("decide", line=BREAD_ID, approved=False, by="operator")
    assert boss.line(BREAD_ID)["state"] == "todo"
    stale = await handheld.ask("pick", line=BREAD_ID, quantity=1)
    assert stale.json()["code"] == "VERSION_CONFLICT"
    await handheld.reread()
    await handheld.do("pick", line=BREAD_ID, quantity=3)


async def test_only_the_holder_or_a_supervisor_passes_an_answer_on(world):
    handheld = await replacing(world, "ask")
    await handheld.do("replace", line=BREAD_ID, **one())
    other = await looking_at(world, handheld.order["number"], "1002")
    answer = await other.ask("decide", line=BREAD_ID, approved=True)
    assert answer.status_code in (403, 409)
    assert (await other.get("/picker/v1/approvals")).json()["code"] == "ROLE_REQUIRED"
    claims = await handheld.ask("decide", line=BREAD_ID, approved=True, by="operator")
    assert claims.json()["code"] == "ROLE_REQUIRED"


async def test_silence_is_decided_once_by_any_number_of_schedulers(world):
    await later(world, 60)
    yes = await replacing(world, "call_or_replace")
    await yes.do("replace", line=BREAD_ID, **one(quantity=3))
    no = await replacing(world, "call_or_remove")
    await no.do("replace", line=BREAD_ID, **one(quantity=3))
    assert await later(world, 4) == 0
    assert sum(await asyncio.gather(*(later(world) for _ in range(3)))) == 2
    assert await later(world) == 0
    for handheld, becomes in ((yes, "replaced"), (no, "dropped")):
        version = handheld.order["version"]
        await handheld.reread()
        assert handheld.line(BREAD_ID)["state"] == becomes
        assert handheld.order["version"] == version + 1
        assert [row["becomes"] for row in await spoken(world, handheld)] == [becomes]
    assert no.line(BREAD_ID)["reason"] == "no_answer"


async def test_an_answer_after_the_time_changes_nothing_and_says_so(world):
    handheld = await replacing(world, "ask")
    await handheld.do("replace", line=BREAD_ID, **one())
    await later(world)
    stale = await handheld.ask("decide", line=BREAD_ID, approved=True)
    assert stale.json()["code"] == "VERSION_CONFLICT"
    await handheld.reread()
    late = await handheld.do("decide", line=BREAD_ID, approved=True)
    assert late["message"]["code"] == "ANSWER_TOO_LATE"
    assert handheld.line(BREAD_ID)["state"] == "dropped"


async def test_an_order_cancelled_while_its_customer_is_asked_is_left_alone(world):
    handheld = await replacing(world, "ask")
    await handheld.do("replace", line=BREAD_ID, **one())
    await tell(world, "order.canceled", handheld.order["number"])
    await later(world)
    assert await spoken(world, handheld) == []
    late = await handheld.ask("decide", line=BREAD_ID, approved=True)
    assert late.json()["code"] == "ORDER_CANCELLED"


async def test_candidates_come_from_customer_chain_and_search_with_what_they_cost(world):
    handheld = await replacing(world, "call_or_replace")
    bread = handheld.line(BREAD_ID)
    await world.value("UPDATE order_line SET wish_skus = ARRAY[$2] WHERE id = $1::uuid",
                      bread["id"], BAGUETTE)  # fmt: skip
    await world.value(
        "INSERT INTO product_substitute (merchant_id, sku, with_sku)"
        " SELECT id, $1, unnest(ARRAY[$2, $3, 'unknown']) FROM merchant"
        " ON CONFLICT DO NOTHING",
        BREAD_ID, LOAF, BAGUETTE,
    )  # fmt: skip
    path = f"/picker/v1/orders/{handheld.order['id']}/lines/{bread['id']}/substitutes"
    found = (await handheld.get(path)).json()
    assert found["preference"] == "call_or_replace"
    named = [(x["sku"], x["source"], x["needs_approval"]) for x in found["substitutes"]]
    assert named == [(BAGUETTE, "customer", True), (LOAF, "chain", True)]  # the baguette is dearer
    assert [x["price_difference"] for x in found["substitutes"]] == [
        3 * (7990 - 5450), 3 * (4990 - 5450),
    ]  # fmt: skip
    for q in ("ХЛЕБ бород", "бородинский", BLACK, "4690001002019"):
        answer = (await handheld.get(f"{path}?q={q}")).json()["substitutes"]
        assert (BLACK, "search") in [(x["sku"], x["source"]) for x in answer], q
    for q in ("", "нет такого", "'); --", "%", "&|!<->:*", "x" * 200, "е" * 60, "\\", "0"):
        assert (await handheld.client.get(path, params={"q": q}, headers=handheld.headers)
                ).status_code == 200, q  # fmt: skip
    too_long = await handheld.client.get(path, params={"q": "x" * 201}, headers=handheld.headers)
    assert too_long.status_code == 400


class Naming(RecordingKuper):
    """A marketplace that names goods itself, or is away."""

    fails_to_name = False

    async def suggest(self, account, order, line):
        if self.fails_to_name:
            raise TimeoutError
        return [BAGUETTE]


async def test_a_marketplace_that_names_goods_is_asked_and_its_trouble_is_not_the_picker_s(world):
    handheld = await replacing(world)
    market = Naming()
    path = (f"/picker/v1/orders/{handheld.order['id']}/lines/"
            f"{handheld.line(BREAD_ID)['id']}/substitutes")  # fmt: skip
    async with api_of(quick(world.hub, marketplaces={"kuper": market})) as api:
        handheld.client = api
        found = (await handheld.get(path)).json()["substitutes"]
        assert (BAGUETTE, "marketplace") in [(x["sku"], x["source"]) for x in found]
        market.fails_to_name = True
        answer = await handheld.get(path)
        assert answer.status_code == 200
        assert "marketplace" not in [x["source"] for x in answer.json()["substitutes"]]


async def test_a_review_says_what_differs_and_what_stands_in_the_way(world):
    handheld = await replacing(world, "replace")
    path = f"/picker/v1/orders/{handheld.order['id']}/review"
    fresh = (await handheld.get(path)).json()
    assert [x["code"] for x in fresh["blockers"]] == ["LINES_NOT_CLOSED"]
    assert len(fresh["blockers"][0]["line_ids"]) == 2
    assert fresh["differences"] == []
    await handheld.do("replace", line=BREAD_ID, **one(quantity=2))
    await handheld.do("weigh", line=BANANAS_ID, grams=1200)
    seen = (await handheld.get(path)).json()
    assert seen["blockers"] == []
    assert [x["code"] for x in seen["warnings"]] == ["WEIGHT_OVER_SOFT_LIMIT"]
    bread, bananas = seen["differences"]
    assert (bread["state"], bread["price_difference"]) == ("replaced", 2 * 4990 - 3 * 5450)
    assert [x["sku"] for x in bread["instead"]] == [LOAF]
    assert (bananas["picked"]["grams"], bananas["price_difference"]) == (1200, 2598)
    totals = seen["totals"]
    assert totals["now"] == 2 * 4990 + 15588
    assert totals["difference"] == totals["now"] - totals["requested"]
    assert totals["authorised"] == totals["requested"]


@pytest.mark.parametrize(("language", "word"), [("ru", "позиции"), ("en", "lines")])
async def test_a_review_speaks_the_language_of_the_handheld(world, language, word):
    handheld = await picking(world)
    handheld.headers["Accept-Language"] = language
    seen = (await handheld.get(f"/picker/v1/orders/{handheld.order['id']}/review")).json()
    assert word in seen["blockers"][0]["text"].lower()
