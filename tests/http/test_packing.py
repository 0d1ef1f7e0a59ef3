"""From a picked order to the courier over the API: bags, labels, staging, hand-over, put-back."""

import io
import uuid

import pytest
from PIL import Image

from tests.factories import BANANAS, BREAD, Handheld
from tests.http.picking import device, finish, looking_at, order, picking, tell

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACE = "T-1"


async def a_place(world, code: str = PLACE, capacity: int | None = None) -> str:
    """A staging place of its own, and a shop that has read it."""
    code = f"{code}-{uuid.uuid4().hex[:6]}"
    await world.value(
        "INSERT INTO store_place (store_id, code, kind, capacity)"
        " SELECT id, $1, 'staging', $2 FROM store WHERE code = 'MSK-07'",
        code,
        capacity,
    )
    world.hub.shops._known.clear()
    return code


async def packed(world, *temperatures: str) -> Handheld:
    """A picked order with a sealed bag for each temperature."""
    handheld = await finish(await picking(world, BREAD, BANANAS))
    for temperature in temperatures:
        await handheld.do("bags", temperature=temperature)
    for bag in list(handheld.order["bags"]):
        await handheld.do("seal", bag_id=bag["id"])
    return handheld


def codes(handheld: Handheld) -> list[str]:
    return [bag["code"] for bag in handheld.order["bags"]]


async def test_bags_go_from_the_basket_to_the_courier(world):
    handheld = await packed(world, "ambient", "frozen")
    place = await a_place(world)
    staged = await handheld.do("stage", location_code=place, bag_codes=codes(handheld))
    assert {bag["place"] for bag in staged["order"]["bags"]} == {place}
    await handheld.do("ready")
    assert handheld.order["bag_count"] == 2
    colleague = await looking_at(world, handheld.order["number"], "1002")
    answer = await colleague.do("handover", bag_codes=codes(handheld), courier="Иван")
    assert answer["order"]["state"] == "handed_over"
    detail = await world.value(
        "SELECT detail FROM timeline WHERE order_id = $1 ORDER BY id DESC LIMIT 1",
        handheld.order["id"],
    )
    assert detail["courier"] == "Иван"
    await tell(world, "order.received", handheld.order["number"])
    assert (await colleague.reread())["state"] == "handed_over"


async def test_a_check_before_the_hand_over_says_what_is_missing_and_changes_nothing(world):
    handheld = await packed(world, "ambient", "chilled")
    await handheld.do("ready")
    path = f"/picker/v1/orders/{handheld.order['id']}/handover/check"
    mine, other = codes(handheld)
    checked = (await handheld.post(path, {"bag_codes": [mine, "B-NOBODY"]})).json()
    assert checked == {
        "possible": False, "courier_code": "not_needed", "missing": [other],
        "extra": ["B-NOBODY"], "check_age": None,
    }  # fmt: skip
    whole = (await handheld.post(path, {"bag_codes": [other, mine]})).json()
    assert whole["possible"] is True
    version = handheld.order["version"]
    assert (await handheld.reread())["version"] == version


@pytest.mark.parametrize(
    ("wanted", "media", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF"),
        ("png", "image/png", b"\x89PNG"),
        ("zpl", "application/zpl", b"^XA"),
    ],
)
async def test_a_label_comes_in_the_format_the_printer_takes(world, wanted, media, begins):
    handheld = await packed(world, "frozen")
    bag = handheld.order["bags"][0]
    path = f"/picker/v1/orders/{handheld.order['id']}/bags/{bag['id']}/label?format={wanted}"
    answer = await handheld.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    assert answer.content.startswith(begins)
    if wanted == "png":
        assert Image.open(io.BytesIO(answer.content)).width > 300
    if wanted == "zpl":
        assert bag["code"].encode() in answer.content


async def test_a_label_of_no_bag_or_no_format_is_refused(world):
    handheld = await packed(world, "ambient")
    order_id, bag = handheld.order["id"], handheld.order["bags"][0]["id"]
    for bag_id, wanted, code in [
        (uuid.uuid4(), "pdf", "BAG_NOT_FOUND"), ("x", "pdf", "BAG_NOT_FOUND"),
        (bag, "gif", "INVALID_BODY"),
    ]:  # fmt: skip
        answer = await handheld.get(
            f"/picker/v1/orders/{order_id}/bags/{bag_id}/label?format={wanted}"
        )
        assert answer.json()["code"] == code


async def test_a_full_place_takes_no_more_and_two_at_once_do_not_overfill_it(world):
    place = await a_place(world, capacity=1)
    one, two = await packed(world, "ambient"), None
    await one.do("stage", location_code=place, bag_codes=codes(one))
    await one.do("ready")
    two = await packed(world, "ambient")
    answer = await two.ask("stage", location_code=place, bag_codes=codes(two))
    assert answer.json()["code"] == "PLACE_FULL"
    assert answer.json()["current"]["id"] == two.order["id"]


async def test_a_cancelled_order_asks_for_its_goods_and_is_put_back_once(world):
    handheld = await packed(world, "ambient")
    await tell(world, "order.canceled", handheld.order["number"])
    colleague = await device(world, "1002")
    waiting = (await colleague.get("/picker/v1/putbacks")).json()["orders"]
    mine = next(each for each in waiting if each["id"] == handheld.order["id"])
    assert {(line["sku"], line["pieces"]) for line in mine["lines"]} == {
        ("300901", 3),
        ("200101", 1),
    }
    colleague.order = (await colleague.get(f"/picker/v1/orders/{mine['id']}")).json()
    done = await colleague.do("putback")
    assert (done["order"]["putback"], done["order"]["bags"]) == ("done", [])
    later = (await colleague.get("/picker/v1/putbacks")).json()["orders"]
    assert handheld.order["id"] not in [each["id"] for each in later]


async def test_a_picked_order_can_be_opened_again_before_it_is_ready(world):
    handheld = await packed(world)
    await handheld.do("reopen")
    assert handheld.order["state"] == "picking"
    await handheld.do("drop", line=BREAD["id"], reason="broken")
    await handheld.do("complete")
    await handheld.do("ready", bags=1)
    assert handheld.order["totals"]["final"] == 12_990
    assert handheld.order["bag_count"] == 1
    told = await world.value(
        "SELECT array_agg(kind ORDER BY id) FROM outbox_message WHERE order_id = $1",
        handheld.order["id"],
    )
    assert told.count("assembled") <= 1


async def test_a_second_key_press_on_a_bag_opens_one_bag(world):
    handheld = await finish(await picking(world, BREAD))
    version = handheld.order["version"]
    first = await handheld.ask("bags", key="one-bag", temperature="ambient", version=version)
    again = await handheld.ask("bags", key="one-bag", temperature="ambient", version=version)
    assert first.content == again.content
    assert (
        await world.value("SELECT count(*) FROM bag WHERE order_id = $1", handheld.order["id"]) == 1
    )


async def test_nothing_is_staged_for_an_order_of_another_store(world):
    number = await order(world, BREAD)
    handheld = await looking_at(world, number)
    foreign = await device(world, "1201")
    foreign.order = handheld.order
    assert (await foreign.ask("stage", location_code="X", bag_codes=["B"])).status_code == 403


async def test_staging_extends_the_holders_lease_and_nobody_elses(world):
    handheld = await packed(world, "ambient")
    place = await a_place(world)
    colleague = await looking_at(world, handheld.order["number"], "1002")
    left = "SELECT extract(epoch FROM lease_until - now()) FROM pick_job WHERE order_id = $1"
    soon = "UPDATE pick_job SET lease_until = now() + interval '200 s' WHERE order_id = $1"
    await world.value(soon, handheld.order["id"])
    assert "stage" in colleague.order["allowed_actions"]
    await colleague.do("stage", location_code=place, bag_codes=codes(handheld))
    assert await world.value(left, handheld.order["id"]) < 201
    await handheld.reread()
    await handheld.do("stage", location_code=place, bag_codes=codes(handheld))
    assert await world.value(left, handheld.order["id"]) > 500
