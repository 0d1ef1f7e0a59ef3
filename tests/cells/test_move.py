"""A store goes to another cell with everything that belongs to it."""

from __future__ import annotations

import pytest

from app.actions import accounts
from app.actions.issue import issue
from app.actions.move_store import Wanted, abort, advance, begin
from app.domain.refusals import Refused
from app.errors import SettingsInvalid
from tests.cells.two import URL, steps
from tests.conftest import TOKEN
from tests.factories import Handheld, news, placed, settle
from tests.replays.day import Shop, snapshot
from tests.stories import hook

#: What is the same in whichever cell it is.
SAME = (
    "orders", "lines", "bags", "jobs", "contacts", "documents", "document lines", "marks", "uses",
    "doubts", "receipts", "moves", "versions",
)  # fmt: skip
#: A store of the same merchant with an account of its own.
ALONE = """
WITH shop AS (
    INSERT INTO store (id, merchant_id, code, name)
    SELECT gen_random_uuid(), id, 'ALONE', 'Alone' FROM merchant RETURNING id, merchant_id
), own AS (
    INSERT INTO account (id, merchant_id, code, adapter, settings)
    SELECT gen_random_uuid(), shop.merchant_id, 'sm-alone', adapter, settings
      FROM shop, account WHERE code = 'sm-demo' RETURNING id
), secrets AS (
    INSERT INTO account_credential (account_id, kind, sealed)
    SELECT own.id, kind, sealed FROM own, account_credential AS known
      JOIN account ON account.id = known.account_id WHERE account.code = 'sm-demo'
)
INSERT INTO account_store (account_id, external_id, store_id) SELECT own.id, '900', shop.id FROM own, shop
"""  # noqa: E501 - one statement


def same(day):
    return {name: day[name] for name in SAME}


async def a_day(two):
    shop = Shop(two.a.api, two.a.hub)
    await shop.plain()
    await shop.short()
    await shop.replaced()
    await issue(two.a.hub)


async def test_a_day_goes_to_another_cell_and_comes_back(two):
    await a_day(two)
    before = await snapshot(two.a.hub)
    await two.move(two.a, two.b)
    assert same(await snapshot(two.b.hub)) == same(before)
    assert await two.a.value("SELECT count(*) FROM orders") == 0
    await two.move(two.b, two.a)
    assert same(await snapshot(two.a.hub)) == same(before)
    assert await two.b.value("SELECT count(*) FROM orders") == 0


async def test_secrets_are_sealed_with_the_other_cell_s_key_and_numbers_are_counted_on(two):
    await a_day(two)
    await two.move(two.a, two.b)
    await two.b.hub.accounts.by_code("sm-demo")
    answer = await hook(two.b.api, placed("N1"))
    assert answer.status_code == 200
    shop = Shop(two.b.api, two.b.hub)
    shop.orders = 50
    await settle(two.b.hub)
    await shop.plain()
    await issue(two.b.hub)
    serials = await two.b.rows("SELECT serial FROM document WHERE kind = 'sale' ORDER BY serial")
    assert [row["serial"] for row in serials] == list(range(1, len(serials) + 1))


async def test_who_still_comes_to_the_old_cell_is_sent_on(two):
    handheld = await Handheld(two.a.api).sign_in()
    await two.move(two.a, two.b)
    told = await handheld.get("/picker/v1/config")
    assert (told.status_code, told.json()["code"]) == (421, "STORE_MOVED")
    assert told.json()["details"]["url"] == URL.format("b")
    assert (await hook(two.a.api, placed("N1"))).status_code == 503
    assert (await Handheld(two.b.api).sign_in()).headers["Authorization"]


async def test_while_it_goes_webhooks_are_taken_in_and_people_wait(two):
    handheld = await Handheld(two.a.api).sign_in()
    async with two.mover(two.a, two.b) as mover:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        async for name in steps(mover):
            if name == "compared":
                break
        assert (await hook(two.a.api, placed("N1"))).status_code == 200
        told = await handheld.get("/picker/v1/config")
        assert (told.status_code, told.json()["code"]) == (503, "STORE_MOVING")
        async with two.a.hub.pools.picking.acquire() as conn:
            with pytest.raises(Refused, match="STORE_MOVING"):
                await accounts.resume(conn, "sm-demo", "somebody")
        assert (await hook(two.b.api, news("order.paid", "N1"))).status_code == 200
        assert [name async for name in steps(mover)][-1] == "finished"
    await settle(two.b.hub)
    states = await two.b.rows("SELECT state, payment_state FROM orders")
    assert [tuple(row) for row in states] == [("accepted", "paid")]


async def test_a_repeat_is_a_repeat_in_the_other_cell_too(two):
    body = placed("N1")
    first = await hook(two.a.api, body)
    async with two.mover(two.a, two.b) as mover:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        async for name in steps(mover):
            if name == "flipped":
                late = await hook(two.a.api, news("order.paid", "N1"))
                assert late.status_code == 200
                assert (await hook(two.b.api, body)).content == first.content
    await settle(two.b.hub)
    assert await two.b.value("SELECT count(*) FROM inbox_key") == 2


async def test_what_was_begun_can_be_undone_until_hooks_are_sent_elsewhere(two):
    await hook(two.a.api, placed("N1"))
    async with two.mover(two.a, two.b) as mover:
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        async for name in steps(mover):
            if name == "compared":
                break
        await abort(mover)
        assert await two.b.value("SELECT count(*) FROM inbox_delivery") == 0
        await settle(two.a.hub)
        assert await two.a.value("SELECT state FROM orders") == "accepted"
        await begin(mover, Wanted("MSK-07", URL.format("b")))
        while await advance(mover) != "flipped":
            pass
        with pytest.raises(Refused, match="STORE_MOVED"):
            await abort(mover)


async def test_one_store_of_a_merchant_goes_with_its_account_and_counts_a_series_of_its_own(two):
    await two.a.rows(ALONE)
    with pytest.raises(SettingsInvalid, match="--series"):
        await two.move(two.a, two.b, "ALONE")
    with pytest.raises(SettingsInvalid, match="no store here"):
        await two.move(two.a, two.b, "NOWHERE")
    await two.move(two.a, two.b, "ALONE", series="СБ")
    assert await two.b.value("SELECT series FROM merchant") == "СБ"
    body = placed("N1", storeID="900")
    assert (await two.b.api.post("/hooks/sm-alone", content=body, headers=TOKEN)).status_code == 200
    await settle(two.b.hub)
    assert await two.b.value("SELECT state FROM orders") == "accepted"
    assert (await hook(two.a.api, placed("N2"))).status_code == 200
    await two.b.rows(
        "INSERT INTO picker (id, store_id, badge, name, pin_hash)"
        " SELECT gen_random_uuid(), id, '1001', 'Other', '' FROM store WHERE code = 'ALONE'"
    )
    with pytest.raises(SettingsInvalid, match="the other cell has the badge 1001"):
        await two.move(two.a, two.b)
