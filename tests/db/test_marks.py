"""The ledger of product marks equals what lines hold, whatever is done to them by however many."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db import marks as ledger
from app.db import orders
from app.domain import events as ev
from app.domain.decide import decide
from app.domain.marks import held, identity
from app.domain.order import MarkUse
from app.domain.refusals import Code, Refused
from app.domain.terms import Terms
from app.identifiers import new_id
from tests.factories import mark
from tests.flow.shared import world_of
from tests.http.picking import BREAD, MARKED, order

pytestmark = pytest.mark.asyncio(loop_scope="module")
CODES = [mark() for _ in range(5)]
TERMS = Terms({}, new_id)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(seeded):
    async with world_of(seeded) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(world):
    """Three orders of one shop, each with two bottles to find."""
    return [await being_picked(world) for _ in range(3)]


async def being_picked(world):
    """A new order with two bottles, in the middle of its picking; nobody holds it."""
    number = await order(world, MARKED, BREAD)
    id_ = await world.value("SELECT id FROM orders WHERE number = $1", number)
    await change(world, id_, lambda before: decide(before, ev.Started(), TERMS).order)
    return id_


async def pick(world, id_, *codes):
    """Both bottles found; the refusal if there was one."""

    def do(before):
        return decide(before, event_on(before, "pick", codes, [1000] * len(codes)), TERMS).order

    return await change(world, id_, do)


async def end(world, id_, *events):
    """What the marketplace says, decided and saved."""

    def do(before):
        for event in events:
            before = decide(before, event, TERMS).order
        return before

    assert await change(world, id_, do) is None


async def change(world, order_id, do):
    """One write as the hub makes it: all of it or none; the refusal if there was one."""
    async with world.hub.pools.picking.acquire() as conn:
        try:
            async with conn.transaction():
                before = await orders.lock(conn, order_id)
                after = do(before)
                await orders.save(conn, before, after)
        except Refused as refusal:
            return refusal.code
    return None


def event_on(whole, verb, codes, parts):
    line = next(line for line in whole.lines if line.marked)
    uses = tuple(
        MarkUse(code, part) for code, part in zip(codes, parts, strict=True) if part < 1000
    )
    if verb == "drop":
        return ev.LineDropped(line.id, "x")
    if verb == "short":
        return ev.LineShort(line.id, 1, "x", marks=codes, uses=uses)
    return ev.LinePicked(line.id, sum(parts) // 1000, codes, uses)


STEP = st.tuples(
    st.integers(0, 2),
    st.sampled_from(("pick", "short", "drop", "restore")),
    st.lists(st.sampled_from(CODES), max_size=3, unique=True),
    st.sampled_from((1000, 500)),
    st.integers(0, 5),
)


async def held_in(world, ids):
    async with world.hub.pools.picking.acquire() as conn:
        return [held(await orders.read(conn, id_)) for id_ in ids]


async def ledger_is(world, ids):
    """The two tables say exactly what the lines say, and no unit is used more than once."""
    parts = {key: part for each in await held_in(world, ids) for key, part in each.items()}
    async with world.hub.pools.picking.acquire() as conn:
        uses = await conn.fetch(
            "SELECT ki, line_id, part FROM product_mark_use WHERE order_id = ANY ($1)", ids
        )
        units = await conn.fetch("SELECT ki, used FROM product_mark WHERE ki = ANY ($1)",
                                 [identity(code) for code in CODES])  # fmt: skip
    assert {(row["line_id"], row["ki"]): row["part"] for row in uses} == parts
    totals = Counter()
    for (_, ki), part in parts.items():
        totals[ki] += part
    assert {row["ki"]: row["used"] for row in units} == dict(totals)
    assert max(totals.values(), default=0) <= 1000


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEP, max_size=12))
async def test_the_ledger_is_what_the_lines_hold(world, three, steps):
    past = []
    for which, verb, codes, part, when in steps:
        id_ = three[which]
        others = Counter()
        for n, each in enumerate(await held_in(world, three)):
            for (_, ki), used in each.items() if n != which else ():
                others[ki] += used

        def do(order, verb=verb, codes=codes, part=part, when=when, which=which):
            if verb == "restore":  # as an undo does: a line becomes what it was some time ago
                images = [line for n, line in past if n == which] or [order.lines[0]]
                image = images[when % len(images)]
                lines = tuple(image if line.id == image.id else line for line in order.lines)
                return replace(order, lines=lines)
            past.append((which, next(line for line in order.lines if line.marked)))
            event = event_on(order, verb, tuple(codes), [part] * len(codes))
            return decide(order, event, TERMS).order

        refused = await change(world, id_, do)
        await ledger_is(world, three)
        free = all(others[identity(code)] + part <= 1000 for code in codes)
        if verb == "pick" and refused is Code.MARK_ALREADY_USED:
            assert not free
        if verb == "pick" and free and len(codes) * part in (0, 1000, 2000):
            assert refused is None
    for id_ in three:
        await change(world, id_, lambda o: decide(o, event_on(o, "drop", (), []), TERMS).order)
    await ledger_is(world, three)


async def test_orders_that_want_each_other_s_units_at_once_never_stand_still(world, three):
    """Swaps in opposite order, all at the same time: one wins, none is a deadlock."""

    async def swap(n):
        taken = (CODES[n % 3], CODES[(n + 1) % 3])
        return await change(
            world, three[n % 3],
            lambda o: decide(o, event_on(o, "pick", taken, [1000, 1000]), TERMS).order,
        )  # fmt: skip

    for _ in range(15):
        answers = await asyncio.wait_for(asyncio.gather(*(swap(n) for n in range(9))), 300)
        assert set(answers) <= {None, Code.MARK_ALREADY_USED}
        assert None in answers
        await ledger_is(world, three)
        for id_ in three:
            await change(world, id_, lambda o: decide(o, event_on(o, "drop", (), []), TERMS).order)


async def test_a_cancelled_order_frees_its_units_and_a_delivered_one_never(world):
    kept, freed = mark(), mark()
    sold, gone, other = [await being_picked(world) for _ in range(3)]
    assert await pick(world, sold, kept, mark()) is None
    assert await pick(world, gone, freed, mark()) is None
    assert await pick(world, other, freed, mark()) is Code.MARK_ALREADY_USED
    await end(world, sold, ev.Taken(), ev.Delivered())
    await end(world, gone, ev.Cancelled("x"))
    assert await pick(world, other, kept, mark()) is Code.MARK_ALREADY_USED
    assert await pick(world, other, freed, mark()) is None
    await end(world, sold, ev.Cancelled("the customer brought it back"))
    assert await pick(world, other, kept, freed) is None


async def test_who_asks_for_a_used_unit_is_told_which_order_has_it(world):
    code = mark()
    first, second = await being_picked(world), await being_picked(world)
    assert await pick(world, first, code, mark()) is None
    number = await world.value("SELECT number FROM orders WHERE id = $1", first)
    async with world.hub.pools.picking.acquire() as conn:
        before = await orders.lock(conn, second)
        event = event_on(before, "pick", (code, mark()), [1000, 1000])
        with pytest.raises(Refused) as caught:
            async with conn.transaction():
                await orders.save(conn, before, decide(before, event, TERMS).order)
    assert caught.value.details == {"marks": [identity(code)], "order": number}


async def test_a_merchant_s_units_are_nobody_else_s_business(world):
    code = mark()
    assert await pick(world, await being_picked(world), code, mark()) is None
    rows = "SELECT used FROM product_mark WHERE ki = $1 AND merchant_id <> $2"
    merchant = await world.value("SELECT merchant_id FROM store WHERE code = 'MSK-07'")
    assert await world.value(rows, identity(code), merchant) is None
    assert await world.value(rows.replace("<>", "="), identity(code), merchant) == 1000


async def test_a_unit_is_looked_up_by_its_latest_answer(world):
    code, id_ = mark(), await being_picked(world)
    note = MarkUse(code, 1000, "check-7", world.hub.clock())

    def checked(order):
        line = next(line for line in order.lines if line.marked)
        return decide(order, ev.LinePicked(line.id, 1, (code,), (note,)), TERMS).order

    assert await change(world, id_, checked) is None
    store = await world.value("SELECT store_id FROM orders WHERE id = $1", id_)
    async with world.hub.pools.picking.acquire() as conn:
        known = await ledger.checked(conn, store, [identity(code), "nobody's"])
        line = next(x for x in (await orders.read(conn, id_)).lines if x.marked)
    assert known == {identity(code): ("check-7", note.checked_at)}
    assert (line.marks, line.mark_uses) == ((code,), (note,))
