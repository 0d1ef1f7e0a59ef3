"""Any sequence of returns, corrections, runs of the job and a cancel: the books stay right."""

import asyncio
import random

import pytest

from app.actions.issue import issue
from app.domain.after_sale_events import Wish
from app.domain.refusals import Refused
from tests.actions.after_sale import balanced, change, sold
from tests.actions.test_after_sale import cancel
from tests.factories import BANANAS, BREAD
from tests.stories import deliver_one, know

ODD = {"id": "700001", "name": "Сыр", "quantity": 7, "price": "33.37"}
BOOK = {"id": "700002", "name": "Книга", "quantity": 2, "price": "0.01"}


async def a_step(chance, hub, order_id):
    """Something that somebody might say of this order, possible or not."""
    line = chance.choice(list((await sold(hub, order_id)).values()))
    unit = "pieces" if line.grams is None else "grams"
    most = max(1, line.quantity)
    if chance.random() < 0.6:
        wish = Wish(line.sku, **{unit: chance.randint(1, most)})
        return await change(hub, "return", order_id, wish)
    amount = {unit: chance.randint(0, most + 2)} if chance.random() < 0.7 else {}
    price = chance.choice([None, 0, 1, 3337, 10_000])
    return await change(hub, "correct", order_id, Wish(line.sku, **amount, price=price))


@pytest.mark.parametrize("seed", range(12))
async def test_documents_add_up_to_what_is_left_whatever_happens(api, hub, seed):
    chance = random.Random(seed)
    await know(hub, BOOK, vat="reduced")
    order_id = await deliver_one(api, hub, "H1", BREAD, BANANAS, ODD, BOOK)
    if seed % 2:
        async with hub.pools.picking.acquire() as conn:
            await conn.execute("UPDATE orders SET discount = 2113, paid_total = NULL")
    noted = 0
    for _ in range(12):
        try:
            await a_step(chance, hub, order_id)
            noted += 1
        except Refused:
            pass
        if chance.random() < 0.3:
            await asyncio.gather(*(issue(hub) for _ in range(chance.randint(1, 4))))
            await balanced(hub, order_id)
    before = await sold(hub, order_id)
    if seed % 3 == 0:
        await cancel(api, hub)
        noted += any(line.quantity or line.total for line in before.values())
    await issue(hub)
    issued = await balanced(hub, order_id)
    assert len(issued) == 1 + noted
    if seed % 3 == 0:
        assert sum(each.total for each in issued) == 0
        assert sum(line.discount for each in issued for line in each.lines) == 0
    async with hub.pools.picking.acquire() as conn:
        assert (
            await conn.fetchval("SELECT count(*) FROM sale_change WHERE document_id IS NULL") == 0
        )
