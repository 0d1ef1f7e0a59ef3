"""Many alike are told as one, what another explains is not told, and nothing is lost by it."""

from datetime import timedelta
from uuid import UUID

from app.domain.incident import IncidentState
from app.domain.mute import Mute
from app.domain.press import acknowledge
from app.domain.rule import Level
from app.domain.silence import circle
from tests.domain.troubles import ACCOUNT, MERCHANT, STORES, World, rule, sighting

FIRING, RESOLVED = IncidentState.FIRING, IncidentState.RESOLVED
STORE = f"group:store:{STORES[0]}"
CHAIN = f"group:merchant:{MERCHANT}"


def in_store(*names, at=0, value=12):
    return [sighting(name, value, STORES[at], order_id=None) for name in names]


def in_stores(count, value=12):
    return [sighting(f"s{at}", value, STORES[at]) for at in range(count)]


def test_two_alike_in_a_store_are_two_and_three_are_one():
    assert World().look(*in_store("a", "b")).told() == ["a", "b"]
    world = World().look(*in_store("a", "b", "c"))
    assert world.told() == [STORE]
    assert {world.one(name).parent_id for name in "abc"} == {world.one(STORE).id}


def test_a_group_tells_of_its_members_what_each_of_them_says_of_itself():
    seen = [
        sighting(name, 60, STORES[0], facts={"number": name, "told_value": 2 + at})
        for at, name in enumerate("abc")
    ]
    world = World().look(*seen)
    assert [row["value"] for row in world.one(STORE).facts["members"]] == [2, 3, 4]


def test_those_told_before_show_that_they_are_part_of_the_common_one():
    world = World().look(*in_store("a", "b"))
    seq = world.one("a").seq
    world.look(*in_store("a", "b", "c"))
    assert world.told() == [STORE]
    assert world.happened("a") == ["joined"]
    assert world.one("a").seq > seq


def test_a_group_takes_in_what_comes_later_and_ends_with_the_last_of_it():
    world = World().look(*in_store("a", "b", "c"))
    world.look(*in_store("a", "b", "c", "d"))
    assert world.told() == []
    assert world.happened(STORE) == ["members"]
    assert world.one(STORE).facts["count"] == 4
    world.look(*in_store("d"))
    assert world.one(STORE).state is FIRING
    assert world.one(STORE).facts["count"] == 1
    assert world.look().happened(STORE) == ["resolved"]


def test_a_group_whose_members_are_the_same_is_not_shown_anew_though_they_get_worse():
    world = World().look(*in_store("a", "b", "c", value=11))
    revision = world.one(STORE).revision
    world.look(*in_store("a", "b", "c", value=25))
    assert world.one(STORE).revision == revision
    assert world.one(STORE).value == 25


def test_the_same_in_three_stores_within_two_minutes_is_one_of_the_merchant():
    world = World().look(*in_stores(2)).look(*in_stores(3))
    assert world.told() == [CHAIN]
    stores = world.one(CHAIN).facts["stores"]
    assert {row["store"] for row in stores} == {str(store) for store in STORES[:3]}


def test_the_same_in_three_stores_one_after_the_other_is_three():
    world = World()
    for count in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4):
        world.look(*in_stores(count))
    assert CHAIN not in {one.subject for one in world.incidents.values()}


def test_a_merchants_group_takes_in_groups_of_stores_and_those_that_come_later():
    many = [one for at in range(3) for one in in_store(*(f"{at}{n}" for n in "abc"), at=at)]
    world = World().look(*many)
    assert world.told() == [CHAIN]
    assert world.one(STORE).parent_id == world.one(CHAIN).id
    assert world.one(CHAIN).facts["count"] == 9
    world.look(*many, *in_store("late", at=5), minutes=30)
    assert world.told() == []
    assert world.one("late").parent_id == world.one(CHAIN).id
    assert world.look().one(CHAIN).state is RESOLVED


def test_a_flood_is_one_message():
    many = [sighting(f"{at}", 12, STORES[at % 20]) for at in range(1000)]
    world = World().look(*many)
    assert world.told() == [CHAIN]
    assert world.one(CHAIN).facts["stores_count"] == 20
    assert len(world.one(CHAIN).facts["stores"]) == 20
    assert world.look().happened(CHAIN) == ["resolved"]


def test_a_group_is_as_bad_as_its_worst_and_climbs_the_ladder_for_all():
    world = World().look(*in_store("a", "b", "c", value=6))
    assert world.one(STORE).level is Level.WARNING
    world.look(*in_store("a", "b", value=6), *in_store("c"))
    assert world.one(STORE).level is Level.CRITICAL
    assert world.happened(STORE) == ["worsened", "nudged"]
    kinds = [world.look(*in_store("a", "b", "c")).happened(STORE) for _ in range(5)]
    assert kinds[-1] == ["nudged"]
    assert world.happened("c") == []


def test_a_group_that_somebody_took_is_news_when_it_has_doubled():
    world = World().look(*in_store("a", "b", "c"))
    world.put(acknowledge(world.one(STORE), "anna", world.now).incident)
    world.look(*in_store("a", "b", "c", "d", "e"))
    assert world.one(STORE).state is IncidentState.ACKNOWLEDGED
    world.look(*in_store("a", "b", "c", "d", "e", "f"))
    assert world.happened(STORE) == ["grew", "nudged"]
    assert world.one(STORE).state is FIRING


def test_what_returns_returns_with_its_group():
    world = World().look(*in_store("a", "b", "c")).look(minutes=5).look(*in_store("b"))
    assert world.told() == []
    assert world.happened(STORE) == ["returned"]


def test_a_mute_of_a_group_is_for_all_of_its_rule_in_the_store():
    world = World().look(*in_store("a", "b", "c"))
    until = world.now + timedelta(minutes=10)
    world.mutes = (
        Mute(UUID(int=7), "noise", "ремонт", "anna", world.now, until, store_id=STORES[0]),
    )
    world.look(*in_store("a", "b", "c", "d"), sighting("z", store=STORES[1]))
    assert world.told() == ["z"]
    assert world.one(STORE).muted_by == "anna"


def test_a_group_is_silent_when_everything_in_it_is():
    world = World().look(*[sighting(n, 12, STORES[0], account_id=ACCOUNT) for n in "abc"])
    until = world.now + timedelta(minutes=10)
    world.mutes = (
        Mute(UUID(int=7), "noise", "ремонт", "anna", world.now, until, account_id=ACCOUNT),
    )
    world.look(*[sighting(n, 12, STORES[0], account_id=ACCOUNT) for n in "abc"])
    assert world.one(STORE).muted_by == "anna"
    world.mutes = ()
    world.look(*[sighting(n, 12, STORES[0], account_id=ACCOUNT) for n in "abc"])
    assert world.one(STORE).muted_until is None


DOWN = rule("down")
ORDERS = rule("orders", silenced_by=("down",))


def test_what_the_fall_of_its_account_explains_is_told_to_nobody():
    world = World((ORDERS, DOWN))
    mine = [sighting(f"o{at}", account_id=ACCOUNT) for at in range(3)]
    down = [sighting("acc", account_id=ACCOUNT)]
    world.look(orders=[*mine, sighting("else", account_id=UUID(int=51))], down=down)
    assert sorted(world.told()) == ["acc", "else"]
    assert world.one("o1").state is FIRING
    for _ in range(20):
        assert world.look(orders=mine, down=down).happened("o1") == []


def test_what_outlives_its_explanation_is_told_after_one_look_more():
    world = World((ORDERS, DOWN))
    both = {"orders": [sighting("o1", account_id=ACCOUNT)]}
    world.look(**both, down=[sighting("acc", account_id=ACCOUNT)])
    assert "o1" not in world.look(**both).told()
    assert world.look(**both).happened("o1") == ["unsilenced", "told"]
    assert world.look().happened("o1") == ["resolved"]


def test_what_was_told_before_stays_and_climbs_no_ladder_while_it_is_explained():
    world = World((ORDERS, DOWN))
    mine = [sighting("o1", account_id=ACCOUNT)]
    world.look(orders=mine)
    down = [sighting("acc", account_id=ACCOUNT)]
    kinds = [world.look(orders=mine, down=down).happened("o1") for _ in range(20)]
    assert kinds == [["silenced"]] + [[]] * 19


def test_a_pending_explanation_explains_nothing_yet():
    world = World((ORDERS, rule("down", hold=600)))
    world.look(orders=[sighting("o1", account_id=ACCOUNT)], down=[sighting(account_id=ACCOUNT)])
    assert world.told() == ["o1"]


def test_trouble_of_one_order_explains_nothing_of_another_one():
    world = World((ORDERS, DOWN))
    first, second = UUID(int=61), UUID(int=62)
    world.look(
        orders=[sighting("o1", order_id=first), sighting("o2", order_id=second)],
        down=[sighting("d1", order_id=first)],
    )
    assert sorted(world.told()) == ["d1", "o2"]


def test_trouble_of_the_hub_itself_explains_everybodys():
    world = World((ORDERS, DOWN))
    world.look(
        orders=[sighting("o1", account_id=ACCOUNT)], down=[sighting("hub", merchant_id=None)]
    )
    assert world.told() == ["hub"]


def test_what_is_explained_makes_no_group():
    world = World((ORDERS, DOWN))
    mine = [sighting(n, 12, STORES[0], account_id=ACCOUNT) for n in "abcd"]
    world.look(orders=mine, down=[sighting("acc", account_id=ACCOUNT)])
    assert world.told() == ["acc"]
    assert STORE not in {one.subject for one in world.incidents.values()}


def test_rules_that_silence_each_other_in_a_ring_are_found():
    ring = [rule("a", silenced_by=("b",)), rule("b", silenced_by=("c",)),
            rule("c", silenced_by=("a",)), rule("d", silenced_by=("a",))]  # fmt: skip
    assert circle(ring) == ["a", "b", "c"]
    assert circle([ORDERS, DOWN]) == []
