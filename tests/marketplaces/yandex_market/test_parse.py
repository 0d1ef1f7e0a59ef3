"""What of a notification and of the order it names is believed; statuses, prices, deadlines."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import Call, Delivery, Reply
from app.domain import events as ev
from app.domain.order import OrderState as S
from app.errors import Forged, Malformed, SettingsInvalid
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_market import YandexMarket, parse
from tests.marketplaces.yandex_market.party import PARTY

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
MARKET = YandexMarket(Tools(httpx.AsyncClient()))
ACCOUNT = PARTY.account
ORDER = json.loads(PARTY.files("fetched")["ORDER_CREATED"])["orders"][0]


def parsed(note, account=ACCOUNT, **order):
    found = json.dumps({"orders": [ORDER | order]}).encode()
    said = {"notificationType": "ORDER_STATUS_UPDATED", "orderId": 123456789} | note
    return MARKET.parse(account, Delivery({}, json.dumps(said).encode(), fetched=found), NOW)


def ping(peer=PARTY.peer, path="notification", method="POST"):
    body = b'{"notificationType":"PING","time":"2026-03-02T07:30:00Z"}'
    return MARKET.serve(ACCOUNT, Call({}, body, peer, method, path), NOW)


def test_ping_is_answered_without_being_kept_or_looking_anything_up():
    said = ping()
    assert isinstance(said, Reply)
    assert (said.status, json.loads(said.body)) == (
        200, {"version": "1.0", "name": "order-hub", "time": "2026-03-02T07:30:00Z"},
    )  # fmt: skip


@pytest.mark.parametrize("peer", ["5.45.207.127", "141.8.142.0", "5.255.253.1"])
def test_it_comes_from_its_published_networks(peer):
    assert ping(peer).status == 200


@pytest.mark.parametrize("peer", ["5.45.207.128", "141.8.142.128", "5.255.254.1", "127.0.0.1", "x"])
def test_nobody_else_gets_an_answer_not_even_to_ping(peer):
    with pytest.raises(Forged, match="address"):
        ping(peer)
    assert MARKET.refused().status == 403
    assert json.loads(MARKET.refused().body)["error"]["type"] == "UNKNOWN"


def test_only_notifications_are_taken():
    assert ping(method="GET").status == 404
    assert ping(path="order/accept").status == 404
    assert ping(path="").status == 200
    nothing = MARKET.serve(ACCOUNT, Call({}, b"[1]", PARTY.peer, path="notification"), NOW)
    reply = MARKET.reply(ACCOUNT, nothing, NOW)
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["type"]) == (400, "WRONG_EVENT_FORMAT")


def test_networks_that_are_none_are_said_when_the_account_is_saved():
    bad = replace(ACCOUNT, settings={**ACCOUNT.settings, "networks": ["10.0.0.0/33"]})
    with pytest.raises(SettingsInvalid, match="networks"):
        MARKET.check(bad)


LATER, EARLIER = "2026-03-02T07:15:03Z", "2026-03-02T07:15:01Z"  # the order: 07:15:02


@pytest.mark.parametrize(
    ("note", "last"),
    [
        ({"status": "DELIVERED", "updatedAt": LATER}, ev.Delivered()),
        ({"status": "DELIVERED", "updatedAt": EARLIER}, ev.Changed),
        ({"status": "DELIVERED"}, ev.Changed),
        ({"notificationType": "ORDER_CANCELLED", "cancelledAt": LATER}, ev.Cancelled),
        ({"notificationType": "ORDER_CANCELLED", "cancelledAt": EARLIER}, ev.Changed),
        ({"notificationType": "ORDER_UPDATED", "updatedAt": LATER}, ev.Changed),
        ({"notificationType": "ORDER_CREATED", "createdAt": LATER}, ev.Changed),
    ],
)
def test_the_later_of_notification_and_order_is_believed(note, last):
    found = parsed(note)[-1]
    assert found == last or isinstance(found, last)


@pytest.mark.parametrize(
    ("note", "dated", "last"),
    [
        ({"notificationType": "ORDER_CANCELLED", "cancelledAt": EARLIER}, False, ev.Cancelled),
        ({"notificationType": "ORDER_CANCELLED"}, False, ev.Cancelled),
        ({"notificationType": "ORDER_CANCELLED"}, True, ev.Cancelled),
        ({"status": "DELIVERED", "updatedAt": EARLIER}, False, ev.Delivered),
    ],
)
def test_where_nobody_says_which_is_later_the_notification_is_believed(note, dated, last):
    found = parsed(note, **({} if dated else {"updateDate": None}))
    assert isinstance(found[-1], last)


@pytest.mark.parametrize("order", [{"status": "UNPAID", "substatus": ""}, {"programType": "FBY"}])
def test_the_cancellation_of_an_order_that_is_not_the_shops_is_nothing(order):
    for more in ({}, {"cancelledAt": LATER}):
        assert parsed({"notificationType": "ORDER_CANCELLED"} | more, **order) == ()


@pytest.mark.parametrize(
    ("status", "stage", "events"),
    [
        ("PENDING", "AWAIT_CONFIRMATION", []), ("UNPAID", "", []), ("PLACING", "", []),
        ("UNKNOWN", "", []), ("SOMETHING_NEW", "", []), ("CANCELLED", "USER_NOT_PAID", []),
        ("CANCELLED", "PENDING_CANCELLED", []), ("CANCELLED", "SHOP_PENDING_CANCELLED", []),
        ("PROCESSING", "STARTED", ["Placed", "Changed"]),
        ("PROCESSING", "SOMETHING_NEW", ["Placed", "Changed"]),
        ("PROCESSING", "PACKAGING", ["Placed"]), ("PROCESSING", "READY_TO_SHIP", ["Placed"]),
        ("PROCESSING", "COURIER_FOUND", ["Placed", "CourierAssigned"]),
        ("DELIVERY", "COURIER_ARRIVED_TO_SENDER", ["Placed", "CourierArrived"]),
        ("DELIVERY", "COURIER_RECEIVED", ["Placed", "Paid", "Taken"]),
        ("PICKUP", "PICKUP_SERVICE_RECEIVED", ["Placed", "Paid", "Taken"]),
        ("DELIVERED", "", ["Placed", "Paid", "Taken", "Delivered"]),
        ("PARTIALLY_RETURNED", "", ["Placed", "Paid", "Taken", "Delivered"]),
        ("CANCELLED", "USER_CHANGED_MIND", ["Placed", "Cancelled"]),
        ("RETURNED", "", ["Placed", "Cancelled"]),
    ],
)  # fmt: skip
def test_an_order_is_as_far_as_its_status_and_stage_say(status, stage, events):
    found = parsed({}, status=status, substatus=stage)
    assert [type(event).__name__ for event in found] == events


def test_words_that_people_explained_are_understood():
    account = replace(ACCOUNT, codes={"status": {"SOMETHING_NEW": "DELIVERY"}})
    assert parsed({}, account, status="SOMETHING_NEW")[-1] == ev.Taken()


def test_a_shop_that_did_not_confirm_in_time_is_known_as_such():
    found = parsed({}, status="CANCELLED", substatus="PENDING_EXPIRED")[-1]
    assert found == ev.Cancelled(ev.NO_RESPONSE)
    told = {"notificationType": "ORDER_CANCELLED", "cancelledAt": LATER}
    assert parsed(told, status="CANCELLED", substatus="PENDING_EXPIRED")[-1] == found


def test_another_order_than_the_one_that_was_named_is_not_taken_for_it():
    with pytest.raises(Malformed, match="instead"):
        parsed({}, orderId=1)
    with pytest.raises(Malformed, match="not fetched"):
        MARKET.parse(ACCOUNT, Delivery({}, b'{"notificationType":"ORDER_X","orderId":1}'), NOW)


def test_prices_are_of_all_pieces_and_the_sum_is_right_to_the_kopeck():
    draft = parsed({})[0].draft
    assert [(x.external_id, x.price, x.pieces, x.ref) for x in draft.lines] == [
        ("100201", 6490, 3, "11:3"), ("100401", 8991, 2, "12:2"),
    ]  # fmt: skip
    assert (draft.requested_total, draft.discount, draft.currency) == (37452, 1, "RUB")
    assert (draft.external_store, draft.external_uuid) == ("1001", "1001")


@given(
    costs=st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 10**7), st.integers(0, 10**4)),
        min_size=1, max_size=9,
    )
)  # fmt: skip
def test_a_draft_costs_what_the_order_costs(costs):
    items = [
        {"id": n, "offerId": f"s{n}", "count": count, "prices": {
            "payment": {"value": paid / 100, "currencyId": "RUR"},
            "cashback": {"value": points / 100, "currencyId": "RUR"}}}
        for n, (count, paid, points) in enumerate(costs)
    ]  # fmt: skip
    draft = parsed({}, items=items)[0].draft
    assert draft.requested_total - draft.discount == sum(paid + pts for _, paid, pts in costs)
    assert 0 <= draft.discount < sum(count for count, *_ in costs)


def due(**order):
    return parsed({}, **order)[0].draft.due_at.isoformat()


def test_an_order_is_due_when_it_is_shipped_in_the_shops_zone():
    day = {"shipmentDate": "2026-03-03"}
    assert due() == "2026-03-02T11:00:00+03:00"
    assert due(programType="FBS", delivery={"shipment": day}) == "2026-03-03T18:00:00+03:00"
    for shipment in ({}, day, {**day, "shipmentTime": "soon"}):
        assert due(delivery={"shipment": shipment}) == "2026-03-02T10:45:00+03:00"
    assert due(delivery=None) == "2026-03-02T10:45:00+03:00"


def test_a_list_leaves_out_what_is_not_the_shops_and_names_what_cannot_be_read():
    orders = [ORDER, ORDER | {"status": "UNPAID", "substatus": ""}, {"orderId": 5},
              ORDER | {"status": "DELIVERED", "substatus": ""}]  # fmt: skip
    page = parse.page(
        ACCOUNT, json.dumps({"orders": orders, "paging": {"nextPageToken": "t"}}).encode()
    )
    assert [(x.state, x.final, x.total) for x in page.orders] == [
        (S.ACCEPTED, False, 37451), (S.DELIVERED, True, 37451),
    ]  # fmt: skip
    assert page.cursor == "t"
    assert len(page.unreadable) == 1
    assert page.orders[0].lines == {"100201": 3, "100401": 2}


def bought(*items):
    """Items of an order: offer, pieces, kopecks for all of them, and what became of pieces."""
    return [
        {"id": n, "offerId": offer, "offerName": "x", "count": count,
         "prices": {"payment": {"value": cost / 100, "currencyId": "RUR"}},
         "itemStatuses": [{"status": word, "count": many} for word, many in units.items()] or None}
        for n, (offer, count, cost, units) in enumerate(items, 11)
    ]  # fmt: skip


def test_one_offer_in_two_items_for_two_prices_is_one_line_and_costs_what_both_do():
    draft = parsed({}, items=bought(("1", 2, 10001, {}), ("1", 1, 0, {})))[0].draft
    (line,) = draft.lines
    assert (line.pieces, line.ref) == (3, "11:2\n12:1")
    assert draft.requested_total - draft.discount == 10001


def listed(**order):
    (found,) = parse.page(ACCOUNT, json.dumps({"orders": [ORDER | order]}).encode()).orders
    return found


@pytest.mark.parametrize(
    ("count", "units", "left", "total"),
    [
        (3, {}, 3, 300), (3, {"CREATED": 3}, 3, 300), (3, {"SHIPPED": 2, "CANCELLED": 1}, 2, None),
        (2, {"CREATED": 2, "CANCELLED": 1}, 2, 300), (3, {"CANCELLED": 1}, 2, None),
        (3, {"DELIVERED_TO_BUYER": 2, "RETURNED": 1}, 3, 300), (3, {"SOMETHING_NEW": 3}, 3, 300),
    ],
)  # fmt: skip
def test_what_was_taken_out_is_in_no_list_whether_or_not_it_is_still_counted(
    count, units, left, total
):
    ready = {"status": "PROCESSING", "substatus": "READY_TO_SHIP"}
    found = listed(items=bought(("1", count, 300, units), ("2", 1, 0, {})), **ready)
    assert (found.lines, found.total) == ({"1": left, "2": 1}, total)


def test_an_item_of_which_nothing_is_left_is_none():
    items = bought(("1", 0, 0, {}), ("2", 1, 500, {}), ("3", 1, 100, {"CANCELLED": 1}))
    draft = parsed({}, items=items)[0].draft
    assert [line.external_id for line in draft.lines] == ["2"]


@pytest.mark.parametrize("items", [[], bought(("1", 0, 0, {}))])
def test_an_order_that_is_called_off_is_so_also_when_nothing_is_left_in_it(items):
    found = parsed({}, status="CANCELLED", substatus="USER_CHANGED_MIND", items=items)
    assert found == (ev.Cancelled("USER_CHANGED_MIND"),)
    whole = bought(("1", 2, 500, {"CANCELLED": 2}))
    assert [type(event) for event in parsed({}, status="CANCELLED", items=whole)] == [
        ev.Placed, ev.Cancelled,
    ]  # fmt: skip


@pytest.mark.parametrize("program", ["FBY", "LAAS"])
def test_what_the_market_packs_itself_is_picked_by_nobody_here(program):
    assert parsed({}, programType=program) == ()
    page = parse.page(ACCOUNT, json.dumps({"orders": [ORDER | {"programType": program}]}).encode())
    assert (page.orders, page.unreadable) == ([], [])


@pytest.mark.parametrize(
    "more", [{"programType": "FBY"}, {"programType": "LAAS"}, {"status": "UNPAID", "substatus": ""}]
)
def test_what_is_no_shops_need_not_have_what_a_shop_reads(more):
    bare = [{key: value for key, value in item.items() if key != "prices"} for item in bought(
        ("1", 1, 100, {}))]  # fmt: skip
    for items in (bare, []):
        orders = {"orders": [ORDER | more | {"items": items}]}
        page = parse.page(ACCOUNT, json.dumps(orders).encode())
        assert (page.orders, page.unreadable) == ([], [])


@pytest.mark.parametrize("kind", ["ORDER_RETURN_CREATED", "ORDER_RETURN_STATUS_UPDATED"])
def test_what_comes_back_makes_no_order_that_was_never_here(kind):
    found = parsed({"notificationType": kind}, status="DELIVERED", substatus="")
    assert [type(event) for event in found] == [ev.Paid, ev.Taken, ev.Delivered]


@pytest.mark.parametrize("items", [[], bought(("1", 0, 0, {})), bought(("1", 2, 500, {}))])
def test_an_order_that_comes_back_whole_is_returned_whether_or_not_anything_is_left_in_it(items):
    note = {"notificationType": "ORDER_RETURN_STATUS_UPDATED"}
    found = parsed(note, status="RETURNED", substatus="", items=items)
    assert found == (ev.Cancelled("not said"),)


@pytest.mark.parametrize("items", [[], bought(("1", 0, 0, {}))])
@pytest.mark.parametrize("status", ["CANCELLED", "RETURNED"])
def test_what_is_called_off_is_listed_also_when_nothing_is_left_in_it(status, items):
    orders = {"orders": [ORDER | {"status": status, "substatus": "", "items": items}]}
    page = parse.page(ACCOUNT, json.dumps(orders).encode())
    assert page.unreadable == []
    listed = [(each.state, each.lines, each.total) for each in page.orders]
    assert listed == [(S[status], None, None)]


def test_goods_that_were_paid_for_in_points_alone_have_a_price():
    prices = {"cashback": {"value": 5, "currencyId": "RUR"}}
    item = {"id": 1, "offerId": "1", "offerName": "x", "count": 1, "prices": prices}
    assert parsed({}, items=[item])[0].draft.lines[0].price == 500
    with pytest.raises(Malformed, match="no price"):
        parsed({}, items=[item | {"prices": {}}])


@pytest.mark.parametrize("id_", [-1, 2**63])
def test_an_item_that_nobody_could_name_again_is_none(id_):
    (item,) = bought(("1", 1, 100, {}))
    with pytest.raises(Malformed):
        parsed({}, items=[item | {"id": id_}])


def test_what_was_fetched_instead_is_said_in_words_a_database_takes():
    with pytest.raises(Malformed) as caught:
        parsed({}, orderId="\x00\ud800")
    assert str(caught.value).isprintable()
