"""Documents as JSON are what the schema promises, and lose nothing on the way."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given

from app.domain.document import Kind
from app.render.document_json import document_json, documents_json
from tests.render.documents import COMMISSION, RETURN, SAMPLES, THOUSAND, documents

SCHEMA = json.loads(Path("app/render/schemas/document.schema.json").read_text())


def closed(schema):
    """The schema without room for fields it does not name: a field of ours must be in it."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    names = inner.get("type") == "object" and "properties" in inner
    return inner | ({"additionalProperties": False} if names else {})


STRICT = jsonschema_rs.Draft202012Validator(closed(SCHEMA), validate_formats=True)


def read(*given):
    """The documents of the file, valid."""
    found = json.loads(documents_json(given, "ru"))
    for each in found:
        STRICT.validate(each)
    return found


def test_the_schema_is_one_and_every_object_in_it_says_what_it_needs():
    jsonschema_rs.meta.validate(SCHEMA)
    for name, part in SCHEMA["$defs"].items():
        if "properties" in part and name != "party":
            assert set(part["required"]) == set(part["properties"]), name


@given(documents())
def test_every_document_is_valid_and_adds_up(document):
    (found,) = read(document)
    assert Decimal(found["total"]) * 100 == document.total
    assert Decimal(found["total"]) == sum(Decimal(line["total"]) for line in found["lines"])
    assert Decimal(found["vat_total"]) == sum(Decimal(part["amount"]) for part in found["vat"])
    assert Decimal(found["total"]) == sum(Decimal(part["total"]) for part in found["vat"])
    for ours, line in zip(document.lines, found["lines"], strict=True):
        grams = Decimal(line["quantity"]).scaleb(3)
        assert grams == ours.grams if line["unit"] == "kg" else line["quantity"] == str(ours.pieces)
        assert line["name"] == ours.name
        assert not any("\x1d" in mark for mark in line["marks"])
        if ours.before:
            after = Decimal(line["before"]["total"]) + Decimal(line["total"])
            assert after * 100 == ours.before.total + ours.total


@pytest.mark.parametrize("document", [*SAMPLES.values(), THOUSAND], ids=lambda each: each.number)
def test_samples_are_valid(document):
    (found,) = read(document)
    assert len(found["lines"]) == len(document.lines)


def test_what_is_given_back_is_negative_and_names_its_sale():
    (found,) = read(RETURN)
    assert found["base"] == {
        "id": str(RETURN.base.id), "kind": "sale", "number": "ЧГ26-000042", "date": "2026-03-14"
    }  # fmt: skip
    assert [line["quantity"] for line in found["lines"]] == ["-1", "-0.157"]
    assert [line["total"] for line in found["lines"]] == ["-89.56", "-140.75"]


def test_a_commission_report_has_neither_order_nor_store():
    (found,) = read(COMMISSION)
    assert (found["order"], found["store"]) == (None, None)
    assert found["detail"]["report"] == "ОК-2026-03"


def test_marks_are_told_without_their_crypto_tails():
    marks = document_json(SAMPLES["sale"])["lines"][0]["marks"]
    assert marks[0] == "0104690001004013210000005aB<&'x"
    assert all(mark.startswith("010469000100401321") for mark in marks)


def test_what_was_answered_on_marks_names_them_without_their_crypto_tails():
    (code, *_), (line, *_) = SAMPLES["sale"].lines[0].marks, SAMPLES["sale"].lines
    detail = {"method": "full_payment", "marks": {code: {"part": 500}}}
    receipt = replace(SAMPLES["sale"], kind=Kind.RECEIPT_FINAL, lines=(line,), detail=detail)
    told = document_json(receipt)
    (ki, *_) = told["lines"][0]["marks"]
    assert told["detail"] == {"method": "full_payment", "marks": {ki: {"part": 500}}}


@given(documents(Kind.SALE))
def test_moments_are_by_greenwich(document):
    told = document_json(document)["created_at"]
    assert told.endswith("Z")
    assert datetime.fromisoformat(told) == document.created_at
