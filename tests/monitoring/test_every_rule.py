"""Every rule sees its trouble once, tells of it once, and says when it is over."""

import pytest

from app.db.rules import read_rules
from tests.monitoring.ways import ALONG, WAYS

RULES = [rule.name for rule in read_rules()]


@pytest.mark.parametrize("rule", sorted(WAYS))
async def test_a_trouble_is_one_incident_one_message_and_one_resolution(scene, rule):
    assert await scene.look() == []
    way = WAYS[rule](scene)
    await anext(way)
    for _ in range(3):  # it is told once, however often it is seen
        seen = [one for one in await scene.look() if one["rule"] not in ALONG.get(rule, ())]
        scene.later(seconds=60)
    assert [one["rule"] for one in seen] == [rule]
    assert len(of(scene, seen[0])) == 1
    with pytest.raises(StopAsyncIteration):
        await anext(way)
    left = [one for one in await scene.look() if one["rule"] == rule]
    assert left == []
    first, last = of(scene, seen[0])
    assert (first.edit, last.edit) == (None, 1 + scene.chat.sayings.index(first))
    assert "🟢" in last.text


def of(scene, incident):
    """What was said of one incident."""
    return [one for one in scene.chat.sayings if title(incident) in one.text]


def title(incident):
    rule = next(rule for rule in read_rules() if rule.name == incident["rule"])
    return rule.texts["ru"][0]
