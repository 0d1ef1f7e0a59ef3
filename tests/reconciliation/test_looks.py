"""What never arrived is found, what differs is told, and what is under way is let be."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.reconcile import Manners, reconcile
from app.contract import Page
from app.db import reconciliation
from app.db.queue import Queue
from app.errors import RemoteRefused, RemoteUnavailable
from app.marketplaces.kuper import listing, settings
from tests.conftest import quick
from tests.factories import BANANAS, BREAD, Handheld, news, placed, settle
from tests.reconciliation.market import AT_ONCE, PATIENT, World
from tests.stories import deliver_one, hook, make_ready, place

#: A turn that ends after one page.
SHORT = Manners(AT_ONCE.settle, AT_ONCE.overlap, seconds=0.0)


@pytest.fixture
async def world(hub):
    return await World.of(hub)


def found(*rows, state):
    """Positions as they are listed once they are picked."""
    return [{**row, "state": state.get(row["id"], "assembled")} for row in rows]


# --- gaps -----------------------------------------------------------------------------------------


async def test_an_order_whose_webhook_was_lost_is_placed_and_says_so(world):
    world.market.show("H1", BREAD, BANANAS)
    assert await world.look() == "1 accounts, 1 found"
    order = await world.order()
    assert (order["state"], order["requested_total"]) == ("accepted", 16350 + 12990)
    (delivery,) = await world.sql("SELECT event, origin FROM inbox_delivery")
    assert tuple(delivery) == ("reconciled", "reconciled")
    assert await world.look() == "1 accounts, 0 found"
    assert await world.open() == []


@pytest.mark.parametrize("first", ["webhook", "list"])
async def test_a_late_webhook_and_the_feed_of_the_same_order_are_one_order(world, api, first):
    world.market.show("H1", BREAD)
    if first == "list":
        await world.look()
    await hook(api, placed("H1", BREAD))
    await world.look(work=False)  # the delivery waits: that is no gap
    await settle(world.hub)
    await world.look()
    (count,) = await world.sql("SELECT count(*) FROM orders")
    assert count["count"] == 1
    assert await world.open() == []


async def test_parked_news_of_an_unknown_order_does_not_keep_it_from_being_found(world, api):
    await hook(api, news("order.paid", "H1"))
    await settle(world.hub)
    world.market.show("H1", BREAD, paid=True)
    await world.look()
    assert (await world.order())["payment_state"] == "paid"
    (left,) = await world.sql("SELECT count(*) FROM inbox WHERE state <> 'done'")
    assert left["count"] == 0


async def test_an_order_goes_as_far_as_it_is_there(world, api):
    await deliver_one(api, world.hub, "H0", BREAD)
    await place(api, world.hub, "H1", BREAD)
    await make_ready(api, world.hub)
    total = {"discountTotalPrice": "163.50"}
    rows = found(BREAD, state={})
    world.market.show("H1", *rows, state="shipped", paid=True, total=total)
    await world.look()
    order = await world.order()
    assert (order["state"], order["implied"], order["paid_total"]) == ("delivered", False, 16350)
    await world.look()
    assert await world.open() == []


async def test_a_lost_cancellation_is_heard_also_while_the_order_is_picked(world, api):
    await place(api, world.hub, "H1", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    world.market.show("H1", BREAD, state="canceled", cancellation={"slug": "customer_request"})
    await world.look(PATIENT)
    order = await world.order()
    assert (order["state"], order["cancelled_by"]) == ("cancelled", "marketplace")
    assert order["cancel_reason"] == "customer_request"


async def test_what_the_customer_changed_is_picked(world, api):
    await place(api, world.hub, "H1", BREAD)
    world.market.show("H1", BREAD, BANANAS)
    await world.look()
    lines = await world.sql("SELECT external_id FROM order_line ORDER BY 1")
    assert [line["external_id"] for line in lines] == ["200101", "300901"]
    assert await world.look() == "1 accounts, 0 found"


async def test_an_order_that_is_over_there_before_we_hear_of_it_is_kept_as_called_off(world):
    world.market.show("H1", BREAD, state="canceled")
    await world.look()
    assert (await world.order())["state"] == "cancelled"


async def test_a_gap_that_comes_again_is_fed_again(world, api):
    """A late change with an older composition undoes what the feed did; the next look mends it."""
    await place(api, world.hub, "H1", BREAD)
    world.market.show("H1", BREAD, BANANAS)
    await world.look()
    await hook(api, placed("H1", BREAD, event="order.changed"))
    await settle(world.hub)
    assert await world.look() == "1 accounts, 1 found"
    lines = await world.sql("SELECT external_id FROM order_line WHERE state = 'todo'")
    assert {line["external_id"] for line in lines} == {"200101", "300901"}


# --- differences ----------------------------------------------------------------------------------


async def test_a_message_that_never_arrived_is_told_until_it_does(world, api):
    await place(api, world.hub, "H1", BREAD)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    world.market.fails = [RemoteRefused("HTTP 405: no")]
    await handheld.do("start")
    world.market.show("H1", BREAD, state="ready")
    await world.look(work=False)
    assert await world.open() == ["unsettled"], "the message waits"
    await settle(world.hub)
    await world.look()
    assert await world.differing() == [("H1", "state", "accepted", "picking")]
    world.market.show("H1", BREAD, state="collecting", minutes=1)
    await world.look()
    assert (await world.differing(), await world.open()) == ([], [])


async def test_another_composition_and_another_sum_are_told_until_they_agree(world, api):
    await place(api, world.hub, "H1", BREAD)
    await make_ready(api, world.hub)
    less = {**BREAD, "quantity": 2, "state": "assembled"}
    world.market.show("H1", less, state="ready_to_ship", total={"totalPrice": "109.00"})
    await world.look()
    assert await world.differing() == [
        ("H1", "composition", "300901 ×2", "300901 ×3"), ("H1", "sum", "109.00", "163.50"),
    ]  # fmt: skip
    world.market.orders.clear()  # it does not change there: it is not listed again
    await world.look()
    assert len(await world.differing()) == 2
    await world.sql("UPDATE order_line SET picked_pieces = 2, requested_pieces = 2")
    await world.sql("UPDATE orders SET final_total = 10900")
    await world.look()
    assert await world.differing() == []
    (kept,) = await world.sql("SELECT count(*), count(body) FROM reconciliation_mismatch")
    assert tuple(kept) == (2, 0), "what is over keeps nobody's data"


async def test_a_gap_that_feeding_does_not_close_is_told(world):
    world.market.show("H1", BREAD, storeID="999")
    await world.look()
    await world.sql("UPDATE queue_item SET state = 'dead', reason = 'x', finished_at = now()"
                    " WHERE state <> 'done'")  # fmt: skip
    await world.look()
    assert await world.differing() == [("H1", "missing", "accepted", "unknown here")]
    (count,) = await world.sql("SELECT count(*) FROM inbox_delivery")
    assert count["count"] == 1


async def test_an_order_they_do_not_list_is_told_at_the_second_look(world, api):
    await place(api, world.hub, "H1", BREAD)
    await world.sql("UPDATE orders SET received_at = now() - interval '20 minutes'")
    await world.look()
    assert await world.differing() == []
    await world.look()
    assert await world.differing() == [("H1", "absent", "not listed", "accepted")]
    world.market.show("H1", BREAD, minutes=0.05)
    await world.look()
    assert await world.differing() == []


async def test_an_order_that_is_listed_once_is_not_missed_when_nothing_happens_to_it(world, api):
    await place(api, world.hub, "H1", BREAD)
    await world.sql("UPDATE orders SET received_at = now() - interval '20 minutes'")
    world.market.show("H1", BREAD, minutes=20)
    await world.look()
    world.market.orders.clear()
    await world.look()
    await world.look()
    assert await world.open() == []


async def test_who_never_lists_cancelled_orders_has_none_of_ours_missed(world, api):
    await place(api, world.hub, "H1", BREAD)
    await hook(api, news("order.canceled"))
    await settle(world.hub)
    await world.sql("UPDATE orders SET received_at = now() - interval '20 minutes'")
    await world.look()
    await world.look()
    assert await world.open() == []


async def test_an_order_called_off_here_and_wanted_there_is_told(world, api):
    await place(api, world.hub, "H1", BREAD)
    await hook(api, news("order.canceled"))
    await settle(world.hub)
    world.market.show("H1", BREAD)
    await world.look()
    assert await world.differing() == [("H1", "state", "accepted", "cancelled")]


# --- patience -------------------------------------------------------------------------------------


async def test_what_changed_a_moment_ago_is_looked_at_next_time(world):
    world.market.show("H1", BREAD, minutes=0.5)
    assert await world.look(PATIENT) == "1 accounts, 0 found"
    assert await world.open() == ["unsettled"]
    world.market.orders.clear()  # the next window need not have it
    await world.sql("UPDATE reconciliation_mismatch SET noted_at = now() - interval '3 minutes'")
    await world.look(PATIENT)
    assert (await world.order())["state"] == "accepted"


async def test_a_clock_that_is_minutes_ahead_or_behind_hides_no_order(world):
    later = datetime.now(UTC) + timedelta(minutes=7)
    world.market.show("ahead", BREAD, minutes=-6)
    world.market.show("behind", BREAD, minutes=14)
    await world.look(PATIENT)
    world.hub = quick(world.hub, clock=lambda: later)
    await world.look(PATIENT)
    await world.sql("UPDATE reconciliation_mismatch SET noted_at = now() - interval '3 minutes'")
    await world.look(PATIENT)
    rows = await world.sql("SELECT external_id FROM orders ORDER BY 1")
    assert [row["external_id"] for row in rows] == ["ahead", "behind"]


async def test_a_new_account_is_asked_from_its_beginning_only(world):
    await world.sql("UPDATE account SET created_at = now() - interval '11 minutes'")
    world.market.show("old", BREAD, minutes=12)
    world.market.show("new", BREAD, minutes=10)
    world.market.show("elsewhere", {**BREAD, "state": "assembled"}, state="shipped")
    await world.look()
    rows = await world.sql("SELECT external_id FROM orders")
    assert [row["external_id"] for row in rows] == ["new"]
    assert await world.differing() == [("elsewhere", "missing", "delivered", "unknown here")]


# --- lists that are hostile -----------------------------------------------------------------------


async def test_one_garbage_order_among_good_ones_is_named_and_takes_none_along(world):
    world.market.show("H1", BREAD)
    world.market.show("H2", BREAD, storeID=None, storeImportKey=None)
    world.market.show("H3", BREAD)
    world.market.raw = ["17", '{"originalOrderId": "H4", "state": "ready"}', "null"]
    await world.look()
    rows = await world.sql("SELECT external_id FROM orders ORDER BY 1")
    assert [row["external_id"] for row in rows] == ["H1", "H3"]
    told = [(ref.partition(":")[0], kind) for ref, kind, *_ in await world.differing()]
    assert set(told) == {("?", "unreadable"), ("H2", "unreadable"), ("H4", "unreadable")}
    (run,) = await world.runs()
    assert (run["state"], run["unreadable"]) == ("done", 4)
    await world.sql("UPDATE reconciliation_mismatch SET seen_at = now() - interval '25 hours'")
    world.market.raw, world.market.orders = [], {}
    await world.look()
    assert await world.differing() == []


async def test_a_list_without_an_end_is_given_up_and_said(world):
    world.market.show("H1", BREAD)
    world.market.endless = True
    await world.look()
    (run,) = await world.runs()
    assert (run["state"], run["error"].partition(":")[0]) == ("failed", "The list has no end")
    assert len(world.market.asked) <= 12
    assert (await world.standing())["covered_until"] is None
    assert (await world.order())["state"] == "accepted", "what it did list was used"


async def test_a_chain_whose_shops_are_quiet_is_looked_at_to_its_last_one(world):
    """One page for each shop: one without news says nothing of the next."""
    world.market.show("H1", BREAD)
    last = world.market.listed

    async def listed(account, since, until, cursor):
        shop = int(cursor or 0)
        return await last(account, since, until, None) if shop == 11 else Page((), str(shop + 1))

    world.market.listed = listed
    assert await world.look() == "1 accounts, 1 found"
    (run,) = await world.runs()
    assert (run["state"], run["pages"]) == ("done", 12)


async def test_a_list_of_empty_pages_that_comes_back_to_one_it_had_has_no_end(world):
    async def listed(account, since, until, cursor):
        return Page((), {None: "a", "a": "b", "b": "c", "c": "a"}[cursor])

    world.market.listed = listed
    await world.look()
    (run,) = await world.runs()
    assert (run["state"], run["pages"]) == ("failed", 3)


async def test_an_order_on_two_pages_is_one_order(world):
    for n in range(5):
        world.market.show(f"H{n}", BREAD)
    world.market.raw = [json.dumps(world.market.orders["H0"])]
    world.market.size = 2
    await world.look()
    (count,) = await world.sql("SELECT count(*), count(DISTINCT external_id) AS each FROM orders")
    assert tuple(count) == (5, 5)
    (run,) = await world.runs()
    assert (run["pages"], run["found"], run["state"]) == (3, 5, "done")


@pytest.mark.parametrize("garbage", ["<html>", "", "[]", '{"data": 7}', '{"data": [', "null"])
async def test_a_list_that_is_none_is_a_failure_that_is_tried_again(world, garbage):
    async def listed(account, since, until, cursor):
        return listing.page(account, garbage.encode(), since)

    world.market.listed = listed
    await world.look()
    standing = await world.standing()
    assert (standing["failures"], standing["covered_until"], standing["run_id"]) == (1, None, None)
    assert standing["trouble"]


# --- trouble --------------------------------------------------------------------------------------


async def test_a_look_goes_on_at_the_page_where_it_stopped(world):
    for n in range(6):
        world.market.show(f"H{n}", BREAD, minutes=20 - n)
    world.market.size = 2
    world.market.breaks = []
    await world.look(SHORT)
    assert [cursor for *_, cursor in world.market.asked] == [None]
    world.market.breaks = [RemoteUnavailable("HTTP 502")]
    await world.look()
    standing = await world.standing()
    assert (standing["failures"], standing["trouble"]) == (1, "HTTP 502")
    await world.look()
    assert [cursor for *_, cursor in world.market.asked] == [None, "2", "2", "4"]
    assert len({window[:2] for window in world.market.asked}) == 1
    (run,) = await world.runs()
    assert (run["state"], run["listed"], run["found"]) == ("done", 6, 6)
    standing = await world.standing()
    assert (standing["failures"], standing["covered_until"]) == (0, run["until"])


async def test_a_refused_page_begins_its_window_again(world):
    for n in range(4):
        world.market.show(f"H{n}", BREAD)
    world.market.size = 2
    await world.look(SHORT)
    world.market.breaks = [RemoteRefused("HTTP 422: the page token has expired")]
    await world.look()
    await world.look()
    assert [run["state"] for run in await world.runs()] == ["failed", "done"]
    first, second = await world.runs()
    assert second["since"] == first["since"]
    (count,) = await world.sql("SELECT count(*) FROM orders")
    assert count["count"] == 4


async def test_a_page_that_is_always_bad_is_come_to_ever_less_often(world):
    """The good pages before it, in turns of their own, are no success."""
    world.market.show("H1", BREAD)
    world.market.show("H2", BREAD)
    world.market.size = 1
    for failures in (1, 2, 3):
        await world.look(SHORT)
        world.market.breaks = [RemoteRefused("HTTP 422: the page token has expired")]
        await world.look(SHORT)
        standing = await world.standing()
        assert (standing["failures"], standing["covered_until"]) == (failures, None)
    await world.look()
    assert (await world.standing())["failures"] == 0


ASKED = "UPDATE reconciliation SET asked_at = now(), asked_by = 'duty', asked_since = $1"


async def test_days_that_somebody_asked_for_are_looked_at_again_when_the_look_fails(world):
    await world.look()
    since = datetime.now(UTC) - timedelta(days=1)
    await world.sql(ASKED, since)
    world.market.breaks = [RemoteRefused("HTTP 422: the page token has expired")]
    await reconciled(world)
    await world.look()
    _, failed, again = await world.runs()
    assert (failed["state"], again["state"]) == ("failed", "done")
    assert again["since"] == failed["since"] == since
    assert (await world.standing())["asked_since"] is None


async def test_days_that_somebody_asked_for_are_looked_at_again_when_the_look_took_too_long(world):
    await world.look()
    since = datetime.now(UTC) - timedelta(days=1)
    await world.sql(ASKED, since)
    world.market.breaks = [RemoteUnavailable("HTTP 502")]
    await reconciled(world)
    await world.sql("UPDATE reconciliation SET retry_at = '-infinity'")
    world.hub = quick(world.hub, clock=lambda: datetime.now(UTC) + timedelta(hours=1))
    await reconciled(world)
    _, failed, again = await world.runs()
    assert (failed["error"], again["state"]) == ("it took too long", "done")
    assert again["since"] == since


async def test_days_that_somebody_asks_for_while_a_look_begins_are_looked_at_next(world):
    async with world.hub.pools.drains.acquire() as conn:
        (turn,) = await reconciliation.claim(conn, ["kuper"], 60.0, 1)
        since = datetime.now(UTC) - timedelta(days=1)
        await conn.execute(ASKED, since)
        await reconciliation.begin(conn, turn, since, datetime.now(UTC))
    standing = await world.standing()
    assert (standing["asked_by"], standing["asked_since"]) == ("duty", since)


async def test_a_killed_look_is_taken_over_and_its_old_owner_writes_nothing(world):
    world.market.show("H1", BREAD)
    reached, go = asyncio.Event(), asyncio.Event()

    async def slow(account, since, until, cursor, real=world.market.listed):
        page = await real(account, since, until, cursor)
        if not reached.is_set():
            reached.set()
            await go.wait()
        return page

    world.market.listed = slow
    first = asyncio.create_task(world.look(work=False))
    await reached.wait()
    await world.sql("UPDATE reconciliation SET lease_until = now() - interval '1 second'")
    assert await world.look(work=False) == "1 accounts, 1 found"
    go.set()
    assert await first == "1 accounts, 0 found"
    (run,) = await world.runs()
    assert (run["state"], run["pages"], run["found"]) == ("done", 1, 1)


async def test_two_schedulers_do_not_look_at_one_account_twice(world):
    world.market.show("H1", BREAD)
    await world.look(work=False)
    await world.sql("UPDATE reconciliation SET asked_at = now()")
    said = await asyncio.gather(*(reconciled(world) for _ in range(4)))
    assert sorted(said) == ["0 accounts, 0 found"] * 3 + ["1 accounts, 0 found"]


async def reconciled(world):
    return await reconcile(world.hub, AT_ONCE)


async def test_an_account_paused_meanwhile_waits_and_goes_on(world):
    for n in range(4):
        world.market.show(f"H{n}", BREAD)
    world.market.size = 2
    await world.look(SHORT)
    await world.sql("UPDATE account SET active = false")
    assert await world.look() == "0 accounts, 0 found"
    await world.sql("UPDATE account SET active = true")
    await world.look()
    (run,) = await world.runs()
    assert (run["state"], run["listed"]) == ("done", 4)


async def test_a_removed_account_is_asked_nothing(world):
    await world.look()
    await world.sql("UPDATE account SET active = false, removed_at = now()")
    assert await world.look() == "0 accounts, 0 found"


async def test_thousands_of_gaps_come_in_no_faster_than_they_are_worked_off(world):
    for n in range(450):
        world.market.show(f"H{n:03d}", BREAD, minutes=600 - n)
    await world.look(work=False)
    (waiting,) = await world.sql("SELECT count(*) FROM inbox")
    assert waiting["count"] == 200, "fresh webhooks wait for no more"
    await world.look(work=False)
    (waiting,) = await world.sql("SELECT count(*) FROM inbox")
    assert waiting["count"] == 200
    assert world.hub.wakes[Queue.INBOX].is_set()


async def test_an_account_that_cannot_list_says_why_and_is_no_failure(world):
    await world.sql("UPDATE account SET settings = settings - 'read_url'")

    async def listed(account, *_window):
        settings.read_url(account)

    world.market.listed = listed
    await world.look()
    standing = await world.standing()
    assert "set read_url" in standing["unlisted"]
    assert (standing["failures"], standing["run_id"]) == (0, None)


async def test_metrics_say_by_account_how_far_behind_it_is_and_what_was_found(world, api):
    before = (await api.get("/metrics")).text
    assert 'hub_reconciliation_lag_seconds{account="sm-demo"}' not in before
    world.market.show("H1", BREAD)
    await world.look()
    after = (await api.get("/metrics")).text
    assert 'hub_reconciliation_found_total{account="sm-demo"} 1.0' in after
    assert 'hub_reconciliation_lag_seconds{account="sm-demo"} ' in after
    assert 'hub_reconciliation_differing{account="sm-demo"} 0.0' in after
