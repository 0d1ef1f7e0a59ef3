"""One incident through its life: pending, firing, acknowledged, resolved, and back."""

from datetime import timedelta

import pytest

from app.domain.incident import IncidentState
from app.domain.mute import Mute, Muting, ends, scope
from app.domain.press import acknowledge, unacknowledge
from app.domain.rule import Level, Threshold
from tests.domain.troubles import MERCHANT, NOON, World, rule, sighting

FIRING, RESOLVED = IncidentState.FIRING, IncidentState.RESOLVED


def test_a_trouble_is_told_once_and_its_end_once():
    world = World().look(sighting())
    assert world.happened() == ["fired", "told"]
    for _ in range(3):
        assert world.look(sighting()).happened() == []
    assert world.look().happened() == ["resolved"]
    assert world.look().happened() == []


def test_what_must_last_is_not_told_before_it_has_lasted():
    world = World((rule(hold=120),)).look(sighting()).look(sighting())
    assert world.told() == []
    assert world.look(sighting()).told() == ["t1"]


def test_what_ends_while_pending_was_nothing():
    world = World((rule(hold=120),)).look(sighting()).look()
    assert world.one().state is RESOLVED
    assert world.happened() == []


def test_what_is_only_not_clear_yet_does_not_ripen():
    world = World((rule(hold=120),)).look(sighting()).look(sighting(value=4))
    assert world.one().state is RESOLVED


def test_better_than_its_level_but_not_clear_is_not_over():
    world = World().look(sighting(value=6)).look(sighting(value=4))
    assert world.one().state is FIRING
    assert world.look(sighting(value=2)).one().state is RESOLVED


def test_what_comes_back_soon_is_the_same_incident():
    world = World().look(sighting()).look(minutes=9).look(sighting())
    assert world.happened() == ["returned"]
    assert world.one().returns == 1
    assert len(world.incidents) == 1


def test_what_comes_back_late_is_another_one():
    world = World().look(sighting()).look()
    for _ in range(10):
        world.look()
    assert world.look(sighting()).happened() == ["fired", "told"]
    assert len(world.incidents) == 2


def test_our_own_outage_does_not_count_as_time_in_which_it_was_over():
    world = World().look(sighting()).look(minutes=90).look(sighting())
    assert world.happened() == ["returned"]


def test_what_gets_worse_is_news_for_whoever_took_it():
    world = World().look(sighting(value=6))
    world.put(acknowledge(world.one(), "anna", world.now).incident)
    world.look(sighting(value=12))
    assert world.happened() == ["worsened", "nudged"]
    assert (world.one().state, world.one().acknowledged_by) == (FIRING, None)


def test_what_gets_a_little_better_stays_as_bad_as_it_was():
    world = World().look(sighting(value=12)).look(sighting(value=6))
    assert world.one().level is Level.CRITICAL
    assert world.happened() == []


def test_a_subject_seen_twice_is_one_incident_as_bad_as_the_worse():
    world = World().look(sighting(value=6), sighting(value=12), sighting(value=7))
    assert [one.value for one in world.incidents.values()] == [12]


def test_a_rule_that_failed_leaves_its_incidents_as_they_are():
    world = World().look(sighting())
    assert world.look(failed=("noise",)).one().state is FIRING
    assert world.happened() == []


def test_a_rule_that_is_gone_takes_its_incidents_along():
    world = World().look(sighting(), *(sighting(f"s{at}", store=MERCHANT) for at in range(3)))
    world.rules = (rule("other"),)
    world.look()
    assert {one.state for one in world.incidents.values()} == {RESOLVED}
    assert world.happened() == ["resolved"]


def test_a_rule_that_is_switched_off_for_a_chain_takes_its_incidents_along():
    world = World().look(sighting())
    world.own = (Threshold("noise", MERCHANT, limits={"off": True}),)
    assert world.look(sighting()).one().state is RESOLVED


@pytest.mark.parametrize("minutes", [-60, 60, -1, 600])
def test_a_jump_of_the_clock_ends_nothing_fires_nothing_twice_and_calls_nobody_at_once(minutes):
    rules = rule(), rule("slow", hold=600)
    world = World(rules)
    seen = {"noise": [sighting()], "slow": [sighting("s1")]}
    for _ in range(3):
        world.look(**seen)
    world.now += timedelta(minutes=minutes)
    before = dict(world.incidents)
    world.look(**seen)
    assert world.happened() == []
    assert world.happened("s1") == []
    assert world.incidents.keys() == before.keys()
    for one in world.incidents.values():
        moments = (one.seen_at, one.last_seen_at, one.fired_at, one.stepped_at)
        assert all(moment <= world.last for moment in moments if moment)
    world.look()
    assert world.one().resolved_at >= world.one().fired_at


def test_after_a_jump_the_ladder_goes_on_where_it_was():
    world = World()
    for _ in range(4):
        world.look(sighting())
    world.now += timedelta(hours=1)
    assert world.look(sighting()).happened() == []
    assert world.look(sighting()).happened() == ["nudged"]


def test_a_clock_put_back_makes_nobody_wait_for_an_hour():
    world = World().look(sighting())
    world.now -= timedelta(hours=1)
    kinds = [world.look(sighting()).happened() for _ in range(7)]
    assert ["nudged"] in kinds


def mute(world, minutes=30, **more):
    one = world.one()
    return Mute(
        world.new_id(), one.rule, "ремонт", "anna", world.now,
        ends(Muting(minutes, ""), 60, world.now),
        **{**scope(one), "level": one.level, **more},
    )  # fmt: skip


def test_a_muted_incident_is_silent_until_its_mute_ends_and_then_told_again():
    world = World().look(sighting())
    world.mutes = (mute(world, 10),)
    assert world.look(sighting()).happened() == ["muted"]
    for _ in range(9):
        assert world.look(sighting()).happened() == []
    assert world.look(sighting()).happened() == ["unmuted"]
    later = [world.look(sighting()).happened() for _ in range(5)]
    assert later == [[], [], [], [], ["nudged"]]


def test_what_comes_while_its_rule_is_muted_is_told_when_the_mute_ends():
    world = World().look(sighting())
    world.mutes = (mute(world, 5, subject=None),)
    both = sighting(), sighting("late")
    for _ in range(5):
        assert world.look(*both).told() == []
    assert world.look(*both).happened("late") == ["unmuted", "told"]


def test_a_mute_of_a_warning_does_not_hold_for_what_has_become_critical():
    world = World().look(sighting(value=6))
    world.mutes = (mute(world),)
    world.look(sighting(value=6))
    assert world.look(sighting(value=12)).happened() == ["worsened", "unmuted", "nudged"]


def test_a_mute_of_something_critical_holds_for_the_warning_too():
    world = World().look(sighting(value=12))
    world.mutes = (mute(world),)
    assert world.look(sighting(value=12)).one().muted_by == "anna"


def test_nobody_mutes_for_longer_than_the_rule_allows_or_for_no_time():
    assert ends(Muting(999, ""), 30, NOON) == NOON + timedelta(minutes=30)
    assert ends(Muting(-5, ""), 30, NOON) == NOON + timedelta(minutes=1)


def test_something_critical_that_nobody_takes_calls_more_and_more_people():
    world, calls = World(), {}
    for minute in range(48):
        happened = world.look(sighting()).happened()
        if minute and happened:
            calls[minute] = happened
    assert calls == {
        5: ["nudged"], 10: ["escalated"], 15: ["called"], 30: ["called"], 45: ["called"],
    }  # fmt: skip


def test_a_warning_climbs_no_ladder():
    world = World()
    for _ in range(40):
        world.look(sighting(value=6))
        assert world.happened() in ([], ["fired", "told"])


def test_who_takes_it_stops_the_ladder_and_who_leaves_it_starts_it_anew():
    world = World().look(sighting(), minutes=3)
    world.put(acknowledge(world.one(), "anna", world.now).incident)
    for _ in range(20):
        assert world.look(sighting()).happened() == []
    world.put(unacknowledge(world.one(), "anna", world.now).incident)
    kinds = [world.look(sighting()).happened() for _ in range(6)]
    assert kinds == [[], [], [], [], [], ["nudged"]]


def test_calls_tell_for_how_long_nobody_has_acted():
    world = World()
    minutes = []
    for _ in range(35):
        world.look(sighting())
        minutes += [
            event.detail["minutes"]
            for change in world.changes for event in change.events if "minutes" in event.detail
        ]  # fmt: skip
    assert minutes == [5, 10, 15, 30]
