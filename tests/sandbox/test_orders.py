"""Every order the stand-in can make is legal, whatever the dice say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.catalogue import BY_SKU
from app.sandbox.credentials import STORES
from app.sandbox.kuper.orders import POLICIES, Customers
from app.sandbox.kuper.positions import change_basket, kopecks, totals
from app.sandbox.kuper.shares import Shares

NOW = datetime(2026, 3, 2, 7, 15, tzinfo=UTC)
ROUBLES = re.compile(r"\d+\.\d\d")
COMMON = Shares()
ODD = Shares(
    business=0.5, tight=0.3, awkward=0.5, changed=0.3, cancelled_early=0.3, cancelled_late=0.3
)


def customers(seed: int, shares: Shares = COMMON) -> Customers:
    return Customers(STORES, Random(seed), lambda: NOW, shares)


def check_position(row: dict[str, Any]) -> None:
    product = BY_SKU[row["id"]]
    assert row["name"] == product.name
    for name in ("price", "discountPrice", "totalPrice", "totalDiscountPrice"):
        assert ROUBLES.fullmatch(row[name])
    assert kopecks(row["discountPrice"]) <= kopecks(row["price"]) == product.price
    assert row["originalQuantity"] == row["quantity"] > 0
    if product.kind == "weight":
        grams = int(row["weight"])
        assert grams >= 100
        assert round(row["quantity"] * product.unit_grams) == grams
    else:
        assert isinstance(row["quantity"], int)
        assert row.get("weight", "0") == "0"


def check_times(payload: dict[str, Any]) -> None:
    begins, ends, due = (
        datetime.fromisoformat(text)
        for text in (
            payload["delivery"]["expectedFrom"],
            payload["delivery"]["expectedTo"],
            payload["completeBefore"],
        )
    )
    assert begins.utcoffset() in (timedelta(hours=3), timedelta(hours=5))
    assert NOW < due <= begins < ends
    assert isinstance(payload["delivery"]["isPlanned"], bool)


@given(seed=st.integers(0, 2**32), shares=st.sampled_from([COMMON, ODD]))
def test_every_order_is_well_formed(seed: int, shares: Shares):
    draft = customers(seed, shares).order()
    payload = draft.payload
    assert json.loads(json.dumps(payload, ensure_ascii=False).encode()) == payload
    assert re.fullmatch(r"H\d{10}", payload["originalOrderId"])
    assert payload["replacementPolicy"] in POLICIES
    assert re.fullmatch(r"\+7000\d{7}", payload["customer"]["phone"])
    assert ("inn" in payload["customer"]) is (payload["clientType"] == "b2b")
    assert payload["storeImportKey"] == draft.store["code"]
    assert draft.trouble in (None, "change", "cancel_early", "cancel_late")
    skus = [row["id"] for row in payload["positions"]]
    assert 1 <= len(skus) == len(set(skus)) <= 28
    for row in payload["positions"]:
        check_position(row)
    assert payload["total"] == totals(payload["positions"])
    check_times(payload)


@given(seed=st.integers(0, 2**32))
def test_a_changed_basket_is_well_formed_and_different(seed: int):
    draft = customers(seed).order()
    changed = change_basket(Random(seed), draft.payload["positions"], 0.2)
    assert changed != draft.payload["positions"]
    assert len({row["id"] for row in changed}) == len(changed) >= 1
    for row in changed:
        check_position(row)


def test_the_same_seed_makes_the_same_orders():
    assert [customers(5).order() for _ in range(3)] == [customers(5).order() for _ in range(3)]


def test_numbers_go_on_and_a_restart_does_not_repeat_them():
    first = customers(1)
    numbers = [first.order().payload["originalOrderId"] for _ in range(50)]
    assert len(set(numbers)) == 50
    later = replace(first, numbers=None, clock=lambda: NOW + timedelta(seconds=1))
    assert later.order().payload["originalOrderId"] not in numbers


@pytest.mark.parametrize("wanted", POLICIES)
def test_every_replacement_policy_occurs(wanted: str):
    source = customers(3)
    assert any(source.order().payload["replacementPolicy"] == wanted for _ in range(200))


def test_the_unusual_is_as_rare_as_its_share_says():
    source = customers(11)
    orders = [source.order() for _ in range(2000)]
    business = sum(row.payload["clientType"] == "b2b" for row in orders) / 2000
    assert 0.06 < business < 0.14
    minutes = [datetime.fromisoformat(row.payload["completeBefore"]) - NOW for row in orders]
    tight = sum(left < timedelta(minutes=8) for left in minutes) / 2000
    assert 0.02 < tight < 0.06
    assert 0.02 < sum(row.trouble == "change" for row in orders) / 2000 < 0.08
