"""Whichever way a product mark comes into an order, the marking system is asked about it first."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from app.actions.pick import once
from app.actions.verbs import VERBS
from app.actions.write import Request, write
from app.db import people
from app.errors import MarkingAway
from app.render.language import say
from tests.factories import BREAD, mark
from tests.http.marking import checked
from tests.http.picking import BREAD_ID, MARKED, MARKED_ID, claimed, free_hands, order, picking
from tests.http.test_batch import op, send
from tests.http.test_facade import application
from tests.http.test_runs import RUNS, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")


def told(answer) -> tuple[int, str]:
    """Status and code of a refusal, in whichever envelope it came."""
    said = answer.json()
    return answer.status_code, said.get("error", said)["code"]


async def alone(shop, code):
    handheld = await picking(shop, MARKED)
    return told(await handheld.ask("pick", line=MARKED_ID, quantity=1, marks=[code]))


async def short(shop, code):
    handheld = await picking(shop, MARKED)
    body = {"quantity": 1, "marks": [code], "reason": "not_found"}
    return told(await handheld.ask("short", line=MARKED_ID, **body))


async def scan(shop, code):
    handheld = await picking(shop, MARKED)
    return told(await handheld.ask("scan", raw=code))


async def run(shop, code):
    for badge in ("1001", "1002"):
        await free_hands(shop, badge)
    handheld, found = await opened(shop, [MARKED], [MARKED])
    return told(await handheld.post(f"{RUNS}/{found['id']}/scan", {"raw": code}))


async def batch(shop, code):
    handheld = await picking(shop, MARKED)
    sent = await send(handheld, op(handheld, "pick", MARKED_ID, quantity=1, marks=[code]))
    return told_of(sent)


async def batch_of_scans(shop, code):
    handheld = await picking(shop, MARKED)
    return told_of(await send(handheld, op(handheld, "scan", raw=code)))


def told_of(sent) -> tuple[int, str]:
    (result,) = sent["results"]
    if result["outcome"] == "failed":
        return 503, "TEMPORARY"
    return result["problem"]["status"], result["problem"]["code"]


async def facade(shop, code):
    app, number = await application(shop), await order(shop, MARKED)
    await app.do("takeOrder", orderId=number)
    await app.do("startOrder", orderId=number)
    return told(await app.ask("scanCode", orderId=number, raw=code))


async def paper(shop, code):
    handheld = await claimed(shop, MARKED)
    lines = [{"position": 1, "quantity": 1, "reason": "not_found", "marks": [code]}]
    return told(await handheld.ask("result", lines=lines))


async def replacement(shop, code):
    handheld = await picking(shop, BREAD)
    items = [{"sku": MARKED_ID, "quantity": 1, "marks": [code]}]
    return told(await handheld.ask("replace", line=BREAD_ID, items=items, reason="not_found"))


WAYS = (alone, short, scan, run, batch, batch_of_scans, facade, paper, replacement)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("mode", ["permissive", "strict"])
async def test_a_unit_that_was_sold_comes_into_no_order(world, way, mode):
    async with checked(world, mode) as (shop, _):
        assert await way(shop, mark("SOLD" + mark()[18:27])) == (422, "MARK_REFUSED")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_a_strict_shop_takes_no_unit_while_the_system_is_away(world, way):
    async with checked(world, "strict") as (shop, system):
        system.switches.away = True
        assert await way(shop, mark()) == (503, "TEMPORARY")


BODIES = {
    "pick": {"quantity": 1, "marks": [mark()]},
    "short": {"quantity": 1, "marks": [mark()], "reason": "not_found"},
    "scan": {"raw": mark()},
    "result": {"lines": [{"position": 1, "quantity": 2, "marks": [mark(), mark()]}]},
    "replace": {"items": [{"sku": MARKED_ID, "quantity": 1, "marks": [mark()]}],
                "reason": "not_found"},
}  # fmt: skip


@pytest.mark.parametrize("verb", BODIES)
async def test_a_mark_that_nobody_asked_about_is_no_write_in_a_strict_shop(world, verb):
    async with checked(world, "strict") as (shop, _):
        handheld = await picking(shop, MARKED, BREAD)
        line = UUID(handheld.line(BREAD_ID if verb == "replace" else MARKED_ID)["id"])
        async with shop.hub.pools.picking.acquire() as conn:
            merchant = await conn.fetchval("SELECT merchant_id FROM store WHERE code = 'MSK-07'")
            picker = await people.employee(conn, merchant, "1001")
        body = msgspec.convert(BODIES[verb], VERBS[verb].body)
        asked = Request(picker, verb, body, f"unproved-{verb}", b"", None, "",
                        lambda code: say("en", code), line)  # fmt: skip
        with pytest.raises(MarkingAway):
            await once(
                shop.hub, asked, lambda conn: write(conn, shop.hub, handheld.order["id"], asked)
            )


async def test_in_a_batch_the_order_that_waits_for_the_system_keeps_no_other_order_back(world):
    async with checked(world, "strict") as (shop, system):
        marked = await picking(shop, MARKED)
        await free_hands(shop)
        plain = await picking(shop, BREAD)
        system.switches.away = True
        sent = await send(
            plain,
            op(plain, "pick", BREAD_ID, quantity=1),
            op(marked, "pick", MARKED_ID, quantity=1, marks=[mark()]),
            op(marked, "postpone", MARKED_ID),
            op(plain, "pick", BREAD_ID, quantity=2),
        )
        found = [result["outcome"] for result in sent["results"]]
        assert found == ["done", "failed", "not_tried", "done"]
