"""The document says what the API does: valid OpenAPI 3.1, and every answer is as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from app.actions.verbs import VERBS
from app.http.guards import Guard
from app.http.openapi import document
from app.http.routes import API
from tests.factories import BANANAS, BREAD, Handheld, mark
from tests.http import test_codes
from tests.http.administering import administer
from tests.http.picking import BANANAS_ID, BREAD_ID, MARKED, finish, looking_at, order, picking
from tests.http.replacing import stand_in
from tests.http.schemas import mismatches
from tests.http.wholeday import live_through

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document(API, "1.2.3")))
#: Paths that take whole files.
FILES = {"/catalogue/v1/products", "/reports/v1/settlements"}
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from inside(child)


def resolve(ref: str) -> Any:
    found: Any = DOCUMENT
    assert ref.startswith("#/"), ref
    for part in ref[2:].split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


async def test_the_document_has_the_parts_openapi_3_1_asks_for():
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"].keys() >= {"title", "version"}
    assert DOCUMENT["info"]["version"] == "1.2.3"
    allowed = {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components",
               "security", "tags", "externalDocs"}  # fmt: skip
    assert DOCUMENT.keys() <= allowed


async def test_every_url_of_the_apis_is_in_it_and_no_other():
    said = {(path, method.upper()) for path, method, _ in OPERATIONS}
    assert said == {(url.path, url.method) for url in API}
    assert all(method in METHODS for _, method, _ in OPERATIONS)


async def test_every_reference_leads_somewhere():
    refs = [each["$ref"] for each in inside(DOCUMENT) if "$ref" in each]
    assert refs
    assert all(resolve(ref) for ref in refs)


async def test_every_operation_has_a_name_of_its_own():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda x: str(x)[:50])
async def test_an_operation_is_well_formed(path, method, operation):
    assert operation["summary"]
    parameters = operation["parameters"]
    assert {p["name"] for p in parameters if p["in"] == "path"} == set(
        re.findall(r"\{(\w+)\}", path)
    )
    assert all(p["required"] is True for p in parameters if p["in"] == "path")
    assert all(p.keys() >= {"name", "in", "schema"} for p in parameters)
    assert len({(p["name"], p["in"]) for p in parameters}) == len(parameters)
    assert operation["responses"]
    for status, response in operation["responses"].items():
        assert re.fullmatch(r"[1-5]\d\d", status)
        assert response["description"]
        for media in response.get("content", {}).values():
            assert media["schema"]
    body = operation.get("requestBody")
    assert body is None or (method == "post" and body["content"])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda x: str(x)[:50])
async def test_an_operation_says_how_to_prove_oneself(path, method, operation):
    (row,) = [url for url in API if (url.path, url.method.lower()) == (path, method)]
    proofs = {
        Guard.PIN: None,
        Guard.PICKER: {"type": "http", "scheme": "bearer"},
        Guard.OPERATOR: {"type": "http", "scheme": "basic"},
        Guard.ERP: {"type": "http", "scheme": "bearer"},
        Guard.CLIENT: {"type": "apiKey", "in": "header", "name": "Client-Token"},
    }
    schemes = DOCUMENT["components"]["securitySchemes"]
    secured = [schemes[name] for each in operation.get("security", []) for name in each]
    assert secured == [proof for proof in [proofs[row.guard]] if proof]
    refused = "403" if row.guard is Guard.CLIENT else "401"
    assert "application/problem+json" in operation["responses"][refused]["content"]


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
async def test_a_schema_is_json_schema(name):
    known = {"type", "properties", "required", "items", "prefixItems", "anyOf", "enum", "const",
             "format", "title", "description", "default", "minLength", "maxLength", "pattern",
             "minimum", "maximum", "minItems", "maxItems", "$ref", "additionalProperties",
             "contentEncoding"}  # fmt: skip
    schema = DOCUMENT["components"]["schemas"][name]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
    assert schema["description"] or schema.get("enum")
    for part in inside(schema):
        if "type" in part and isinstance(part["type"], str):
            assert part.keys() <= known, part
        if part.get("type") == "object" and "required" in part:
            assert set(part["required"]) <= part["properties"].keys()


class Watched:
    """A client that holds every answer against the document."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.seen: set[tuple[str, str, int]] = set()

    async def post(self, url: str, **asked: Any) -> Any:
        return self.check("post", url, await self.client.post(url, **asked))

    async def get(self, url: str, **asked: Any) -> Any:
        return self.check("get", url, await self.client.get(url, **asked))

    async def delete(self, url: str, **asked: Any) -> Any:
        return self.check("delete", url, await self.client.delete(url, **asked))

    def check(self, method: str, url: str, answer: Any) -> Any:
        path = templated(url.split("?", maxsplit=1)[0])
        if path is None:
            return answer
        said = DOCUMENT["paths"][path][method]["responses"]
        assert str(answer.status_code) in said, f"{method} {path}: {answer.status_code} is not said"
        content = said[str(answer.status_code)].get("content")
        assert (content is None) is (answer.content == b"")
        if content is not None:
            media = answer.headers["content-type"].split(";")[0]
            schema = content[media]["schema"]
            found = list(mismatches(answer.json(), schema, resolve)) if "json" in media else []
            assert not found, found
        self.seen.add((path, method, answer.status_code))
        return answer


def templated(url: str) -> str | None:
    one = r"[0-9A-Za-z-]{2,36}"
    for path in sorted(DOCUMENT["paths"], key=lambda path: path.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", one, path), url):
            return str(path)
    return None


@pytest.fixture
def watched(world):
    """The same world, seen through the document."""
    client = Watched(world.api)
    eyes = type("Eyes", (), {"__getattr__": lambda _self, name: getattr(world, name)})()
    eyes.api = client
    return eyes


async def test_every_answer_of_a_whole_story_is_as_the_document_says(watched):
    handheld = await picking(watched, BREAD, BANANAS, MARKED)
    await handheld.get("/picker/v1/me")
    await handheld.get("/picker/v1/changes")
    for scope in ("open", "mine", "store"):
        await handheld.get(f"/picker/v1/orders?scope={scope}")
    await handheld.do("scan", raw="4690001004013", apply=False)
    await handheld.do("short", line=BREAD_ID, quantity=2, reason="shelf_empty", shelf_empty=True)
    await handheld.do("undo")
    await handheld.do("short", line=BREAD_ID, quantity=1, reason="not_enough")
    await handheld.do("weigh", line=BANANAS_ID, grams=1150, source="scale")
    await handheld.do("release", reason="break")
    await handheld.next()
    await handheld.do("pick", line=MARKED["id"], quantity=2, marks=[mark(), mark()])
    await handheld.do("complete")
    await handheld.do("ready")
    other = await picking(watched, BREAD)
    await other.do("drop", line=BREAD_ID, reason="x")
    await other.post("/picker/v1/orders/next")
    stranger = Handheld(watched.api)
    await stranger.sign_in("1201", "4721")
    await stranger.post("/picker/v1/orders/next")
    await watched.api.delete("/picker/v1/sessions/current", headers=stranger.headers)
    await administer(watched)
    await stand_in(watched)
    await live_through(watched)
    reached = {(path, method) for path, method, status in watched.api.seen if status < 300}
    endless = {("/picker/v1/stream", "get")}  # needs sockets: tests/flow/test_stream.py
    assert {(path, method) for path, method, _ in OPERATIONS} - endless - reached == set()


@pytest.mark.parametrize("code", test_codes.WAYS)
async def test_every_refusal_is_as_the_document_says(watched, code):
    answer = await test_codes.WAYS[code](watched)
    assert answer.json()["code"] == code


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
async def test_a_body_beyond_the_limit_is_as_the_document_says(watched, path):
    if "post" not in DOCUMENT["paths"][path] or path in FILES:
        return  # files have a limit of their own: tests/http/test_catalogue.py
    url = re.sub(r"\{\w+\}", "01890a5d-ac96-774b-bcce-b302099a8057", path)
    answer = await watched.api.post(url, content=b"x" * 300_000)
    assert answer.status_code == 413


async def test_every_verb_has_its_body_and_every_write_its_key_and_version():
    for name, verb in VERBS.items():
        (operation,) = [
            o for path, _, o in OPERATIONS if "{order_id}" in path and path.endswith(f"/{name}")
        ]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema["$ref"].endswith(f"/{verb.body.__name__}")
        headers = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
        assert headers == {"Idempotency-Key", "If-Match", "X-Client-Version"}


async def test_the_document_is_served_and_so_is_its_page(world):
    served = (await world.api.get("/openapi.json")).json()
    assert served["paths"] == DOCUMENT["paths"]
    for language, words in (("ru", "Заказ"), ("en", "order")):
        page = await world.api.get("/docs", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert words in page.text
        assert all(url.path in page.text for url in API)


async def test_an_order_as_read_is_as_the_document_says(watched):
    handheld = await looking_at(watched, await order(watched))
    assert handheld.order["state"] == "accepted"
    handheld = await finish(await picking(watched, BREAD))
    assert handheld.order["totals"]["final"] == 3 * 5450
