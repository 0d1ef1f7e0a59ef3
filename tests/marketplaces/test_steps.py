"""Messages of several calls."""

import json

import pytest

from app.contract import Answer
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.marketplaces import steps
from app.marketplaces.steps import Step

BOTH = (Step("PUT", "/a", {"цена": 1}), Step("POST", "/b"))


def test_a_message_is_read_as_it_was_written_and_people_can_read_it():
    written = steps.write(*BOTH)
    assert tuple(steps.read(written)) == BOTH
    assert json.loads(written)["steps"][0] == {"method": "PUT", "path": "/a", "body": {"цена": 1}}
    assert [step.sent() for step in BOTH] == ['{"цена":1}'.encode(), b""]


async def test_steps_are_taken_in_order_and_the_last_answers():
    taken = []

    async def take(step):
        taken.append(step.path)
        return Answer("delivered", 200, step.path)

    assert (await steps.walk(BOTH, take)).body == "/b"
    assert taken == ["/a", "/b"]
    assert (await steps.walk((), take)).outcome == "already_accepted"


@pytest.mark.parametrize("fails", [0, 1])
@pytest.mark.parametrize("kind", [RemoteUnavailable, RemoteBusy])
async def test_what_stops_a_later_step_leaves_the_message_half_told(fails, kind):
    async def take(step):
        if step is BOTH[fails]:
            raise kind("not now", after=7.0)
        return Answer("delivered", 200, "")

    with pytest.raises(kind) as caught:
        await steps.walk(BOTH, take)
    assert (caught.value.ambiguous, caught.value.after) == (bool(fails), 7.0)


async def test_a_refusal_is_a_refusal_at_any_step():
    async def take(step):
        if step is BOTH[1]:
            raise RemoteRefused("no")
        return Answer("delivered", 200, "")

    with pytest.raises(RemoteRefused):
        await steps.walk(BOTH, take)
