"""A picker is told when a marketplace does not hear of the work: it is saved, and told later."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.contract import AMENDED
from app.db import outbox
from app.db.conn import Conn
from app.domain.decide import Decision
from app.domain.refusals import Notice

#: Seconds a message may wait before its marketplace counts as away: longer than a first retry.
_PATIENCE: Final = 60.0


async def mind_marketplace(conn: Conn, decision: Decision, tells: frozenset[str]) -> Decision:
    """The decision, with a notice when it tells something while older messages of the account wait.
    A more urgent notice stays; single lines are not worth one each."""
    told = tells.intersection(decision.told) - {AMENDED}
    if not told or decision.warning is not None:
        return decision
    if not await outbox.held_up(conn, decision.order.account_id, _PATIENCE):
        return decision
    return replace(decision, warning=Notice.MARKETPLACE_UNAVAILABLE)
