"""A day in a shop: orders of every shape on their way to their documents, and all that is known of
them afterwards."""

from __future__ import annotations

from app.errors import RemoteRefused, RemoteUnavailable
from tests.factories import BANANAS, BREAD, MILK, Handheld, mark, news, placed, settle
from tests.http.picking import MARKED
from tests.stories import deliver_one, hook, know, place

ROAD = ("order.paid", "courier.assigned", "courier.arrived", "order.received", "order.delivered")
#: What must be the same afterwards. Timelines only grow: what they tell of states, and what they
#: find wrong, is compared.
KEPT = {
    "orders": "SELECT * FROM orders ORDER BY id",
    "lines": "SELECT * FROM order_line ORDER BY id",
    "bags": "SELECT * FROM bag ORDER BY id",
    "jobs": "SELECT order_id, zone, state FROM pick_job ORDER BY order_id, zone",
    "contacts": "SELECT * FROM order_contact ORDER BY order_id",
    "documents": "SELECT * FROM document ORDER BY id",
    "document lines": "SELECT * FROM document_line ORDER BY document_id, position, sku, line_id",
    "marks": "SELECT * FROM product_mark ORDER BY ki",
    "uses": "SELECT * FROM product_mark_use ORDER BY ki, line_id",
    "after sales": "SELECT * FROM sale_change ORDER BY id",
    "after sale lines": "SELECT * FROM sale_change_line ORDER BY change_id, line_id",
    "doubts": "SELECT * FROM sale_doubt ORDER BY order_id",
    "receipts": "SELECT * FROM receipt_due ORDER BY id",
    "moves": "SELECT order_id, detail ->> 'from' AS was, detail ->> 'to' AS is FROM timeline"
             " WHERE detail ? 'to' ORDER BY id",
    "contradictions": "SELECT order_id FROM timeline WHERE detail ? 'contradicts' ORDER BY id",
    "versions": "SELECT DISTINCT order_id, detail ->> 'version' AS version FROM timeline"
                " WHERE detail ? 'version' ORDER BY 1, 2",
    "incidents": "SELECT rule, subject, state FROM incident ORDER BY rule, subject, state",
    "hours": "SELECT * FROM store_hour ORDER BY store_id, hour",
    "arrivals": "SELECT account_id, hour, deliveries, events FROM account_hour ORDER BY 1, 2",
    "first rows": "SELECT * FROM queue_item WHERE replay_of IS NULL AND queue <> 'telegram_outbox'"
                  " ORDER BY seq",
    "first deliveries": "SELECT d.* FROM inbox_delivery AS d JOIN queue_item AS i ON i.id = d.id"
                        " WHERE i.replay_of IS NULL ORDER BY d.id",
}  # fmt: skip


async def snapshot(hub):
    """Every table of the day, row by row."""
    async with hub.pools.picking.acquire() as conn:
        return {name: [tuple(row) for row in await conn.fetch(sql)] for name, sql in KEPT.items()}


class Shop:
    """Somebody who takes orders there and carries them out."""

    def __init__(self, api, hub):
        self.api, self.hub = api, hub
        self.orders = 0

    async def told(self, *contents):
        for content in contents:
            assert (await hook(self.api, content)).status_code == 200
            await settle(self.hub)

    async def order(self, *positions, **fields):
        self.orders += 1
        number = f"D{self.orders}"
        await know(self.hub, *positions)
        await place(self.api, self.hub, number, *positions, **fields)
        return number

    async def take(self):
        handheld = await Handheld(self.api).sign_in()
        assert await handheld.next()
        await handheld.do("start")
        await settle(self.hub)
        return handheld

    async def leave(self, number, handheld, *road):
        await handheld.do("complete")
        await handheld.do("ready")
        await settle(self.hub)
        await self.told(*(news(event, number) for event in road or ROAD))

    async def plain(self):
        self.orders += 1
        await deliver_one(self.api, self.hub, f"D{self.orders}")

    async def changed_twice(self):
        """Its customer wants more, then less; the marketplace repeats both after the other."""
        number = await self.order(BREAD, BANANAS)
        for pieces in (7, 2):
            more = BREAD | {"originalQuantity": pieces, "quantity": pieces}
            await self.told(placed(number, more, BANANAS, event="order.changed"))
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=2)
        await handheld.do("weigh", line="200101", grams=1000)
        await self.leave(number, handheld)

    async def changed_under_two_names(self):
        number = await self.order(BREAD)
        for pieces, event in ((5, "order.updated"), (1, "order.changed")):
            more = BREAD | {"originalQuantity": pieces, "quantity": pieces}
            await self.told(placed(number, more, event=event))
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=1)
        await self.leave(number, handheld)

    async def short(self):
        """Not all is there; nobody asks."""
        number = await self.order(BREAD, MILK)
        handheld = await self.take()
        await handheld.do("short", line="300901", quantity=1, reason="not_enough")
        await handheld.do("drop", line="100101", reason="shelf_empty")
        await self.leave(number, handheld)

    async def replaced(self):
        number = await self.order(BREAD, BANANAS, replacementPolicy="replace")
        handheld = await self.take()
        loaf = {"items": [{"sku": "100202", "quantity": 2}], "reason": "not_found"}
        await handheld.do("replace", line="300901", **loaf)
        await handheld.do("weigh", line="200101", grams=1000)
        await self.leave(number, handheld)

    async def marked(self):
        number = await self.order(MARKED)
        handheld = await self.take()
        await handheld.do("pick", line=MARKED["id"], quantity=2, marks=[mark(), mark()])
        await self.leave(number, handheld)

    async def paid_twice(self):
        """The first sum was not the last one."""
        number = await self.order(BREAD)
        for sum_ in ("100.00", "163.50"):
            await self.told(news("order.paid", number, total={"totalPrice": sum_}))
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=3)
        await self.leave(number, handheld, "order.received", "order.delivered")

    async def called_off(self):
        """In the picker's hands; and then the courier says otherwise."""
        number = await self.order(BREAD)
        handheld = await self.take()
        await self.told(news("order.canceled", number), news("order.delivered", number))
        await handheld.reread()
        await handheld.do("putback")

    async def brought_back(self):
        number = await self.order(BREAD)
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=3)
        await self.leave(number, handheld)
        await self.told(news("order.canceled", number))

    async def nothing_found(self):
        await self.order(BREAD)
        handheld = await self.take()
        await handheld.do("drop", line="300901", reason="shelf_empty")
        await handheld.do("complete")
        await settle(self.hub)

    async def described_anew(self):
        """Sold already, and the marketplace thinks otherwise: somebody is to look at it."""
        number = await self.order(BREAD)
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=3)
        await self.leave(number, handheld)
        less = BREAD | {"originalQuantity": 2, "quantity": 2}
        await self.told(placed(number, less, event="order.changed"))

    async def told_of_returns(self):
        number = await self.order(BREAD)
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=3)
        await self.leave(number, handheld)
        for event, pieces in (("order.returned", 1), ("order.returned", 1), ("order.corrected", 0)):
            await self.told(news(event, number, pieces=pieces, nth=self.orders))

    async def not_understood(self):
        """An event nobody knows, and an order that says nothing."""
        number = await self.order(BREAD)
        await self.told(news("order.whatever", number), placed(f"X{self.orders}", positions=7))
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=3)
        await self.leave(number, handheld)

    async def hardly_told(self):
        """The marketplace refuses one message, and the answer to another is lost."""
        number = await self.order(BREAD)
        kuper = self.hub.marketplaces["kuper"]
        kuper.fails.append(RemoteRefused("no such shop"))
        handheld = await self.take()
        await handheld.do("pick", line="300901", quantity=3)
        kuper.fails.append(RemoteUnavailable("no answer", ambiguous=True))
        await self.leave(number, handheld)
        async with self.hub.pools.drains.acquire() as conn:
            await conn.execute("UPDATE outbox SET due_at = now() WHERE state = 'waiting'")
        await settle(self.hub)

    async def live(self):
        """One order of every shape."""
        for shape in SHAPES:
            await shape(self)


SHAPES = (
    Shop.plain, Shop.changed_twice, Shop.changed_under_two_names, Shop.short, Shop.replaced,
    Shop.marked, Shop.paid_twice, Shop.called_off, Shop.brought_back, Shop.nothing_found,
    Shop.described_anew, Shop.told_of_returns, Shop.not_understood, Shop.hardly_told,
)  # fmt: skip
