"""Every scan is kept, refused ones too: with the code, and the answer stays as it was."""

from __future__ import annotations

import uuid

import pytest
import pytest_asyncio

from app.domain.barcode import check_digit
from tests.factories import BANANAS, BREAD, mark
from tests.http.picking import MARKED, device, free_hands, looking_at, order, picking, tell

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def idle(world):
    await free_hands(world)


async def kept(world, handheld):
    """Outcomes of the scans of this handheld's order."""
    sql = "SELECT coalesce(array_agg(outcome ORDER BY at), '{}') FROM scan WHERE order_id = $1"
    return await world.value(sql, handheld.order["id"])


async def refused(handheld, **body):
    answer = await handheld.ask("scan", **body)
    assert answer.status_code in (403, 409, 422), answer.text
    return answer.json()["code"]


def heavy():
    """A weight label of five kilograms of bananas."""
    code = "21" + "00101" + "05000"
    return code + str(check_digit(code))


async def test_a_label_that_is_too_heavy_is_refused_and_kept(world):
    handheld = await picking(world, BANANAS)
    before = (await handheld.reread())["version"]
    code = await refused(handheld, raw=heavy())
    assert await kept(world, handheld) == [code]
    line = "SELECT line_id::text FROM scan WHERE order_id = $1"
    assert await world.value(line, handheld.order["id"]) == handheld.order["lines"][0]["id"]
    assert (await handheld.reread())["version"] == before


async def test_a_mark_scanned_twice_is_kept_twice(world):
    handheld = await picking(world, MARKED, BREAD)
    raw = mark()
    await handheld.do("scan", raw=raw)
    code = await refused(handheld, raw=raw)
    assert await kept(world, handheld) == ["MATCHED", code]


async def test_a_question_that_is_refused_leaves_nothing(world):
    handheld = await picking(world, BANANAS)
    await handheld.do("release", reason="x")
    assert await refused(handheld, raw=heavy(), apply=False) == "NOT_ASSIGNED"
    assert await kept(world, handheld) == []


async def test_a_refused_scan_sent_again_is_one_and_another_under_its_key_is_another(world):
    handheld, key = await picking(world, BANANAS), str(uuid.uuid4())
    codes = {await refused(handheld, raw=heavy(), key=key) for _ in range(3)}
    assert await kept(world, handheld) == list(codes)
    answer = await handheld.ask("scan", raw="what is this", key=key)  # nothing was done under it
    assert answer.status_code == 200
    assert await kept(world, handheld) == [*codes, "UNKNOWN_CODE"]
    assert await refused(handheld, raw=heavy(), key=key) == "IDEMPOTENCY_KEY_REUSED"
    assert await kept(world, handheld) == [*codes, "UNKNOWN_CODE"]


async def test_a_line_that_is_not_the_orders_is_not_kept_with_it(world):
    handheld = await picking(world, BANANAS)
    await tell(world, "order.canceled", handheld.order["number"])
    code = await refused(handheld, raw="x", line_id=str(uuid.uuid4()))
    assert (await kept(world, handheld), code) == (["ORDER_CANCELLED"], "ORDER_CANCELLED")
    line = "SELECT line_id FROM scan WHERE order_id = $1"
    assert await world.value(line, handheld.order["id"]) is None


async def test_a_scan_of_an_order_that_is_not_there_is_not_found_and_no_more(world):
    handheld = await picking(world, BANANAS)
    before = await world.value("SELECT count(*) FROM scan")
    handheld.order = {**handheld.order, "id": str(uuid.uuid4())}
    assert (await handheld.ask("scan", raw="x")).json()["code"] == "ORDER_NOT_FOUND"
    assert await world.value("SELECT count(*) FROM scan") == before


async def test_a_batch_keeps_them_too(world):
    handheld = await picking(world, BANANAS)
    operation = {
        "op_id": str(uuid.uuid4()), "order_id": handheld.order["id"], "type": "scan",
        "base_version": handheld.order["version"], "payload": {"raw": heavy()},
        "client_ts": "2026-03-02T10:00:00+03:00",
    }  # fmt: skip
    for _ in range(2):
        answer = await handheld.client.post(
            "/picker/v1/ops:batch", json={"operations": [operation]}, headers=handheld.headers
        )
        assert answer.json()["results"][0]["outcome"] == "refused", answer.text
    assert len(await kept(world, handheld)) == 1


async def test_a_run_keeps_them_with_the_order_that_was_meant(world):
    numbers = [await order(world, BREAD), await order(world, BANANAS)]
    seen = [await looking_at(world, number) for number in numbers]
    handheld = await device(world)
    ids = [each.order["id"] for each in seen]
    run = (await handheld.post("/picker/v1/runs", {"order_ids": ids})).json()
    for each in seen:
        await each.reread()
        await each.do("start")
    answer = await handheld.post(f"/picker/v1/runs/{run['id']}/scan", {"raw": heavy()})
    assert answer.status_code == 422, answer.text
    assert [await kept(world, each) for each in seen] == [[], [answer.json()["code"]]]
    asked = await handheld.post(
        f"/picker/v1/runs/{run['id']}/scan", {"raw": heavy(), "apply": False}
    )
    assert asked.status_code == 422 or asked.json()["result"]["scan"]
    assert len(await kept(world, seen[1])) == 1
