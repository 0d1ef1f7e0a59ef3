"""A composition with replacements, as the stand-in of СМ takes it: and it charges the same sum."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.decide import decide
from app.domain.goods import Product
from app.domain.order import Replacement, Unit
from app.domain.shop import AccountRules
from app.domain.terms import Terms
from app.marketplaces.kuper.compose import composition
from app.sandbox.catalogue import BY_SKU
from app.sandbox.kuper.composition import apply, faults_of, final_sums
from app.sandbox.kuper.positions import position, totals
from app.sandbox.kuper.shipment import ItemState, Shipment, items_of
from tests.domain.build import an_order, counting, piece, uid, weighed

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
BREAD, BANANAS = "100201", "200101"
LOAF, APPLES, TEA = "100202", "200102", "100301"
GOODS = {
    sku: Product(sku=sku, name=BY_SKU[sku].name, price=BY_SKU[sku].price,
                 unit_grams=BY_SKU[sku].unit_grams)
    for sku in (LOAF, APPLES, TEA)
}  # fmt: skip


def shipment() -> Shipment:
    rows = [position(BY_SKU[BREAD], 3, 0), position(BY_SKU[BANANAS], 1, 1000)]
    payload = {"originalOrderId": "H1", "positions": rows, "total": totals(rows)}
    return Shipment("sm-demo", "Europe/Moscow", payload, items_of(payload), NOW, NOW)


def picked(*events):
    """The order after all of it, closed."""
    lines = (
        replace(piece(1, price=6490), external_id=BREAD, unit=Unit.PIECE),
        replace(weighed(2), external_id=BANANAS),
    )
    order = an_order(*lines, replacement=Replacement.REPLACE, authorised_total=10**7)
    terms = Terms(GOODS, counting(), rules=AccountRules(), now=NOW)
    for event in (*events, ev.Completed()):
        order = decide(order, event, terms).order
    return order


def instead(line, *items):
    return rep.LineReplaced(uid(line), tuple(rep.Substitute(*item) for item in items), "none")


WEIGHED, BAKED = ev.LineWeighed(uid(2), 960), ev.LinePicked(uid(1), 3)


@pytest.mark.parametrize(
    "events",
    [
        (BAKED, WEIGHED),
        (instead(1, (LOAF, 2)), WEIGHED),
        (instead(1, (LOAF, 2), (TEA, 1)), WEIGHED),
        (instead(1, (APPLES, 1, 450)), WEIGHED),
        (BAKED, instead(2, (APPLES, 1, 870))),
        (BAKED, instead(2, (TEA, 1), (APPLES, 1, 333))),
        (instead(1, (LOAF, 1)), instead(2, (TEA, 1))),
        (instead(1, (LOAF, 1)), rep.ReplacementWithdrawn(uid(1)), BAKED, WEIGHED),
        (instead(1, (LOAF, 1)), instead(1, (TEA, 2)), ev.LineDropped(uid(2), "none")),
    ],
)
def test_a_composition_is_taken_and_charged_as_we_count_it(events):
    order, theirs = picked(*events), shipment()
    told = composition(order)
    assert list(faults_of(told, theirs)) == []
    apply(told, theirs)
    assert final_sums(theirs)[0] == order.final_total
    replaced = {item.product.sku for item in theirs.items.values()
                if item.state is ItemState.REPLACED}  # fmt: skip
    assert replaced == {line.external_id for line in order.lines if line.state == "replaced"}
