"""What is special about Uber Eats: clocks, units, answers of customers, nothing said twice."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from app.contract import AMENDED, Delivery
from app.domain import events as ev
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.order import Replacement
from app.domain.replacement_events import ReplacementAnswered
from app.errors import Malformed, RemoteRefused, RemoteUnavailable, Unmapped
from app.marketplaces.steps import Step
from app.marketplaces.uber_eats import compose, parse
from app.marketplaces.uber_eats.api import _Cart, _news, _Order
from tests.domain.build import an_order, piece, weighed
from tests.marketplaces.booth import booth, found
from tests.marketplaces.far import far, says
from tests.marketplaces.party import BANANAS, BREAD, BUNS
from tests.marketplaces.uber_eats.party import PARTY, signed

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ACCOUNT = PARTY.account
VECTOR = b'{"event_type":"order.created","payload":{"originalOrderId":"H00000000001"}}'
SIGNED = "50435e8a26c932d0563ec6ae2d918d39f7d42d024501ff74ebc249c05cd48cec"


@pytest.fixture
async def uber():
    async with booth(PARTY) as both:
        yield both


def sample(stem, change=lambda _order: None):
    fetched = json.loads(PARTY.files("fetched")[stem])
    change(fetched["order"])
    return Delivery({}, PARTY.samples()[stem], json.dumps(fetched).encode())


def parsed(stem, change=lambda _order: None, account=ACCOUNT):
    return list(parse.parse(account, sample(stem, change), NOW))


def issues(order, kind=AMENDED):
    steps = json.loads(compose.compose(kind, order))["steps"]
    return steps[0]["body"]["fulfillment_issues"] if steps else []


def test_the_signature_is_the_one_computed_by_hand():
    assert signed(VECTOR, secret="test-secret-for-docs") == {"x-uber-signature": SIGNED}


# --- what comes in --------------------------------------------------------------------------------


def test_an_order_is_read_in_pieces_pounds_and_both():
    (placed,) = parsed("orders.notification")
    bread, bananas, melon = placed.draft.lines
    assert (bread.pieces, bread.price, bread.wish) == (3, 500, Replacement.CALL_OR_REPLACE)
    assert (bananas.grams, bananas.price, bananas.unit_grams) == (998, 500, 998)
    assert (melon.pieces, melon.grams, melon.wish_skus) == (2, 3000, ("300102",))
    assert (placed.draft.requested_total, placed.draft.discount) == (3200, 300)
    assert placed.draft.due_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(("promos", "discount"), [(True, 302), (False, 2)])
def test_a_row_that_cannot_be_divided_is_rounded_up_and_taken_off_again(promos, discount):
    def whole(order):
        charges = order["payment"]["payment_detail"]["item_charges"]
        charges["price_breakdown"][0]["total"]["gross"]["amount_e5"] = 1_000_000
        del charges["price_breakdown"][0]["unit"]
        if not promos:
            del charges["subtotal_including_promos"]

    (placed,) = parsed("orders.notification", whole)
    bread = placed.draft.lines[0]
    assert (bread.pieces, bread.price) == (3, 334)
    assert (placed.draft.requested_total, placed.draft.discount) == (2702, discount)


def test_the_former_words_for_units_are_known_too():
    (placed,) = parsed("orders.notification--older_units")
    assert [line.grams for line in placed.draft.lines] == [None, 1040, 1134]


def test_a_unit_that_nobody_documented_waits_until_somebody_says_what_it_is():
    def stones(order):
        order["carts"][0]["items"][1]["quantity"] = {"amount": 2, "unit": "STONE"}

    with pytest.raises(Unmapped, match="STONE"):
        parsed("orders.notification", stones)
    told = replace(ACCOUNT, codes={"unit": {"STONE": "KILOGRAM"}})
    assert parsed("orders.notification", stones, told)[0].draft.lines[1].grams == 2000


def test_an_order_for_later_is_due_half_an_hour_before_its_window():
    (placed,) = parsed("orders.scheduled.notification")
    assert placed.draft.planned
    assert placed.draft.due_at == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


def test_silence_of_the_shop_is_told_from_other_failures():
    assert parsed("orders.failure") == [ev.Cancelled(ev.NO_RESPONSE)]
    gone = Delivery({}, PARTY.samples()["orders.failure--gone"], b"{}")
    assert parse.parse(ACCOUNT, gone, NOW) == (ev.Cancelled("failed at Uber"),)


def test_answers_of_customers_are_a_yes_and_a_no():
    assert parsed("orders.fulfillment_issues.resolved") == [
        ReplacementAnswered("100201", approved=True),
        ReplacementAnswered("200101", approved=False),
    ]


def test_what_a_customer_edits_after_the_checkout_is_what_is_picked():
    placed, changed = parsed("orders.customer_order_edit")
    assert isinstance(placed, ev.Placed)
    assert isinstance(changed, ev.Changed)
    bread = changed.draft.lines[0]
    assert (bread.pieces, bread.wish) == (2, Replacement.REMOVE)
    edited = parsed("orders.customer_order_edit", lambda order: order.update(state="FAILED"))
    assert edited[-1] == ev.Cancelled("failed at Uber")


def test_an_order_that_failed_is_called_off_also_where_its_goods_are_not_shown_any_more():
    failed = json.loads(PARTY.files("listed")["failed"]) | {"carts": []}
    told = parse.parse_listed(ACCOUNT, Delivery({}, json.dumps(failed).encode()), NOW)
    assert [type(event) for event in told] == [ev.Cancelled]


@pytest.mark.parametrize("amount", [10**400 + 1, 10**18, -5, 150_000])
def test_amounts_that_nobody_can_count_are_malformed(amount):
    def vast(order):
        measured = order["carts"][0]["items"][0]["quantity"]["in_sellable_unit"]
        measured["amount_e5"] = amount

    with pytest.raises(Malformed):
        parsed("orders.notification", vast)


def listed(**issue):
    order = json.loads(PARTY.files("listed")["succeeded"])
    row = order["carts"][0]["items"][0]["cart_item_id"]
    order["carts"][0]["fulfillment_issues"] = [{"item": {"cart_item_id": row}} | issue]
    page, _ = parse.page(ACCOUNT, json.dumps({"data": [order]}).encode(), NOW)
    (one,) = page.orders
    return one


def counted(pieces):
    kind = {"measurement_unit": {"measurement_type": "MEASUREMENT_TYPE_COUNT"}}
    return {"in_sellable_unit": {**kind, "amount_e5": pieces * 100_000}}


OTHERS = {"200101": 998, "300101": 3000}


@pytest.mark.parametrize(
    ("issue", "lines"),
    [
        ({"issue_type": "PARTIAL_AVAILABILITY",
          "item_availability": {"items_available": counted(2)}}, {"100201": 2}),
        ({"issue_type": "OUT_OF_ITEM", "action_type": "REMOVE_ITEM"}, {}),
        ({"issue_type": "OUT_OF_ITEM", "action_type": "REPLACE_FOR_ME",
          "item_substitute": {"id": "100202", "quantity": counted(1)}}, {"100202": 1}),
        ({"issue_type": "OUT_OF_ITEM", "action_type": "REPLACE_FOR_ME",
          "item_substitute": {"id": "100202", "quantity": counted(1)},
          "customer_ack_type": "SUBSTITUTION_REJECTED"}, {}),
    ],
)  # fmt: skip
def test_what_is_listed_of_an_order_that_is_gone_is_what_was_found(issue, lines):
    one = listed(**issue)
    assert (one.final, one.lines) == (True, lines | OTHERS)


def test_an_issue_that_says_no_amount_is_not_compared_and_hides_no_order():
    assert listed(issue_type="FOUND_ITEM", item_availability=None).lines is None
    assert listed(issue_type="FOUND_ITEM", item_availability={"items_available": 7}).lines is None


def test_another_order_than_the_one_that_was_named_is_not_taken_for_it():
    with pytest.raises(Malformed, match="another"):
        parsed("orders.notification", lambda order: order.update(id="x"))


def test_an_event_about_no_order_is_malformed_and_not_fetched():
    body = json.dumps({"event_type": "orders.notification", "meta": {}}).encode()
    assert parse.thin(Delivery({}, body)) is False
    with pytest.raises(Malformed):
        parse.parse(ACCOUNT, Delivery({}, body), NOW)


async def test_the_address_in_a_webhook_is_never_called(uber):
    async with far(says(200)) as trap:
        ref = await uber.place()
        body = json.loads(uber.stall.told[-1].body)
        body["resource_href"] = f"{trap.url}/v1/delivery/order/{ref}"
        fetched = await uber.market.fetch(uber.account, Delivery({}, json.dumps(body).encode()))
        assert json.loads(fetched)["order"]["id"] == ref
        assert trap.requests == []


# --- what goes out --------------------------------------------------------------------------------


def test_each_row_is_told_in_the_unit_it_was_ordered_in():
    order = an_order(
        piece(1, ref="a*2\nb*1", state=L.SHORT, picked_pieces=2),
        weighed(2, grams=998, ref="c@POUND*998", state=L.PICKED, picked_grams=1000),
        weighed(3, grams=3000, ref="d@count:KILOGRAM*3000", state=L.PICKED, picked_grams=3100,
                picked_pieces=2),
        piece(4, ref="e*3", state=L.DROPPED),
    )  # fmt: skip
    count = {"measurement_unit": {"measurement_type": "MEASUREMENT_TYPE_COUNT"}}

    def weight(unit, amount):
        weight = {"unit_type": f"WEIGHT_UNIT_TYPE_{unit}"}
        unit = {"measurement_type": "MEASUREMENT_TYPE_WEIGHT", "weight": weight}
        return {"measurement_unit": unit, "amount_e5": amount}

    def said(kind, row, **available):
        shown = {"item_availability": {"items_available": available}}
        return {"issue_type": kind, "item": {"cart_item_id": row}} | shown

    gone = {"issue_type": "OUT_OF_ITEM", "action_type": "REMOVE_ITEM"}
    assert issues(order) == [
        said("FOUND_ITEM", "a", in_sellable_unit={**count, "amount_e5": 200_000}),
        gone | {"item": {"cart_item_id": "b"}},
        said("FOUND_ITEM", "c", in_sellable_unit=weight("IMPERIAL_POUND", 220_462)),
        said("FOUND_ITEM", "d", in_sellable_unit={**count, "amount_e5": 200_000},
             in_priceable_unit=weight("METRIC_KILOGRAM", 310_000)),
        gone | {"item": {"cart_item_id": "e"}},
    ]  # fmt: skip


@pytest.mark.parametrize(("wishes", "action"), [((), "REPLACE_FOR_ME"), (("p2",), "SUBSTITUTE_ME")])
def test_other_goods_are_proposed_or_are_those_the_customer_named(wishes, action):
    line = piece(1, ref="a*3", state=L.PROPOSED, wish_skus=wishes)
    (issue,) = issues(an_order(line, replace(piece(2), replaces=line.id)))
    assert (issue["action_type"], issue["item_substitute"]["id"]) == (action, "p2")


def test_an_open_line_is_not_told_and_nothing_told_is_no_call():
    assert issues(an_order(piece(1))) == []
    assert json.loads(compose.compose(AMENDED, an_order(piece(1))))["steps"] == []


# --- the platform's rules -------------------------------------------------------------------------


async def test_an_event_is_sent_seven_times_unless_it_is_answered_with_nothing(uber):
    hub = uber.stall
    hub._client = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: httpx.Response(200, text="{}"))
    )
    await uber.place()
    assert len(hub.told) == 7
    assert hub.pauses == [1, 2, 4, 8, 16, 32, 64]
    assert len({told.body for told in hub.told}) == 1


@pytest.mark.parametrize(("seconds", "state"), [(690, "accepted"), (691, "cancelled")])
async def test_an_order_waits_eleven_minutes_and_a_half(uber, seconds, state):
    ref = await uber.place()
    order = await uber.order()
    uber.later(seconds)
    if state == "accepted":
        await uber.say("accepted", order)
    else:
        with pytest.raises(RemoteRefused, match="409"):
            await uber.say("accepted", order)
        (off,) = uber.market.parse(uber.account, await uber.delivery(), NOW)
        assert off == ev.Cancelled(ev.NO_RESPONSE)
    assert uber.stall.book[ref].state == state


async def test_what_uber_knows_is_not_said_again_and_what_changed_is(uber):
    ref = await uber.place(BREAD, BUNS)
    order = await uber.order()
    await uber.say("accepted", order)
    short = found(order, _100201=2)
    await uber.say(AMENDED, short)
    assert (await uber.say(AMENDED, short)).outcome == "already_accepted"
    await uber.say(AMENDED, found(order, _100201=1))
    told = [verb for verb in uber.stall.book[ref].told if verb.startswith("resolve")]
    assert len(told) == 2
    await uber.say("ready", found(order, _100201=1))
    assert uber.stall.book[ref].found == {"100201": 1, "100202": 2}


def test_what_was_said_before_something_else_is_said_again():
    said = [{"issue_type": kind, "item": {"cart_item_id": "a"}} for kind in ("FOUND", "PARTIAL")]
    order = _Order(carts=[_Cart(fulfillment_issues=said)])
    step = Step("POST", "", {"fulfillment_issues": said[:1]})
    assert _news(step, order) == said[:1]


async def test_what_is_listed_after_a_shortage_is_what_was_told(uber):
    ref = await uber.place(BREAD, BUNS)
    order = found(await uber.order(), _100201=1, _100202=0)
    for kind in ("accepted", AMENDED, "ready"):
        await uber.say(kind, order)
    await uber.stall.happen(ref, "taken")
    since = uber.now.replace(hour=0)
    page = await uber.market.listed(uber.account, since, uber.now.replace(hour=23), None)
    assert [(one.final, one.lines) for one in page.orders] == [(True, {"100201": 1})]


async def test_an_edit_is_told_by_uber(uber):
    ref = await uber.place(BREAD)
    entry = uber.stall.book[ref]
    entry.basket = replace(entry.basket, goods=(replace(BREAD, pieces=9),))
    await uber.stall.happen(ref, "changed")
    _, changed = uber.market.parse(uber.account, await uber.delivery(), NOW)
    assert [line.pieces for line in changed.draft.lines] == [9]


async def test_a_customer_is_asked_once_and_answers(uber):
    ref = await uber.place(BREAD)
    order = await uber.order()
    await uber.say("accepted", order)
    (line,) = order.lines
    other = replace(piece(50), external_id="100202", replaces=line.id)
    asked = replace(order, lines=(replace(line, state=L.PROPOSED), other))
    answer = await uber.say(AMENDED, asked)
    assert json.loads(answer.body) == {"should_wait_for_customer_response": True}
    assert (await uber.say(AMENDED, asked)).outcome == "already_accepted"
    await uber.stall.answer(ref, "100201", "ALTERNATIVE_ITEM_PROPOSED")
    (said,) = uber.market.parse(uber.account, await uber.delivery(), NOW)
    assert said == ReplacementAnswered("100201", approved=False)


async def test_who_is_not_accepted_is_denied_and_who_is_accepted_is_cancelled(uber):
    first = await uber.place()
    await uber.say("cancelled", replace(await uber.order(), state=S.CANCELLED))
    second = await uber.place()
    order = await uber.order()
    await uber.say("accepted", order)
    await uber.say("cancelled", replace(order, cancel_reason="out_of_stock"))
    assert [uber.stall.book[ref].told[-1] for ref in (first, second)] == ["deny", "cancel"]
    assert (await uber.say("cancelled", order, unsure=True)).outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await uber.say("cancelled", order)


async def test_a_repeat_of_what_arrived_is_done(uber):
    await uber.place()
    order = found(await uber.order())
    for kind in ("accepted", "ready"):
        await uber.say(kind, order)
        assert (await uber.say(kind, order, unsure=True)).outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await uber.say("ready", order)


async def test_what_somebody_accepted_elsewhere_is_accepted_and_what_is_gone_is_not(uber):
    entry = uber.stall.book[await uber.place()]
    order = await uber.order()
    entry.state = "accepted"
    assert (await uber.say("accepted", order)).outcome == "already_accepted"
    entry.state = "cancelled"
    with pytest.raises(RemoteRefused):
        await uber.say("accepted", order)


async def test_a_look_that_fails_has_told_nothing(uber):
    await uber.place()
    order = found(await uber.order())
    await uber.say("accepted", order)
    uber.stall.faults.fail_next, uber.stall.faults.fail_status = 1, 500
    with pytest.raises(RemoteUnavailable) as caught:
        await uber.say(AMENDED, order)
    assert caught.value.ambiguous is False


async def test_orders_that_were_never_told_are_found_page_by_page(uber):
    uber.stall.faults.drop = 1.0
    refs = {await uber.place(BREAD, BANANAS) for _ in range(120)}
    stores = {**uber.account.settings, "store_ids": ["101", "102"]}
    account = replace(uber.account, settings=stores)
    seen, cursor, pages = set(), None, 0
    while pages == 0 or cursor is not None:
        since, until = uber.now.replace(hour=0), uber.now.replace(hour=23)
        page = await uber.market.listed(account, since, until, cursor)
        seen |= {each.order_ref for each in page.orders}
        cursor, pages = page.cursor, pages + 1
        assert not page.unreadable
    assert (seen, pages) == (refs, 4)
    one = page.orders or (await uber.market.listed(account, since, until, None)).orders
    assert one[0].lines == {"100201": 3, "200101": 1000}
    placed, changed = uber.market.parse_listed(account, Delivery({}, one[0].body), NOW)
    assert isinstance(placed, ev.Placed)
    assert isinstance(changed, ev.Changed)


async def test_the_connection_can_be_tried(uber):
    assert await uber.market.probe(uber.account) == "credentials taken"
    bare = replace(uber.account, settings={**uber.account.settings, "store_ids": []})
    assert await uber.market.probe(bare) == "a token was given"


async def test_more_than_a_hundred_tokens_an_hour_are_not_given(uber):
    for _ in range(100):
        uber.tokens.known.clear()
        await uber.market.probe(uber.account)
    uber.tokens.known.clear()
    with pytest.raises(RemoteUnavailable):
        await uber.market.probe(uber.account)


@pytest.mark.parametrize(
    ("issue", "why"),
    [
        ({"issue_type": "FOUND_ITEM", "item": {"cart_item_id": "nobody"}}, "no such cart item"),
        ({"issue_type": "FOUND_ITEM"}, "needs items_available"),
        ({"issue_type": "OUT_OF_ITEM"}, "needs an action_type"),
        ({"issue_type": "OUT_OF_ITEM", "action_type": "REPLACE_FOR_ME"}, "no item_substitute"),
        ({"issue_type": "LOST"}, "no such issue"),
    ],
)
async def test_what_is_no_issue_is_refused(uber, issue, why):
    ref = await uber.place(BREAD)
    await uber.say("accepted", await uber.order())
    issue = {"item": {"cart_item_id": "cart-item-0"}} | issue
    path = f"/v1/delivery/order/{ref}/resolve-fulfillment-issues"
    step = {"method": "POST", "path": path, "body": {"fulfillment_issues": [issue]}}
    with pytest.raises(RemoteRefused, match=why):
        await uber.send(AMENDED, json.dumps({"steps": [step]}).encode())
