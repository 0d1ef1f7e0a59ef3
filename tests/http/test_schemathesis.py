"""The served document, asked everything it allows and much that it does not: no answer is one that
it does not tell of, and nothing breaks."""

from __future__ import annotations

import base64
import os
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks as of_openapi

from app.actions.facade import token_hash
from app.http.openapi import document
from app.http.routes import API
from tests.conftest import CREDENTIALS
from tests.factories import BANANAS, BREAD, Handheld
from tests.flow.shared import World
from tests.http.picking import MARKED, device, finish, free_hands, looking_at, order
from tests.http.ways.people import supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: So many questions to each operation instead of a few that are always the same.
QUESTIONS = int(os.environ.get("HUB_TEST_QUESTIONS", "0"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_schema_conformance,
    of_openapi.response_headers_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(
    msgspec.json.decode(msgspec.json.encode(document(API, "1.2.3")))
)
#: An endless answer needs sockets: tests/flow/test_stream.py.
OPERATIONS = [
    found.ok() for found in SCHEMA.get_all_operations() if not found.ok().path.endswith("/stream")
]
CLIENT = "an application of the original's kind"
ERP = "the ERP that is asked"
DUTY = CREDENTIALS["operators"][0]


@dataclass
class Shop:
    """Orders at every stage, and who may ask of them."""

    world: World
    orders: list[str]
    tokens: dict[str, list[str]]

    async def hold(self) -> None:
        """Have the picker hold again what former questions let go."""
        await self.world.value(
            "UPDATE pick_job SET state = 'active', lease_until = now() + interval '1 hour',"
            " picker_id = (SELECT id FROM picker WHERE badge = '1001')"
            "  FROM orders WHERE orders.id = order_id AND orders.state IN ('picking', 'picked')"
        )

    async def ids(self, order_id: str, position: int) -> dict[str, Any]:
        """What stands in paths and bodies of this order, and of one of its three lines."""
        line = await self.world.value(
            "SELECT id FROM order_line WHERE order_id = $1 ORDER BY position OFFSET $2 LIMIT 1",
            order_id, position,
        )  # fmt: skip
        bag = await self.world.value(
            "SELECT id FROM bag WHERE order_id = $1 ORDER BY position LIMIT 1", order_id
        )
        others = {
            f"{name}_id": await self.world.value(f"SELECT id FROM {table} ORDER BY id LIMIT 1")
            for name, table in (("run", "pick_run"), ("problem", "help_request"),
                                ("device", "device"))
        }  # fmt: skip
        found = {"order_id": order_id, "line_id": line, "bag_id": bag, **others}
        return {name: str(id_) for name, id_ in found.items() if id_ is not None}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(world: World) -> Shop:
    boss = await supervisor(world)
    await boss.post("/picker/v1/devices", {"name": "ТСД 7"})
    await boss.post("/picker/v1/problems", {"text": "Где мука?"})
    await world.value(
        "INSERT INTO api_client (id, merchant_id, name, token_hash)"
        " SELECT gen_random_uuid(), id, 'asked', $1 FROM merchant",
        token_hash(CLIENT),
    )
    await world.value(
        "INSERT INTO erp_destination (id, merchant_id, code, way, form, kinds, token_hash)"
        " SELECT gen_random_uuid(), id, 'asked', 'pull', 'json', '{sale}', $1 FROM merchant",
        token_hash(ERP),
    )
    picker = await device(world)
    duty = base64.b64encode(f"{DUTY['login']}:{DUTY['password']}".encode()).decode()
    tokens = {
        "session": [picker.headers["Authorization"]] * 4 + ["Bearer no"],
        "boss": [boss.headers["Authorization"]] * 3 + [picker.headers["Authorization"]],
        "operator": [f"Basic {duty}"] * 3 + ["Basic bm86bm8="],
        "client": [CLIENT, CLIENT, "no"],
        "erp": [f"Bearer {ERP}", f"Bearer {ERP}", "Bearer no"],
    }
    return Shop(world, [await staged(world, picker, n) for n in range(5)], tokens)


async def staged(world: World, picker: Handheld, stage: int) -> str:
    """An order as far as this stage: accepted, claimed, being picked, picked, ready."""
    seen = await looking_at(world, await order(world, BREAD, BANANAS, MARKED))
    picker.order = seen.order
    if stage:
        await free_hands(world)
        await picker.do("claim")
    if stage > 1:
        await picker.do("start")
    if stage > 2:
        await finish(picker)
        await picker.do("bags", temperature="ambient")
    if stage > 3:
        await picker.do("seal", bag_id=picker.order["bags"][0]["id"])
        await picker.do("ready")
    return str(picker.order["id"])


def asked_as(operation: Any, tokens: dict[str, list[str]], which: int) -> dict[str, str]:
    """Headers of somebody who may ask, mostly."""
    for requirement in operation.definition.raw.get("security", []):
        for scheme in requirement:
            name = "Client-Token" if scheme == "client" else "Authorization"
            boss = "supervisors" in operation.definition.raw["summary"]
            those = tokens["boss" if boss else scheme]
            return {name: those[which % len(those)]}
    return {}


def in_this_shop(case: Any, real: dict[str, str], version: int) -> None:
    """Ids that lead somewhere take the place of invented ones, and so does the order's version."""
    case.path_parameters = {
        name: real.get(name, value) for name, value in (case.path_parameters or {}).items()
    }
    if isinstance(case.body, dict):
        case.body = {name: real.get(name, value) if isinstance(value, str) else value
                     for name, value in case.body.items()}  # fmt: skip
        if isinstance(case.body.get("requestData"), dict):  # the original names them there
            named = {"employee": "1001", "orderId": real["order_id"], "lineId": real["line_id"]}
            case.body["requestData"] |= named
    mine = {"If-Match": f'"{version}"', "Idempotency-Key": str(uuid.uuid4())}
    case.headers = {name: mine.get(name, value) for name, value in (case.headers or {}).items()}


async def ask(shop: Shop, case: Any) -> httpx.Response:
    """Send a case."""
    if isinstance((case.query or {}).get("wait"), int):
        case.query["wait"] = 0  # nobody has the time
    sent = case.as_transport_kwargs(base_url="http://hub")
    if "data" in sent:
        sent["content"] = sent.pop("data")
    sent = {name: value for name, value in sent.items() if name not in ("cookies", "timeout")}
    try:
        return await shop.world.api.request(**sent)
    except httpx.InvalidURL:  # longer than any client sends
        reject()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: op.label)
@settings(
    max_examples=QUESTIONS or 6,
    derandomize=not QUESTIONS,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)
@given(data=st.data())
async def test_every_answer_is_one_the_document_tells_of(shop, operation, mode, data):
    case = data.draw(operation.as_strategy(generation_mode=mode))
    if data.draw(st.sampled_from((True, True, True, False))):
        await shop.hold()
        order_id = shop.orders[data.draw(st.integers(0, len(shop.orders) - 1))]
        version = await shop.world.value("SELECT version FROM orders WHERE id = $1", order_id)
        line = data.draw(st.integers(0, 2))
        in_this_shop(case, await shop.ids(order_id, line), version)
    headers = asked_as(operation, shop.tokens, data.draw(st.integers(0, 4)))
    if operation.method == "delete" and "sessions" in operation.path:
        headers = {}  # the others still need theirs
    case.headers = {**(case.headers or {}), **headers}
    case.validate_response(await ask(shop, case), checks=CHECKS)
