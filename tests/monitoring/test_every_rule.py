"""In the running sandbox, its clock moved: every rule sees its trouble once, tells of it once, and
says when it is over."""

import pytest

from app.db.rules import read_rules
from tests.monitoring.ways import ALONG, WAYS

RULES = {rule.name: rule for rule in read_rules()}


def test_every_rule_has_a_way_to_its_incident():
    assert set(RULES) == set(WAYS)


@pytest.mark.parametrize("rule", sorted(WAYS))
async def test_a_trouble_is_one_incident_one_message_and_one_resolution(sandbox, rule):
    assert await sandbox.look() == []
    way = WAYS[rule](sandbox)
    await anext(way)
    for _ in range(3):  # it is told once, however often it is seen
        seen = [one for one in await sandbox.look() if one["rule"] not in ALONG.get(rule, ())]
        sandbox.later(seconds=60)
    assert [one["rule"] for one in seen] == [rule]
    (told,) = await shown(sandbox, rule)
    assert any(sign in told["text"] for sign in "🔴🟠")
    assert told["reply_markup"] is not None
    with pytest.raises(StopAsyncIteration):
        await anext(way)
    assert [one for one in await sandbox.look() if one["rule"] == rule] == []
    (over,) = await shown(sandbox, rule)
    assert over["message_id"] == told["message_id"]
    assert "🟢" in over["text"]
    assert over["reply_markup"] is None


async def shown(sandbox, rule):
    """The messages about a rule's incidents in the sandbox's chats."""
    title = RULES[rule].texts["ru"][0]
    return [message for message in await sandbox.chat.shown() if title in message["text"]]
