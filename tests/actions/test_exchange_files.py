"""Documents of an order through the real press, as 1C reads them: they add up to what is sold."""

import pytest

from app.actions.issue import issue
from app.domain.after_sale_events import Wish
from app.errors import Unprintable
from tests.actions.after_sale import change, give_back, read, sold
from tests.render.read_commerceml import load, valid
from tests.render.read_enterprise import figure, rows
from tests.render.read_enterprise import read as read_enterprise
from tests.stories import deliver_one


@pytest.fixture
async def order_id(api, hub):
    """An order that was sold, of which something came back and something was corrected."""
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    await give_back(hub, order_id, "300901", 1)
    await issue(hub)
    await change(hub, "correct", order_id, Wish("200101", grams=987, price=12345))
    await issue(hub)
    return order_id


async def kopecks_left(hub, order_id):
    return sum(line.total for line in (await sold(hub, order_id)).values())


async def test_commerceml_of_an_order_adds_up_to_what_is_sold(hub, order_id):
    documents = await read(hub, order_id)
    sale, back, corrected = load(
        valid(await hub.press.typeset("document.commerceml", documents, "ru"))
    )
    more = sum(goods.sum - goods.before("Сумма") for goods in corrected.goods)
    assert 100 * (sale.sum - back.sum + more) == await kopecks_left(hub, order_id)
    assert [each.said("Основание") for each in (sale, back, corrected)] == ["", sale.id, sale.id]
    assert sale.time.tzinfo is None


async def test_enterprise_of_an_order_adds_up_to_what_is_sold(hub, order_id):
    documents = await read(hub, order_id)
    printed = await hub.press.typeset("document.enterprise", documents, "ru")
    sale, back, corrected = read_enterprise(printed)
    was = sum(figure(row, "СуммаДоИзменения") for row in rows(corrected, "Товары"))
    left = figure(sale, "Сумма") - figure(back, "Сумма") + figure(corrected, "Сумма") - was
    assert 100 * left == await kopecks_left(hub, order_id)


async def test_enterprise_names_what_it_has_to_know_of_both_sides(hub, order_id):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE merchant SET requisites = '{}'")
        await conn.execute("UPDATE account SET buyer = '{}'")
        await conn.execute("DELETE FROM party_version")  # nobody ever said how they are called
    documents = await read(hub, order_id)
    with pytest.raises(Unprintable) as refusal:
        await hub.press.typeset("document.enterprise", documents, "ru")
    assert refusal.value.missing == (
        "seller.legal_name",
        "seller.inn",
        "buyer.legal_name",
        "buyer.inn",
    )
