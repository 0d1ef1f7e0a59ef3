"""The official libraries sign, and the hub takes it over HTTP; the hub signs, and they take it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.actions import setup
from app.actions.describe import AccountSetUp
from app.contract import Message
from app.domain.order import OrderState
from app.identifiers import new_id
from app.marketplaces.registry import REGISTRY
from app.marketplaces.standard import Standard
from app.marketplaces.tools import Tools
from tests.conftest import DEMO, SEAL, api_of
from tests.factories import settle
from tests.marketplaces import patient
from tests.marketplaces.far import far, says
from tests.marketplaces.standard.party import NEW, OLD, PARTY, SENDING

NPM = Path(__file__).parent / "npm"
VECTORS = json.loads((NPM / "vectors.json").read_text())
SAMPLE = json.loads((NPM.parent / "samples" / "order.placed.json").read_text())


@pytest.fixture
async def shop(hub, pool):
    """A hub with an account of a shop that speaks our format and signs with OLD."""
    account = AccountSetUp(
        code="own", adapter="standard", settings={}, stores={"101": "MSK-07"},
        secrets={"signing": OLD, "sending": SENDING},
    )  # fmt: skip
    what = msgspec.structs.replace(
        DEMO, accounts=[account], pickers=[], operators=[], clients=[], products=[]
    )
    async with patient.client() as http:
        ours = replace(hub, marketplaces={"standard": REGISTRY["standard"](Tools(http))})
        async with pool.acquire() as conn:
            await setup.set_up(conn, SEAL, ours.marketplaces, what)
        yield ours


async def post(hub, id_, moment, body, signature):
    headers = {"webhook-id": id_, "webhook-timestamp": str(moment), "webhook-signature": signature}
    async with api_of(hub) as api:
        return (await api.post("/hooks/own", content=body, headers=headers)).status_code


async def states(pool):
    async with pool.acquire() as conn:
        rows = await conn.fetch("SELECT external_id, state FROM orders ORDER BY external_id")
    return {row["external_id"]: OrderState(row["state"]) for row in rows}


async def test_the_python_library_signs_and_the_hub_takes_it(shop, pool):
    body = json.dumps(SAMPLE, ensure_ascii=False)
    now = datetime.now(UTC).replace(microsecond=0)
    moment, signature = int(now.timestamp()), Webhook(OLD).sign("msg_py_1", now, body)
    for _ in range(2):
        assert await post(shop, "msg_py_1", moment, body, signature) == 200
    await settle(shop)
    assert await states(pool) == {"A-1001": OrderState.ACCEPTED}
    assert await post(shop, "msg_py_2", moment, body, signature) == 401
    stranger = Webhook(NEW).sign("msg_py_3", now, body)
    assert await post(shop, "msg_py_3", moment, body, stranger) == 401
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM inbox_key") == 1


async def test_the_npm_library_signs_and_the_hub_takes_it(shop, pool):
    assert VECTORS["secret"] == OLD
    moment = datetime.fromtimestamp(VECTORS["vectors"][0]["timestamp"], UTC)
    then = replace(shop, clock=lambda: moment)
    for each in VECTORS["vectors"]:
        said = each["id"], each["timestamp"], each["body"], each["signature"]
        assert await post(then, *said) == 200
        assert await post(shop, *said) == 401  # it is an old proof by now
        assert await post(then, *said[:2], each["body"] + " ", each["signature"]) == 401
    await settle(shop)
    assert await states(pool) == {"N-1": OrderState.CANCELLED, "Н-2": OrderState.ACCEPTED}


def test_the_vectors_are_of_the_locked_version_of_the_npm_library():
    lock = json.loads((NPM / "package-lock.json").read_text())
    version = lock["packages"]["node_modules/standardwebhooks"]["version"]
    assert VECTORS["library"] == f"standardwebhooks {version} (npm)"
    assert not any("resolved" in package for package in lock["packages"].values())


@pytest.mark.parametrize("secrets", [(SENDING,), (NEW, SENDING), (SENDING, NEW)])
async def test_the_hub_signs_and_the_python_library_takes_it(secrets):
    message = Message(
        new_id(), "accepted", b'{"type":"order.accepted","data":{"id":"1"}}', unsure=False,
        trace_id="t",
    )  # fmt: skip
    async with far(says(204, b"")) as shop, patient.client() as http:
        kept = {**PARTY.account.secrets, "sending": secrets}
        account = replace(PARTY.account, secrets=kept, settings={"url": f"{shop.url}/hub"})
        market = Standard(Tools(http))
        await market.send(account, message)
        await market.send(account, message)
    said = Webhook(SENDING).verify(shop.body(), shop.headers())
    assert (said["type"], said["data"]) == ("order.accepted", {"id": "1"})
    assert abs(datetime.fromisoformat(said["timestamp"]) - datetime.now(UTC)).total_seconds() < 60
    assert shop.headers(0)["webhook-id"] == shop.headers(1)["webhook-id"] == str(message.id)
    assert shop.body(0) == shop.body(1)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(shop.body(), shop.headers())
