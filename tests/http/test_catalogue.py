"""Operators' programs put files of goods into the catalogue, and hear what is wrong with them."""

from __future__ import annotations

import base64
import re

import msgspec
import pytest

from app.http import catalogue
from app.http.openapi import document
from app.http.routes import API
from app.http.url import Url
from app.render.language import say
from tests.conftest import CREDENTIALS
from tests.factories import BREAD
from tests.http.schemas import mismatches
from tests.imports import write
from tests.imports.test_formats import GOODS
from tests.stories import place

PRODUCTS, UNMAPPED = "/catalogue/v1/products", "/catalogue/v1/unmapped"
DUTY = f"duty:{CREDENTIALS['operators'][0]['password']}"
LOGIN = {"Authorization": "Basic " + base64.b64encode(DUTY.encode()).decode()}
DOCUMENT = msgspec.json.decode(msgspec.json.encode(document(API, "1")))
GOODS_CSV = b"sku;name;vat;price\n900;Bread;reduced;64,90\n901;;;-1\n"


def resolve(ref: str):
    return DOCUMENT["components"]["schemas"][ref.rsplit("/", 1)[1]]


def documented(answer, path: str, method: str):
    """The answer's JSON, which is as the document says."""
    said = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    schema = said[answer.headers["content-type"]]["schema"]
    assert not list(mismatches(answer.json(), schema, resolve))
    return answer.json()


async def put(api, raw: bytes, language: str = "en", **query):
    headers = {**LOGIN, "Accept-Language": language}
    answer = await api.post(PRODUCTS, content=raw, params=query, headers=headers)
    return answer.status_code, documented(answer, PRODUCTS, "post")


async def test_a_file_is_taken_in_and_its_problems_are_told(api):
    status, told = await put(api, GOODS_CSV)
    assert status == 200
    (problem,) = told["problems"]
    assert (told["new"], told["refused"], told["applied"]) == (1, 1, True)
    assert (problem["row"], problem["sku"], problem["code"]) == (3, "901", "PRICE_NEGATIVE")
    assert problem["message"] == "The price «-1» is negative"
    status, told = await put(api, GOODS_CSV, "ru")
    assert (told["new"], told["changed"], told["same"]) == (0, 0, 1)
    assert told["problems"][0]["message"] == "Цена «-1» отрицательная"


@pytest.mark.parametrize("name", ["as_csv", "as_xlsx", "as_json", "as_commerceml"])
async def test_every_format_is_told_from_the_file(api, name):
    _, told = await put(api, getattr(write, name)(GOODS))
    assert (told["new"] + told["changed"], told["refused"]) == (len(GOODS), 0)
    _, told = await put(api, getattr(write, name)(GOODS))
    assert (told["same"], told["problems"]) == (len(GOODS), [])


async def test_a_dry_run_and_a_strict_one_write_nothing(api, hub):
    _, dry = await put(api, GOODS_CSV, dry_run=1)
    _, strict = await put(api, GOODS_CSV, strict=1)
    assert not dry["applied"]
    assert not strict["applied"]
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM product WHERE sku = '900'") == 0


@pytest.mark.parametrize(
    ("raw", "query", "said"),
    [
        (b"", {}, "empty"),
        (b"name\nx", {}, "sku"),
        (GOODS_CSV, {"store": "NOWHERE"}, "NOWHERE"),
        (GOODS_CSV, {"merchant": "Nobody\x00"}, "Nobody"),
        (GOODS_CSV, {"format": "xls"}, "xlsx"),
        (GOODS_CSV, {"format": "xlsx"}, "XLSX"),
        (GOODS_CSV, {"strict": "perhaps"}, "strict"),
        (GOODS_CSV, {"sku": "name"}, "article"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(api, raw, query, said):
    status, told = await put(api, raw, **query)
    assert (status, told["code"]) == (400, "INVALID_BODY")
    assert said in str(told["details"])


async def test_goods_nobody_knows_are_listed(api, hub):
    await place(api, hub, "H1", BREAD)
    answer = await api.get(UNMAPPED, headers=LOGIN)
    (one,) = documented(answer, UNMAPPED, "get")["goods"]
    assert (one["sku"], one["seen"], one["store"]) == ("300901", 1, "MSK-07")
    assert one["last_order"] == "H1"
    empty = await api.get(UNMAPPED, params={"store": "EKB-03"}, headers=LOGIN)
    assert empty.json() == {"goods": []}


@pytest.mark.parametrize("limit", ["0", "-1", "x", "10001", "99999999", "٣", ""])
async def test_a_limit_is_a_number_in_its_range(api, limit):
    answer = await api.get(UNMAPPED, params={"limit": limit}, headers=LOGIN)
    assert answer.status_code == 400
    documented(answer, UNMAPPED, "get")


@pytest.mark.parametrize("url", catalogue.ROWS, ids=lambda url: url.path)
@pytest.mark.parametrize("proof", ["", "Basic x", "Bearer x", "Basic ZHV0eTp3cm9uZw=="])
async def test_only_an_operators_login_opens_also_from_a_neighbour(api, url: Url, proof):
    headers = {"x-forwarded-for": "127.0.0.1", "authorization": proof}
    answer = await api.request(url.method, url.path, headers=headers, content=GOODS_CSV)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    documented(answer, url.path, url.method.lower())


async def test_a_large_file_is_taken_here_and_nowhere_else(api):
    rows = b"".join(b"%d;Bread\n" % n for n in range(60_000))
    assert len(rows) > 262_144
    status, told = await put(api, b"sku;name\n" + rows, dry_run=1)
    assert (status, told["new"]) == (200, 60_000)
    assert (await api.post("/hooks/sm-demo", content=rows)).status_code == 413
    much = await api.post(PRODUCTS, content=b"x" * 33_600_000, headers=LOGIN)
    assert much.status_code == 413


async def test_the_document_and_its_page_name_both(api):
    served = (await api.get("/openapi.json")).json()
    for url in catalogue.ROWS:
        operation = served["paths"][url.path][url.method.lower()]
        assert operation["security"] == [{"operator": []}]
        assert re.fullmatch(r"[a-z_]+", operation["operationId"])
        assert say("ru", url.summary) != url.summary
        assert url.path in (await api.get("/docs")).text
    assert "text/csv" in (await api.get("/docs")).text
