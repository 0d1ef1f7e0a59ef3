"""Done is what has success 1 and no other result than 1; or what the order then shows."""

import json
from dataclasses import replace

import pytest

from app.contract import Message
from app.errors import RemoteUnavailable, Unfinished
from app.marketplaces.megamarket import Megamarket
from app.marketplaces.tools import Tools
from tests.domain.build import an_order, piece, uid
from tests.marketplaces import patient
from tests.marketplaces.far import far, says
from tests.marketplaces.megamarket.party import PARTY


async def confirmed(data, status="NEW", shown=200):
    """What comes of a confirmation of one lot that is answered so, and then shown so."""
    shipment = {"shipmentId": "H1", "items": [{"itemIndex": "1", "status": status}]}
    answers = ({"success": 1, "data": data}, {"success": 1, "data": {"shipments": [shipment]}})
    said, then = (json.dumps(each).encode() for each in answers)
    async with far(says(200, said), says(shown, then)) as side:
        account = replace(PARTY.account, settings={"merchant_id": 4824, "url": side.url})
        order = replace(an_order(piece(1, pieces=1, ref="1*1")), external_id="H1")
        async with patient.client() as http:
            market = Megamarket(Tools(http))
            body = market.compose(account, "accepted", order)
            answer = await market.send(
                account, Message(uid(5), "accepted", body, unsure=False, trace_id="t")
            )
    return answer.outcome, len(side.requests)


@pytest.mark.parametrize("data", [{"result": 1}, {"result": True}, {}, None, "done", [1]])
async def test_success_is_done_where_no_other_result_is_said(data):
    assert await confirmed(data) == ("delivered", 1)


@pytest.mark.parametrize("result", [0, False, 2, "no", None, {}])
async def test_success_with_another_result_is_tried_again_as_what_may_have_arrived(result):
    with pytest.raises(RemoteUnavailable, match="not done") as caught:
        await confirmed({"result": result})
    assert caught.value.ambiguous
    assert not isinstance(caught.value, Unfinished)  # it uses up an attempt


async def test_success_with_another_result_is_done_where_the_lots_are_there():
    assert await confirmed({"result": 0}, "CONFIRMED") == ("delivered", 2)


async def test_what_cannot_be_looked_at_after_another_result_may_have_arrived():
    with pytest.raises(RemoteUnavailable, match="503") as caught:
        await confirmed({"result": 0}, shown=503)
    assert caught.value.ambiguous
