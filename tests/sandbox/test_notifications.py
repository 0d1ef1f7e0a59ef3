"""The three generations of the endpoint: who is let in, what is answered, never a 500."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Bench, serving, until

V1, V3, OFM = (
    "/kuper/v1/notifications",
    "/kuper/v3/notifications",
    "/kuper/ofm/api/v1/notifications",
)


def in_work(order_id: str) -> dict[str, Any]:
    return {"event": {"type": "order.in_work", "payload": {"order_id": order_id}}}


async def bearer(bench: Bench) -> dict[str, str]:
    secret = bench.credentials["accounts"][0]["api"]["token"]
    form = {"client_id": "sm-demo", "client_secret": secret, "grant_type": "client_credentials"}
    answer = await bench.http.post("/kuper/auth/token", data=form)
    assert answer.json()["token_type"] == "Bearer"
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_every_generation_takes_a_notification(bench: Bench):
    token = bench.credentials["accounts"][0]["api"]["token"]
    for path, headers in (
        (V3, {"Client-Token": token}),
        (V1, {"Client-Token": token, "Api-Version": "3.0"}),
        (OFM, await bearer(bench)),
    ):
        order_id = await bench.order()
        answer = await bench.http.post(path, json=in_work(order_id), headers=headers)
        assert (answer.status_code, answer.json()) == (200, {})
        shipment = await bench.shipment(order_id)
        assert shipment["state"] == "collecting"
        assert shipment["notifications"][0]["endpoint"] == path
        assert json.loads(shipment["notifications"][0]["body"]) == in_work(order_id)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (V3, {}),
        (V3, {"Client-Token": "wrong"}),
        (V1, {"Api-Version": "3.0"}),
        (V1, {"Client-Token": "good"}),
        (V1, {"Client-Token": "good", "Api-Version": "2.0"}),
        (OFM, {"Client-Token": "good"}),
        (OFM, {"Authorization": "Bearer wrong"}),
        (OFM, {"Authorization": "Bearer"}),
    ],
)
async def test_nobody_else_is_let_in(bench: Bench, path: str, headers: dict[str, str]):
    good = bench.credentials["accounts"][0]["api"]["token"]
    sent = {name: good if value == "good" else value for name, value in headers.items()}
    answer = await bench.http.post(path, json=in_work(await bench.order()), headers=sent)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["type"] == "unauthorized"


async def test_a_bearer_token_ends_with_its_time_or_when_revoked(bench: Bench):
    headers = await bearer(bench)
    assert bench.app.state.kuper.tokens.lifetime == timedelta(hours=1)
    bench.app.state.kuper.tokens.lifetime = timedelta(0)
    dead = await bearer(bench)
    order_id = await bench.order()
    refused = await bench.http.post(OFM, json=in_work(order_id), headers=dead)
    assert refused.status_code == 401
    await bench.set(revoke_tokens=True)
    refused = await bench.http.post(OFM, json=in_work(order_id), headers=headers)
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 400),
        ({"grant_type": "password"}, 400),
        ({"grant_type": "client_credentials"}, 401),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401),
    ],
)
async def test_wrong_client_credentials_get_no_token(
    bench: Bench, form: dict[str, str], status: int
):
    assert (await bench.http.post("/kuper/auth/token", data=form)).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"event": 1}',
        b'{"event": {"type": 1, "payload": {}}}',
        b'{"event": {"type": "order.in_work", "payload": []}}',
        b'{"event": {"type": "order.in_work", "payload": {}}}',
        b'{"event": {"type": "order.in_work", "payload": {"order_id": 7}}}',
        b'{"event": {"type": "order.in_work", "payload": {"order_id": "H9999999999"}}}',
        b'{"event": {"type": "\\ud800", "payload": {"order_id": "\\ud800"}}}',
        b"[" * 100_000,
        b"1" * 10_000,
        b"\xff\xfe",
        b" " * (1 << 20) + b"{}",
    ],
)
async def test_nonsense_is_answered_422_with_reasons(bench: Bench, body: bytes):
    answer = await bench.http.post(V1, content=body, headers=bench.api_headers)
    assert answer.status_code == 422
    assert {"type", "field", "message"} == answer.json()["errors"][0].keys()


async def test_a_strange_type_for_a_known_order_is_kept_and_shown(bench: Bench):
    order_id = await bench.order()
    body = {"event": {"type": "\ud800", "payload": {"order_id": order_id}}}
    raw = json.dumps(body).encode()
    answer = await bench.http.post(V1, content=raw, headers=bench.api_headers)
    assert answer.status_code == 422
    assert (await bench.shipment(order_id))["notifications"][0]["status"] == 422


async def test_the_order_may_be_named_by_its_uuid(bench: Bench):
    order_id = await bench.order()
    name = (await bench.shipment(order_id))["orderUUID"]
    body = {"event": {"type": "order.in_work", "payload": {"orderUUID": name}}}
    assert (await bench.http.post(V1, json=body, headers=bench.api_headers)).status_code == 200


async def test_failures_are_switched_on_for_the_next_few(bench: Bench):
    order_id = await bench.order()
    await bench.set(fail_next={"count": 2, "status": 429, "retry_after": 3})
    answers = [await bench.notify(order_id, "in_work") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"


async def test_a_lost_answer_was_nevertheless_taken(bench: Bench):
    order_id = await bench.order()
    await bench.set(lose_next=1)
    async with serving(bench.app) as url, httpx.AsyncClient(base_url=url, timeout=60) as far:
        with pytest.raises(httpx.RemoteProtocolError):
            await far.post(V1, json=in_work(order_id), headers=bench.api_headers)
    assert (await bench.shipment(order_id))["state"] == "collecting"
    assert (await bench.notify(order_id, "in_work")).status_code == 422
    await bench.set(repeat_answer=202)
    assert (await bench.notify(order_id, "in_work")).status_code == 202
    counts = (await bench.http.get("/kuper/_state")).json()["counts"]
    assert (counts["notifications_accepted"], counts["notifications_repeated"]) == (1, 2)
    assert "notifications_refused" not in counts


@pytest.mark.parametrize(
    "wrong", [{"repeat_answer": 300}, {"unknown": 1}, {"delay": -1}, {"fail_next": {"status": 200}}]
)
async def test_a_switch_that_does_not_exist_is_refused(bench: Bench, wrong: dict[str, Any]):
    answer = await bench.http.post("/kuper/_control", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_the_read_side_lists_filters_and_pages(bench: Bench):
    headers = await bearer(bench)
    orders = [await bench.order() for _ in range(3)]
    await bench.notify(orders[1], "in_work")
    url = "/kuper/ofm/api/v1/shipments"
    first = (await bench.http.get(f"{url}?maxPageSize=2", headers=headers)).json()
    assert [row["originalOrderId"] for row in first["data"]] == [orders[0], orders[2]]
    token = first["nextPageToken"]
    rest = (await bench.http.get(f"{url}?nextPageToken={token}", headers=headers)).json()
    assert [row["originalOrderId"] for row in rest["data"]] == [orders[1]], "the last change"
    assert rest["nextPageToken"] is None
    picked = (await bench.http.get(f"{url}?filters[state]=collecting", headers=headers)).json()
    assert [row["originalOrderId"] for row in picked["data"]] == [orders[1]]
    state = (await bench.http.get(f"{url}/{orders[1]}/state", headers=headers)).json()
    assert state["data"] == {"state": "collecting", "paymentState": "not_paid"}
    assert (await bench.http.get(f"{url}/H0", headers=headers)).status_code == 404
    assert (await bench.http.get(url)).status_code == 401
    other = f"filters[state]=ready&nextPageToken={token}"  # a token is one list's
    amiss = ("filters[createdFrom]=soon", "filters[colour]=red", "maxPageSize=all", other)
    for query in amiss:
        wrong = await bench.http.get(f"{url}?{query}", headers=headers)
        assert wrong.status_code == 422, query


async def test_the_read_side_shows_what_was_picked_once_an_order_is_ready(bench: Bench):
    headers = await bearer(bench)
    wish = [{"id": "100201", "quantity": 3}, {"id": "100202", "quantity": 2}]
    order_id = await bench.order(positions=wish)
    url = f"/kuper/ofm/api/v1/shipments/{order_id}"
    before = (await bench.http.get(url, headers=headers)).json()["data"]
    await bench.notify(order_id, "in_work")
    await bench.ready(order_id, {"id": "100201", "quantity": 2})
    after = (await bench.http.get(url, headers=headers)).json()["data"]
    assert [row["quantity"] for row in before["positions"]] == [3, 2]
    found = {row["id"]: (row["quantity"], row["originalQuantity"], row["state"])
             for row in after["positions"]}  # fmt: skip
    assert found == {"100201": (2, 3, "assembled"), "100202": (0, 2, "canceled")}
    assert after["total"] != before["total"]


async def test_a_list_fails_as_often_as_it_is_told(bench: Bench):
    headers = await bearer(bench)
    await bench.set(fail_lists={"count": 1, "status": 429, "retry_after": 7})
    url = "/kuper/ofm/api/v1/shipments"
    first, second = [await bench.http.get(url, headers=headers) for _ in range(2)]
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert second.status_code == 200


async def test_webhooks_are_dropped_doubled_and_late_as_the_switches_say(bench: Bench):
    await bench.set(drop=1.0)
    lost = await bench.order()
    await bench.set(drop=0.0, double=1.0)
    twice = await bench.order()
    await until(lambda: len(bench.hub.events(twice)) == 2)
    await bench.set(double=0.0, late=1.0, shuffle_within=0.01)
    late = await bench.order()
    got = {order: bench.hub.events(order) for order in (lost, twice, late)}
    assert (got[lost], got[twice], got[late]) == (
        [], ["order.created"] * 2, ["order.created"]
    )  # fmt: skip
    assert (await bench.shipment(lost))["webhooks"][0]["outcome"] == "dropped"
