"""A mapping instead of code: what it can say, and how its mistakes are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.contract import KINDS, Delivery
from app.domain import events as ev
from app.domain.order import LineState, OrderState, Replacement, Unit
from app.errors import Malformed, SettingsInvalid, Unmapped
from app.marketplaces.standard import compose, mapping, parse, places, profile
from app.marketplaces.standard.order import Shown
from app.marketplaces.standard.stand_in import MAPPING
from tests.domain.build import an_order as build_order
from tests.domain.build import piece
from tests.marketplaces.standard.party import PARTY, signed
from tests.marketplaces.test_conformance import plug_in

AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
LINE = {"sku": "100201", "quantity": 1, "price": "10.00"}


def account(**mapping):
    return replace(PARTY.account, settings={"mapping": mapping})


def read(body, codes=None, **mapping):
    """The events of one delivery, as they come by HTTP."""
    given = replace(account(**mapping), codes=codes or {})
    profile.check(given)
    raw = json.dumps(body, ensure_ascii=False).encode()
    market = plug_in("standard")
    delivery = market.verify(given, _call(raw), AT)
    return market.parse(given, delivery, AT)


def _call(raw):
    return PARTY.call(raw, AT)


def placed(order, codes=None, **mapping):
    [event] = read({"type": "order.placed", "data": order}, codes, **mapping)
    return event.draft


def an_order(**more):
    return {"id": "1", "store": "101", "lines": [LINE], **more}


def test_the_documented_example_is_the_mapping_that_the_stand_in_lives_by():
    example = json.loads((Path(__file__).parents[3] / "docs" / "own-shop.json").read_text())
    assert example == MAPPING


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("", {"a": {"b.c": [{"d": 1}, 2]}, "e/f": 3, "~": 4}),
        ("a", {"b.c": [{"d": 1}, 2]}),
        ("/a/b.c/0/d", 1),
        ("/a/b.c/1", 2),
        ("/e~1f", 3),
        ("/~0", 4),
        ("e/f", 3),
        ("/a/b.c/2", None),
        ("/a/b.c/-", None),
        ("/a/b.c/x", None),
        ("/a/b.c/00001", None),
        ("a.x.y", None),
        ("/", None),
        (None, None),
    ],
)
def test_a_place_is_dotted_or_a_json_pointer(place, found):
    assert places.at({"a": {"b.c": [{"d": 1}, 2]}, "e/f": 3, "~": 4}, place) == found


def test_all_that_an_order_can_say_is_read():
    body = json.loads(PARTY.samples()["order.placed"])["data"]
    draft = placed(body)
    assert (draft.external_id, draft.external_store, draft.currency) == ("A-1001", "101", "RUB")
    bread, bananas = draft.lines
    assert (bread.unit, bread.pieces, bread.price, bread.list_price) == (Unit.PIECE, 3, 6490, 6990)
    assert (bananas.grams, bananas.unit_grams, bananas.price) == (1040, 1000, 12990)
    assert draft.requested_total == 3 * 6490 + 13510
    assert (draft.delivery_fee, draft.replacement) == (14900, Replacement.CALL_OR_REPLACE)
    assert dict(draft.address) == {"street": "Тестовая улица", "house": "1"}


def test_what_the_shop_does_not_say_is_as_the_mapping_says():
    usual = {"store": "7", "currency": "KZT", "unit": "gram", "per": 100, "minutes": 30}
    order = {"id": 5, "lines": [{"sku": "1", "quantity": "250", "price": 3}]}
    draft = placed(order, otherwise=usual, fields={"store": None})
    assert (draft.external_store, draft.currency) == ("7", "KZT")
    assert (draft.lines[0].grams, draft.lines[0].unit_grams, draft.lines[0].price) == (
        250,
        100,
        300,
    )
    assert (draft.due_at - AT).total_seconds() == 1800


@pytest.mark.parametrize(
    ("time", "said", "mapping"),
    [
        ("2026-03-02T12:00:00+03:00", "2026-03-02T12:00:00+03:00", {}),
        ("2026-03-02T09:00:00Z", "2026-03-02T12:00:00+03:00", {}),
        ("2026-03-02 12:00", "2026-03-02T12:00:00+03:00", {"zone": "Europe/Moscow"}),
        (1772442000, "2026-03-02T12:00:00+03:00", {"time": "seconds"}),
        ("1772442000000", "2026-03-02T12:00:00+03:00", {"time": "milliseconds"}),
    ],
)
def test_times_are_read_as_the_mapping_says(time, said, mapping):
    assert placed(an_order(ready_by=time), **mapping).due_at == datetime.fromisoformat(said)


@pytest.mark.parametrize(
    ("time", "mapping"),
    [("2026-03-02T12:00:00", {}), ("tomorrow", {}), (1772442000, {}), (True, {}),
     ("1e400", {"time": "seconds"}), ("nan", {"time": "seconds"}), (10**30, {"time": "seconds"}),
     ("9999-12-31T23:00:00-10:00", {}), ([], {})],
)  # fmt: skip
def test_a_time_that_cannot_be_is_malformed(time, mapping):
    with pytest.raises(Malformed):
        placed(an_order(ready_by=time), **mapping)


@pytest.mark.parametrize(
    ("price", "money", "kopecks"),
    [("64.90", "major", 6490), (64.9, "major", 6490), (64, "major", 6400), (64.0, "major", 6400),
     (6490, "minor", 6490), ("6490", "minor", 6490), (0, "minor", 0)],
)  # fmt: skip
def test_sums_are_in_the_unit_that_the_mapping_says(price, money, kopecks):
    draft = placed(an_order(lines=[LINE | {"price": price}]), money=money)
    assert draft.lines[0].price == kopecks


@pytest.mark.parametrize(
    ("price", "money"),
    [(0.1 + 0.2, "major"), ("64,90", "major"), (-1, "major"), (None, "major"), (True, "minor"),
     (64.9, "minor"), (64.0, "minor"), ("", "minor"), (10**16, "minor"), (1e300, "major")],
)  # fmt: skip
def test_what_is_no_sum_is_malformed_with_its_place(price, money):
    with pytest.raises(Malformed, match=r"lines\[0\]\.price"):
        placed(an_order(lines=[LINE | {"price": price}]), money=money)


def test_an_event_with_a_status_brings_the_order_as_far_as_it_is():
    order = an_order(stage="done", paid=True, total="10.00")
    mapping = {
        "event": None,
        "order": "",
        "otherwise": {"event": "any"},
        "events": {"any": "status"},
        "fields": {"status": "stage"},
        "statuses": {"done": "delivered"},
    }
    events = read(order, **mapping)
    assert [type(event) for event in events] == [ev.Placed, ev.Paid, ev.Taken, ev.Delivered]


@pytest.mark.parametrize(
    ("tell", "kinds"), [(["ready"], [ev.Placed, ev.Changed]), (["amended"], [ev.Placed])]
)
def test_while_it_is_picked_a_customer_may_change_it_unless_the_shop_shows_what_was_found(
    tell, kinds
):
    order = json.dumps(an_order(status="picking")).encode()
    told = replace(PARTY.account, settings={"tell": tell})
    events = parse.parse_listed(told, Delivery({}, order), AT)
    assert [type(event) for event in events] == kinds


def test_words_that_only_people_explained_count_too():
    order = an_order(status="готов", replacement="?", lines=[LINE | {"unit": "пучок"}])
    said = {"type": "order.updated", "data": order}
    with pytest.raises(Unmapped, match="пучок"):
        read(said, {"status": {"готов": "ready"}})
    with pytest.raises(Unmapped, match="готов"):
        read(said, {"unit": {"пучок": "piece"}})
    codes = {
        "unit": {"пучок": "piece"},
        "status": {"готов": "ready"},
        "replacement": {"?": "remove"},
    }
    [event] = read(said, codes)
    assert event.draft.replacement is Replacement.REMOVE


@pytest.mark.parametrize(("said", "state"), mapping.STATUSES.items())
def test_a_status_is_explained_by_any_of_those_that_people_are_offered(said, state):
    order = Shown(an_order(status="уехал"), mapping.ShopFormat(), {"status": {"уехал": said}})
    assert order.state() == state


def test_a_word_of_an_event_may_be_a_number():
    body = {"type": 7, "data": an_order()}
    assert [type(event) for event in read(body, events={"7": "placed"})] == [ev.Placed]
    assert read(body | {"type": True}, events={"True": "placed", "": "placed"})[0]


@pytest.mark.parametrize("id_", [0, -1, 10**15 + 1, 2**63, "a/../b", "0"])
def test_an_id_is_kept_as_it_is(id_):
    assert placed(an_order(id=id_)).external_id == str(id_)


@pytest.mark.parametrize(
    ("currency", "price", "kopecks"), [("JPY", 649, 64_900), ("KWD", 6490, 649), ("EUR", 649, 649)]
)
def test_minor_units_are_those_of_the_currency_both_ways(currency, price, kopecks):
    lines = [LINE | {"price": price}]
    draft = placed(an_order(lines=lines, currency=currency, discount=price), money="minor")
    assert (draft.lines[0].price, draft.discount) == (kopecks, kopecks)
    line = piece(price=kopecks, state=LineState.PICKED, picked_pieces=1)
    order = replace(build_order(line), currency=currency, final_total=kopecks)
    said = json.loads(compose.compose("ready", order, "minor"))["data"]
    assert (said["total"], said["lines"][0]["price"]) == (price, price)


def test_a_currency_is_three_letters():
    with pytest.raises(Malformed, match="no code"):
        placed(an_order(currency="A1!"))


@pytest.mark.parametrize("url", ["http://u:p@shop", "http://shop#x", "http://@", "ftp://shop"])
def test_an_address_holds_no_login(url):
    with pytest.raises(SettingsInvalid):
        profile.check(replace(PARTY.account, settings={"url": url}))


def test_what_was_filed_under_another_order_is_not_believed():
    body = json.dumps({"type": "order.paid", "data": {"id": "2"}}).encode()
    with pytest.raises(Malformed, match="filed"):
        parse.parse(account(), Delivery({parse.ORDER: "1"}, body), AT)


def test_nobody_can_say_in_a_header_what_a_delivery_is_filed_under():
    body = b'{"type": "ping", "data": {}}'
    call = replace(_call(body), headers={**signed(body, AT), parse.ORDER: "X", parse.EVENT: "Y"})
    delivery = plug_in("standard").verify(account(), call, AT)
    glimpse = plug_in("standard").glimpse(delivery)
    assert (glimpse.event, glimpse.order_ref) == ("ping", None)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"events": {"new": "plased"}}, "mapping.events: 'new' means 'plased', which is none of"),
        ({"events": {"new": "paid"}}, "no word means placed or status"),
        ({"statuses": {"new": "open"}}, "mapping.statuses: 'new' means 'open'"),
        ({"units": {"lb": "pound"}}, "mapping.units: 'lb' means 'pound'"),
        ({"replacements": {"x": "y"}}, "mapping.replacements: 'x' means 'y'"),
        ({"fields": {"id": "a..b"}}, "mapping.fields.id: 'a..b' has an empty part"),
        ({"fields": {"id": ""}}, "mapping.fields.id is empty"),
        ({"fields": {"ident": "x"}}, "ident"),
        ({"fields": {"store": None}}, "mapping.otherwise.store"),
        ({"line": {"sku": 5}}, "mapping.line.sku"),
        ({"line": {"quantity": ".x"}}, "mapping.line.quantity"),
        ({"list": {"orders": ""}}, "mapping.list.orders"),
        ({"zone": "Moscow"}, "mapping.zone: 'Moscow'"),
        ({"zone": "../../etc/passwd"}, "mapping.zone"),
        ({"money": "kopecks"}, "mapping.money"),
        ({"otherwise": {"unit": "box"}}, "mapping.otherwise.unit"),
        ({"otherwise": {"currency": "rub"}}, "mapping.otherwise.currency"),
        ({"otherwise": {"currency": "A1!"}}, "mapping.otherwise.currency"),
        ({"otherwise": {"unit": "x" * 10**6}}, "mapping.otherwise.unit"),
        ({"zone": ""}, "mapping.zone: ''"),
        ({"zone": "x" * 10**6}, "mapping.zone"),
        ({"fields": {"id": "a." * 10**6}}, "mapping.fields.id is longer than 200 signs"),
        ({"units": {str(n): "piece" for n in range(501)}}, "mapping.units: 500 words"),
        ({"statuses": {"x" * 201: "ready"}}, "mapping.statuses: 500 words of 200 signs at most"),
        ({"otherwise": {"minutes": 0}}, "mapping.otherwise.minutes"),
        ({"otherwise": {"per": 0}}, "mapping.otherwise.per"),
        ({"otherwise": {"replacement": "x"}}, "mapping.otherwise.replacement"),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_its_place(mapping, says):
    with pytest.raises(SettingsInvalid) as caught:
        profile.check(account(**mapping))
    assert says in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SettingsInvalid) as caught:
        profile.check(account(zone="x", units={"a": "b"}, fields={"id": ""}))
    assert len(str(caught.value).splitlines()) == 3


def test_a_list_without_orders_is_malformed_and_one_order_takes_none_of_the_rest_along():
    with pytest.raises(Malformed):
        parse.page(PARTY.account, b'{"orders": {}}')
    good = json.loads(PARTY.files("listed")["ready"])
    page = parse.page(
        PARTY.account,
        json.dumps({"orders": [5, good, good | {"lines": 1}, {}], "next": 7}).encode(),
    )
    assert [(one.order_ref, one.state, one.final) for one in page.orders] == [
        ("A-1001", OrderState.READY, True)
    ]
    assert (len(page.unreadable), page.cursor) == (3, "7")


@pytest.mark.parametrize("language", ["", ".ru"])
def test_the_first_order_of_the_instructions_is_taken_and_every_word_is_explained(language):
    text = (Path(__file__).parents[3] / "docs" / f"own-shop{language}.md").read_text()
    first = json.loads(text.split("```json\n")[1].split("```")[0])
    [event] = read(first)
    assert [line.grams or line.pieces for line in event.draft.lines] == [3, 1200]
    shapes = (mapping.Fields, mapping.LineFields, mapping.Otherwise, mapping.ShopFormat)
    words = {field for shape in shapes for field in shape.__struct_fields__}
    words |= {*mapping.EVENTS, *mapping.STATUSES, *mapping.MEANINGS, *mapping.STATES}
    words |= {*mapping.UNITS, *mapping.POLICIES, *(f"order.{kind}" for kind in KINDS)}
    words |= {*profile.StandardSettings.__struct_fields__} - {"number_prefix"}
    assert not sorted(word for word in words if f"`{word}`" not in text)
