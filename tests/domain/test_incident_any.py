"""Whatever happens, in whatever order: everybody hears of everything once, and nothing stays."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.book import leaves
from app.domain.incident import IncidentState
from app.domain.mute import Mute
from app.domain.press import acknowledge, unacknowledge
from tests.domain.troubles import ACCOUNT, STORES, World, rule, sighting

RULES = (
    rule("noise", silenced_by=("down",)), rule("slow", hold=120, silenced_by=("down",)),
    rule("down"),
)  # fmt: skip

sights = st.lists(
    st.builds(
        lambda name, store, value: sighting(
            f"{name}{store}", value, STORES[store], account_id=ACCOUNT if store % 2 else None
        ),
        st.sampled_from("abcd"), st.integers(0, 5), st.integers(0, 15),
    ),
    max_size=12,
)  # fmt: skip
down = st.lists(st.builds(lambda value: sighting("acc", value, account_id=ACCOUNT),
                          st.integers(0, 15)), max_size=1)  # fmt: skip
looks = st.fixed_dictionaries(
    {
        "seen": st.fixed_dictionaries({"noise": sights, "slow": sights, "down": down}),
        "failed": st.sets(st.sampled_from(["noise", "slow", "down"]), max_size=1),
        "jump": st.sampled_from([0, 0, 0, 0, 0, 0, -3600, -60, 30, 3600]),
        "press": st.sampled_from([None, None, acknowledge, unacknowledge, "mute", "unmute"]),
        "which": st.integers(0, 99),
    }
)


def press(world, what, which):
    on = sorted((one for one in world.incidents.values() if one.is_on), key=lambda one: one.id)
    if what == "unmute":
        world.mutes = ()
    elif what == "mute" and on:
        one = on[which % len(on)]
        until = world.now + timedelta(minutes=5)
        new = Mute(world.new_id(), one.rule, "", "anna", world.now, until, store_id=one.store_id)
        world.mutes = (*world.mutes, new)
    elif what and on:
        change = what(on[which % len(on)], "anna", world.now)
        if change:
            world.put(change.incident)


def heard(one, world):
    """Whether an incident that is on has been told, or something is there that explains why not:
    somebody may also have found and taken it while it was silent."""
    if one.told_at or one.silenced_by or one.muted_until or one.acknowledged_by:
        return True
    return one.parent_id is not None and heard(world.incidents[one.parent_id], world)


@given(st.lists(looks, max_size=14))
def test_whatever_happens_everybody_hears_of_everything_once(steps):
    world, told = World(RULES), set()
    for step in steps:
        world.now += timedelta(seconds=step["jump"])
        press(world, step["press"], step["which"])
        world.look(failed=step["failed"], **step["seen"])
        news = [c.incident.id for c in world.changes if any(e.kind == "told" for e in c.events)]
        assert not told & set(news)
        assert len(news) == len(set(news))
        told |= set(news)
        check(world)
    world.mutes = ()
    for _ in range(3):
        world.look()
    assert {one.state for one in world.incidents.values()} <= {IncidentState.RESOLVED}


def check(world):
    on = [one for one in world.incidents.values() if one.is_on]
    keys = [
        (one.rule, one.subject)
        for one in world.incidents.values()
        if one.state is not IncidentState.RESOLVED
    ]
    assert len(keys) == len(set(keys))
    members: dict[UUID, list] = {}
    for one in world.incidents.values():
        if one.parent_id:
            members.setdefault(one.parent_id, []).append(one)
    for one in on:
        assert heard(one, world), one
        if one.is_group:
            live = leaves(one, members)
            assert live
            assert one.facts["count"] == len(live)
        elif one.parent_id:
            assert world.incidents[one.parent_id].is_on
    for one in world.incidents.values():
        if one.resolved_at and one.fired_at:
            assert one.resolved_at >= one.fired_at
    for change in world.changes:
        kinds = [event.kind for event in change.events]
        assert sum(kind in ("nudged", "escalated", "called") for kind in kinds) <= 1
