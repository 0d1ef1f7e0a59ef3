"""A handheld's writes: one effect for one key, one winner for one order, no write on old news."""

import asyncio
import uuid

import pytest

from app.domain.barcode import check_digit
from tests.factories import BANANAS, BREAD, mark
from tests.http.picking import (
    BANANA_LABEL,
    BANANAS_ID,
    BREAD_ID,
    MARKED,
    MARKED_ID,
    claimed,
    device,
    finish,
    free_hands,
    insist,
    looking_at,
    order,
    picking,
    tell,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def deeds(world, number, verb):
    """How often a verb stands in an order's timeline."""
    return await world.value(
        "SELECT count(*) FROM timeline JOIN orders ON orders.id = order_id"
        " WHERE number = $1 AND detail ->> 'verb' = $2",
        number, verb,
    )  # fmt: skip


def same(first, second):
    return (first.status_code, first.content, first.headers.get("etag")) == (
        second.status_code, second.content, second.headers.get("etag"),
    )  # fmt: skip


async def test_two_pickers_claim_one_order_and_one_gets_it(world):
    number = await order(world)
    both = [await looking_at(world, number, badge) for badge in ("1001", "1002")]
    for badge in ("1001", "1002"):
        await free_hands(world, badge)
    answers = await asyncio.gather(*(insist(handheld.ask, "claim") for handheld in both))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [answer.json() for answer in answers if answer.status_code == 409]
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert lost["current"]["picker"] == won["order"]["picker"]
    assert lost["details"]["by"] == won["order"]["picker"]["name"]


async def test_handhelds_that_ask_for_the_next_order_at_once_get_one_each_and_keep_it(world):
    await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
    for _ in range(4):
        await order(world, BREAD)
    pair = await device(world, "1001"), await device(world, "1002")
    rounds = [
        [answer.json()["order"]["id"] for answer in await asyncio.gather(*map(ask_next, pair))]
        for _ in range(3)
    ]
    assert rounds[0] == rounds[1] == rounds[2]  # one's own before a new one
    assert len(set(rounds[0])) == 2


def ask_next(handheld):
    return insist(handheld.post, "/picker/v1/orders/next")


async def test_next_is_an_order_whatever_another_is_just_taking(world):
    """Once in two hundred, one was chosen before and locked after the other's claim."""
    pair = await device(world, "1001"), await device(world, "1002")
    for _ in range(4):
        await order(world, BREAD)
    for n in range(80):
        task = asyncio.create_task(ask_next(pair[0]))
        await asyncio.sleep(0.002 * (n % 4))
        second = await ask_next(pair[1])
        assert [(await task).status_code, second.status_code] == [200, 200]
        await world.value("UPDATE pick_job SET state = 'open', picker_id = NULL")


async def test_next_gives_no_order_that_another_is_just_taking(world):
    await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
    for _ in range(10):
        await order(world, BREAD)
        pair = [await device(world, badge) for badge in ("1001", "1002")]
        answers = await asyncio.gather(*map(ask_next, pair))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, 204], [answer.text[:200] for answer in answers]
        await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")


async def test_an_answer_that_was_lost_is_given_again_byte_for_byte(world):
    handheld = await picking(world)
    version, key = handheld.order["version"], str(uuid.uuid4())
    first = await handheld.ask("pick", line=BREAD_ID, quantity=2, key=key)
    assert first.status_code == 200
    await handheld.do("drop", line=BANANAS_ID, reason="x", version=version + 1)
    again = await handheld.ask("pick", line=BREAD_ID, quantity=2, key=key, version=version)
    assert same(first, again)
    assert await deeds(world, handheld.order["number"], "pick") == 1


async def test_an_empty_answer_is_given_again_too(world):
    handheld = await device(world, "1201")
    key = str(uuid.uuid4())
    first = await handheld.post("/picker/v1/orders/next", key=key)
    assert (first.status_code, first.content) == (204, b"")
    assert same(first, await handheld.post("/picker/v1/orders/next", key=key))


@pytest.mark.parametrize("other", [{"quantity": 3}, {"quantity": 2, "source": "scan"}])
async def test_a_key_used_for_another_body_is_refused_and_does_nothing(world, other):
    handheld, key = await picking(world), str(uuid.uuid4())
    await handheld.do("pick", line=BREAD_ID, quantity=2, key=key)
    refused = await handheld.ask("pick", line=BREAD_ID, key=key, **other)
    assert (refused.status_code, refused.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert await deeds(world, handheld.order["number"], "pick") == 1


async def test_a_key_used_for_another_order_is_refused(world):
    one, two = await claimed(world), await looking_at(world, await order(world))
    await one.do("start", key="key-b")
    assert (await two.ask("start", key="key-b")).json()["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_the_same_key_twenty_times_at_once_has_one_effect(world):
    handheld = await picking(world)
    answers = await asyncio.gather(
        *(insist(handheld.ask, "pick", line=BREAD_ID, quantity=1, key="key-c") for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert await deeds(world, handheld.order["number"], "pick") == 1


async def test_a_refused_write_may_be_tried_again_with_its_key(world):
    handheld = await picking(world)
    refused = await handheld.ask("pick", line=BREAD_ID, quantity=9, key="key-d")
    assert refused.status_code == 422
    await handheld.do("pick", line=BREAD_ID, quantity=1, key="key-d")


async def test_keys_of_different_pickers_do_not_meet(world):
    await free_hands(world, "1002")
    one = await claimed(world)
    two = await looking_at(world, await order(world), "1002")
    await one.do("start", key="key-e")
    await two.do("claim", key="key-e")


@pytest.mark.parametrize("key", ["", " ", "a b", "ключ".encode(), "x" * 101, "a\tb", "\x7f"])
async def test_a_key_that_is_none_is_asked_for(world, key):
    handheld = await claimed(world)
    headers = handheld.headers | {"If-Match": '"3"', "Idempotency-Key": key}
    path = f"/picker/v1/orders/{handheld.order['id']}/start"
    answer = await world.api.post(path, headers=headers)
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"


@pytest.mark.parametrize("given", ['"3"', "3", 'W/"3"', ' "3" '])
async def test_a_version_may_be_written_with_and_without_its_quotes(world, given):
    handheld = await claimed(world)
    assert handheld.order["version"] == 3
    path = f"/picker/v1/orders/{handheld.order['id']}/start"
    headers = handheld.headers | {"If-Match": given, "Idempotency-Key": str(uuid.uuid4())}
    assert (await world.api.post(path, headers=headers)).status_code == 200


@pytest.mark.parametrize("given", ["", "*", "three", "-3", "3.0", '"3", "4"', "9" * 400, "\xb3"])
async def test_a_version_that_is_none_is_a_bad_request(world, given):
    handheld = await claimed(world)
    path = f"/picker/v1/orders/{handheld.order['id']}/start"
    headers = {**handheld.headers, "If-Match": given.encode("latin-1"), "Idempotency-Key": "k"}
    answer = await world.api.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def test_every_write_answers_with_the_next_version_and_its_tag(world):
    handheld = await claimed(world)
    for verb, fields in (("start", {}), ("pick", {"line": BREAD_ID, "quantity": 3}),
                         ("weigh", {"line": BANANAS_ID, "grams": 1000}), ("complete", {}),
                         ("ready", {})):  # fmt: skip
        before = handheld.order["version"]
        answer = await handheld.ask(verb, **fields)
        handheld.order = answer.json()["order"]
        assert handheld.order["version"] == before + 1
        assert answer.headers["etag"] == f'"{before + 1}"'
        shown = await handheld.get(f"/picker/v1/orders/{handheld.order['id']}")
        assert shown.headers["etag"] == answer.headers["etag"]
        assert shown.json() == handheld.order


async def test_the_couriers_news_does_not_make_a_version_stale(world):
    handheld = await picking(world)
    for event in ("courier.assigned", "courier.arrived", "order.paid"):
        await tell(world, event, handheld.order["number"])
    await handheld.do("pick", line=BREAD_ID, quantity=3)


async def test_a_change_of_the_order_makes_a_version_stale_and_shows_the_new_composition(world):
    handheld = await picking(world)
    number = handheld.order["number"]
    await tell(world, "order.changed", number, storeID="101", positions=[BREAD | {"price": "1"}],
               replacementPolicy="replace")  # fmt: skip
    answer = await handheld.ask("pick", line=BREAD_ID, quantity=3)
    assert answer.json()["code"] == "VERSION_CONFLICT"
    current = {line["sku"]: line for line in answer.json()["current"]["lines"]}
    assert current[BANANAS_ID]["state"] == "dropped"
    assert current[BREAD_ID]["price"] == 100


async def test_a_cancel_and_the_last_step_at_the_same_instant_have_one_winner(world):
    handheld = await finish(await picking(world))
    number = handheld.order["number"]
    last_step = insist(handheld.ask, "ready")
    answer, _ = await asyncio.gather(last_step, tell(world, "order.canceled", number))
    state = await world.value("SELECT state FROM orders WHERE number = $1", number)
    assert state == "cancelled"
    assert answer.status_code in (200, 409)
    if answer.status_code == 409:
        assert answer.json()["code"] == "ORDER_CANCELLED"


OTHER_STORES = ["claim", "start", "complete", "ready"]


@pytest.mark.parametrize("verb", OTHER_STORES)
async def test_another_stores_order_is_named_as_such_and_not_shown(world, verb):
    stranger = await device(world, "1201")
    stranger.order = (await looking_at(world, await order(world))).order
    assert (await stranger.ask(verb)).json()["code"] == "OTHER_STORE"
    line = await stranger.ask("pick", line=BREAD_ID, quantity=1)
    assert (line.status_code, line.json()["code"]) == (403, "OTHER_STORE")
    shown = await stranger.get(f"/picker/v1/orders/{stranger.order['id']}")
    assert shown.status_code == 403
    assert "current" not in shown.json()


async def test_another_merchants_order_is_not_there_at_all(world):
    mine = await looking_at(world, await order(world))
    await world.value("INSERT INTO merchant (id, name) VALUES (gen_random_uuid(), 'Другая сеть')")
    await world.value(
        "UPDATE store SET merchant_id = (SELECT id FROM merchant WHERE name = 'Другая сеть')"
        " WHERE code = 'MSK-12'"
    )
    try:
        stranger = await device(world, "1201")
        shown = await stranger.get(f"/picker/v1/orders/{mine.order['id']}")
        assert (shown.status_code, shown.json()["code"]) == (404, "ORDER_NOT_FOUND")
    finally:
        await world.value(
            "UPDATE store SET merchant_id = (SELECT merchant_id FROM store WHERE code = 'MSK-07')"
            " WHERE code = 'MSK-12'"
        )


async def test_a_line_of_another_order_is_not_in_this_one(world):
    one, two = await picking(world), await picking(world)
    two.order["lines"][0]["id"] = one.order["lines"][0]["id"]
    sku = two.order["lines"][0]["sku"]
    answer = await two.ask("drop", line=sku, reason="x")
    assert (answer.status_code, answer.json()["code"]) == (404, "LINE_NOT_FOUND")


@pytest.mark.parametrize("scope", ["open", "mine", "store"])
async def test_a_list_shows_only_orders_of_ones_own_store(world, scope):
    await order(world, BREAD)
    stranger = await device(world, "1201")
    assert (await stranger.get(f"/picker/v1/orders?scope={scope}")).json()["orders"] == []


async def test_a_claimed_order_moves_from_open_to_mine_and_back(world):
    handheld = await claimed(world)

    async def listed(scope):
        found = (await handheld.get(f"/picker/v1/orders?scope={scope}")).json()["orders"]
        return handheld.order["id"] in {each["id"] for each in found}

    assert [await listed(scope) for scope in ("open", "mine", "store")] == [False, True, True]
    await handheld.do("release", reason="break")
    assert [await listed(scope) for scope in ("open", "mine", "store")] == [True, False, True]


async def test_work_that_was_begun_is_kept_when_another_takes_over(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=2)
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 minute'")
    await free_hands(world, "1002")
    other = await looking_at(world, handheld.order["number"], "1002")
    await other.do("claim")
    assert other.line(BREAD_ID)["picked"] == {"pieces": 2, "grams": None}
    assert (await handheld.ask("pick", line=BREAD_ID, quantity=3)).json()["code"] == "LEASE_LOST"


async def test_a_claim_by_its_holder_again_keeps_it(world):
    handheld = await claimed(world)
    await handheld.do("claim")
    await handheld.do("start")


async def test_a_field_nobody_asked_for_changes_nothing(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=1, price=0, store_id="x", state="ready")
    line = handheld.line(BREAD_ID)
    assert (line["price"], line["picked"]["pieces"], handheld.order["state"]) == (
        5450,
        1,
        "picking",
    )


@pytest.mark.parametrize("grams", [849, 1151])
async def test_a_weight_beyond_the_soft_limit_is_done_with_a_word_about_it(world, grams):
    handheld = await picking(world, BANANAS)
    result = await handheld.do("weigh", line=BANANAS_ID, grams=grams)
    assert result["message"]["code"].startswith("WEIGHT_")
    assert result["message"]["level"] == "warning"
    assert result["message"]["text"]


# Scans.


def label(grams):

    digits = f"{BANANA_LABEL}{grams:05d}"
    return digits + str(check_digit(digits))


async def test_scans_of_marks_fill_a_marked_line_and_a_mark_counts_once(world):
    first, second = mark(), mark()
    handheld = await picking(world, MARKED)
    result = await handheld.do("scan", raw=first, apply=True)
    assert result["scan"].items() >= {
        "outcome": "MATCHED", "line_id": handheld.line(MARKED_ID)["id"], "pieces": 1, "grams": None,
    }.items()  # fmt: skip
    assert (await handheld.ask("scan", raw=first)).json()["code"] == "MARK_ALREADY_USED"
    await handheld.do("scan", raw="]d2" + second)
    assert handheld.line(MARKED_ID)["state"] == "picked"
    assert handheld.line(MARKED_ID)["marks"] == [first, second]


async def test_scans_of_labels_add_up(world):
    handheld = await picking(world, BANANAS)
    await handheld.do("scan", raw=label(400))
    assert handheld.line(BANANAS_ID)["state"] == "todo"
    await handheld.do("scan", raw=label(550))
    assert handheld.line(BANANAS_ID)["picked"] == {"pieces": 1, "grams": 950}
    assert handheld.line(BANANAS_ID)["state"] == "picked"
    await handheld.do("scan", raw=label(100))
    assert handheld.line(BANANAS_ID)["picked"] == {"pieces": 1, "grams": 1050}
    result = await handheld.do("scan", raw=label(900))
    assert result["scan"]["outcome"] == "ALREADY_DONE"


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [("nonsense", "UNKNOWN_CODE"), ("4600000000009", "UNKNOWN_CODE"), (label(0), "MATCHED"),
     ("4600000000008", "UNKNOWN_CODE"), ("4690001002019", "NOT_IN_ORDER"),
     ("\x1d", "UNKNOWN_CODE"), ("٤" * 13, "UNKNOWN_CODE")],
)  # fmt: skip
async def test_a_scan_that_adds_nothing_changes_no_version(world, raw, outcome):
    handheld = await picking(world, BANANAS)
    before = handheld.order["version"]
    result = await handheld.do("scan", raw=raw)
    assert result["scan"]["outcome"] == outcome
    assert result["order"]["version"] == before


async def test_a_scan_for_another_line_says_which_it_is(world):
    handheld = await picking(world, MARKED, BREAD)
    bread = handheld.line(BREAD_ID)["id"]
    result = await handheld.do("scan", raw=mark(), line_id=bread)
    assert result["scan"]["outcome"] == "OTHER_LINE"
    assert result["scan"]["line_id"] == handheld.line(MARKED_ID)["id"]
    assert result["changed"]["line_ids"] == []


async def test_a_question_about_a_code_leaves_no_trace(world):
    handheld = await picking(world, BANANAS)
    before = await world.effects()
    result = await handheld.do("scan", raw=label(500), apply=False)
    assert (result["scan"]["outcome"], result["scan"]["grams"]) == ("MATCHED", 500)
    assert result["order"]["version"] == handheld.order["version"]
    assert await world.effects() == before
