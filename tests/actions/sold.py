"""Delivered orders as rows, any there can be, and what their documents must say, worked out without
the hub's own code: in fractions, line by line."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

CODES = ("standard", "reduced", "zero", "none", "five", "seven", "unknown")
#: The catalogue's code of goods P<n>; goods S<n> are in none.
CATALOGUE = {f"P{n}": CODES[n % 7] for n in range(1100)}
STORES = {"Z-MSK": "Europe/Moscow", "Z-VVO": "Asia/Vladivostok", "Z-KGD": "Europe/Kaliningrad"}
DELIVERY_VAT = "reduced"
#: Percent from a day on, the latest first.
RATES = {
    "standard": [(date(2026, 1, 1), 22), (date(2019, 1, 1), 20), (date(2004, 1, 1), 18)],
    "reduced": [(date(2004, 1, 1), 10)], "zero": [(date(2004, 1, 1), 0)],
    "none": [(date(2004, 1, 1), None)],
    "five": [(date(2025, 1, 1), 5)], "seven": [(date(2025, 1, 1), 7)],
}  # fmt: skip
#: Moments around changes of rates and years, in some shop's clock.
MIDNIGHTS = [
    datetime(year, 1, 1, tzinfo=ZoneInfo(zone)) for year in (2019, 2025, 2026)
    for zone in STORES.values()
]  # fmt: skip
#: What a failing example shows.
_TOLD = ("state", "store", "delivered_at", "discount", "delivery_fee", "paid_total", "final_total")
_TOLD_OF_LINES = ("external_id", "unit", "state", "price", "picked_pieces", "refused", "vat")
_CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
_NAMES = st.text(_CHARACTERS, min_size=1, max_size=30) | st.sampled_from(
    (
        "Хлеб «Бородинский» 400 г",
        "\u0644\u0628\u0646 \u0631\u0627\u0626\u0628",
        "\U0001f469\u200d\U0001f467 набор",
        "Zażółć \u202eгусь",
        "\U0002070e\U00020731 e\u0301",
    )
)


@dataclass(repr=False)
class Sale:
    """An order's row and its lines' rows."""

    row: dict[str, Any]
    lines: list[dict[str, Any]]

    def __repr__(self) -> str:
        told = {name: self.row[name] for name in _TOLD}
        lines = [[line[name] for name in _TOLD_OF_LINES] for line in self.lines]
        return f"Sale({told}, {lines})"

    @property
    def day(self) -> date:
        zone = ZoneInfo(STORES[self.row["store"]])
        return self.row["delivered_at"].astimezone(zone).date()


def half_up(exact: Fraction) -> int:
    """The nearest whole number; halves go up."""
    return int((Decimal(exact.numerator) / exact.denominator).quantize(Decimal(1), ROUND_HALF_UP))


def percent_of(code: str, day: date) -> tuple[bool, int | None]:
    """Whether there is a rate for this code on this day, and which."""
    found = [percent for since, percent in RATES.get(code, ()) if since <= day]
    return bool(found), found[0] if found else None


def code_of(line: dict[str, Any]) -> str:
    said = line["vat"]
    return CATALOGUE.get(line["external_id"], "unknown") if said == "unknown" else said


def cost(line: dict[str, Any], price: int, amount: int) -> int:
    if line["unit"] == "piece":
        return price * amount
    return half_up(Fraction(price * amount, line["unit_grams"]))


def left(line: dict[str, Any]) -> int:
    """Pieces or grams that were sold."""
    if line["state"] not in ("picked", "short"):
        return 0
    got = line["picked_pieces"] if line["unit"] == "piece" else line["picked_grams"]
    return got - line["refused"]


def open_lines(sale: Sale) -> list[dict[str, Any]]:
    return [line for line in sale.lines if line["state"] == "todo"]


def sold(sale: Sale) -> list[dict[str, Any]]:
    return [line for line in sale.lines if left(line) > 0]


def spread(off: int, totals: list[int]) -> list[int]:
    """Largest remainder: whole kopecks, their sum exact."""
    whole = sum(totals)
    off = min(off, whole)
    exact = [Fraction(off * total, whole) if whole else Fraction(0) for total in totals]
    parts = [int(each) for each in exact]
    by_rest = sorted(range(len(totals)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_rest[: off - sum(parts)]:
        parts[n] += 1
    return parts


def expected(sale: Sale) -> list[tuple[Any, ...]]:
    """Rows of the document: kind, SKU, name, pieces, grams, total, discount, %, VAT, marks."""
    lines = sold(sale)
    totals = [cost(line, line["price"], left(line)) for line in lines]
    cuts = spread(sale.row["discount"], totals)
    rows = []
    for line, total, cut in zip(lines, totals, cuts, strict=True):
        weighed = line["unit"] == "weight"
        full = cost(line, line["list_price"] or 0, left(line))
        rows.append((
            "goods", line["external_id"], line["name"],
            line["picked_pieces"] - (0 if weighed else line["refused"]),
            left(line) if weighed else None, total - cut, max(0, full - total) + cut,
            *_taxed(code_of(line), sale.day, total - cut), tuple(line["marks"]),
        ))  # fmt: skip
    fee = sale.row["delivery_fee"]
    if fee:
        taxed = _taxed(DELIVERY_VAT, sale.day, fee)
        rows.append(("delivery", "delivery", "Доставка", 1, None, fee, 0, *taxed, ()))
    return rows


def _taxed(code: str, day: date, total: int) -> tuple[int | None, int]:
    percent = percent_of(code, day)[1]
    return percent, half_up(Fraction(total * percent, 100 + percent)) if percent else 0


def problems(sale: Sale) -> set[str]:
    """What holds it, in words."""
    found = set()
    lines = sold(sale)
    if open_lines(sale):
        found.add("composition")
    for line in [*lines, *open_lines(sale)]:
        if line["external_id"] not in CATALOGUE:
            found.add("goods")
        elif not percent_of(code_of(line), sale.day)[0]:
            found.add("vat")
        asked = line["requested_pieces"] if line["state"] == "todo" else left(line)
        if line["marked"] and line["unit"] == "piece" and len(line["marks"]) < asked:
            found.add("marks")
    return found | _about_money(sale)


def _about_money(sale: Sale) -> set[str]:
    row = sale.row
    asked = [(line, line["requested_pieces"]) for line in open_lines(sale)]
    asked += [(line, left(line)) for line in sold(sale)]
    ours = sum(cost(line, line["price"], amount) for line, amount in asked)
    back = sum(cost(line, line["price"], left(line) + line["refused"])
               - cost(line, line["price"], left(line))
               for line in sale.lines if line["refused"])  # fmt: skip
    ours -= row["discount"]
    if ours < 0:
        return {"sum"}
    if row["paid_total"] is None or row["paid_at"] < row["picked_at"]:
        return set()
    fits = {ours + fee + more for fee in (0, row["delivery_fee"]) for more in (0, back)}
    return set() if row["paid_total"] in fits else {"sum"}


# ------------------------------------------------------------------------------------- strategies


@st.composite
def _line(draw, n: int) -> dict[str, Any]:
    unit = draw(st.sampled_from(["piece", "piece", "weight"]))
    rare = draw(st.integers(0, 39))
    states = ["picked", "picked", "picked", "short", "dropped", "replaced"]
    state = "todo" if rare == 0 and unit == "piece" else draw(st.sampled_from(states))
    amount = draw(st.integers(1, 40 if unit == "piece" else 30_000))
    found = state in ("picked", "short")
    refused = draw(st.sampled_from([0, 0, 0, 0, amount, (amount + 1) // 2])) if found else 0
    price = draw(st.sampled_from([0, 1, 5450, 12990]) | st.integers(0, 10_000_000))
    marked = unit == "piece" and amount < 5 and rare in (1, 2, 3)
    code = draw(st.sampled_from(CODES[:4] * 6 + CODES))
    pieces = amount if unit == "piece" else draw(st.integers(0, 3))
    marks = [f"m{uuid.uuid4().hex}" for _ in range(amount - refused - (rare == 3))]
    return {
        "id": uuid.uuid4(), "position": n, "external_id": f"{'S' if rare == 4 else 'P'}{n}",
        "name": draw(_NAMES), "unit": unit, "price": price, "vat": code, "marked": marked,
        "list_price": draw(st.none() | st.integers(price, price + 5000)), "state": state,
        "unit_grams": draw(st.sampled_from([1000, 100, 333, 1])) if unit == "weight" else None,
        "requested_pieces": amount if unit == "piece" else 1,
        "requested_grams": amount if unit == "weight" else None,
        "picked_pieces": pieces if found else None,
        "picked_grams": amount if found and unit == "weight" else None,
        "refused": refused, "marks": marks if marked and found else [], "replaces": None,
    }  # fmt: skip


@st.composite
def sales(draw) -> Sale:
    """An order that was delivered, whatever happened to it before."""
    lines = [draw(_line(n)) for n in range(draw(st.integers(0, 6)))]
    for before, after in pairwise(lines):
        if before["state"] == "replaced" and after["state"] != "replaced":
            after["replaces"] = before["id"]
            after["state"] = "proposed" if after["state"] == "todo" else after["state"]
    total = sum(cost(line, line["price"], left(line)) for line in lines)
    undone = any(line["state"] in ("todo", "proposed") for line in lines)
    for line in lines:
        line["total"] = None if undone else cost(line, line["price"], left(line))
    off = draw(
        st.sampled_from([0, 0, 0]) | st.integers(0, total + draw(st.sampled_from([0, 0, 9])))
    )
    fee = draw(st.sampled_from([0, 0, 19900, 1]))
    at = draw(st.sampled_from(MIDNIGHTS)) + timedelta(seconds=draw(st.sampled_from(
        [-1, 0, 1, -3600 * 8, 3600 * 8]) | st.integers(-10**6, 10**6)))  # fmt: skip
    row = {
        "id": uuid.uuid4(), "store": draw(st.sampled_from(sorted(STORES))),
        "number": f"N-{uuid.uuid4().hex[:12]}", "external_id": uuid.uuid4().hex,
        "state": draw(st.sampled_from(["delivered", "delivered", "returned"])),
        "requested_total": 0, "final_total": None if undone else total, "due_at": at,
        "discount": off, "delivery_fee": fee, "delivered_at": at.astimezone(UTC),
        "sale_due": True, "picked_at": at.astimezone(UTC) - timedelta(hours=2),
        "paid_total": None, "paid_at": None,
    }  # fmt: skip
    sale = Sale(row, lines)
    _pay(draw, sale, max(0, total - off))
    return sale


def _pay(draw, sale: Sale, ours: int) -> None:
    how = draw(
        st.sampled_from(["not said", "promised", "right", "right", "with delivery", "wrong"])
    )
    if how == "not said":
        return
    more = {"with delivery": sale.row["delivery_fee"], "wrong": draw(st.integers(-ours, 500))}
    sale.row["paid_total"] = 7 if how == "promised" else ours + more.get(how, 0)
    hours = -1 if how == "promised" else 1
    sale.row["paid_at"] = sale.row["picked_at"] + timedelta(hours=hours)


# ------------------------------------------------------------------------------------------- rows


async def stock(conn) -> None:
    """The catalogue, and shops in other zones; the delivery is the merchant's own."""
    await conn.execute(
        "INSERT INTO product (merchant_id, sku, name, vat)"
        " SELECT merchant.id, given.sku, given.sku, given.vat"
        "   FROM merchant, unnest($1::text[], $2::text[]) AS given (sku, vat)",
        list(CATALOGUE), list(CATALOGUE.values()),
    )  # fmt: skip
    for code, zone in STORES.items():
        await conn.execute(
            "INSERT INTO store (id, merchant_id, code, name, timezone)"
            " SELECT $1, id, $2, $2, $3 FROM merchant",
            uuid.uuid4(), code, zone,
        )  # fmt: skip
    rules = {"delivery_by": "merchant", "delivery_vat": DELIVERY_VAT}
    await conn.execute("UPDATE account SET rules = $1", rules)


async def insert(conn, orders: list[Sale]) -> None:
    """Put them where delivered orders are."""
    shops = {row["code"]: row["id"] for row in await conn.fetch("SELECT code, id FROM store")}
    account = await conn.fetchval("SELECT id FROM account ORDER BY code LIMIT 1")
    heads = [
        {k: v for k, v in sale.row.items() if k != "store"}
        | {"store_id": shops[sale.row["store"]], "account_id": account}
        for sale in orders
    ]
    lines = [
        line | {"order_id": sale.row["id"], "store_id": shops[sale.row["store"]]}
        for sale in orders
        for line in sale.lines
    ]
    async with conn.transaction():
        for table, rows in (("orders", heads), ("order_line", lines)):
            if rows:
                columns = ", ".join(rows[0])
                await conn.execute(
                    f"INSERT INTO {table} ({columns}) SELECT {columns}"
                    f" FROM jsonb_populate_recordset(NULL::{table}, $1)",
                    rows,
                )
