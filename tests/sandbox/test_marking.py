"""The stand-in of the marking system: its key, its form, its switches."""

import httpx
import pytest

from app.sandbox.marking.app import create_app
from tests.factories import mark
from tests.marking.shared import KEY, register

PATH = "/api/v4/true-api/codes/check"


@pytest.fixture
def client():
    transport = httpx.ASGITransport(create_app(register()))
    return httpx.AsyncClient(transport=transport, base_url="http://marking.test")


def ask(client, codes, key=KEY):
    return client.post(PATH, json={"codes": codes}, headers={"X-API-KEY": key})


async def test_a_check_has_an_answer_for_each_code_and_an_id(client):
    codes = [mark(), mark("SOLD123456789"), "nonsense"]
    answer = (await ask(client, codes)).json()
    assert (answer["code"], len(answer["reqId"])) == (0, 36)
    assert [row["cis"] for row in answer["codes"]] == codes
    assert [row["valid"] for row in answer["codes"]] == [True, True, False]
    assert answer["codes"][1]["sold"]
    assert answer["codes"][0]["printView"] == codes[0].split("\x1d")[0]


@pytest.mark.parametrize("codes", [[], ["x"] * 101, "x", [1], None])
async def test_another_form_is_refused(client, codes):
    assert (await ask(client, codes)).status_code == 400


@pytest.mark.parametrize("key", ["", "somebody else's"])
async def test_another_key_is_refused(client, key):
    assert (await ask(client, [mark()], key)).status_code == 401


@pytest.mark.parametrize(("switch", "status"), [("away", 503), ("emergency", 203)])
async def test_it_can_be_switched_off_and_on(client, switch, status):
    assert (await client.post("/_control", json={switch: True})).json()[switch] is True
    assert (await ask(client, [mark()])).status_code == status
    await client.post("/_control", json={switch: False})
    assert (await ask(client, [mark()])).status_code == 200
    assert (await client.post("/_control", json={"nonsense": 1})).status_code == 400
    assert (await client.get("/_state")).json()["counts"]["checks"] == 1
