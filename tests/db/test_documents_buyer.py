"""Whom a document names as the buyer: a business that ordered, or whom the account names."""

import json

import pytest

from app.actions.issue import issue
from app.db import documents
from app.render.document_json import document_json
from tests.factories import BANANAS, BREAD, news, settle
from tests.stories import deliver_one, hook, know, make_ready, place

BUSINESS = {
    "name": "ООО «Пример Плюс»", "inn": "7709876545", "kpp": "770901001",
    "legalAddress": "109000, г. Москва, пр-т Образцовый, д. 10", "phone": "+70000000001",
    "email": "zakaz@example.com", "key": "c-77",
}  # fmt: skip
AGENT = {"legal_name": "ООО «Площадка-пример»", "inn": "7701234560", "contract": "АГ-17"}


@pytest.fixture
async def agent(hub):
    """The demo's account names its marketplace as the buyer."""
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE account SET buyer = $1 WHERE code = 'sm-demo'", AGENT)


async def sold(api, hub, order_id, **fields):
    """The sale of an order with these fields."""
    await know(hub, BREAD, BANANAS)
    await place(api, hub, order_id, **fields)
    await make_ready(api, hub)
    for event in ("order.paid", "order.received", "order.delivered"):
        await hook(api, news(event, order_id))
    await settle(hub)
    await issue(hub)
    return await document_of(hub, order_id)


async def document_of(hub, order_id):
    async with hub.pools.picking.acquire() as conn:
        id_ = await conn.fetchval("SELECT id FROM orders WHERE external_id = $1", order_id)
        (document,) = await documents.read(conn, await documents.of_order(conn, id_))
        return document


async def test_a_business_that_gives_its_inn_is_the_buyer_itself(api, hub, agent):
    document = await sold(api, hub, "B1", clientType="b2b", customer=BUSINESS)
    assert document.buyer.inn == BUSINESS["inn"]
    assert document.buyer.legal_name == BUSINESS["name"]
    assert document.buyer.address == BUSINESS["legalAddress"]
    assert (document.buyer.phone, document.buyer.key, document.buyer.contract) == ("", "", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"clientType": "b2c", "customer": BUSINESS},
        {"clientType": "b2b", "customer": BUSINESS | {"inn": " "}},
        {"clientType": "b2b", "customer": {"name": "Тест Тестов", "phone": "+70000000002"}},
    ],
)
async def test_of_any_other_customer_a_document_knows_nothing(api, hub, agent, fields):
    document = await sold(api, hub, "B2", **fields)
    assert document.buyer.inn == AGENT["inn"]
    written = json.dumps(document_json(document), default=str, ensure_ascii=False)
    assert fields["customer"]["name"] not in written
    assert fields["customer"]["phone"] not in written


async def test_a_document_knows_when_its_order_came_and_by_whose_clock(api, hub):
    await deliver_one(api, hub, "H1")
    await issue(hub)
    document = await document_of(hub, "H1")
    assert document.timezone == "Europe/Moscow"
    assert document.ordered_at <= document.created_at
