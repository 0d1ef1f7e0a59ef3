"""A store goes to another cell with everything that belongs to it, step by step.

A step is written down with what it did, or may be done once more: whoever is stopped, wherever,
goes on behind the last one. Until `flipped` everything can be undone; then the store lives there.
Two movers at once do no harm: a step is written down by one of them, the other one stops.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from app.actions.move_checks import must_be_possible
from app.actions.move_steps import STEPS, Mover, settled, undo_copy
from app.db import cell_steps, cells
from app.db.cells import Move
from app.db.conn import CONTENDED
from app.domain.refusals import Code, Refused
from app.errors import SettingsInvalid
from app.identifiers import new_id

#: Behind these a store can go back.
_UNDONE: Final = (
    "begun", "closed", "drained", "shut", "copied", "compared", "flipping", "aborting",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which store goes, the address its people find it at, and the series its documents get."""

    store: str
    url: str
    series: str | None = None
    actor: str = "cli"


async def begin(mover: Mover, wanted: Wanted) -> Move:
    """Write down what goes. SettingsInvalid, with a line for each reason, when it cannot."""
    source = mover.source.conn
    if await cells.under_way(source) is not None:
        raise SettingsInvalid("another move is not finished: orderhub cells go-on, or abort")
    stores, accounts = await cells.group(source, wanted.store)
    move = Move(
        new_id(), mover.target.name, wanted.url, wanted.actor, "begun", stores, accounts, (),
        wanted.series, whole=False, shift=0, facts={}, copied_at=None,
    )  # fmt: skip
    what = await must_be_possible(source, mover.target.conn, move)
    move = replace(move, whole=what.whole)
    async with source.transaction():
        await cells.begin(source, move)
        await cells.note(source, move, "moves", mover.target.name)
    return move


async def advance(mover: Mover) -> str | None:
    """Do the next step of the move that is under way; its name, None when there is none."""
    move = await cells.under_way(mover.source.conn)
    if move is None:
        return None
    if move.step == "aborting":
        raise SettingsInvalid("the store is on its way back: orderhub cells abort")
    name, step = STEPS[move.step]
    while True:
        try:
            await step(mover, move)
        except CONTENDED:  # a race lost to those at work here: the step is done once more
            await asyncio.sleep(mover.pause)
        else:
            return name


async def abort(mover: Mover) -> None:
    """Go back to how it was, hooks first; Refused once all of them come to the other cell."""
    source = mover.source.conn
    move = await cells.under_way(source)
    if move is None:
        raise SettingsInvalid("no store is on its way from here")
    if move.step not in _UNDONE:
        raise Refused(Code.STORE_MOVED, url=move.url)
    if move.step == "flipping":
        what = await cells.described(source, move.scope)
        await mover.flip(what.accounts, mover.source.name)
    move = await cells.note_step(source, move, "aborting")
    if await cells.has_arrived(mover.target.conn, move):
        await _give_back(mover, move)
    async with source.transaction():
        await cells.note_step(source, move, "aborted", over=True)
        await cell_steps.as_mover(source)
        await cell_steps.unhold(source, move)
        await cell_steps.reopen(source, move)


async def _give_back(mover: Mover, move: Move) -> None:
    """What the other cell took in comes here, behind all that came here; then nothing is there."""
    target = mover.target.conn
    await cell_steps.gone(target, move)
    await settled(target, "senders", mover.pause)
    there = replace(await cells.read(target, move.id), shift=0)
    await cell_steps.take_over(mover.source.conn, await cell_steps.late(target, there), last=True)
    await undo_copy(target, move)
