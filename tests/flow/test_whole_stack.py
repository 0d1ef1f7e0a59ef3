"""One order through the real thing: nginx, four workers, scheduler, СМ and Telegram's stand-ins."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import Handheld, iso
from tests.stack import PATIENCE, running

pytestmark = pytest.mark.stack

WEIGHED, PIECES, GONE = "200101", "100201", "100205"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running(
        tmp_path_factory.mktemp("stack") / "hub", HUB_DOCUMENTS_EVERY="2", HUB_LANG="ru"
    ) as running_stack:
        yield running_stack


def order_at_kuper(stack, order_id):
    return stack.sandbox.get("/kuper/_state", params={"order": order_id}).json()


def notifications(stack, order_id):
    return [n for n in order_at_kuper(stack, order_id)["notifications"] if n["status"] < 300]


def happens(stack, order_id, event, **payload):
    said = {"event": event, "payload": payload}
    answer = stack.sandbox.post(f"/kuper/_orders/{order_id}/events", json=said)
    assert answer.json()["webhook"]["event_type"] == event, answer.text
    assert stack.taken(order_id)["event_type"] == event


def at_the_erp(stack, document_id):
    found = stack.sandbox.get("/erp/_state").json()["documents"]
    return [each for each in found if each["document_id"] == document_id]


def is_at_the_erp_once(stack, document):
    """The document came to the stand-in one time, and the number it got there came back."""
    (there,) = stack.wait("the document at the ERP", lambda: at_the_erp(stack, document["id"]))
    assert there["document_number"] == document["number"]
    assert sum(there["deliveries"].values()) == 1
    assert json.loads(there["body"])[0]["total"] == document["total"]
    (told,) = stack.json("documents", "deliveries", document["number"], "--json")
    assert [each["erp_number"] for each in told["deliveries"]] == [there["number"]]


def chat(stack, order_id):
    """What was said of this order; that the machine is slow may be told as well."""
    (found,) = stack.sandbox.get("/telegram/_state").json()["chats"]
    return [message for message in found["messages"] if order_id in message["text"]]


async def test_an_order_with_a_weight_a_short_and_a_drop_survives_a_killed_worker(stack):
    now = datetime.now(UTC)
    wish = {
        "positions": [{"id": WEIGHED, "weight": 1000}, {"id": PIECES, "quantity": 3},
                      {"id": GONE, "quantity": 1}],
        "store": "MSK-07",
        "plays": False,
        "fields": {"completeBefore": iso(now + timedelta(hours=1))},
    }  # fmt: skip
    created = stack.sandbox.post("/kuper/_orders", json=wish).json()
    order_id = created["originalOrderId"]
    assert json.loads(stack.taken(order_id)["answer"])["number"] == order_id

    async with stack.client() as client:
        handheld = await Handheld(client, language="ru").sign_in()
        async with asyncio.timeout(PATIENCE):  # a webhook is acknowledged before it is worked on
            while await handheld.next() is None:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await handheld.do("start")
        await handheld.do("weigh", line=WEIGHED, grams=1040, source="scale")

        victim = stack.worker(2)
        os.kill(victim, signal.SIGKILL)
        await handheld.do("short", line=PIECES, quantity=2, reason="мало на полке")
        await handheld.do("drop", line=GONE, reason="нет на полке")

        # The customer's deadline moves into the past while the order is being picked: it is late.
        happens(stack, order_id, "order.changed", completeBefore=iso(now - timedelta(minutes=3)))
        (late,) = stack.wait("the late order in Telegram", lambda: chat(stack, order_id))
        assert "опаздывает" in late["text"]

        await handheld.reread()
        await handheld.do("complete")
        await handheld.do("ready")
    assert stack.worker(2) != victim

    ready = stack.wait(
        "ready_for_delivery at СМ",
        lambda: [n for n in notifications(stack, order_id)
                 if n["event_type"] == "order.ready_for_delivery"],
    )  # fmt: skip
    types = [n["event_type"] for n in notifications(stack, order_id)]
    assert types == ["order.in_work", "order.ready_for_delivery"]
    composition = json.loads(ready[0]["body"])["event"]["payload"]["order"]
    assert composition["changed"] is True
    assert {p["id"]: (p["quantity"], p.get("weight")) for p in composition["positions"]} == {
        WEIGHED: (1, "1040"),
        PIECES: (2, None),
        GONE: (0, None),
    }

    for event in ("order.paid", "order.received", "order.delivering", "order.delivered"):
        happens(stack, order_id, event)
    (document,) = stack.wait(
        "the sales document", lambda: stack.json("export", "--order", order_id)
    )
    lines = {line["sku"]: line for line in document["lines"]}
    assert set(lines) == {WEIGHED, PIECES}
    assert lines[WEIGHED]["quantity"] == "1.040"
    prices = {i["id"]: i["discount_price"] for i in order_at_kuper(stack, order_id)["items"]}
    weighed = (prices[WEIGHED] * 1040 * 2 + 1000) // 2000
    total = weighed + prices[PIECES] * 2
    assert document["total"] == f"{total // 100}.{total % 100:02d}"
    assert document["number"].endswith("-000001")

    is_at_the_erp_once(stack, document)
    shown = stack.json("orders", "show", order_id, "--json")
    assert shown["state"] == "delivered"
    assert shown["totals"]["final"] == total
    assert {row["kind"] for row in shown["timeline"]} >= {
        "delivery", "decision", "picker", "message", "document", "erp"
    }  # fmt: skip
    (over,) = stack.wait(
        "the resolution", lambda: [m for m in chat(stack, order_id) if m["edit_date"]]
    )
    assert over["message_id"] == late["message_id"]
    assert "решено" in over["text"]
    assert len(chat(stack, order_id)) == 1


async def test_the_original_hook_url_takes_the_token_and_answers_403_to_any_other(stack):
    token = stack.credentials["accounts"][0]["headers"]
    async with stack.client() as client:
        url, news = "/sbermarket/orders/hook/", b'{"event_type":"ping","payload":{}}'
        right = await client.post(url, content=news, headers=token)
        wrong = await client.post(url, content=news, headers={"Client-Token": "guess"})
        none = await client.post(url, content=news)
        nobody = await client.post("/hooks/nobody", content=news, headers=token)
    assert [a.status_code for a in (right, wrong, none, nobody)] == [200, 403, 403, 404]
    assert right.headers["x-request-id"]


async def test_every_worker_is_behind_the_gateway_and_metrics_tell_of_all_of_them(stack):
    async with stack.client() as client:
        ready = set()
        async with asyncio.timeout(PATIENCE):
            while len(ready) < 4:  # a worker may be too busy to be sure of its database
                answer = (await client.get("/readyz")).json()
                ready |= {answer["worker"]} if answer["status"] == "ready" else set()
        text = (await client.get("/metrics")).text
    assert 'hub_requests_total{route="/readyz",status="200"}' in text
    assert 'hub_queue_unfinished{queue="telegram_outbox"}' in text
