"""One order as it may stand, and what a rule says of it. Moments are minutes before `now`."""

from __future__ import annotations

from datetime import timedelta

from app.db import rules
from app.domain.rule import level_of, limits_of, lingers
from tests.monitoring.mass import finished
from tests.monitoring.sight import ON

W, C = "warning", "critical"
#: Moments in minutes before now: an order that was accepted and not begun, due in an hour.
OPEN = {"state": "accepted", "received_at": 1, "accepted_at": 1, "picking_at": None,
        "picked_at": None, "ready_at": None, "handed_over_at": None, "delivered_at": None,
        "due_at": -60, "changed_at": 1, "final_total": None}  # fmt: skip
PICKING = OPEN | {"state": "picking", "picking_at": 1}
READY = PICKING | {"state": "ready", "picked_at": 1, "ready_at": 1, "final_total": 900}
GONE = READY | {"state": "handed_over", "handed_over_at": 1}


async def hold(scene, order_id, minutes, state="claimed", zone=""):
    """A claim of somebody's that stands for so many minutes more, or ended so long ago."""
    await scene.sql(
        "INSERT INTO pick_job (order_id, store_id, state, zone, picker_id, lease_until, claimed_at)"
        " SELECT orders.id, orders.store_id, $3, $4, picker.id, $2, $5"
        "   FROM orders JOIN picker USING (store_id) WHERE orders.id = $1 LIMIT 1",
        order_id, scene.now + timedelta(minutes=minutes), state, zone, scene.now,
    )  # fmt: skip


async def order(scene, *lines, held=None, claim="claimed", **moments):
    """One order so, held for so many minutes more by one picker, or by several."""
    (id_,) = await finished(scene, 1, lines or ["todo"], **moments)
    for n, minutes in enumerate(held if isinstance(held, tuple) else (held,)):
        if minutes is not None:
            await hold(scene, id_, minutes, claim, zone=str(n) if n else "")
    return id_


async def judged(scene, name):
    """How bad each order is by a rule."""
    rule = scene.hub.rules[name]
    async with scene.hub.pools.picking.acquire() as conn:
        own = await rules.thresholds(conn)
        found = await rules.look(conn, rule, scene.now, own, scene.hub.rule_patience)
    told = {}
    for one in found:
        limits = limits_of(rule, one, own)
        level = level_of(rule, limits, one) or (ON if lingers(rule, limits, one) else None)
        told[one.order_id] = str(level) if level else None
    return told


async def as_said(scene, name, cases):
    """All cases at once, each an order of its own: what a rule says of them is what is expected."""
    ids = [await order(scene, *lines, **case) for lines, case, _ in cases]
    told = await judged(scene, name)
    found = [
        (lines[3:], case, told.get(id_)) for id_, (lines, case, _) in zip(ids, cases, strict=True)
    ]
    assert found == [(lines[3:], case, said) for lines, case, said in cases]
