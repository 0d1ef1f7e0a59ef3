"""The original's picking service: its envelope carries an order to its end over the same verbs."""

import secrets

import pytest

from app.actions.facade import GET_ORDER, GET_ORDERS, METHODS, NEXT_ORDER, token_hash
from app.actions.verbs import VERBS
from tests.factories import BANANAS, BREAD
from tests.http.picking import free_hands, order, tell

pytestmark = pytest.mark.asyncio(loop_scope="module")


class App:
    """A picking application of the original's kind."""

    def __init__(self, world, token: str):
        self.world, self.token = world, token

    async def ask(self, method: str, /, request_id: str | None = None, **data):
        body = {"requestData": {"employee": "1001", **data}}
        if request_id:
            body["requestId"] = request_id
        return await self.world.api.post(
            f"/sbermarket/orders/api/{method}",
            json=body,
            headers={"Client-Token": self.token, "Accept-Language": "en"},
        )

    async def do(self, method: str, /, **data):
        answer = await self.ask(method, **data)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]


async def application(world) -> App:
    token = secrets.token_urlsafe(16)
    await world.value(
        "INSERT INTO api_client (id, merchant_id, name, token_hash)"
        " SELECT gen_random_uuid(), id, $1, $2 FROM merchant",
        token,
        token_hash(token),
    )
    await free_hands(world)
    return App(world, token)


async def test_an_order_goes_from_the_queue_to_the_courier(world):
    app, number = await application(world), await order(world, BREAD, BANANAS)
    listed = await app.do(GET_ORDERS)
    assert number in [each["number"] for each in listed["orders"]]
    seen = await app.do(GET_ORDER, orderId=number)
    assert seen["state"] == "accepted"
    await app.do("takeOrder", orderId=number)
    await app.do("startOrder", orderId=number)
    await app.do("scanCode", orderId=number, raw="4690003009016")
    await app.do("pickItem", orderId=number, itemId="300901", quantity=2)
    await app.do("shortItem", orderId=number, itemId="300901", quantity=2, reason="not_found",
                 shelfEmpty=True)  # fmt: skip
    await app.do("weighItem", orderId=number, itemId="200101", grams=1010)
    done = await app.do("completeOrder", orderId=number)
    assert done["order"]["state"] == "picked"
    bag = (await app.do("openBag", orderId=number))["order"]["bags"][0]
    await app.do("sealBag", orderId=number, bagId=bag["id"])
    await app.do("readyOrder", orderId=number)
    gone = await app.do("handOverOrder", orderId=number, bagCodes=[bag["code"]])
    assert gone["order"]["state"] == "handed_over"
    through = await world.value(
        "SELECT detail->>'through' FROM timeline JOIN orders ON orders.id = order_id"
        " WHERE number = $1 ORDER BY timeline.id DESC LIMIT 1",
        number,
    )
    assert through == app.token


async def test_a_paper_sheet_is_entered_through_it_too(world):
    app, number = await application(world), await order(world, BREAD)
    entered = await app.do("enterResult", orderId=number, lines=[{"position": 1, "quantity": 3}])
    assert entered["order"]["state"] == "picked"
    await app.do("readyOrder", orderId=number, bags=1)


@pytest.mark.parametrize("token", ["", "wrong", "\u00ff"])
async def test_a_wrong_token_is_403(world, token):
    answer = await world.api.post(
        "/sbermarket/orders/api/getOrders",
        json={},
        headers={"Client-Token": token.encode("latin-1")},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "TOKEN_WRONG")


async def test_a_revoked_token_is_403_at_once(world):
    app = await application(world)
    assert (await app.ask(GET_ORDERS)).status_code == 200
    await world.value("UPDATE api_client SET revoked_at = now() WHERE name = $1", app.token)
    assert (await app.ask(GET_ORDERS)).status_code == 403


async def test_a_request_id_makes_a_repeat_harmless_and_another_request_a_mistake(world):
    app, number = await application(world), await order(world, BREAD)
    first = await app.ask("takeOrder", request_id="r-1", orderId=number)
    again = await app.ask("takeOrder", request_id="r-1", orderId=number)
    assert first.json() == again.json()
    assert first.json()["requestId"] == "r-1"
    other = await app.ask("startOrder", request_id="r-1", orderId=number)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    started = await app.ask("startOrder", request_id="r-2", orderId=number)
    assert started.json()["result"]["order"]["state"] == "picking"


async def test_a_conflict_comes_with_the_order_in_the_same_envelope(world):
    app, number = await application(world), await order(world, BREAD)
    await app.do("takeOrder", orderId=number)
    await tell(world, "order.canceled", number)
    answer = await app.ask("startOrder", request_id="r-9", orderId=number)
    said = answer.json()
    assert (answer.status_code, said["requestId"]) == (409, "r-9")
    assert said["error"]["code"] == "ORDER_CANCELLED"
    assert said["error"]["current"]["state"] == "cancelled"
    assert "cancelled" in said["error"]["message"]


async def test_a_version_is_checked_when_one_is_given(world):
    app, number = await application(world), await order(world, BREAD)
    answer = await app.ask("takeOrder", orderId=number, version=77)
    assert answer.json()["error"]["code"] == "VERSION_CONFLICT"


@pytest.mark.parametrize(
    ("method", "data", "code"),
    [
        ("noSuchMethod", {}, "INVALID_BODY"),
        (GET_ORDER, {"orderId": "H-none"}, "ORDER_NOT_FOUND"),
        (GET_ORDER, {}, "INVALID_BODY"),
        (GET_ORDER, {"orderId": ["x"]}, "INVALID_BODY"),
        (GET_ORDERS, {"employee": "9999"}, "PERSON_NOT_FOUND"),
        (GET_ORDERS, {"employee": "\x00"}, "INVALID_BODY"),
    ],
)
async def test_what_is_not_there_is_refused(world, method, data, code):
    answer = await (await application(world)).ask(method, **data)
    assert answer.json()["error"]["code"] == code


async def test_a_person_of_another_store_cannot_act_on_an_order(world):
    app, number = await application(world), await order(world, BREAD)
    answer = await app.ask("takeOrder", orderId=number, employee="1201")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "OTHER_STORE")


async def test_an_unknown_item_or_a_body_that_does_not_fit_is_refused(world):
    app, number = await application(world), await order(world, BREAD)
    await app.do("takeOrder", orderId=number)
    await app.do("startOrder", orderId=number)
    for data, code in [
        ({"itemId": "none", "quantity": 1}, "LINE_NOT_FOUND"),
        ({"itemId": "300901", "quantity": "three"}, "INVALID_BODY"),
        ({"quantity": 1}, "LINE_NOT_FOUND"),
    ]:
        answer = await app.ask("pickItem", orderId=number, **data)
        assert answer.json()["error"]["code"] == code


async def test_the_most_urgent_order_is_taken_and_none_is_null(world):
    app, number = await application(world), await order(world, BREAD)
    taken = await app.do(NEXT_ORDER, employee="1002")
    assert taken is None or taken["order"]["picker"]["badge"] == "1002"
    del number


async def test_every_verb_has_a_method():
    assert set(METHODS.values()) == set(VERBS)


async def test_a_persons_badge_may_be_named_as_it_is_printed(world):
    app = await application(world)
    for badge in ("BADGE-1001", "ИФВПУ-1001", " 1001"):
        assert (await app.ask("getOrders", employee=badge)).status_code == 200


# What is hostile, ambiguous, or more than a page.


def deep(levels: int):
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("request_id", ["a\x00b", "я", "a b", "", "x" * 91, "r\n"])
async def test_a_request_id_that_undo_could_not_name_is_refused(world, request_id):
    app, number = await application(world), await order(world, BREAD)
    body = {"requestId": request_id, "requestData": {"employee": "1001", "orderId": number}}
    answer = await world.api.post(
        "/sbermarket/orders/api/takeOrder", json=body, headers={"Client-Token": app.token}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize("levels", [19, 20, 200, 900])
@pytest.mark.parametrize("name", ["lineId", "itemId", "marks", "employee", "orderId", "other"])
async def test_a_body_however_deep_is_refused_and_no_fault(world, name, levels):
    app, number = await application(world), await order(world, BREAD)
    answer = await app.ask("pickItem", **{"orderId": number, name: deep(levels)})
    assert answer.status_code in {400, 404}
    if levels > 20:
        assert answer.json()["error"]["code"] == "INVALID_BODY"


@pytest.mark.parametrize("raw", [b'{"requestData":' + b'{"a":' * 5000, b"[" * 9000, b"\xff", b""])
async def test_bytes_that_are_no_envelope_are_refused(world, raw):
    app = await application(world)
    answer = await world.api.post(
        "/sbermarket/orders/api/undo", content=raw, headers={"Client-Token": app.token}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_BODY")


async def test_an_operation_is_taken_back_by_the_request_id_it_was_asked_with(world):
    app, number = await application(world), await order(world, BREAD)
    await app.do("takeOrder", orderId=number)
    await app.do("startOrder", orderId=number)
    for request_id, quantity in (("op-1", 1), ("op-2", 2)):
        wrote = await app.ask(
            "pickItem", request_id=f"{number}-{request_id}", orderId=number, itemId="300901",
            quantity=quantity,
        )  # fmt: skip
        assert wrote.status_code == 200
    undone = await app.do("undo", orderId=number, opId=f"{number}-op-2")
    assert undone["order"]["lines"][0]["picked"]["pieces"] == 1
    answer = await app.ask("undo", orderId=number, opId="never")
    assert answer.json()["error"]["code"] == "NOTHING_TO_UNDO"


async def test_whoever_an_application_vouches_for_needs_no_shift_of_ours(world):
    await world.value("UPDATE store SET shifts = 'required' WHERE code = 'MSK-07'")
    try:
        app, number = await application(world), await order(world, BREAD)
        await app.do("takeOrder", orderId=number)
        await app.do("startOrder", orderId=number)
        await app.do("dropItem", orderId=number, itemId="300901", reason="not_found")
    finally:
        await world.value("UPDATE store SET shifts = 'optional' WHERE code = 'MSK-07'")


async def test_a_number_of_two_orders_means_the_one_of_the_persons_store(world):
    app = await application(world)
    here, elsewhere, third = [await order(world, BREAD) for _ in range(3)]
    rename = "UPDATE orders SET number = $2 WHERE number = $1"
    await world.value(rename, here, f"our-{here}")
    await world.value(rename, elsewhere, here)  # ours, and another order's for the marketplace
    answer = await app.ask(GET_ORDER, orderId=here)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_BODY")
    assert len(answer.json()["error"]["details"]["orders"]) == 2
    await world.value(
        "UPDATE orders SET store_id = (SELECT id FROM store WHERE code = 'MSK-12')"
        " WHERE external_id = $1", elsewhere,
    )  # fmt: skip
    assert (await app.do(GET_ORDER, orderId=here))["number"] == f"our-{here}"
    assert (await app.do(GET_ORDER, orderId=third))["number"] == third


async def test_the_queue_comes_in_pages_and_leaves_nothing_out(world):
    app = await application(world)
    made = {await order(world, BREAD) for _ in range(3)}
    seen, cursor = [], None
    while cursor is not None or not seen:
        page = await app.do(GET_ORDERS, limit=2, **({"cursor": cursor} if cursor else {}))
        assert 0 < len(page["orders"]) <= 2
        seen += [each["number"] for each in page["orders"]]
        cursor = page["cursor"]
    assert made <= set(seen)
    assert len(seen) == len(set(seen))
    assert (await app.do(GET_ORDERS, q=min(made)))["orders"][0]["number"] == min(made)
    for data in ({"limit": 0}, {"limit": [1]}, {"scope": "all"}, {"cursor": "x"}):
        answer = await app.ask(GET_ORDERS, **data)
        assert answer.json()["error"]["code"] == "INVALID_BODY"


async def test_the_next_order_is_taken_by_its_zone(world):
    app = await application(world)
    await free_hands(world, "1002")
    assert await app.do(NEXT_ORDER, employee="1002", zone="no such zone") is None
    answer = await app.ask(NEXT_ORDER, zone="x" * 51)
    assert answer.json()["error"]["code"] == "INVALID_BODY"
