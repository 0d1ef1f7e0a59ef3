"""Whether a store can go to another cell, and whether all of it is there."""

from __future__ import annotations

from collections.abc import Collection

from app.db import cell_copy, cell_steps, cells
from app.db.cells import Described, Move
from app.db.conn import Conn
from app.errors import SettingsInvalid


async def must_be_possible(source: Conn, target: Conn, move: Move) -> Described:
    """What goes, in words. SettingsInvalid with a line for each reason why it cannot."""
    what = await cells.described(source, move.scope)
    theirs, migrations = await cells.counts_there(target, what.merchant_id)
    wrong = [f"the other cell has {name} already"
             for name in await cells.in_the_way(source, target, move.scope, what)]  # fmt: skip
    if not what.accounts:
        wrong.append("no account serves the store: there is nothing to route")
    if what.replays:
        wrong.append("a replay runs here: let it end, or cancel it")
    if what.migrations != migrations:
        wrong.append("the cells' databases are not of one release: migrate the older one")
    wrong += _series(what, move.series, theirs)
    if wrong:
        raise SettingsInvalid("\n".join(wrong))
    return what


def _series(what: Described, given: str | None, theirs: Collection[str]) -> list[str]:
    """A number is issued once, so a series is counted in one cell. A whole merchant takes its own
    along; of one that is in both cells each counts its own."""
    if what.whole:
        return []
    if theirs:
        clash = sorted(set(theirs) & set(what.counts))
        return [f"both cells count {name}: give {what.merchant} another series in one of them"
                for name in clash[:1]]  # fmt: skip
    if given is None:
        kept = f"other stores of {what.merchant} stay here, and count {what.series}"
        return [f"{kept}: say which series documents get there (--series)"]
    suffixes = {name.removeprefix(what.series) for name in what.counts}
    used = sorted({given + suffix for suffix in suffixes} & {*what.counts, *what.counted})
    return [f"{name} is counted here already: another series" for name in used[:1]]


async def differences(conn: Conn, move: Move) -> list[str]:
    """Tables in which the other cell has not what was copied."""
    async with conn.transaction(isolation="repeatable_read"):
        await cell_steps.as_mover(conn)
        found = await cell_copy.facts(conn, move.scope, there=True)
    tables = {name: name.partition(":")[0] for name in found}
    return sorted({tables[name] for name, said in found.items() if move.facts.get(name) != said})
