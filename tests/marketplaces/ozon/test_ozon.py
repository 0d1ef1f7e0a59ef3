"""What is special about Ozon: addresses, marks before packing, a 200 that promises nothing."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from app.contract import Call, Delivery, Message
from app.domain import events as ev
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.errors import Forged, Malformed, NotYet, RemoteRefused, SettingsInvalid, Unmapped
from app.marketplaces import rows
from app.marketplaces.ozon import Ozon, parse
from app.marketplaces.tools import Tools
from tests.domain.build import an_order, piece, uid
from tests.factories import mark
from tests.marketplaces.meeting import meeting
from tests.marketplaces.ozon.party import BREAD, MARKED, PARTY
from tests.marketplaces.test_lives import due_now

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


@pytest.fixture
async def met(hub, pool):
    async with meeting(pool, PARTY) as found:
        yield found


@pytest.fixture
def ozon():
    return Ozon(Tools(httpx.AsyncClient()))


def told(**note):
    return json.dumps({"posting_number": "1-1-1", "seller_id": 15, **note}).encode()


def state(word):
    return Delivery({}, told(message_type="TYPE_STATE_CHANGED", new_state=word))


@pytest.mark.parametrize("peer", ["195.34.21.1", "185.73.195.255", "91.223.93.255"])
def test_its_published_addresses_prove_it(ozon, peer):
    assert ozon.verify(PARTY.account, Call({}, told(), peer), NOW).body == told()


@pytest.mark.parametrize("peer", ["195.34.22.1", "185.73.196.0", "91.223.92.255", "127.0.0.1"])
def test_the_addresses_beside_them_prove_nothing(ozon, peer):
    with pytest.raises(Forged):
        ozon.verify(PARTY.account, Call({}, told(), peer), NOW)


@pytest.mark.parametrize("seller", [16, "15 ", "016", 151])
def test_another_sellers_notification_is_not_ours(ozon, seller):
    with pytest.raises(Forged):
        ozon.verify(PARTY.account, Call({}, told(seller_id=seller), PARTY.peer), NOW)


def test_what_is_no_network_is_named(ozon):
    account = replace(PARTY.account, settings={"client_id": 15, "networks": ["everywhere"]})
    with pytest.raises(SettingsInvalid, match="everywhere"):
        ozon.check(account)


@pytest.mark.parametrize(
    ("word", "events"),
    [
        ("posting_in_carriage", ()),
        ("posting_driver_pick_up", (ev.Taken(),)),
        ("posting_conditionally_delivered", (ev.Delivered(),)),
        ("posting_canceled", (ev.Cancelled("not said"),)),
    ],
)
def test_a_state_means(ozon, word, events):
    assert ozon.parse(PARTY.account, state(word), NOW) == events


def test_a_state_nobody_documented_waits_for_a_person(ozon):
    with pytest.raises(Unmapped) as missing:
        ozon.parse(PARTY.account, state("posting_on_the_moon"), NOW)
    assert (missing.value.kind, missing.value.theirs) == ("status", "posting_on_the_moon")
    said = {"status": {"posting_on_the_moon": "delivered"}}
    account = replace(PARTY.account, codes=said)
    assert ozon.parse(account, state("posting_on_the_moon"), NOW) == (ev.Delivered(),)


def test_another_posting_than_was_asked_for_is_not_believed(ozon):
    new = Delivery({}, told(message_type="TYPE_NEW_POSTING"))
    shown = PARTY.files("fetched")["TYPE_NEW_POSTING"]
    with pytest.raises(Malformed, match="another posting"):
        ozon.parse(PARTY.account, replace(new, fetched=shown), NOW)


def steps(ozon, kind, *lines):
    body = ozon.compose(PARTY.account, kind, an_order(*lines, state=S.READY))
    return [(step["path"].rsplit("/")[-1], step["body"]) for step in json.loads(body)["steps"]]


def test_what_is_missing_is_taken_out_before_the_rest_is_packed(ozon):
    short = piece(1, state=L.SHORT, picked_pieces=1, ref=rows.ref("7", 3))
    gone = piece(2, state=L.DROPPED, picked_pieces=0, ref=rows.ref("8", 3))
    (removed, ship) = steps(ozon, "ready", short, gone)
    assert removed[1]["items"] == [{"sku": 7, "left": 1}, {"sku": 8, "left": 0}]
    assert ship[1]["packages"] == [{"products": [{"product_id": 7, "quantity": 1}]}]


def test_what_a_picker_put_in_its_stead_cannot_be_told(ozon):
    gone = piece(1, state=L.REPLACED, ref=rows.ref("7", 3))
    other = piece(2, state=L.PICKED, picked_pieces=3)
    kept = piece(3, state=L.PICKED, picked_pieces=3, ref=rows.ref("9", 3))
    (removed, ship) = steps(ozon, "ready", gone, replace(other, replaces=gone.id), kept)
    assert removed[1]["items"] == [{"sku": 7, "left": 0}]
    assert ship[1]["packages"] == [{"products": [{"product_id": 9, "quantity": 3}]}]


def test_a_posting_of_which_nothing_is_there_is_cancelled(ozon):
    gone = piece(1, state=L.DROPPED, picked_pieces=0, ref=rows.ref("7", 3))
    assert [name for name, _ in steps(ozon, "ready", gone)] == ["cancel"]


async def test_whether_all_is_well_is_answered_at_once(met):
    answer = await met.stall.ping()
    assert answer.status == 200
    assert json.loads(answer.answer).keys() == {"version", "name", "time"}


async def test_marks_are_there_before_it_is_packed_and_their_check_is_waited_for(met):
    met.stall.slow_checks = 2
    ref = await met.place(MARKED)
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    entry = met.stall.book[ref]
    assert entry.state == "placed"
    for _ in range(3):
        await due_now(met.hub)
        await met.settle()
    assert entry.state == "ready", await met.trouble()
    assert len(entry.marks[MARKED.sku]) == MARKED.pieces
    assert all("\x1d" in mark for mark in entry.marks[MARKED.sku])
    assert met.stall.refused == []


async def test_a_200_is_no_promise_that_it_is_packed(met):
    met.stall.failed_ships = 1
    ref = await met.place(BREAD)
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    assert met.stall.book[ref].state == "placed"
    await due_now(met.hub)
    await met.settle()
    assert met.stall.book[ref].state == "ready", await met.trouble()


async def test_an_answer_before_it_is_packed_is_no_answer_yet_and_no_failure_of_ozons(met):
    met.stall.slow_ships = 2
    ref = await met.place(BREAD)
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    assert met.stall.book[ref].state == "placed"
    other = await met.place(BREAD)  # nothing holds up another posting meanwhile
    assert await met.order(other)
    for _ in range(2):
        await due_now(met.hub)
        await met.settle()
    assert met.stall.book[ref].state == "ready", await met.trouble()


async def sent(met, kind, order, *, unsure=False):
    account = await met.hub.accounts.by_code("market")
    market = met.hub.marketplaces["ozon"]
    message = Message(uid(5), kind, market.compose(account, kind, order), unsure, "t")
    return await market.send(account, message)


def packed(ref, goods=MARKED):
    name = rows.ref(str(1_000_000_000 + int(goods.sku)), goods.pieces)
    codes = tuple(mark(f"{n:013d}") for n in range(goods.pieces)) if goods.marked else ()
    line = piece(1, pieces=goods.pieces, state=L.PICKED, picked_pieces=goods.pieces, marks=codes,
                 ref=name)  # fmt: skip
    return replace(an_order(line, state=S.READY), external_id=ref)


async def test_a_repeat_of_what_was_packed_sets_no_marks_again(met):
    ref = await met.place(MARKED)
    await sent(met, "ready", packed(ref))
    again = await sent(met, "ready", packed(ref), unsure=True)
    assert again.outcome == "already_accepted"
    assert met.stall.book[ref].told == ["ship"]


async def test_what_the_customer_called_off_meanwhile_is_called_off_and_not_packed(met):
    ref = await met.place(BREAD)
    met.stall.book[ref].state = "cancelled"
    answer = await sent(met, "cancelled", packed(ref, BREAD))
    assert answer.outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await sent(met, "ready", packed(ref, BREAD))


async def test_a_notification_that_is_faster_than_its_posting_waits_for_it(met):
    account = await met.hub.accounts.by_code("market")
    note = Delivery({}, told(message_type="TYPE_NEW_POSTING", posting_number="7-7-7"))
    with pytest.raises(NotYet):
        await met.hub.marketplaces["ozon"].fetch(account, note)


def fetched(note, **changes):
    posting = json.loads(PARTY.files("fetched")["TYPE_NEW_POSTING"])["result"] | changes
    body = told(message_type=note, posting_number=posting["posting_number"])
    return Delivery({}, body, fetched=json.dumps({"result": posting}).encode())


@pytest.mark.parametrize(
    ("status", "last"),
    [("awaiting_packaging", ev.Changed), ("awaiting_deliver", ev.Changed), ("delivering", ev.Taken),
     ("delivered", ev.Delivered), ("cancelled", ev.Cancelled)],
)  # fmt: skip
def test_dates_that_change_late_change_nothing_that_has_left(ozon, status, last):
    events = ozon.parse(PARTY.account, fetched("TYPE_CUTOFF_DATE_CHANGED", status=status), NOW)
    assert isinstance(events[-1], last)


@pytest.mark.parametrize(
    ("status", "said"),
    [("awaiting_packaging", "Changed"), ("awaiting_deliver", "Changed"), ("delivering", "Taken"),
     ("cancelled", "Cancelled"), ("cancelled_from_split_pending", "Cancelled")],
)  # fmt: skip
def test_what_is_told_as_called_off_is_called_off_only_where_the_posting_is(ozon, status, said):
    events = ozon.parse(PARTY.account, fetched("TYPE_POSTING_CANCELLED", status=status), NOW)
    assert type(events[-1]).__name__ == said


def test_a_cancellation_has_the_reason_it_is_told_with(ozon):
    shown = PARTY.files("fetched")["TYPE_POSTING_CANCELLED"]
    for said, reason in [({"message": "Передумал"}, "Передумал"), (None, "not said")]:
        note = told(message_type="TYPE_POSTING_CANCELLED", posting_number="24219509-0020-1",
                    reason=said)  # fmt: skip
        events = ozon.parse(PARTY.account, Delivery({}, note, fetched=shown), NOW)
        assert events == (ev.Cancelled(reason),)


def test_one_offer_that_is_two_products_there_is_one_line_of_both(ozon):
    one = {"offer_id": "1", "name": "Milk", "quantity": 1, "currency_code": "RUB"}
    products = [{**one, "sku": 7, "price": "100.00"}, {**one, "sku": 8, "price": "50.01"}]
    (placed, *_) = ozon.parse(PARTY.account, fetched("TYPE_NEW_POSTING", products=products), NOW)
    (line,) = placed.draft.lines
    assert (line.pieces, line.price, placed.draft.discount) == (2, 7501, 1)
    codes = (mark("a" * 13), mark("b" * 13))
    found = piece(1, pieces=2, state=L.PICKED, picked_pieces=2, marks=codes, ref=line.ref)
    (marks, _) = steps(ozon, "ready", found)
    assert marks[1]["products"] == [
        {"product_id": 7, "marks": [codes[0]]}, {"product_id": 8, "marks": [codes[1]]},
    ]  # fmt: skip


@pytest.mark.parametrize("sku", [0, -1, 2**63])
def test_a_product_that_nobody_could_name_again_is_no_product(ozon, sku):
    products = [{"sku": sku, "offer_id": "1", "quantity": 1, "price": "1.00"}]
    with pytest.raises(Malformed):
        ozon.parse(PARTY.account, fetched("TYPE_NEW_POSTING", products=products), NOW)


def test_a_list_that_goes_on_nowhere_is_over(ozon):
    page = parse.page(PARTY.account, b'{"postings":[],"cursor":"","has_next":true}')
    assert page.cursor is None


async def test_what_was_taken_out_is_not_taken_out_twice(met):
    met.stall.failed_ships = 2
    ref = await met.place(BREAD, MARKED)
    handheld = await met.begin()
    await met.pick(handheld, short=BREAD.sku)
    await met.finish(handheld)
    for _ in range(3):
        await due_now(met.hub)
        await met.settle()
    entry = met.stall.book[ref]
    assert entry.found == {BREAD.sku: BREAD.pieces - 1, MARKED.sku: MARKED.pieces}
    assert entry.told == ["product/cancel", "ship"]


async def test_postings_are_listed_a_page_at_a_time(met):
    refs = {await met.place(BREAD) for _ in range(3)}
    account = await met.hub.accounts.by_code("market")
    market = met.hub.marketplaces["ozon"]
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    page = await market.listed(account, since, until, None)
    assert {each.order_ref for each in page.orders} == refs
    assert (page.cursor, page.unreadable) == (None, [])
    assert [each.total for each in page.orders] == [BREAD.price * BREAD.pieces] * 3
