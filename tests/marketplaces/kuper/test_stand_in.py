"""All three generations over HTTP against the sandbox's СМ, which keeps the platform's rules."""

import json
from dataclasses import replace

import httpx
import pytest

from app.contract import Message
from app.domain.order import LineState as L
from app.errors import RemoteRefused, RemoteUnavailable
from app.marketplaces.kuper import Kuper
from app.marketplaces.tools import Tools
from app.sandbox import credentials as demo
from app.sandbox.server import create_app
from tests.domain.build import an_order, piece, uid, weighed
from tests.marketplaces import patient
from tests.marketplaces.accounts import kuper
from tests.sandbox.conftest import QUICK, FakeHub, counting_hex, serving

GENERATIONS = {
    "2023": ("/v3/notifications", {"api_version": None}),
    "0.2.0": ("/v1/notifications", {}),
    "merchant API": ("/ofm/api/v1/notifications", {"api_version": None, "auth": "bearer"}),
}
POSITIONS = [{"id": "100201", "quantity": 3}, {"id": "200101", "weight": "1000"},
             {"id": "100202", "quantity": 2}]  # fmt: skip


class Meeting:
    """The real adapter, the real stand-in, and one order between them."""

    def __init__(self, url, given, http):
        self.url, self.token, self.http = url, given["accounts"][0]["api"]["token"], http
        self.market = Kuper(Tools(http))
        self.order_id = ""

    def account(self, generation):
        path, more = GENERATIONS[generation]
        secrets = {"outbound_token": (self.token,), "client_id": ("sm-demo",),
                   "client_secret": (self.token,)}  # fmt: skip
        token_url = f"{self.url}/kuper/auth/token" if more.get("auth") else None
        return kuper(secrets=secrets, url=f"{self.url}/kuper{path}", token_url=token_url, **more)

    async def place(self):
        wish = {"plays": False, "positions": POSITIONS}
        placed = await self.http.post(f"{self.url}/kuper/_orders", json=wish)
        self.order_id = placed.json()["originalOrderId"]

    async def tell(self, account, kind, *, unsure=False):
        body = self.market.compose(account, kind, self.order())
        return await self.market.send(account, Message(uid(1), kind, body, unsure, "trace-0001"))

    def order(self):
        lines = (
            piece(1, state=L.SHORT, picked_pieces=2, reason="shelf_empty"),
            weighed(2, state=L.PICKED, picked_grams=1040, picked_pieces=1),
            piece(3, pieces=2, state=L.DROPPED, picked_pieces=0, reason="not_found"),
        )
        skus = ("100201", "200101", "100202")
        known = tuple(_with(line, sku) for line, sku in zip(lines, skus, strict=True))
        return _with(an_order(*known), self.order_id)

    async def control(self, **switches):
        await self.http.post(f"{self.url}/kuper/_control", json=switches)

    async def shipment(self):
        return (await self.http.get(f"{self.url}/kuper/_state?order={self.order_id}")).json()


def _with(value, external_id):
    return replace(value, external_id=external_id)


@pytest.fixture
async def meeting():
    given = demo.make("http://hub.test", "", 1, counting_hex())
    app = create_app(given, QUICK, httpx.ASGITransport(FakeHub().app()))
    async with serving(app) as url, patient.client() as http:
        met = Meeting(url, given, http)
        await met.place()
        yield met


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_an_order_is_told_to_its_end_in_every_generation(meeting, generation):
    account = meeting.account(generation)
    for kind in ("in_work", "ready"):
        assert (await meeting.tell(account, kind)).outcome == "delivered"
    shipment = await meeting.shipment()
    assert shipment["state"] == "ready_to_ship"
    assert {i["id"]: (i["state"], i["quantity"], i["grams"]) for i in shipment["items"]} == {
        "100201": ("assembled", 2, 0),
        "200101": ("assembled", 1, 1040),
        "100202": ("canceled", 0, 0),
    }
    assert [n["status"] for n in shipment["notifications"]] == [200, 200]


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_an_answer_that_was_lost_is_made_good_by_the_repeat(meeting, generation):
    account = meeting.account(generation)
    await meeting.control(lose_next=1)
    with pytest.raises(RemoteUnavailable) as caught:
        await meeting.tell(account, "in_work")
    assert caught.value.ambiguous
    answer = await meeting.tell(account, "in_work", unsure=True)
    assert (answer.outcome, answer.status) == ("already_accepted", 422)


async def test_where_the_marketplace_answers_202_to_a_repeat_that_counts_too(meeting):
    account = meeting.account("0.2.0")
    await meeting.control(repeat_answer=202)
    await meeting.tell(account, "in_work")
    assert (await meeting.tell(account, "in_work")).outcome == "already_accepted"


async def test_a_repeat_nobody_should_have_made_is_a_refusal(meeting):
    account = meeting.account("0.2.0")
    await meeting.tell(account, "in_work")
    with pytest.raises(RemoteRefused, match="processed before"):
        await meeting.tell(account, "in_work")


async def test_a_notification_out_of_order_is_a_refusal(meeting):
    with pytest.raises(RemoteRefused, match="422"):
        await meeting.tell(meeting.account("2023"), "ready")


@pytest.mark.parametrize("generation", ["2023", "0.2.0"])
async def test_a_wrong_token_is_a_refusal(meeting, generation):
    meeting.token = "wrong"
    with pytest.raises(RemoteRefused, match="401"):
        await meeting.tell(meeting.account(generation), "in_work")


async def test_revoked_bearers_are_replaced_without_anybody_noticing(meeting):
    account = meeting.account("merchant API")
    await meeting.tell(account, "in_work")
    await meeting.control(revoke_tokens=True)
    assert (await meeting.tell(account, "ready")).outcome == "delivered"


@pytest.mark.parametrize(("status", "ambiguous"), [(503, False), (429, False), (500, True)])
async def test_a_failure_switched_on_is_told_as_one_that_heals(meeting, status, ambiguous):
    await meeting.control(fail_next={"count": 1, "status": status, "retry_after": 7})
    account = meeting.account("0.2.0")
    with pytest.raises(RemoteUnavailable) as caught:
        await meeting.tell(account, "in_work")
    assert (caught.value.after, caught.value.ambiguous) == (7.0, ambiguous)
    assert (await meeting.tell(account, "in_work")).outcome == "delivered"


async def test_a_cancel_of_ours_ends_the_shipment(meeting):
    await meeting.tell(meeting.account("0.2.0"), "cancelled")
    assert (await meeting.shipment())["state"] == "canceled"


async def test_what_we_compose_is_what_the_stand_in_received(meeting):
    account = meeting.account("0.2.0")
    await meeting.tell(account, "in_work")
    received = (await meeting.shipment())["notifications"][0]
    assert json.loads(received["body"]) == {
        "event": {"type": "order.in_work", "payload": {"order_id": meeting.order_id}}
    }
