"""How a shop works is part of the set-up; saying it twice is once, and lists are whole."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from app.actions import setup
from app.db.shops import ShopBook
from app.errors import SettingsInvalid
from app.sandbox import demo
from tests.actions.test_setup import ADAPTERS
from tests.conftest import CREDENTIALS, SEAL

SHOP = {
    "code": "MSK-07", "name": "Shop", "paused": True, "devices": "registered",
    "shifts": "required", "zone_picking": True, "bags": "required", "mark_check": "strict",
    "tolerances": {"Meat": {"hard_over": 50}},
    "aisles": [{"aisle": "A1", "rank": 10}, {"aisle": "F1", "rank": 90}],
    "places": [{"code": "S1", "kind": "staging", "name": "Shelf", "capacity": 12,
                "temperature": "chilled"}],
    "labels": [{"prefix": "23", "item": [2, 7], "value_at": [7, 12], "value": "price"},
               {"prefix": "21", "item": [2, 7], "value_at": [7, 12], "multiplier": 10}],
}  # fmt: skip
GOODS = {"sku": "900", "name": "Cheese", "vat": "reduced", "unit": "weight", "unit_grams": 100,
         "category": "Dairy", "temperature": "chilled", "min_age": None, "price": 9990,
         "zone": "B", "aisle": "A1", "shelf": "3", "substitutes": ["901"]}  # fmt: skip


def description(*, goods=GOODS, rules=None, **shop) -> setup.Description:
    whole = json.loads(json.dumps(demo.description(CREDENTIALS)))
    stores = [SHOP | shop, *(each for each in whole["stores"] if each["code"] != "MSK-07")]
    whole |= {"stores": stores, "products": [goods]}
    whole["accounts"][0]["rules"] = rules or {}
    return setup.read(json.dumps(whole).encode())


async def say(hub, what):
    async with hub.pools.picking.acquire() as conn:
        await setup.set_up(conn, SEAL, ADAPTERS, what)


async def shop_of(hub) -> dict:
    async with hub.pools.picking.acquire() as conn:
        id_ = await conn.fetchval("SELECT id FROM store WHERE code = 'MSK-07'")
        shop = asdict(await ShopBook().get(conn, id_))
        row = await conn.fetchrow("SELECT devices, shifts FROM store WHERE id = $1", id_)
    return shop | dict(row)


async def test_a_shop_is_as_it_was_described_however_often(hub):
    for _ in range(2):
        await say(hub, description())
        shop = await shop_of(hub)
        assert (shop["paused"], shop["zone_picking"], shop["bags"]) == (True, True, "required")
        assert (shop["devices"], shop["shifts"]) == ("registered", "required")
        assert shop["mark_check"] == "strict"
        assert shop["aisles"] == {"A1": 10, "F1": 90}
        assert shop["tolerances"]["Meat"]["hard_over"] == 50
        assert (shop["spots"]["S1"]["kind"], shop["spots"]["S1"]["capacity"]) == ("staging", 12)
        first, second = shop["labels"]
        assert (first["prefix"], first["value"], first["item"]) == ("23", "price", (2, 7))
        assert (second["prefix"], second["multiplier"]) == ("21", 10)


async def test_lists_are_whole_and_a_pause_that_is_not_said_stays(hub):
    await say(hub, description())
    await say(hub, description(aisles=[], places=[], labels=[], tolerances={}, paused=None))
    shop = await shop_of(hub)
    assert (shop["aisles"], shop["spots"], shop["tolerances"]) == ({}, {}, {})
    assert [each["prefix"] for each in shop["labels"]] == ["21"]  # the default
    assert shop["paused"]


async def test_goods_have_all_their_fields_and_what_is_not_said_stays(hub):
    await say(hub, description())
    await say(hub, description(goods={"sku": "900", "name": "Cheese 2", "vat": "reduced"}))
    async with hub.pools.picking.acquire() as conn:
        product = await conn.fetchrow("SELECT * FROM product WHERE sku = '900'")
        places = await conn.fetch("SELECT price, aisle FROM store_product WHERE sku = '900'")
        other = await conn.fetchval("SELECT with_sku FROM product_substitute WHERE sku = '900'")
    assert (product["name"], product["unit"], product["unit_grams"]) == ("Cheese 2", "weight", 100)
    assert (product["temperature"], product["category"], other) == ("chilled", "Dairy", "901")
    assert {tuple(row) for row in places} == {(9990, "A1")}
    assert len(places) == 3


async def test_an_account_has_rules_of_its_own(hub):
    said = {"decide_minutes": 7, "replacement_price": "not_dearer", "answer_seconds": 9}
    await say(hub, description(rules=said))
    async with hub.pools.picking.acquire() as conn:
        rules = await conn.fetchval("SELECT rules FROM account")
    assert rules == said


@pytest.mark.parametrize(
    ("rules", "said"),
    [({"colour": 1}, "no rule 'colour'"), ({"decide_minutes": "soon"}, "rules"),
     ({"replacement_price": "gift"}, "Invalid"), ({"over_percent": -1}, "negative")],
)  # fmt: skip
async def test_a_rule_nobody_knows_is_named(hub, rules, said):
    with pytest.raises(SettingsInvalid, match=said):
        await say(hub, description(rules=rules))


@pytest.mark.parametrize(
    "shop",
    [
        {"aisles": [{"aisle": "A", "rank": 1}, {"aisle": "A", "rank": 2}]},
        {"places": [{"code": "S", "kind": "staging"}, {"code": "S", "kind": "shelf"}]},
        {"places": [{"code": "S", "kind": "cellar"}]},
        {"places": [{"code": "S", "kind": "staging", "capacity": 0}]},
        {"labels": [{"prefix": "2x", "item": [2, 7], "value_at": [7, 12]}]},
        {"labels": [{"prefix": "21", "item": [2, 7], "value_at": [7, 13]}]},
        {"labels": [{"prefix": "21", "item": [2, 8], "value_at": [7, 12]}]},
        {"labels": [{"prefix": "21", "item": [7, 2], "value_at": [7, 12]}]},
        {"labels": [{"prefix": "21", "item": [2, 7], "value_at": [1, 2]}]},
        {"labels": [{"prefix": "21", "item": [2, 7], "value_at": [7, 12], "divisor": 0}]},
        {"bags": "perhaps"},
    ],
)
def test_a_shop_that_cannot_be_is_refused_with_its_place(shop):
    with pytest.raises(SettingsInvalid, match=r"\$.stores\[0\]"):
        description(**shop)


@pytest.mark.parametrize(
    "changed",
    [{"unit_grams": None}, {"min_age": 0}, {"min_age": 30}, {"temperature": "warm"},
     {"price": -1}, {"photo_url": "javascript:alert(1)"}, {"restriction": "odd"}],
)  # fmt: skip
def test_goods_that_cannot_be_are_refused_with_their_place(changed):
    with pytest.raises(SettingsInvalid, match=r"\$.products\[0\]"):
        description(goods=GOODS | changed)
