"""A receipt's JSON is what its schema says, and a cash register can multiply and add it up."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.document import Kind
from app.domain.paper import FORMS
from app.domain.party import Party
from app.errors import Unprintable
from app.render.receipt_json import receipt_json
from tests.render.documents import RETURN, SALE, documents

SCHEMA = json.loads(Path("app/render/schemas/receipt.schema.json").read_text())
VALID = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)


def as_receipt(document, *, prepaid=False, offset=0, **detail):
    """The same goods on a receipt."""
    back = document.kind is Kind.RETURN
    amount = abs(document.total)
    payments = {"advance_offset": offset, "cash": 0, "electronically": amount - offset}
    kind = Kind.RECEIPT_RETURN if back else Kind.RECEIPT_FINAL
    return replace(
        document,
        kind=Kind.RECEIPT_ADVANCE if prepaid else kind,
        detail={
            "settlement": "income_return" if back else "income",
            "method": "full_prepayment" if prepaid else "full_payment",
            "tax_system": "osn", "payments": payments, "marks": {}, **detail,
        },
    )  # fmt: skip


def read(document):
    found = json.loads(receipt_json([document], "ru"))
    VALID.validate(found)
    return found


def sum_of(items, *path):
    total = Decimal()
    for item in items:
        for name in path:
            item = item[name]  # noqa: PLW2901
        total += Decimal(item)
    return total


@given(documents(Kind.SALE, Kind.RETURN), st.booleans())
def test_rows_multiply_and_add_up_to_the_document(document, prepaid):
    lines = [line for line in document.lines if line.vat_percent != 18]
    total = sum(line.total for line in lines)
    document = replace(document, lines=tuple(lines), total=total)
    found = read(as_receipt(document, prepaid=prepaid))
    items = found["items"]
    assert sum_of(items, "total") == Decimal(found["total"]) == Decimal(abs(total)) / 100
    vat = sum(line.vat for line in lines)
    assert sum_of(items, "vat", "amount") == Decimal(abs(vat)) / 100
    assert sum_of(found["vat"], "amount") == Decimal(abs(vat)) / 100
    assert sum_of(found["vat"], "total") == Decimal(found["total"])
    assert sum(map(Decimal, found["payments"].values())) == Decimal(found["total"])
    for item in items:
        cost = Decimal(item["price"]) * Decimal(item["quantity"])
        assert abs(cost - Decimal(item["total"])) <= Decimal("0.01") or "mark" in item
        assert "mark" not in item or item["measure"] == 11 or item["quantity"] == "1.000"


def test_a_final_receipt_says_everything_in_the_values_of_the_format():
    found = read(as_receipt(SALE, offset=SALE.total))
    assert found["settlement"] == 1
    assert found["tax_system"] == 1
    assert {item["method"] for item in found["items"]} == {4}
    assert found["payments"]["electronically"] == "0.00"
    assert {(vat["code"], vat["name"]) for vat in found["vat"]} >= {(11, "22%"), (2, "10%")}
    moment = datetime.fromisoformat(found["date_time"])
    assert moment.utcoffset() is not None
    assert moment.astimezone(UTC) == SALE.occurred_at.replace(microsecond=0)


def test_a_prepayment_has_calculated_rates_and_what_goes_back_is_said_once_in_the_head():
    advance = read(as_receipt(SALE, prepaid=True))
    assert {item["method"] for item in advance["items"]} == {1}
    assert {(vat["code"], vat["name"]) for vat in advance["vat"]} >= {(12, "22/122"), (4, "10/110")}
    back = read(as_receipt(RETURN))
    assert back["settlement"] == 2
    assert all(Decimal(item["total"]) >= 0 for item in back["items"])


def test_a_unit_sold_in_parts_and_checked_says_so():
    (marked, *_) = [line for line in SALE.lines if line.marks]
    code = marked.marks[0]
    noted = {"part": 250, "check_id": "a1b2-c3", "checked_at": "2026-03-14T10:00:00+03:00"}
    found = read(as_receipt(SALE, marks={code: noted}))
    (item,) = [item for item in found["items"] if "industry" in item]
    assert item["mark_part"] == {"numerator": 250, "denominator": 1000}
    assert item["industry"]["value"] == "UUID=a1b2-c3&Time=1773471600000"
    assert item["subject"] == 33


def test_who_sells_must_be_known_and_the_rate_be_one_of_the_format():
    with pytest.raises(Unprintable) as found:
        receipt_json([as_receipt(replace(SALE, seller=Party()))], "ru")
    assert found.value.missing == ("seller.legal_name", "seller.inn")
    old = replace(SALE, lines=(replace(SALE.lines[0], vat_percent=18),))
    with pytest.raises(Unprintable) as found:
        receipt_json([as_receipt(old)], "ru")
    assert (found.value.problem, found.value.missing) == ("vat", ("18%",))
    with pytest.raises(Unprintable):
        receipt_json([SALE], "ru")
    assert Kind.SALE not in FORMS["receipt"].kinds
