"""What people do to incidents: taking care, silencing, and presses that come too late."""

import asyncio

import pytest

from app.actions.incidents import (
    Muting,
    Pressed,
    acknowledge,
    mute,
    mutes,
    unacknowledge,
    unmute,
)
from app.identifiers import new_id
from tests.actions.troubles import rule, town_of

NOON = Muting(30, "ремонт")


@pytest.fixture
async def town(hub):
    return await town_of(hub, rule("noise", most_mute=45), rule("silent", hold=600))


async def only(town):
    (one,) = await town.all()
    return one


async def test_who_acknowledges_takes_care_once_and_the_history_says_so(town):
    await town.trouble()
    (one,) = await town.look()
    assert await acknowledge(town.hub, one["id"], "anna") is Pressed.DONE
    assert await acknowledge(town.hub, one["id"], "boris") is Pressed.ALREADY
    taken = await only(town)
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "anna")
    assert await town.events() == ["fired", "told", "acknowledged"]


async def test_who_does_not_care_any_more_gives_it_back(town):
    await town.trouble()
    (one,) = await town.look()
    assert await unacknowledge(town.hub, one["id"], "anna") is Pressed.ALREADY
    await acknowledge(town.hub, one["id"], "anna")
    assert await unacknowledge(town.hub, one["id"], "anna") is Pressed.DONE
    back = await only(town)
    assert (back["state"], back["acknowledged_by"], back["step"]) == ("firing", None, 0)


async def test_a_button_of_before_changes_nothing(town):
    await town.trouble()
    (one,) = await town.look()
    assert await acknowledge(town.hub, one["id"], "anna", one["seq"] - 1) is Pressed.STALE
    assert await mute(town.hub, one["id"], NOON, "anna", one["seq"] - 1) is Pressed.STALE
    assert await only(town) == one
    assert await acknowledge(town.hub, one["id"], "anna", one["seq"]) is Pressed.DONE
    assert await acknowledge(town.hub, one["id"], "anna", one["seq"]) is Pressed.STALE


async def test_what_is_over_or_unknown_is_said_to_be_so(town):
    assert await acknowledge(town.hub, new_id(), "anna") is Pressed.UNKNOWN
    await town.trouble()
    (one,) = await town.look()
    await town.mend()
    await town.look()
    for press in (acknowledge, unacknowledge):
        assert await press(town.hub, one["id"], "anna", one["seq"]) is Pressed.OVER
    assert await mute(town.hub, one["id"], NOON, "anna") is Pressed.OVER


async def test_what_nobody_was_told_of_cannot_be_acknowledged(town):
    await town.trouble(rule="silent")
    (one,) = await town.look()
    assert one["state"] == "pending"
    assert await acknowledge(town.hub, one["id"], "anna") is Pressed.UNKNOWN


async def test_a_mute_is_shown_with_its_end_its_owner_and_its_reason(town):
    await town.trouble()
    (one,) = await town.look()
    await town.sent()
    assert await mute(town.hub, one["id"], NOON, "anna", now=town.now) is Pressed.DONE
    muted = await only(town)
    assert (muted["muted_by"], muted["muted_why"]) == ("anna", "ремонт")
    assert (muted["muted_until"] - town.now).total_seconds() == 30 * 60
    assert muted["seq"] > one["seq"]
    assert len(await town.waiting()) == 1
    assert await mute(town.hub, one["id"], NOON, "boris", now=town.now) is Pressed.ALREADY


async def test_nobody_silences_for_longer_than_the_rule_allows(town):
    await town.trouble()
    (one,) = await town.look()
    await mute(town.hub, one["id"], Muting(9999, "ремонт"), "anna", now=town.now)
    async with town.hub.pools.picking.acquire() as conn:
        (kept,) = await mutes(conn, town.merchant, now=town.now)
    assert (kept.until - kept.created_at).total_seconds() == 45 * 60


async def test_who_unmutes_has_the_trouble_told_again(town):
    await town.trouble()
    (one,) = await town.look()
    await mute(town.hub, one["id"], NOON, "anna", now=town.now)
    async with town.hub.pools.picking.acquire() as conn:
        (kept,) = await mutes(conn, now=town.now)
    assert await unmute(town.hub, kept.id, "boris", now=town.now)
    assert not await unmute(town.hub, kept.id, "boris", now=town.now)
    loud = await only(town)
    assert (loud["muted_until"], loud["muted_by"], loud["state"]) == (None, None, "firing")
    assert await town.events() == ["fired", "told", "muted", "unmuted"]


async def test_of_many_who_press_at_once_one_is_first(town):
    await town.trouble()
    (one,) = await town.look()
    said = await asyncio.gather(
        *(acknowledge(town.hub, one["id"], f"p{at}", one["seq"]) for at in range(6))
    )
    assert sorted(said) == [Pressed.DONE] + [Pressed.STALE] * 5


async def test_many_who_silence_different_incidents_of_a_rule_at_once_all_do(town):
    for at in range(6):
        await town.trouble(f"t{at}")
    found = await town.look()
    said = await asyncio.gather(*(mute(town.hub, one["id"], NOON, "anna") for one in found))
    assert said == [Pressed.DONE] * 6
    assert {one["muted_by"] for one in await town.all()} == {"anna"}
