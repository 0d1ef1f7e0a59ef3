"""Whatever was ordered and however it was picked, the stand-in charges what it comes to for us."""

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.contract import Delivery
from app.domain import events as ev
from app.domain.decide import decide
from app.domain.drafts import Home, place
from app.domain.goods import Product
from app.domain.order import Unit
from app.domain.quantity import Tolerance
from app.domain.shop import AccountRules, Shop
from app.domain.terms import Terms
from app.marketplaces.kuper.compose import composition
from app.marketplaces.kuper.parse import parse
from app.sandbox.catalogue import PRODUCTS
from app.sandbox.kuper.composition import apply, faults_of, final_sums
from app.sandbox.kuper.positions import basket, totals
from app.sandbox.kuper.shipment import Shipment, items_of
from tests.domain.build import counting, uid
from tests.marketplaces.kuper.bodies import NOW

GOODS = {
    row.sku: Product(sku=row.sku, name=row.name, price=row.price, unit_grams=row.unit_grams)
    for row in PRODUCTS
}
ANY_WEIGHT = Shop(tolerances={"": Tolerance(100, 100, 100, 100)})


def ordered(rng):
    """An order by chance on both sides: the marketplace's shipment, and ours being picked."""
    rows = basket(rng, discounted=0.5)
    payload = {
        "originalOrderId": "H1", "storeID": "101", "positions": rows, "total": totals(rows)
    }  # fmt: skip
    theirs = Shipment("sm-demo", "Europe/Moscow", payload, items_of(payload), NOW, NOW)
    body = json.dumps({"event_type": "order.created", "payload": payload}).encode()
    (placed,) = parse(Delivery({}, body), NOW)
    terms = Terms(GOODS, counting(), ANY_WEIGHT, AccountRules(over_percent=100), NOW)
    order = place(placed.draft, Home(uid(1), uid(2), "OWN-1", "t"), terms)
    for event in (ev.Accepted(), ev.Started()):
        order = decide(order, event, terms).order
    return theirs, order, terms


def picked(order, terms, rng):
    """Each line as it may be found: in full, more or less of it, not at all."""
    for line in order.lines:
        if line.unit is Unit.WEIGHT:
            grams = rng.randint(1, 2 * line.requested_grams)
            found = rng.choice((ev.LineWeighed(line.id, grams), ev.LineDropped(line.id, "none")))
        else:
            found = rng.choice(
                (
                    ev.LinePicked(line.id, line.requested_pieces),
                    ev.LineShort(line.id, max(1, line.requested_pieces - 1), "none"),
                    ev.LineDropped(line.id, "none"),
                )
            )
            if isinstance(found, ev.LineShort) and line.requested_pieces == 1:
                found = ev.LinePicked(line.id, 1)
        order = decide(order, found, terms).order
    kept = ev.LinePicked(order.lines[0].id, order.lines[0].requested_pieces)
    if order.lines[0].unit is Unit.WEIGHT:
        kept = ev.LineWeighed(order.lines[0].id, order.lines[0].requested_grams)
    for event in (kept, ev.Completed()):
        order = decide(order, event, terms).order
    return order


@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_what_the_marketplace_takes_is_what_was_picked_comes_to(seed):
    rng = Random(seed)
    theirs, order, terms = ordered(rng)
    assert totals(theirs.payload["positions"])["discountTotalPrice"] == roubles(
        order.requested_total
    )
    order = picked(order, terms, rng)
    told = composition(order)
    assert list(faults_of(told, theirs)) == []
    apply(told, theirs)
    full, taken = final_sums(theirs)
    assert taken == order.final_total
    assert full - taken == sum(off(line) for line in order.lines)


def off(line):
    """What of a line's sum its discount took, by the price before it."""
    if line.list_price is None:
        return 0
    grams, pieces = line.picked_grams or 0, line.picked_pieces or 0
    if line.unit_grams is None:
        return line.list_price * pieces - line.total()
    return (2 * line.list_price * grams + line.unit_grams) // (2 * line.unit_grams) - line.total()


def roubles(kopecks):
    return f"{kopecks // 100}.{kopecks % 100:02d}"
