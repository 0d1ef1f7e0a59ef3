"""What is special about Wolt: addresses that are not followed, tokens that are good once, rows."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.contract import Delivery
from app.domain import events as ev
from app.domain.order import LineState as L
from app.errors import Forged, Malformed, RemoteRefused, RemoteUnavailable, Unauthorised, Unmapped
from app.marketplaces import proofs
from app.marketplaces.wolt import compose, parse
from app.sandbox.stall import Goods
from tests.domain.build import an_order, piece, weighed
from tests.marketplaces.booth import booth, found
from tests.marketplaces.far import far, says
from tests.marketplaces.party import BANANAS, BREAD
from tests.marketplaces.wolt.party import PARTY

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ACCOUNT = PARTY.account
VECTOR = b'{"event_type":"order.created","payload":{"originalOrderId":"H00000000001"}}'
SIGNED = "50435e8a26c932d0563ec6ae2d918d39f7d42d024501ff74ebc249c05cd48cec"


@pytest.fixture
async def wolt():
    async with booth(PARTY) as both:
        yield both


def sample(stem, **changes):
    body, fetched = PARTY.samples()[stem], json.loads(PARTY.files("fetched")[stem])
    return Delivery({}, body, json.dumps(fetched | changes).encode())


def steps_of(kind, order, account=ACCOUNT):
    return [
        (each["path"].split("/", 3)[3], each["body"])
        for each in json.loads(compose.compose(account, kind, order))["steps"]
    ]


def test_the_signature_is_the_one_computed_by_hand():
    proofs.hmac_hex(SIGNED, VECTOR, ("test-secret-for-docs",))
    with pytest.raises(Forged):
        proofs.hmac_hex(SIGNED, VECTOR + b" ", ("test-secret-for-docs",))


# --- what comes in --------------------------------------------------------------------------------


def test_an_order_is_read_whole():
    (placed,) = parse.parse(ACCOUNT, sample("CREATED"), NOW)
    bread, bananas = placed.draft.lines
    assert (bread.external_id, bread.price, bread.pieces, bread.ref) == ("100201", 649, 3, "0*3")
    assert (bananas.grams, bananas.price, bananas.unit_grams) == (1040, 1351, 1040)
    assert (placed.draft.currency, placed.draft.requested_total) == ("EUR", 3298)
    assert (placed.draft.discount, placed.draft.planned) == (300, False)
    assert placed.draft.due_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def priced(currency, **item_price):
    fetched = json.loads(PARTY.files("fetched")["CREATED"])
    fetched["items"][0]["item_price"] = item_price
    text = json.dumps(fetched).replace('"EUR"', f'"{currency}"')
    delivery = Delivery({}, PARTY.samples()["CREATED"], text.encode())
    return parse.parse(ACCOUNT, delivery, NOW)[0].draft


@pytest.mark.parametrize(("total", "price"), [(1947, 649), (1948, 650)])
def test_a_row_without_a_price_of_a_piece_is_not_paid_for_three_times(total, price):
    draft = priced("EUR", total={"amount": total, "currency": "EUR"})
    assert (draft.lines[0].price, draft.lines[0].pieces) == (price, 3)


def test_a_currency_without_cents_has_none_and_goes_back_so():
    yen = {"amount": 649, "currency": "JPY"}
    draft = priced("JPY", unit_price=yen, total=yen)
    assert (draft.currency, draft.lines[0].price, draft.discount) == ("JPY", 64_900, 30_000)
    line = piece(1, ref="0*3", state=L.REPLACED)
    other = replace(piece(9, price=64_900, state=L.PICKED, picked_pieces=1), replaces=line.id)
    order = replace(an_order(line, other), currency="JPY")
    ((_, body), _ready) = steps_of("ready", order)
    (instead,) = body["item_changes"][0]["replacement_items"]
    assert instead["price"] == yen


def test_the_hour_of_a_pre_order_is_when_it_is_wanted():
    (placed,) = parse.parse(ACCOUNT, sample("CREATED--preorder"), NOW)
    assert placed.draft.planned
    assert placed.draft.due_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_an_order_that_was_rejected_before_we_looked_is_placed_and_called_off():
    placed, off = parse.parse(ACCOUNT, sample("CREATED--rejected_since"), NOW)
    assert isinstance(placed, ev.Placed)
    assert off == ev.Cancelled("rejected")


def test_a_status_that_nobody_documented_waits_until_somebody_says_what_it_is():
    strange = sample("CREATED", order_status="teleported")
    with pytest.raises(Unmapped, match="teleported"):
        parse.parse(ACCOUNT, strange, NOW)
    told = replace(ACCOUNT, codes={"status": {"teleported": "production"}})
    assert len(parse.parse(told, strange, NOW)) == 1


def test_another_order_than_the_one_that_was_named_is_not_taken_for_it():
    with pytest.raises(Malformed, match="another"):
        parse.parse(ACCOUNT, sample("CREATED", id="90f5be47fc97e11107f8a481"), NOW)


def test_a_courier_who_did_not_take_it_after_all_took_nothing():
    body = json.loads(PARTY.samples()["pickup_completed.notification"])
    body["details"]["is_pickup_completed"] = False
    assert parse.parse(ACCOUNT, Delivery({}, json.dumps(body).encode()), NOW) == ()


@pytest.mark.parametrize("id_", ["..", "../../v1/me", "a/b", "a?b=c", "a#b", "", "x" * 65, "a\n"])
def test_an_id_that_would_change_the_address_is_malformed_and_not_fetched(id_):
    body = json.dumps({"order": {"id": id_, "status": "CREATED"}}).encode()
    assert parse.thin(Delivery({}, body)) is False
    with pytest.raises(Malformed):
        parse.parse(ACCOUNT, Delivery({}, body), NOW)


async def test_the_address_in_a_webhook_is_never_called(wolt):
    async with far(says(200)) as trap:
        ref = await wolt.place()
        body = json.loads(wolt.stall.told[-1].body)
        body["order"]["resource_url"] = f"{trap.url}/v2/orders/{ref}"
        fetched = await wolt.market.fetch(wolt.account, Delivery({}, json.dumps(body).encode()))
        assert json.loads(fetched)["id"] == ref
        assert trap.requests == []


# --- tokens ---------------------------------------------------------------------------------------


async def test_each_refresh_token_is_shown_once_and_brings_the_next(wolt):
    await wolt.place()
    for _ in range(3):
        await wolt.order()
        wolt.later(3601)
    assert len(wolt.stall.used) == 3
    assert wolt.stall.refused == ["no token", "no token"]


async def test_a_refresh_token_that_is_shown_again_revokes_everything(wolt):
    await wolt.place()
    await wolt.order()
    wolt.tokens.known, wolt.tokens.kept = {}, None  # what was kept is lost
    with pytest.raises(Unauthorised):
        await wolt.order()
    assert wolt.stall.tokens == {}
    assert "used before" in wolt.stall.refused[-1]


async def test_the_connection_can_be_tried(wolt):
    assert await wolt.market.probe(wolt.account) == "a token was given"
    venue = replace(wolt.account, settings={**wolt.account.settings, "venue_id": "v1"})
    assert await wolt.market.probe(venue) == "credentials taken"


# --- what goes out --------------------------------------------------------------------------------


def test_what_is_as_ordered_needs_no_change():
    order = an_order(piece(ref="0*3", state=L.PICKED, picked_pieces=3))
    assert steps_of("ready", order) == [("ready", {})]


def test_rows_that_differ_are_told_in_one_call():
    order = an_order(
        piece(1, pieces=5, ref="0*3\n2*2", state=L.SHORT, picked_pieces=3),
        weighed(2, ref="1*1000", state=L.PICKED, picked_grams=1040),
        piece(3, ref="3*3", state=L.REPLACED),
        replace(piece(4, pieces=2, state=L.PICKED, picked_pieces=2), replaces=piece(3).id),
    )
    (verb, body), (last, _) = steps_of("ready", order)
    assert (verb, last) == ("replace-items", "ready")
    price = {"amount": 5450, "currency": "RUB"}
    assert body["item_changes"] == [
        {"row_number": 2, "replacement_items": []},
        {"row_number": 1, "replacement_items": [
            {"replacement_type": "weight-change-replacement", "weight": 1040}]},
        {"row_number": 3, "replacement_items": [
            {"replacement_type": "adhoc-replacement", "name": "Хлеб", "count": 2, "price": price,
             "barcode": "4690003009016"}]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verb"),
    [({}, "accept"), ({"planned": True}, "confirm-preorder"), ({"pickup": True}, "accept")],
)
def test_orders_are_accepted_in_the_way_of_their_kind(changes, verb):
    ((said, body),) = steps_of("accepted", an_order(**changes))
    assert said == verb
    assert ("adjusted_pickup_time" in body) is (not changes)


def test_a_venue_with_its_own_couriers_accepts_for_them():
    own = replace(ACCOUNT, settings={**ACCOUNT.settings, "self_delivery": True})
    assert steps_of("accepted", an_order(), own) == [("self-delivery/accept", {})]


# --- the platform's rules -------------------------------------------------------------------------


async def test_an_order_waits_three_minutes_and_is_then_gone(wolt):
    ref = await wolt.place()
    order = await wolt.order()
    wolt.later(181)
    with pytest.raises(RemoteRefused, match="409"):
        await wolt.say("accepted", order)
    assert wolt.stall.book[ref].state == "cancelled"


async def test_only_what_is_not_accepted_yet_can_be_rejected(wolt):
    ref = await wolt.place()
    order = await wolt.order()
    await wolt.say("cancelled", replace(order, cancel_reason="out_of_stock"))
    assert wolt.stall.book[ref].state == "cancelled"
    await wolt.place()
    order = await wolt.order()
    await wolt.say("accepted", order)
    with pytest.raises(RemoteRefused, match="409"):
        await wolt.say("cancelled", order)


async def test_a_repeat_of_what_arrived_is_done_and_a_first_try_of_it_is_not(wolt):
    await wolt.place()
    order = found(await wolt.order())
    await wolt.say("accepted", order)
    assert (await wolt.say("accepted", order, unsure=True)).outcome == "already_accepted"
    short = found(order, _100201=1)
    await wolt.say("ready", short)
    assert (await wolt.say("ready", short, unsure=True)).outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await wolt.say("ready", short)
    with pytest.raises(RemoteRefused):
        await wolt.say("cancelled", short, unsure=True)


async def test_what_somebody_accepted_elsewhere_is_accepted_and_what_is_gone_is_not(wolt):
    entry = wolt.stall.book[await wolt.place()]
    order = await wolt.order()
    entry.state = "accepted"
    assert (await wolt.say("accepted", order)).outcome == "already_accepted"
    entry.state = "cancelled"
    with pytest.raises(RemoteRefused):
        await wolt.say("accepted", order)


async def test_a_message_that_stopped_half_way_is_finished(wolt):
    ref = await wolt.place(BREAD, BANANAS)
    order = found(await wolt.order(), _100201=2)
    await wolt.say("accepted", order)
    real, wolt.stall.faults.fail_status = wolt.stall.fails, 503
    calls = iter([None, 503])
    wolt.stall.fails = lambda: next(calls)
    with pytest.raises(RemoteUnavailable) as caught:
        await wolt.say("ready", order)
    assert caught.value.ambiguous
    wolt.stall.fails = real
    await wolt.say("ready", order, unsure=True)
    assert wolt.stall.book[ref].found == {"100201": 2, "200101": 1000}


async def test_what_is_no_replacement_is_refused(wolt):
    ref = await wolt.place(BREAD, Goods("x", "x", 100))
    order = await wolt.order()
    await wolt.say("accepted", order)
    for row, said in [
        (7, {"replacement_type": "count-change-replacement", "count": 1}),
        (0, {"replacement_type": "weight-change-replacement", "weight": 10}),
        (0, {"replacement_type": "count-change-replacement", "count": 0}),
        (0, {"replacement_type": "adhoc-replacement", "count": 1}),
    ]:
        changes = [{"row_number": row, "replacement_items": [said]}]
        path = f"/orders/{ref}/replace-items"
        step = {"method": "PUT", "path": path, "body": {"item_changes": changes}}
        with pytest.raises(RemoteRefused, match="422"):
            await wolt.send("ready", json.dumps({"steps": [step]}).encode())
    assert wolt.stall.book[ref].state == "accepted"
