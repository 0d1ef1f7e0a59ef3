"""What one rule makes of things as they stand, by its own limits."""

from __future__ import annotations

from typing import Any

from app.db import rules
from app.domain.rule import level_of, limits_of, lingers
from tests.monitoring.scene import Scene

#: Neither a trouble nor over yet: an incident that is on stays on.
ON = "stays on"


async def seen(scene: Scene, name: str) -> dict[str, dict[str, Any]]:
    """What a rule sees, by the code of its store, else of its account: facts, value and level."""
    rule = scene.hub.rules[name]
    async with scene.hub.pools.picking.acquire() as conn:
        own = await rules.thresholds(conn)
        sightings = await rules.look(conn, rule, scene.now, own, scene.hub.rule_patience)
    found = {}
    for one in sightings:
        limits = limits_of(rule, one, own)
        level = level_of(rule, limits, one) or (ON if lingers(rule, limits, one) else None)
        subject = one.facts.get("store") or one.facts.get("account")
        found[subject] = {**one.facts, "value": one.value, "level": level}
    return found


async def levels(scene: Scene, name: str) -> dict[str, str]:
    """Only how bad it is where it is bad."""
    return {
        subject: str(what["level"])
        for subject, what in (await seen(scene, name)).items()
        if what["level"]
    }
