"""Which documents are late, lost or not fetched, and which only look so."""

from dataclasses import replace

import pytest

from app.db import rules
from app.domain.rule import level_of, limits_of
from app.sandbox.erp.books import Fail
from tests.erp.town import SECRET, TOKEN, Town, with_stand_in

W, C = "warning", "critical"
RULES = ("document_undelivered", "document_refused", "document_unfetched", "queue_old")


@pytest.fixture
async def chain(scene):
    async with with_stand_in(scene.hub) as found:
        yield found


async def told(scene, name):
    """What a rule says of each ERP: its value and level, and the facts."""
    rule = scene.hub.rules[name]
    async with scene.hub.pools.picking.acquire() as conn:
        found = await rules.look(conn, rule, scene.now, (), scene.hub.rule_patience)
    return {
        one.facts.get("erp", one.subject): (one, level_of(rule, limits_of(rule, one, ()), one))
        for one in found
    }


async def levels(scene):
    """How bad it is by each rule, of any ERP."""
    return {
        name: level
        for name in RULES
        for _, level in (await told(scene, name)).values()
        if level is not None
    }


@pytest.mark.parametrize(("minutes", "level"), [(29, None), (30, W), (239, W), (240, C)])
async def test_a_document_is_late_after_half_an_hour(scene, chain, minutes, level):
    town, erp = chain
    erp.say(fail_next=Fail(10_000, 502))
    await town.documents(3)
    await town.carry()
    await town.sql("UPDATE erp_outbox SET created_at = $1", scene.now)
    scene.later(minutes=minutes, seconds=30)
    assert await levels(scene) == ({"document_undelivered": level} if level else {})
    if level:
        ((one, _),) = (await told(scene, "document_undelivered")).values()
        assert (one.facts["waiting"], one.facts["said"]) == (3, "HTTP 502")


async def test_an_erp_that_is_paused_on_purpose_is_no_trouble(scene, chain):
    town, _ = chain
    await town.documents(3)
    await town.sql("UPDATE erp_destination SET active = false")
    scene.later(days=2)
    assert await levels(scene) == {}
    await town.sql("UPDATE erp_destination SET active = true")
    assert (await levels(scene)).keys() == {"document_undelivered", "queue_old"}


async def test_a_document_that_cannot_be_made_is_told_and_what_waits_for_it_is_not(scene, chain):
    town, _ = chain
    order = await town.order()
    sale = await town.document(order)
    await town.document(order, "return", sale)
    await town.sql("UPDATE erp_outbox SET state = 'parked', reason = 'held', last_error = 'no inn'")
    await town.sql("UPDATE erp_outbox SET due_at = now() + interval '15 minutes'")
    scene.later(days=1)
    assert await levels(scene) == {"document_refused": W}
    ((one, _),) = (await told(scene, "document_refused")).values()
    facts = one.facts
    assert (one.value, facts["refused"], facts["unsaid"]) == (1, None, 1)
    assert (facts["said"], facts["numbers"]) == ("no inn", await town.number(sale))


async def test_refused_documents_are_told_until_they_are_sent_again(scene, chain):
    town, erp = chain
    bad = await town.documents(21)
    erp.say(refuse=[await town.number(each) for each in bad])
    await town.carry()
    scene.catch_up()
    scene.later(seconds=30)
    ((one, level),) = (await told(scene, "document_refused")).values()
    assert (one.value, one.facts["refused"], level) == (21, 21, C)
    assert len(one.facts["numbers"].split(", ")) == 5
    assert one.facts["said"].startswith("HTTP 422")
    await town.sql("UPDATE erp_destination SET removed_at = now()")
    assert await levels(scene) == {}


async def test_what_was_given_up_after_all_tries_is_told_too(scene, chain):
    town, _ = chain
    await town.document()
    await town.sql(
        "UPDATE erp_outbox SET state = 'dead', finished_at = now(), reason = 'remote_unavailable',"
        " last_error = 'HTTP 500'"
    )
    scene.catch_up()
    scene.later(seconds=30)
    ((one, level),) = (await told(scene, "document_refused")).values()
    assert (one.value, one.facts["said"], level) == (1, "HTTP 500", W)


@pytest.mark.parametrize(("hours", "level"), [(22, None), (24, W), (71, W), (72, C)])
async def test_an_erp_that_fetches_has_a_day_for_it(scene, hours, level):
    town = Town(replace(scene.hub), http=None)
    await town.sql("UPDATE erp_destination SET active = false")  # the demo's
    await town.destination("night", "pull", token=TOKEN)
    await town.documents(2)
    await town.carry()
    await town.sql(
        "UPDATE erp_delivery SET acknowledged_at = now() WHERE seq = (SELECT max(seq)"
        " FROM erp_delivery)"
    )
    scene.later(hours=hours, minutes=1)
    assert await levels(scene) == ({"document_unfetched": level} if level else {})


async def test_two_erps_of_a_chain_are_two_troubles(scene, chain):
    town, erp = chain
    await town.destination(
        "second", settings={"url": "http://erp.local/documents"}, secrets={"signing": SECRET}
    )
    erp.say(fail_next=Fail(10_000, 502))
    await town.document()
    await town.carry()
    scene.later(hours=1)
    assert (await told(scene, "document_undelivered")).keys() == {"erp", "second"}
