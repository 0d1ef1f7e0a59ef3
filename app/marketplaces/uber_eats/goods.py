"""Rows of Uber's carts made ours: pieces, weights in any of its units, prices in parts of 10⁻⁵."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final

import msgspec

from app.contract import Account
from app.domain.order import DraftLine, Replacement, Unit
from app.domain.quantity import MAX_GRAMS
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.text import clean
from app.marketplaces.uber_eats.profile import UNITS
from app.marketplaces.uber_eats.shapes import (
    Available,
    Cart,
    Charge,
    Charges,
    Item,
    Measured,
    Money,
    Order,
    Other,
    Quantity,
)

E5: Final = 100_000
#: Answers after which what was proposed is not delivered.
NO: Final = ("SUBSTITUTION_REJECTED", "ALTERNATIVE_ITEM_PROPOSED")
#: What the customer wants of a row that is missing; who gave no word is asked.
WISHES: Final[Mapping[str, Replacement]] = {
    "REPLACE_FOR_ME": Replacement.CALL_OR_REPLACE,
    "SUBSTITUTE_ME": Replacement.REPLACE,
    "REMOVE_ITEM": Replacement.REMOVE,
}
#: Between a row's name and its unit in a line's `ref`: pieces have none, and what is sold by the
#: piece and priced by weight says so.
MARK: Final = "@"
BY_COUNT: Final = "count:"


def lines(account: Account, order: Order) -> Iterator[tuple[DraftLine, int]]:
    """The rows of an order, and what each costs less than its pieces do, which is rounding; prices
    are beside them, by the row's name."""
    charges = order.payment.payment_detail.item_charges.price_breakdown
    prices = {each.cart_item_id: each for each in charges if each.price_type == "ITEM"}
    for cart in order.carts:
        for item in cart.items:
            yield _line(account, item, prices.get(item.cart_item_id))


def ordered(units: Mapping[str, str], carts: Iterable[Cart]) -> Mapping[str, int] | None:
    """Pieces or grams by SKU, None where a unit is unknown."""
    return _sums(units, ((item.id, item.quantity) for cart in carts for item in cart.items))


def found(units: Mapping[str, str], carts: Iterable[Cart]) -> Mapping[str, int] | None:
    """The same of what was found: rows stay as they were ordered, issues beside them say what
    became of each. None where one of them says too little."""
    return _sums(units, (pair for cart in carts for pair in _found(cart)))


def _found(cart: Cart) -> Iterator[tuple[str, Quantity]]:
    said = {issue.item.cart_item_id: issue for issue in cart.fulfillment_issues}
    for item in cart.items:
        issue = said.get(item.cart_item_id)
        if issue is None:
            yield item.id, item.quantity
        elif issue.issue_type != "OUT_OF_ITEM":
            yield item.id, msgspec.convert(issue.item_availability, Available).items_available
        elif issue.action_type != "REMOVE_ITEM" and issue.customer_ack_type not in NO:
            other = msgspec.convert(issue.item_substitute, Other)
            yield other.id, other.quantity


def _sums(
    units: Mapping[str, str], given: Iterable[tuple[str, Quantity]]
) -> Mapping[str, int] | None:
    sums: dict[str, int] = {}
    try:
        for sku, quantity in given:
            pieces, grams, _ = _amount(units, quantity, sku)
            sums[sku] = sums.get(sku, 0) + (grams or pieces)
    except (Malformed, Unmapped, msgspec.ValidationError):
        return None
    return sums


def discount(charges: Charges, rounded: int) -> int | None:
    """What promotions and rounding take off the goods; None when nothing is said of them."""
    if charges.subtotal_including_promos is None:
        return rounded or None
    less = minor(charges.subtotal_including_promos, "subtotal_including_promos")
    return max(minor(charges.total, "item_charges.total") - less, 0) + rounded


def currency(order: Order) -> str:
    """Of the order, or of its first price."""
    detail = order.payment.payment_detail
    total = detail.item_charges.total
    first = total.gross or total.net
    return detail.currency_code or (first.currency_code if first else "USD")


def minor(money: Money, where: str) -> int:
    """Cents of an amount; its gross where there is one."""
    amount = money.gross or money.net
    if amount is None:
        raise Malformed(f"{where} is missing")
    cents = (2 * amount.amount_e5 + 1000) // 2000
    return reading.needed(reading.minor(cents, where), where)


def _line(account: Account, item: Item, charge: Charge | None) -> tuple[DraftLine, int]:
    where = f"cart item {clean(item.cart_item_id, 40)}"
    units = account.codes.get("unit", {})
    pieces, grams, unit = _amount(units, item.quantity, where)
    row = reading.name(item.cart_item_id, "cart_item_id") + (f"{MARK}{unit}" if unit else "")
    wish = WISHES.get(item.fulfillment_action.action_type)
    sku = reading.name(item.id, f"{where}.id")
    price, rounded = _price(charge, grams, pieces, where)
    line = DraftLine(
        external_id=sku,
        name=clean(item.title, 300) or sku,
        unit=Unit.WEIGHT if grams else Unit.PIECE,
        price=price,
        pieces=pieces,
        grams=grams,
        unit_grams=grams,
        wish=wish,
        wish_skus=_skus(item) if wish is Replacement.REPLACE else (),
        ref=rows.ref(row, grams or pieces),
    )
    return line, rounded


def _skus(item: Item) -> tuple[str, ...]:
    named = (clean(each.id, 100) for each in item.fulfillment_action.item_substitutes[:10])
    return tuple(sku for sku in named if sku)


def _price(charge: Charge | None, grams: int | None, pieces: int, where: str) -> tuple[int, int]:
    """Of a piece, rounded up where only the row's is said, and what is too much then; of a weighed
    row, all of it: that is exact in any unit."""
    if charge is None:
        raise Malformed(f"{where} has no price")
    if grams is None and charge.unit is not None:
        return minor(charge.unit, where), 0
    total = minor(charge.total or Money(), where)
    if grams is not None:
        return total, 0
    return -(-total // pieces), -total % pieces


def _amount(
    units: Mapping[str, str], quantity: Quantity, where: str
) -> tuple[int, int | None, str]:
    """Pieces, grams of what is weighed, and the unit to speak of it in."""
    sold, priced = quantity.in_sellable_unit, quantity.in_priceable_unit
    if sold is None:
        if quantity.amount is None:
            raise Malformed(f"{where} has no quantity")
        return _weighed(units, Fraction(str(quantity.amount)), quantity.unit, where)
    if priced is not None and _unit(priced) != "PIECE":
        _, grams, unit = _weighed(units, Fraction(priced.amount_e5, E5), _unit(priced), where)
        return _pieces(Fraction(sold.amount_e5, E5), where), grams, BY_COUNT + unit
    return _weighed(units, Fraction(sold.amount_e5, E5), _unit(sold), where)


def _unit(measured: Measured) -> str:
    measure = measured.measurement_unit
    kind = measured.measurement_type if measure is None else measure.measurement_type
    weight = measured.weight if measure is None else measure.weight
    return weight.unit_type if kind == "MEASUREMENT_TYPE_WEIGHT" else "PIECE"


def _weighed(
    units: Mapping[str, str], amount: Fraction, unit: str, where: str
) -> tuple[int, int | None, str]:
    word = units.get(unit, unit)
    if word not in UNITS:
        raise Unmapped("unit", clean(unit, 100) or "none")
    factor = UNITS[word]
    if factor is None:
        return _pieces(amount, where), None, ""
    grams = round(amount * factor)
    if not 0 < grams <= MAX_GRAMS:
        raise Malformed(f"{where}: no weight that can be kept")
    return 1, grams, word


def _pieces(amount: Fraction, where: str) -> int:
    if amount.denominator != 1:
        raise Malformed(f"{where}: {str(amount)[:40]} pieces cannot be counted")
    return reading.pieces(int(amount), where)
