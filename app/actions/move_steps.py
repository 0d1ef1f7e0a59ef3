"""The steps of a store's move from one cell to another: each may be done once more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.actions.move_checks import differences
from app.db import cell_copy, cell_steps, cells, health
from app.db.cell_parts import PARTS, REMADE
from app.db.cells import Move
from app.db.conn import CONTENDED, Conn
from app.db.sealing import Seal
from app.errors import SettingsInvalid

#: Seconds that a picker's call, let in before the store was closed, may still take.
GRACE: Final = 2.5
#: Seconds until whatever is worked on must have ended; looks at marketplaces take the longest.
MOST: Final = 240.0
#: Rows that the source's queues may be numbered on while a move lasts.
ROOM: Final = 1_000_000_000

#: Makes all gateways send these accounts' hooks to a cell; returns when they do.
Flip = Callable[[Sequence[str], str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the two cells, as a mover sees it."""

    name: str
    conn: Conn
    seal: Seal


@dataclass(frozen=True, slots=True)
class Mover:
    """Two cells, and how routes are changed. `pause`: seconds between looks."""

    source: Cell
    target: Cell
    flip: Flip
    grace: float = GRACE
    most: float = MOST
    pause: float = 0.2


async def _close(mover: Mover, move: Move) -> None:
    """Claims end, people are told to wait; webhooks are taken in as ever."""
    conn = mover.source.conn
    async with conn.transaction():
        await cells.note_step(conn, move, "closed")
        await cell_steps.close(conn, move)


async def _drain(mover: Mover, move: Move) -> None:
    """Whatever somebody works on comes to its end."""
    await _quiet(mover, move)
    await cells.note_step(mover.source.conn, move, "drained")


async def _quiet(mover: Mover, move: Move) -> None:
    """What is given back, or comes of what was begun before, is held, until nothing is at work."""
    conn, waited = mover.source.conn, 0.0
    await cell_steps.hold(conn, move)
    while not await cell_steps.quiet(conn, move, mover.grace):
        if waited > mover.most:
            raise SettingsInvalid("something of it is still worked on: go on later")
        await asyncio.sleep(mover.pause)
        waited += mover.pause
        await cell_steps.hold(conn, move)


async def _shut(mover: Mover, move: Move) -> None:
    """From here on the database refuses changes, whoever makes them."""
    conn = mover.source.conn
    await cell_steps.shut(conn, move)
    await settled(conn, "writers", mover.pause)
    await _quiet(mover, move)
    await cells.note_step(conn, move, "shut")


async def settled(conn: Conn, who: str, pause: float) -> None:
    """Whoever began before has ended. `who`: writers or senders."""
    while True:
        try:
            await cell_steps.settle(conn, who)
        except CONTENDED:
            await asyncio.sleep(pause)
        else:
            return


async def _copy(mover: Mover, move: Move) -> None:
    """One snapshot here becomes one transaction there: all of it, or nothing. Until it ends nobody
    else takes the move a step further, or back."""
    source, target = mover.source.conn, mover.target.conn
    async with source.transaction(isolation="repeatable_read"), target.transaction():
        await cells.keep(source, move)
        if await cells.has_arrived(target, move):
            there = await cells.read(target, move.id)
        else:
            there = await _copied(mover, move)
    await cells.copied(source, replace(there, step=move.step))


async def _copied(mover: Mover, move: Move) -> Move:
    source, target = mover.source.conn, mover.target.conn
    await cell_steps.as_mover(source)
    await cell_steps.as_mover(target)
    ours, theirs = await cell_steps.places(source, target)
    number, known = await cell_steps.there(target)
    shift = ours - theirs + ROOM
    before = {cells.CELL: str(number), cells.KNOWN: " ".join(map(str, known))}
    move = replace(move, shift=shift, facts=before)
    scope = move.scope
    await cell_copy.remove(target, scope, REMADE)
    for part in PARTS:
        await cell_copy.copy(source, target, part, scope)
        await cell_copy.reseal(source, target, part, scope, (mover.source.seal, mover.target.seal))
    if move.whole:
        what = await cells.described(source, move.scope)
        await cell_steps.counters(source, target, what.merchant_id)
    facts = await cell_copy.facts(source, scope, there=False)
    move = replace(move, facts=before | facts, copied_at=await health.clock(source))
    await cells.arrived(target, move, mover.source.name)
    return move


async def _compare(mover: Mover, move: Move) -> None:
    """What is there is what is here; if not, nothing is there, and the next run copies anew."""
    wrong = await differences(mover.target.conn, move)
    if wrong:
        await cells.note_step(mover.source.conn, move, "shut")
        await undo_copy(mover.target.conn, move)
        raise SettingsInvalid(f"what was copied differs in {', '.join(wrong)}: go on, to copy anew")
    await cells.note_step(mover.source.conn, move, "compared")


async def undo_copy(target: Conn, move: Move) -> None:
    """Nothing of a move is there any more; nothing happens when nothing was. SettingsInvalid when
    work goes on there already."""
    if not await cells.has_arrived(target, move):
        return
    async with target.transaction():
        await cells.note_step(target, replace(move, step="copied"), "undone", over=True)
        await cell_steps.as_mover(target)
        await cell_copy.remove(target, move.scope)
        await cell_steps.gone(target, move)


async def _foretell(mover: Mover, move: Move) -> None:
    """Whoever is stopped behind this does not know which gateways route to the other cell."""
    await cells.note_step(mover.source.conn, move, "flipping")


async def _flip(mover: Mover, move: Move) -> None:
    """Hooks come to the other cell, and wait there."""
    what = await cells.described(mover.source.conn, move.scope)
    await mover.flip(what.accounts, mover.target.name)
    await cells.note_step(mover.source.conn, move, "flipped")


async def _leave(mover: Mover, move: Move) -> None:
    """Nothing is taken in here any more, by whichever way it comes."""
    conn = mover.source.conn
    await cell_steps.gone(conn, move)
    await settled(conn, "senders", mover.pause)
    await cells.note_step(conn, move, "gone")


async def _hand_over(mover: Mover, move: Move) -> None:
    """What was taken in here meanwhile, before all that was taken in there."""
    await cell_steps.take_over(mover.target.conn, await cell_steps.late(mover.source.conn, move))
    await cells.note_step(mover.source.conn, move, "handed")


async def _open(mover: Mover, move: Move) -> None:
    """Work goes on there."""
    conn = mover.target.conn
    there = await cells.read(conn, move.id)
    if there.step == "copied":
        async with conn.transaction():
            await cells.note_step(conn, there, "opened", over=True)
            await cell_steps.as_mover(conn)
            await cell_steps.unhold(conn, move)
            await cell_steps.reopen(conn, move)
    await cells.note_step(mover.source.conn, move, "opened")


async def _clear(mover: Mover, move: Move) -> None:
    """Nothing of it stays here: it was compared when it went, and what was taken in since is there.
    What is forgotten with time may be gone here by now."""
    conn = mover.source.conn
    if await cell_steps.missing(conn, mover.target.conn, move):
        raise SettingsInvalid("not all deliveries that came here went there")
    async with conn.transaction():
        await cells.note_step(conn, move, "finished", over=True)
        await cell_steps.as_mover(conn)
        await cell_steps.leave(conn, move)
        await cell_copy.remove(conn, move.scope)
        await cell_steps.forget_changes(conn, move)


#: What was done last → what comes next, and who does it.
STEPS: Final[Mapping[str, tuple[str, Callable[[Mover, Move], Awaitable[None]]]]] = {
    "begun": ("closed", _close),
    "closed": ("drained", _drain),
    "drained": ("shut", _shut),
    "shut": ("copied", _copy),
    "copied": ("compared", _compare),
    "compared": ("flipping", _foretell),
    "flipping": ("flipped", _flip),
    "flipped": ("gone", _leave),
    "gone": ("handed", _hand_over),
    "handed": ("opened", _open),
    "opened": ("finished", _clear),
}
