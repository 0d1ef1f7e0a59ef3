"""The proof: of 2,000 orders' webhooks 5 % are lost, 5 % come twice and 10 % late, and after
reconciliation every order is right, and none, nor any document, is there twice."""

from __future__ import annotations

from app.actions.issue import issue
from app.sandbox.kuper.composition import final_sums
from app.sandbox.kuper.shipment import ItemState, State
from app.sandbox.kuper.switches import Switches
from tests.reconciliation.town import DONE, town_of

ORDERS = 2000
#: Announced couriers would only make it longer: they change no order.
BAD = Switches(drop=0.05, double=0.05, late=0.10, shuffle_within=0.5, couriers=False)
#: Customers who think again, in every hundred orders.
TROUBLES = {7: "change", 21: "change", 35: "cancel_early", 49: "cancel_late", 63: "change"}
STANDS = {State.SHIPPED: "delivered", State.CANCELED: "cancelled"}


async def test_two_thousand_orders_are_right_although_their_webhooks_were_not(hub):
    async with town_of(hub, BAD, seed=20261122) as town:
        shipments = [town.order(TROUBLES.get(n % 100)) for n in range(ORDERS)]
        await town.work()
        unheard = ORDERS - await count(town, "orders")
        assert unheard > ORDERS * 0.03, "the stand-in loses nothing: this proves nothing"
        await town.look()
        assert await count(town, "orders") == ORDERS
        await town.pick_all()
        await town.work()
        assert all(one.state in DONE for one in shipments)
        wrong = [one.order_id for one in shipments if await differs(town, one)]
        assert len(wrong) > ORDERS * 0.05, "nothing is left to be found"
        await town.look()
        assert await town.look() == 0
        assert [one.order_id for one in shipments if await differs(town, one)] == []
        assert await count(town, "orders") == ORDERS
        assert await count(town, "reconciliation_mismatch WHERE resolved_at IS NULL") == 0
        await documents_are_right(town, shipments)


async def differs(town, shipment):
    """What is different about an order, if anything."""
    (row,) = await town.sql(
        "SELECT state, payment_state, final_total, lines FROM orders, LATERAL ("
        "  SELECT jsonb_object_agg(external_id, coalesce(picked_grams, picked_pieces)) AS lines"
        "    FROM order_line WHERE order_id = orders.id AND state IN ('picked', 'short')"
        ") AS each WHERE external_id = $1",
        shipment.order_id,
    )
    if row["state"] != STANDS[shipment.state]:
        return row["state"]
    if shipment.state is State.CANCELED:
        return None
    found = {
        sku: item.grams or int(item.quantity)
        for sku, item in shipment.items.items()
        if item.state is ItemState.ASSEMBLED
    }
    theirs = ("paid", final_sums(shipment)[1], found)
    ours = (row["payment_state"], row["final_total"], row["lines"])
    return None if ours == theirs else (ours, theirs)


async def documents_are_right(town, shipments):
    """One sale for each delivered order, over what its customer paid; none for the others."""
    while await issue(town.hub):
        pass
    rows = await town.sql(
        "SELECT external_id, total, kind FROM document JOIN orders ON orders.id = order_id"
    )
    sold = {one.order_id: final_sums(one)[1] for one in shipments if one.state is State.SHIPPED}
    assert {row["external_id"]: row["total"] for row in rows if row["kind"] == "sale"} == sold
    assert len(rows) == len(sold)


async def count(town, what):
    ((found,),) = await town.sql(f"SELECT count(*) FROM {what}")
    return found
