"""Hostile requests of a signed-in handheld: 4xx with a code, never a 500, and nothing changes."""

import uuid

import pytest

from app.actions.verbs import VERBS
from app.domain.refusals import Code
from tests.conftest import TOKEN
from tests.http.picking import BREAD_ID, device, picking

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODIES = {
    "half": b"{", "garbage": b"{}x", "a list": b"[]", "a text": b'"x"', "null": b"null",
    "a number": b"1e400", "digits": b"9" * 5000, "NaN": b'{"quantity":NaN}', "deep": b"[" * 90_000,
    "deep object": b'{"a":' * 50_000,
    "UTF-8": b'{"reason":"\xff"}', "UTF-16": "{}".encode("utf-16"),
    "a mark": b"\xef\xbb\xbf{}", "a NUL": b"\x00", "surrogate": b'{"reason":"\\ud800"}',
    "XML": b"<a/>", "a form": b"quantity=1",
    "wrong types": b'{"quantity":"1","grams":[],"reason":5,"raw":7,"marks":"m","pieces":{}}',
    "nulls": b'{"quantity":null,"grams":null,"reason":null,"raw":null,"marks":null}',
    "floats": b'{"quantity":1.5,"grams":1.5,"pieces":0.1,"reason":1.1,"raw":0.1}',
    "negative": b'{"quantity":-1,"grams":-1,"pieces":-1,"reason":"x","raw":""}',
    "huge": b'{"quantity":9223372036854775808,"grams":1e300,"reason":"x","raw":"x","pieces":1e9}',
    "NULs": b'{"quantity":1,"grams":1,"reason":"\\u0000","raw":"\\u0000","marks":["\\u0000"]}',
    "long": b'{"quantity":1,"grams":1,"reason":"' + b"x" * 9000 + b'","raw":"' + b"1" * 999 + b'"}',
    "no source": b'{"grams":1000,"source":"guess","quantity":true,"reason":[],"raw":{}}',
    "many marks": b'{"quantity":1,"reason":5,"grams":"","raw":[],"marks":['
                  + b'"m",' * 1001 + b'"m"]}',
}  # fmt: skip
#: Verbs whose body has no fields: an object is an object to them, whatever is in it.
BARE = {name for name, verb in VERBS.items() if verb.body.__struct_fields__ == ()}
ANY_OBJECT = {"wrong types", "nulls", "floats", "negative", "huge", "NULs", "long", "no source",
              "many marks", "surrogate", "UTF-8", "NaN"}  # fmt: skip
#: The body is none, or a body that may be is refused for another reason: nothing is ready here.
REFUSED = ("INVALID_BODY", "REASON_REQUIRED", "VERSION_CONFLICT", "ILLEGAL_TRANSITION")


@pytest.fixture(scope="module")
def kept():
    """One handheld in the middle of one order, for all rows."""
    return {}


async def at_work(world, kept):
    if not kept:
        kept["handheld"] = await picking(world)
    return kept["handheld"]


def place(handheld, verb):
    line = f"/lines/{handheld.line(BREAD_ID)['id']}" if VERBS[verb].on_line else ""
    return f"/picker/v1/orders/{handheld.order['id']}{line}/{verb}"


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("verb", VERBS)
async def test_a_hostile_body_is_a_bad_request_and_changes_nothing(world, kept, verb, name):
    handheld = await at_work(world, kept)
    # One version behind: a body that is taken after all must not change the order for the others.
    headers = handheld.headers | {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"1"'}
    before = await world.effects()
    answer = await world.api.post(place(handheld, verb), content=BODIES[name], headers=headers)
    assert 400 <= answer.status_code < 500, answer.text[:200]
    assert answer.json()["code"] in Code.__members__
    if not (verb in BARE and name in ANY_OBJECT):
        assert answer.json()["code"] in REFUSED
    after = await world.effects()
    if verb == "scan":  # whatever a scanner read is kept, also what was refused
        after["scan"] = before["scan"]
    assert after == before


IDS = ["x", "0", "%00", "%ff", "1" * 5000, "../../metrics", "%2e%2e", "' OR 1=1", "{}",
       "00000000-0000-0000-0000-00000000000g", "\u0660" * 36, "null", "-1"]  # fmt: skip


@pytest.mark.parametrize("verb", [None, *VERBS])
@pytest.mark.parametrize("id_", IDS)
async def test_an_id_that_is_none_is_404(world, kept, verb, id_):
    handheld = await at_work(world, kept)
    if verb is None:
        answer = await handheld.get(f"/picker/v1/orders/{id_}")
    else:
        line = f"/lines/{uuid.uuid4()}" if VERBS[verb].on_line else ""
        answer = await handheld.post(f"/picker/v1/orders/{id_}{line}/{verb}", {}, version=1)
    assert answer.status_code == 404
    assert answer.json()["code"] in ("ORDER_NOT_FOUND", "NOT_FOUND")


@pytest.mark.parametrize("id_", IDS)
async def test_a_line_id_that_is_none_is_404(world, kept, id_):
    handheld = await at_work(world, kept)
    path = f"/picker/v1/orders/{handheld.order['id']}/lines/{id_}/drop"
    answer = await handheld.post(path, {"reason": "x"}, version=handheld.order["version"])
    assert answer.status_code == 404
    assert answer.json()["code"] in ("LINE_NOT_FOUND", "NOT_FOUND")


@pytest.mark.parametrize(
    "scope", ["", "all", "%00", "OPEN", "x" * 5000, "' OR 1=1", "%ff", "mine "]
)
async def test_a_scope_that_is_none_is_a_bad_request(world, scope):
    answer = await (await device(world)).get(f"/picker/v1/orders?scope={scope}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize(
    "query", ["", "scope=mine&scope=open", "x=%00", "scope=mine&x=" + "y" * 999]
)
async def test_a_query_nobody_asked_for_is_ignored(world, query):
    assert (await (await device(world)).get(f"/picker/v1/orders?{query}")).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "Content-Type", "Cookie",
     "Content-Encoding", "X-Request-Id", "X-Real-IP", "X-Forwarded-For", "Range", "If-None-Match",
     "Expect", "Origin"],
)  # fmt: skip
@pytest.mark.parametrize("value", [b"\x00", b"\xff\xfe", b"x" * 8000, b"*", b"", b"'; DROP TABLE"])
async def test_no_header_breaks_a_read_or_a_write(world, kept, name, value):
    handheld = await at_work(world, kept)
    headers = {**handheld.headers, name: value}
    assert (await world.api.get("/picker/v1/me", headers=headers)).status_code == 200
    headers |= {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"1"'}
    stale = await world.api.post(place(handheld, "complete"), headers=headers)
    assert stale.json()["code"] == "VERSION_CONFLICT"


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [("abcdefgh", "abcdefgh"), ("A-b_c.12", "A-b_c.12"), ("x" * 64, "x" * 64), ("short", None),
     ("x" * 65, None), ("with space", None), ("a\x00bcdefg", None), ("ü" * 10, None), ("", None)],
)  # fmt: skip
async def test_a_request_id_is_taken_when_it_is_one_and_made_when_it_is_not(world, given, kept_as):
    headers = {**TOKEN, "X-Request-Id": given.encode("latin-1")}
    for path in ("/livez", "/nothing", "/picker/v1/me"):
        answer = await world.api.get(path, headers=headers)
        assert (answer.headers["x-request-id"] == given) is (kept_as is not None)
        assert len(answer.headers["x-request-id"]) >= 8
