"""Own systems that are told of orders, over HTTP: for operators alone, and no secret twice."""

import json
import uuid

import jsonschema_rs
import pytest

from app.domain.integrator import EventType
from tests.http.ways.integrators import SUBSCRIPTIONS
from tests.http.ways.monitoring import DUTY
from tests.integrators.ears import SECRET, believed, types
from tests.marketplaces.far import far, says


async def post(api, path, **said):
    return await api.post(f"/integrators/v1/{path}", json=said, auth=DUTY)


async def get(api, path):
    return await api.get(f"/integrators/v1/{path}", auth=DUTY)


async def test_a_subscription_is_made_tried_followed_and_let_go(ears, api):
    async with far(says(200, b"hello")) as side:
        made = await post(api, "subscriptions", code="shop", url=side.url, secrets=[SECRET])
        assert made.json() == {"code": "shop", "secret": None}, "its own secret is not told back"
        tried = await post(api, "subscriptions/shop/test")
        assert tried.json() == {"taken": True, "status": 200, "said": "hello"}
        assert believed(side)["type"] == "hub.test"
        await post(api, "subscriptions/shop/pause")
        await ears.place()
        assert await ears.carry() == 0
        (row,) = (await get(api, "subscriptions")).json()["subscriptions"]
        assert (row["active"], row["pause_reason"], row["waiting"]) == (False, "operator", 2)
        await post(api, "subscriptions/shop/resume")
        await ears.carry()
        assert types(side)[1:] == ["order.placed", "order.accepted"]
        log = (await get(api, "subscriptions/shop/deliveries?type=order.placed")).json()
        (one,) = log["deliveries"]
        assert (one["state"], one["tries"][0]["status"], one["order"]) == ("done", 200, "H1")
        again = (await post(api, f"deliveries/{one['id']}/resend")).json()["id"]
        await ears.carry()
        assert again != one["id"]
        assert side.headers()["webhook-id"] == f"msg_{uuid.UUID(one['message_id']).hex}"
        assert (await post(api, "subscriptions/shop/remove")).json() == {"subscriptions": []}


async def test_the_journal_says_who_did_what_and_no_secret(ears, api, capfd):
    url = "http://127.0.0.1:1/in/h1dden?key=h1dden"
    for _ in ("put", "changed"):
        await post(api, "subscriptions", code="shop", url=url, secrets=[SECRET])
    for deed in ("rotate", "pause", "resume", "remove", "remove"):
        await post(api, f"subscriptions/shop/{deed}")
    said = "".join(capfd.readouterr())
    lines = [line for line in said.splitlines() if "integrator " in line]  # a refused deed has none
    deeds = ("put", "put", "rotated", "paused", "resumed", "removed")
    for line, deed in zip(lines, deeds, strict=True):
        assert f"integrator {deed}" in line
        assert DUTY[0] in line
        assert "shop" in line
    assert "127.0.0.1:1" in lines[0]
    assert "h1dden" not in said
    assert "whsec_" not in said


async def test_an_order_is_read_as_its_events_tell_it(ears, api):
    await ears.place()
    id_ = await ears.value("SELECT id FROM orders")
    order = (await get(api, f"orders/{id_}")).json()["order"]
    assert (order["number"], order["state"], len(order["lines"])) == ("H1", "accepted", 2)
    assert (await get(api, f"orders/{uuid.uuid4()}")).status_code == 404


async def test_every_event_is_served_with_its_schema(api):
    served = (await get(api, "event-types")).json()["types"]
    assert [each["type"] for each in served] == list(EventType)
    for each in served:
        jsonschema_rs.meta.validate(each["schema"])


@pytest.mark.parametrize(
    "said",
    [{}, {"code": "x"}, {"code": "", "url": "https://a.example.com"}, {"code": "x", "url": ""},
     {"code": "x", "url": "http://169.254.169.254/"}, {"code": "x", "url": "https://a\x00.com"},
     {"code": "x\n", "url": "https://a.example.com"}, {"code": "x", "url": 5},
     {"code": "x", "url": "https://a.example.com", "parallel": 0},
     {"code": "x", "url": "https://a.example.com", "pause_after_hours": 10**9},
     {"code": "x", "url": "https://a.example.com", "events": ["hub.test"]},
     {"code": "x", "url": "https://a.example.com", "stores": ["\x00"]},
     {"code": "x", "url": "https://a.example.com", "name": "a\x00b"},
     {"code": "x", "url": "https://a.example.com", "merchant": "no\x00body"},
     {"code": "x", "url": "https://a.example.com", "secrets": [SECRET] * 4}],
)  # fmt: skip
async def test_what_is_wrongly_said_is_refused_and_nothing_is_written(ears, api, said):
    answer = await post(api, "subscriptions", **said)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")
    assert SECRET not in answer.text
    assert await ears.value("SELECT count(*) FROM integrator") == 0


@pytest.mark.parametrize("limit", ["0", "-1", "501", "x", "9" * 30, "²", "0000000019999999"])
async def test_a_log_is_not_read_without_end(ears, api, limit):
    await ears.subscribe("http://127.0.0.1:1")
    path = f"subscriptions/shop/deliveries?limit={limit}"
    assert (await get(api, path)).json()["code"] == "INVALID_BODY"


@pytest.mark.parametrize("deed", ["rotate", "test"])
async def test_secrets_that_cannot_be_opened_are_said_to_be_so(ears, api, deed):
    await ears.subscribe("http://127.0.0.1:1")
    await ears.sql("UPDATE integrator SET sealed = 'x'")
    answer = await post(api, f"subscriptions/shop/{deed}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")
    assert "HUB_MASTER_KEY" in answer.text


async def test_nobody_but_operators_is_let_in(api):
    for path in ("subscriptions", "event-types", f"orders/{uuid.uuid4()}"):
        assert (await api.get(f"/integrators/v1/{path}")).status_code == 401
    answer = await api.post(SUBSCRIPTIONS, content=json.dumps({"code": "x"}))
    assert answer.status_code == 401
