"""Ways of an order through the real thing: replaced and bagged, by the original's protocol, from
paper, and called off under the picker's hands."""

import asyncio
import json
import uuid
from contextlib import asynccontextmanager

import pytest

from tests.factories import Handheld, mark
from tests.flow.streams import reading
from tests.stack import PATIENCE, running

pytestmark = pytest.mark.stack

BANANAS, CHEESE, BREAD, MILK, KEFIR = "200101", "200201", "100201", "100401", "100402"
KEFIR_EAN, BREAD_EAN = "4690001004020", "4690001002019"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with running(
        tmp_path_factory.mktemp("ways") / "hub", HUB_DOCUMENTS_EVERY="2", HUB_LANG="en"
    ) as running_stack:
        yield running_stack


def placed(stack, *positions, policy="call_or_replace", store="MSK-07"):
    wish = {"positions": list(positions), "store": store, "plays": False,
            "fields": {"replacementPolicy": policy}}  # fmt: skip
    answer = stack.sandbox.post("/kuper/_orders", json=wish).json()
    stack.taken(answer["originalOrderId"])
    return answer["originalOrderId"]


def known(stack, number):
    return stack.sandbox.get("/kuper/_state", params={"order": number}).json()


def told(stack, number, status=200):
    """What СМ took of this order."""
    return [n for n in known(stack, number)["notifications"] if n["status"] == status]


def happens(stack, number, event):
    answer = stack.sandbox.post(f"/kuper/_orders/{number}/events", json={"event": event})
    assert answer.json()["webhook"]["event_type"] == event, answer.text
    assert stack.taken(number)["event_type"] == event


def composition(stack, number):
    """The only composition СМ was ever sent."""
    ready = stack.wait(
        "the composition at СМ",
        lambda: [n for n in told(stack, number) if n["event_type"] == "order.ready_for_delivery"],
    )
    all_of_them = known(stack, number)["notifications"]
    assert sum(n["event_type"] == "order.ready_for_delivery" for n in all_of_them) == 1
    assert {n["status"] for n in all_of_them} == {200}
    rows = json.loads(ready[0]["body"])["event"]["payload"]["order"]["positions"]
    return {row["id"]: row for row in rows}


def delivered(stack, number):
    """The rest of СМ's day; the sales document."""
    for event in ("order.paid", "order.received", "order.delivering", "order.delivered"):
        happens(stack, number, event)
    (document,) = stack.wait("the document", lambda: stack.json("export", "--order", number))
    return {line["sku"]: line for line in document["lines"]}


@asynccontextmanager
async def picker(stack, badge="1001", pin="4711"):
    async with stack.client() as client:
        yield await Handheld(client).sign_in(badge, pin)


async def soon(ask):
    """What is there at last: a webhook is acknowledged before it is worked on."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await ask()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return found


async def look(handheld, number):
    """Wait for this very order on the handheld."""

    async def rows():
        answer = await handheld.get(f"/picker/v1/orders?scope=store&q={number}")
        return [row for row in answer.json()["orders"] if row["state"] == "accepted"]

    (handheld.order,) = await soon(rows)
    await handheld.reread()


async def bag(handheld, temperature, place):
    """A sealed bag at its place."""
    opened = (await handheld.do("bags", temperature=temperature))["order"]["bags"][-1]
    await handheld.do("seal", bag_id=opened["id"])
    await handheld.do("stage", location_code=place, bag_codes=[opened["code"]])
    return opened


async def test_a_replacement_marks_labels_and_bags_reach_the_courier_and_the_document(stack):
    number = placed(stack, {"id": BANANAS, "weight": 1000}, {"id": BREAD, "quantity": 1},
                    {"id": MILK, "quantity": 1})  # fmt: skip
    async with picker(stack) as handheld:
        await look(handheld, number)
        for verb in ("claim", "start"):
            await handheld.do(verb)
        for label in ("2100101004007", "2100101006407"):
            scanned = await handheld.do("scan", raw=checked(label))
            assert scanned["scan"]["outcome"] == "MATCHED"
        assert handheld.line(BANANAS)["picked"]["grams"] == 1040
        await handheld.do("scan", raw=BREAD_EAN)
        offered = await handheld.do("replace", line=MILK, items=[{"sku": KEFIR}], reason="no milk")
        assert offered["message"]["code"] == "REPLACEMENT_PROPOSED"
        refused = await handheld.ask("complete")
        assert (refused.status_code, refused.json()["code"]) == (409, "APPROVAL_PENDING")
        await handheld.do("decide", line=MILK, approved=True)
        unit = mark(ean=KEFIR_EAN)
        await handheld.do("pick", line=KEFIR, quantity=1, marks=[unit])
        review = (await handheld.get(f"/picker/v1/orders/{handheld.order['id']}/review")).json()
        assert review["blockers"] == []
        await handheld.do("complete")
        bags = [await bag(handheld, "ambient", "ST-1"), await bag(handheld, "chilled", "ST-C")]
        label = await handheld.get(
            f"/picker/v1/orders/{handheld.order['id']}/bags/{bags[0]['id']}/label?format=png"
        )
        assert label.content.startswith(b"\x89PNG")
        await handheld.do("ready")

        rows = composition(stack, number)
        assert set(rows) == {BANANAS, BREAD, MILK, KEFIR}
        assert rows[MILK]["replacedByID"] == KEFIR
        assert rows[BANANAS]["weight"] == "1040"
        assert [each["value"] for each in rows[KEFIR]["markingCode"]]

        happens(stack, number, "courier.arrived")
        codes = [each["code"] for each in bags]
        missing = await handheld.ask("handover", bag_codes=codes[:1])
        assert (missing.status_code, missing.json()["code"]) == (422, "BAGS_MISSING")
        await handheld.reread()
        assert (await handheld.do("handover", bag_codes=codes))["order"]["state"] == "handed_over"
    lines = delivered(stack, number)
    assert set(lines) == {BANANAS, BREAD, KEFIR}
    assert lines[BANANAS]["quantity"] == "1.040"
    assert unit.split("\x1d")[0] in json.dumps(lines[KEFIR])


async def test_an_application_of_the_originals_kind_takes_an_order_to_its_end(stack):
    number = placed(stack, {"id": BANANAS, "weight": 500}, {"id": BREAD, "quantity": 2},
                    store="MSK-12")  # fmt: skip
    token = stack.credentials["clients"][0]["token"]
    async with stack.client() as client:

        async def call(method, **data):
            answer = await client.post(
                f"/sbermarket/orders/api/{method}",
                json={"requestId": str(uuid.uuid4()),
                      "requestData": {"employee": "1201", "orderId": number, **data}},
                headers={"Client-Token": token},
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
            return answer.json()["result"]

        async def accepted():
            return [r for r in (await call("getOrders"))["orders"] if r["state"] == "accepted"]

        await soon(accepted)
        for method, data in (
            ("takeOrder", {}), ("startOrder", {}), ("weighItem", {"itemId": BANANAS, "grams": 510}),
            ("pickItem", {"itemId": BREAD, "quantity": 2}), ("completeOrder", {}),
        ):  # fmt: skip
            await call(method, **data)
        opened = (await call("openBag", temperature="ambient"))["order"]["bags"][0]
        await call("sealBag", bagId=opened["id"])
        await call("readyOrder")
        handed = await call("handOverOrder", bagCodes=[opened["code"]], courier="Own")
        assert handed["order"]["state"] == "handed_over"
        wrong = await client.post("/sbermarket/orders/api/getOrders", json={},
                                  headers={"Client-Token": "guess"})  # fmt: skip
        assert wrong.status_code == 403
    assert composition(stack, number)[BANANAS]["weight"] == "510"
    assert set(delivered(stack, number)) == {BANANAS, BREAD}


async def test_a_printed_list_is_walked_and_entered_at_once(stack):
    number = placed(stack, {"id": CHEESE, "weight": 300}, {"id": BREAD, "quantity": 2},
                    {"id": "100205", "quantity": 1}, store="EKB-03")  # fmt: skip
    async with picker(stack, "3001", "4731") as handheld:
        await look(handheld, number)
        sheet = await handheld.get(f"/picker/v1/orders/{handheld.order['id']}/picking-list")
        assert sheet.content.startswith(b"%PDF")
        rows = {line["sku"]: line["position"] for line in handheld.order["lines"]}
        await handheld.do("result", lines=[
            {"position": rows[CHEESE], "grams": 310}, {"position": rows[BREAD], "quantity": 2},
            {"position": rows["100205"], "quantity": 0, "reason": "not_found"},
        ])  # fmt: skip
        await handheld.do("ready", bags=1)
    assert composition(stack, number)["100205"]["quantity"] == 0
    assert set(delivered(stack, number)) == {CHEESE, BREAD}
    types = [n["event_type"] for n in told(stack, number)]
    assert types == ["order.in_work", "order.ready_for_delivery"]


async def test_a_cancel_is_seen_on_the_stream_and_the_next_write_is_refused(stack):
    number = placed(stack, {"id": BREAD, "quantity": 2}, {"id": BANANAS, "weight": 700})
    async with picker(stack, "1002", "4712") as handheld:
        await look(handheld, number)
        for verb in ("claim", "start"):
            await handheld.do(verb)
        await handheld.do("pick", line=BREAD, quantity=2)
        async with reading(handheld.client, handheld.headers) as stream:
            await stream.until("synced")
            await asyncio.to_thread(happens, stack, number, "order.canceled")
            change = await stream.change(external_id=number, state="cancelled")
        assert (change["active"], change["cancelled_by"]) == (False, "marketplace")
        late = await handheld.ask("weigh", line=BANANAS, grams=700)
        assert (late.status_code, late.json()["code"]) == (409, "ORDER_CANCELLED")
        assert late.json()["current"]["state"] == "cancelled"
        (back,) = (await handheld.get("/picker/v1/putbacks")).json()["orders"]
        assert [(line["sku"], line["pieces"]) for line in back["lines"]] == [(BREAD, 2)]
        await handheld.reread()
        assert (await handheld.do("putback"))["order"]["putback"] == "done"
    assert "order.ready_for_delivery" not in [n["event_type"] for n in told(stack, number)]


def checked(thirteen):
    """The same with its right check digit."""
    odd, even = (sum(map(int, thirteen[start:12:2])) for start in (0, 1))
    return f"{thirteen[:12]}{-(odd + 3 * even) % 10}"
