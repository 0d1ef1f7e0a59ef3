"""The report of orders: what its figures mean, and whose days they are of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.actions.answers import expire
from app.actions.count import count
from app.actions.report import asked, report
from app.db.conn import Conn
from app.domain.report import By, Report
from app.hub import Hub
from tests.conftest import quick
from tests.factories import BANANAS, BREAD, Handheld, news, placed, settle
from tests.stories import hook, place

BREAD_ID, BANANAS_ID = BREAD["id"], BANANAS["id"]


async def counted(hub: Hub) -> None:
    await count(hub)
    await count(hub)  # the first one ever begins with history


async def told(hub: Hub, first: date | None = None, last: date | None = None,
               by: By = By.DAY, **only: str) -> Report:  # fmt: skip
    await counted(hub)
    async with hub.pools.drains.acquire() as conn:
        return await report(conn, await asked(conn, first, last, by, **only))


async def totals(hub: Hub) -> dict[str, Any]:
    """What everything comes to, without what is nothing."""
    found = (await told(hub)).total
    return {name: value for name, value in found.figures.items() if value}


async def picking(api, hub, *positions, policy="replace", number="H1") -> Handheld:
    await place(api, hub, number, *positions, replacementPolicy=policy)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    return handheld


async def numbers(hub: Hub, *names: str) -> list[Any]:
    await counted(hub)
    async with hub.pools.drains.acquire() as conn:
        rows = await conn.fetch("SELECT * FROM store_hour")
    return [sum(row[name] for row in rows) for name in names]


LINES = ("lines", "found", "short", "replaced", "dropped", "pieces")
ASKED = ("proposed", "approved", "rejected")


async def test_a_line_picked_in_full_is_found_and_one_picked_in_part_is_short(api, hub):
    handheld = await picking(api, hub, BREAD, BANANAS)
    await handheld.do("short", line=BREAD_ID, quantity=2, reason="not_enough")
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    assert await numbers(hub, *LINES) == [0] * 6  # not before the order is picked
    await handheld.do("complete")
    assert await numbers(hub, *LINES) == [2, 1, 1, 0, 0, 3]


async def test_a_replaced_line_counts_once_however_many_stand_for_it(api, hub):
    handheld = await picking(api, hub, BREAD, BANANAS)
    both = [{"sku": "100202", "quantity": 1}, {"sku": "100203", "quantity": 1}]
    await handheld.do("replace", line=BREAD_ID, items=both, reason="not_found")
    await handheld.do("drop", line=BANANAS_ID, reason="not_found")
    await handheld.do("complete")
    assert await numbers(hub, *LINES) == [2, 0, 0, 1, 1, 2]
    assert await numbers(hub, *ASKED) == [0, 0, 0]  # nobody was asked


@pytest.mark.parametrize(("approved", "said"), [(True, [1, 1, 0]), (False, [1, 0, 1])])
async def test_a_question_counts_with_its_last_answer(api, hub, approved, said):
    handheld = await picking(api, hub, BREAD, policy="call_or_replace")
    one = {"items": [{"sku": "100202", "quantity": 3}], "reason": "not_found"}
    await handheld.do("replace", line=BREAD_ID, **one)
    await handheld.do("withdraw", line=BREAD_ID)
    await handheld.do("replace", line=BREAD_ID, **one)
    await handheld.do("decide", line=BREAD_ID, approved=approved)
    if not approved:
        await handheld.do("pick", line=BREAD_ID, quantity=3)
    await handheld.do("complete")
    assert await numbers(hub, *ASKED) == said


async def test_a_question_that_was_taken_back_was_never_asked(api, hub):
    handheld = await picking(api, hub, BREAD, policy="call_or_replace")
    one = {"items": [{"sku": "100202", "quantity": 3}], "reason": "not_found"}
    await handheld.do("replace", line=BREAD_ID, **one)
    await handheld.do("withdraw", line=BREAD_ID)
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    await handheld.do("complete")
    assert await numbers(hub, "found", *ASKED) == [1, 0, 0, 0]


async def test_a_question_nobody_answered_in_time_counts_as_a_no(api, hub):
    handheld = await picking(api, hub, BREAD, BANANAS, policy="call_or_remove")
    one = {"items": [{"sku": "100202", "quantity": 3}], "reason": "not_found"}
    await handheld.do("replace", line=BREAD_ID, **one)
    later = hub.clock() + timedelta(hours=1)
    assert await expire(quick(hub, clock=lambda: later)) == 1
    await handheld.reread()
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    await handheld.do("complete")
    assert await numbers(hub, "found", "dropped", *ASKED) == [1, 1, 1, 0, 1]


async def test_a_customer_who_orders_something_else_instead_has_not_answered(api, hub):
    handheld = await picking(api, hub, BREAD, BANANAS, policy="call_or_replace")
    one = {"items": [{"sku": "100202", "quantity": 3}], "reason": "not_found"}
    await handheld.do("replace", line=BREAD_ID, **one)
    fewer = {**BREAD, "quantity": 1}
    await hook(api, placed("H1", fewer, event="order.updated"))
    await settle(hub)
    await handheld.reread()
    await handheld.do("pick", line=BREAD_ID, quantity=1)
    await handheld.do("complete")
    assert await numbers(hub, "lines", "found", *ASKED) == [1, 1, 0, 0, 0]


async def test_what_the_customer_took_out_does_not_count(api, hub):
    handheld = await picking(api, hub, BREAD, BANANAS)
    await hook(api, placed("H1", BREAD, event="order.updated"))
    await settle(hub)
    await handheld.reread()
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    await handheld.do("complete")
    assert await numbers(hub, *LINES) == [1, 1, 0, 0, 0, 3]


async def test_an_order_called_off_counts_by_who_and_why(api, hub):
    await place(api, hub, "H1", BREAD)
    await hook(api, news("order.canceled", "H1", reason="client_request"))
    handheld = await picking(api, hub, BREAD, number="H2")
    await handheld.do("drop", line=BREAD_ID, reason="not_found")
    await handheld.do("complete")
    await settle(hub)
    found = (await told(hub)).total
    assert (found.figures["orders"], found.figures["cancelled"]) == (2, 2)
    assert found.figures["cancelled_by_store"] == 1
    assert sum(found.cancels.values()) == 2
    assert found.cancels["shop:out_of_stock"] == 1


async def test_a_whole_delivered_order_is_told_with_its_sum_and_times(api, hub):
    handheld = await picking(api, hub, BREAD)
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    await handheld.do("complete")
    await handheld.do("ready")
    for event in ("courier.arrived", "order.received", "order.delivered"):
        await hook(api, news(event))
        await settle(hub)
    assert await totals(hub) == {
        "orders": 1, "delivered": 1, "delivered_total": 3 * 5450, "picked": 1, "lines": 1,
        "pieces": 3, "found": 1, "ready": 1, "handed_over": 1,
    }  # fmt: skip
    assert await numbers(hub, "courier_waits", "ready_on_time", "accepted") == [1, 1, 1]


# -- whose days


FACT = """
INSERT INTO store_hour (store_id, account_id, hour, orders, lines, found, picked, pick_times,
                        pick_seconds)
SELECT store.id, account.id, $2, $3, $4, $5, cardinality($6::integer[]), $6,
       (SELECT coalesce(sum(one), 0) FROM unnest($6::integer[]) AS one)
  FROM store, account WHERE store.code = $1
"""


async def fact(conn: Conn, store: str, hour: datetime, orders: int = 1, *, lines=(0, 0), times=()):
    await conn.execute(FACT, store, hour, orders, *lines, list(times))


async def zones(conn: Conn, **named: str) -> list[str]:
    """The first stores, one in each zone."""
    codes = [row["code"] for row in await conn.fetch("SELECT code FROM store ORDER BY code")]
    for code, zone in zip(codes, named.values(), strict=False):
        await conn.execute("UPDATE store SET timezone = $2 WHERE code = $1", code, zone)
    return codes


def at(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


async def days(conn: Conn, first: str, last: str, by: By = By.DAY, **only: str) -> dict[str, Any]:
    ask = await asked(conn, date.fromisoformat(first), date.fromisoformat(last), by, **only)
    found = await report(conn, ask)
    return {row.label: row.figures["orders"] for row in found.rows}


@pytest.mark.parametrize(
    "zone", ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka", "Asia/Kolkata",
             "Asia/Kathmandu", "Pacific/Kiritimati", "America/New_York"]
)  # fmt: skip
async def test_a_day_is_the_stores_own_from_midnight_to_midnight(hub, zone):
    async with hub.pools.drains.acquire() as conn:
        code, *_ = await zones(conn, only=zone)
        for n, moment in enumerate(("2026-11-01T23:00", "2026-11-02T00:00", "2026-11-02T23:00",
                                    "2026-11-03T00:00")):  # fmt: skip
            await fact(conn, code, at(zone, moment), 10**n)
        assert await days(conn, "2026-11-02", "2026-11-02") == {"2026-11-02": 110}
        assert await days(conn, "2026-11-01", "2026-11-03") == {
            "2026-11-01": 1, "2026-11-02": 110, "2026-11-03": 1000,
        }  # fmt: skip


async def test_stores_in_different_zones_share_a_date_and_not_a_moment(hub):
    async with hub.pools.drains.acquire() as conn:
        west, east, *_ = await zones(conn, west="Europe/Kaliningrad", east="Asia/Vladivostok")
        moment = datetime(2026, 11, 1, 20, tzinfo=UTC)  # 22:00 on the 1st, and 06:00 on the 2nd
        await fact(conn, west, moment, 1)
        await fact(conn, east, moment, 10)
        assert await days(conn, "2026-11-01", "2026-11-02") == {"2026-11-01": 1, "2026-11-02": 10}
        assert await days(conn, "2026-11-01", "2026-11-01", By.HOUR) == {"2026-11-01 22:00": 1}


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_a_day_on_which_clocks_change_is_whole(hub, day, hours):
    zone = "Europe/Berlin"
    async with hub.pools.drains.acquire() as conn:
        code, *_ = await zones(conn, only=zone)
        start = at(zone, f"{day}T00:00")
        for n in range(-1, hours + 1):
            await fact(conn, code, start + timedelta(hours=n))
        assert await days(conn, day, day) == {day: hours}


async def test_a_span_in_which_nothing_happened_has_its_days_and_no_figures(hub):
    found = await told(hub, date(2026, 11, 1), date(2026, 11, 3))
    assert [row.label for row in found.rows] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert not any(any(row.figures.values()) for row in (*found.rows, found.total))
    assert found.total.figures["found_percent"] is None


async def test_a_store_without_orders_has_its_row_among_the_others(hub):
    async with hub.pools.drains.acquire() as conn:
        busy, idle, *rest = await zones(conn)
        await fact(conn, busy, datetime(2026, 11, 1, 9, tzinfo=UTC), 7)
        span = "2026-11-01", "2026-11-01"
        assert await days(conn, *span, By.STORE) == {busy: 7, idle: 0, **dict.fromkeys(rest, 0)}
        assert await days(conn, *span, By.STORE, store=idle) == {idle: 0}
        assert await days(conn, *span, By.ACCOUNT, store=idle) == {"sm-demo": 0}


async def test_percentiles_of_a_span_are_those_of_all_its_orders(hub):
    async with hub.pools.drains.acquire() as conn:
        code, *_ = await zones(conn)
        times = [list(range(1, 91)), list(range(1000, 1010))]
        for n, each in enumerate(times):
            await fact(conn, code, datetime(2026, 11, 1, 9 + n, tzinfo=UTC), times=each)
        ask = await asked(conn, date(2026, 11, 1), date(2026, 11, 1), By.DAY)
        found = (await report(conn, ask)).total.figures
    assert (found["pick_p50"], found["pick_p95"]) == (50, 1004)


async def test_a_share_of_too_few_cases_is_not_told(hub):
    async with hub.pools.drains.acquire() as conn:
        code, *_ = await zones(conn)
        await fact(conn, code, datetime(2026, 11, 1, 9, tzinfo=UTC), lines=(49, 40), times=[9] * 4)
        await fact(conn, code, datetime(2026, 11, 2, 9, tzinfo=UTC), lines=(50, 40), times=[9] * 5)
        ask = await asked(conn, date(2026, 11, 1), date(2026, 11, 2), By.DAY)
        few, enough = (await report(conn, ask)).rows
    assert (few.figures["found_percent"], few.figures["pick_p50"]) == (None, None)
    assert (enough.figures["found_percent"], enough.figures["pick_p50"]) == (80.0, 9)
