"""The stand-in of an ERP: authentic documents once, each with a number; and it fails as told."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from app import signing
from app.sandbox.erp.app import create_app
from app.sandbox.erp.books import Books
from tests.erp.town import SECRET

BODY = json.dumps([{"total": "12.30", "currency": "RUB"}]).encode()


@pytest.fixture
def client():
    books = Books(SECRET, lambda: datetime.now(UTC))
    transport = httpx.ASGITransport(create_app(books), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://erp.test")


def post(client, id_="doc_1", body=BODY, document="d1", secret=SECRET, **more):
    moment = int(datetime.now(UTC).timestamp())
    headers = signing.headers(id_, moment, body, [signing.key(secret)])
    told = {"x-document-id": document, "x-document-number": "%D0%A1%D0%9C26-1",
            "x-document-kind": "sale"}  # fmt: skip
    return client.post("/documents", content=body, headers=headers | told | more)


async def state(client):
    return (await client.get("/_state")).json()


async def test_a_document_gets_a_number_and_a_repeat_the_same(client):
    first, again = await post(client), await post(client)
    resent = await post(client, id_="doc_2")
    assert [a.status_code for a in (first, again, resent)] == [201, 200, 200]
    assert first.json() == again.json() == resent.json() == {"number": "ДМ-000001"}
    (entry,) = (await state(client))["documents"]
    assert entry["deliveries"] == {"doc_1": 2, "doc_2": 1}
    assert (entry["document_number"], entry["total"]) == ("СМ26-1", "12.30 RUB")


async def test_what_is_not_signed_or_is_a_double_with_another_body_is_refused(client):
    other = signing.secret_of(bytes(32))
    assert (await post(client, secret=other)).status_code == 401
    assert (await client.post("/documents", content=BODY)).status_code == 401
    await post(client)
    assert (await post(client, body=b"[]")).status_code == 422
    assert (await state(client))["counts"]["doubles_refused"] == 1


async def test_it_fails_refuses_and_loses_answers_as_told(client):
    fail = {"fail_next": {"count": 1, "status": 503, "retry_after": 5}}
    assert (await client.post("/_control", json=fail)).status_code == 200
    answer = await post(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    await client.post("/_control", json={"refuse": ["СМ26-1"]})
    assert (await post(client)).status_code == 422
    await client.post("/_control", json={"refuse": [], "silent": True})
    assert (await post(client)).json() == {}
    wrong = await client.post("/_control", json={"unknown": 1})
    assert wrong.status_code == 400


@pytest.mark.parametrize(("language", "title"), [("ru", "Учётная система"), ("en", "ERP")])
async def test_its_page_lists_what_came_and_trusts_no_text(client, language, title):
    empty = await client.get("/", headers={"Accept-Language": language})
    assert title in empty.text
    await post(client, **{"x-document-number": "%3Cb%3E"})
    page = (await client.get("/", headers={"Accept-Language": language})).text
    assert "ДМ-000001" in page
    assert "&lt;b&gt;" in page
