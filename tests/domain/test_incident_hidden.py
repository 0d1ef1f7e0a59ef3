"""Nothing that must be done now stays behind what was told and taken before."""

from app.domain.incident import IncidentState
from app.domain.press import acknowledge
from app.domain.rule import MOST
from tests.domain.test_incident_grouping import DOWN, ORDERS, STORE, in_store
from tests.domain.troubles import ACCOUNT, World, rule, sighting

FIRING = IncidentState.FIRING


def test_a_warning_hides_nothing_that_is_worse_than_itself():
    world = World((ORDERS, DOWN))
    mine = {"account_id": ACCOUNT}
    mild, bad = [sighting("acc", 6, **mine)], [sighting("acc", **mine)]
    world.look(orders=[sighting("o1", **mine), sighting("o2", 6, **mine)], down=mild)
    assert world.told() == ["o1", "acc"]
    worse = [sighting("o1", **mine), sighting("o2", 11, **mine)]
    assert world.look(orders=worse, down=mild).happened("o2") == ["worsened", "unsilenced", "told"]
    world.look(orders=[*worse, sighting("o3", **mine)], down=bad)
    assert world.happened("o3") == ["fired", "silenced"]


def test_of_two_that_explain_the_same_the_worse_one_counts():
    world = World((ORDERS, DOWN))
    mine = {"account_id": ACCOUNT}
    for down in ([sighting("a"), sighting("b", 6)], [sighting("a", 6), sighting("b")]):
        world.look(orders=[sighting("o1", **mine)], down=down)
        assert sorted(world.told()) == ["a", "b"]
        for _ in range(13):
            world.look()


def test_whoever_took_a_group_has_not_taken_what_came_when_all_of_it_was_over():
    world = World().look(*in_store("a", "b", "c"))
    world.put(acknowledge(world.one(STORE), "anna", world.now).incident)
    world.look(*in_store("b", "c", "d"))
    assert world.one(STORE).acknowledged_by == "anna"
    world.look(*in_store("d", "e"))
    assert world.happened(STORE) == ["grew", "nudged"]
    assert (world.one(STORE).state, world.one(STORE).acknowledged_by) == (FIRING, None)


def test_when_the_clock_was_put_back_no_group_is_there_twice():
    world = World().look(*in_store("a", "b", "c"))
    old = world.one(STORE)
    for _ in range(12):
        world.look()
    world.look(*in_store("d", "e", "f"), minutes=-60)
    assert world.one(STORE).id != old.id
    world.look(*in_store("a", "b", "d"))
    on = [one for one in world.incidents.values() if one.subject == STORE and one.is_on]
    assert len(on) == 1
    assert {world.one(name).parent_id for name in "abd"} == {on[0].id}


def test_what_there_was_no_room_for_among_the_worst_is_not_over():
    world = World().look(sighting("mild", 10), sighting("gone", 40))
    world.look(*(sighting(f"w{n}", 20 + n / 1000) for n in range(MOST)))
    assert (world.one("mild").state, world.one("gone").state) == (FIRING, IncidentState.RESOLVED)
    world.look(sighting("w1", 20))
    assert world.one("mild").state is IncidentState.RESOLVED


def test_where_low_is_bad_the_lowest_are_the_worst():
    world = World((rule(below=True, warn=50, critical=30, clear=60),))
    world.look(sighting("mild", 29), sighting("gone", 3))
    world.look(*(sighting(f"w{n}", 10 + n / 1000) for n in range(MOST)))
    assert (world.one("mild").state, world.one("gone").state) == (FIRING, IncidentState.RESOLVED)
