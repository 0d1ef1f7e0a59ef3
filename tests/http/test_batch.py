"""What a handheld did offline arrives at once: each write once, an order stops at a conflict."""

import json
import uuid

import pytest

from tests.factories import BANANAS, BREAD, Handheld
from tests.http.picking import BANANAS_ID, BREAD_ID, looking_at, picking, tell

KEFIR_ID = "100201"

pytestmark = pytest.mark.asyncio(loop_scope="module")


def op(handheld: Handheld, type_: str, sku: str | None = None, **payload) -> dict:
    """One write as the handheld keeps it while there is no network."""
    line = {"line_id": handheld.line(sku)["id"]} if sku else {}
    return {
        "op_id": str(uuid.uuid4()),
        "order_id": handheld.order["id"],
        "base_version": handheld.order["version"],
        "type": type_,
        "payload": payload,
        "client_ts": "2026-03-02T10:00:00+03:00",
        **line,
    }


async def send(handheld: Handheld, *operations: dict) -> dict:
    answer = await handheld.client.post(
        "/picker/v1/ops:batch", json={"operations": operations}, headers=handheld.headers
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def outcomes(sent: dict) -> list[str]:
    return [result["outcome"] for result in sent["results"]]


async def test_writes_made_from_one_version_are_done_one_after_the_other(world):
    handheld = await picking(world, BREAD, BANANAS)
    sent = await send(
        handheld,
        op(handheld, "pick", BREAD_ID, quantity=1),
        op(handheld, "pick", BREAD_ID, quantity=3),
        op(handheld, "weigh", BANANAS_ID, grams=990),
    )
    assert outcomes(sent) == ["done"] * 3
    lines = {line["sku"]: line for line in sent["orders"][0]["lines"]}
    assert (lines[BREAD_ID]["state"], lines[BANANAS_ID]["state"]) == ("picked", "picked")
    detail = await world.value(
        "SELECT detail FROM timeline WHERE order_id = $1 ORDER BY id DESC LIMIT 1",
        handheld.order["id"],
    )
    assert detail["offline"] is True
    assert detail["client_at"] == "2026-03-02T10:00:00+03:00"


async def test_however_often_a_batch_is_sent_its_writes_happen_once(world):
    handheld = await picking(world, {**BREAD, "id": KEFIR_ID}, BANANAS)
    code = handheld.line(KEFIR_ID)["barcodes"][0]
    writes = [
        op(handheld, "scan", raw=code),
        op(handheld, "scan", raw=code),
        op(handheld, "weigh", BANANAS_ID, grams=990),
    ]
    before = await send(handheld, *writes)
    for _ in range(3):
        assert (await send(handheld, *writes))["results"] == before["results"]
    # A tail that had not been sent before goes on from where the batch stands.
    assert before["orders"][0]["lines"][0]["picked"]["pieces"] == 2
    tail = op(handheld, "pick", KEFIR_ID, quantity=3)
    after = await send(handheld, *writes, tail)
    assert outcomes(after) == ["done"] * 4
    assert (
        await world.value("SELECT count(*) FROM scan WHERE order_id = $1", handheld.order["id"])
        == 2
    )


async def test_a_write_sent_alone_and_again_in_a_batch_is_one_write(world):
    handheld = await picking(world, BREAD)
    again = op(handheld, "pick", BREAD_ID, quantity=2)
    alone = await handheld.ask("pick", line=BREAD_ID, quantity=2, key=again["op_id"])
    sent = await send(handheld, again)
    assert outcomes(sent) == ["done"]
    assert sent["results"][0]["version"] == alone.json()["order"]["version"]


async def test_an_order_stops_at_its_first_conflict_and_the_others_go_on(world):
    first, second = await picking(world, BREAD, BANANAS), None
    other = await looking_at(world, first.order["number"])
    await tell(world, "order.canceled", first.order["number"])
    second = await picking(world, BREAD)
    sent = await send(
        second,
        op(other, "pick", BREAD_ID, quantity=3),
        op(second, "pick", BREAD_ID, quantity=1),
        op(other, "weigh", BANANAS_ID, grams=990),
        op(second, "pick", BREAD_ID, quantity=2),
    )
    assert outcomes(sent) == ["refused", "done", "not_tried", "done"]
    assert sent["results"][0]["problem"]["code"] == "ORDER_CANCELLED"
    assert {order["state"] for order in sent["orders"]} == {"cancelled", "picking"}


async def test_a_stale_version_is_a_conflict(world):
    handheld = await picking(world, BREAD)
    stale = op(handheld, "pick", BREAD_ID, quantity=1)
    await handheld.do("pick", line=BREAD_ID, quantity=2)
    sent = await send(handheld, stale)
    assert sent["results"][0]["problem"]["code"] == "VERSION_CONFLICT"


async def test_a_payload_that_is_none_stops_only_its_own_order(world):
    handheld = await picking(world, BREAD)
    sent = await send(handheld, op(handheld, "pick", BREAD_ID, quantity="three"))
    assert sent["results"][0]["problem"]["code"] == "INVALID_BODY"


@pytest.mark.parametrize("type_", ["claim", "ready", "handover", "complete", "replace", "x"])
async def test_only_what_is_harmless_to_send_late_is_taken(world, type_):
    handheld = await picking(world, BREAD)
    answer = await handheld.post("/picker/v1/ops:batch", {"operations": [op(handheld, type_)]})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", json.dumps({"operations": [1]}).encode()])
async def test_a_body_that_is_no_batch_is_refused(world, body):
    handheld = await picking(world, BREAD)
    answer = await world.api.post("/picker/v1/ops:batch", content=body, headers=handheld.headers)
    assert answer.json()["code"] == "INVALID_BODY"


async def test_an_empty_batch_is_fine(world):
    handheld = await picking(world, BREAD)
    assert await send(handheld) == {"results": [], "orders": []}


async def test_a_key_used_for_something_else_is_refused(world):
    handheld = await picking(world, BREAD)
    one = op(handheld, "pick", BREAD_ID, quantity=1)
    two = {**op(handheld, "pick", BREAD_ID, quantity=2), "op_id": one["op_id"]}
    sent = await send(handheld, one, two)
    assert sent["results"][1]["problem"]["code"] == "IDEMPOTENCY_KEY_REUSED"
