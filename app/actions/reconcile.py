"""Ask each marketplace what we missed: windows of its list, page by page, within what it allows.

A look remembers where it stopped, so one that was killed goes on; it is one process's at a time;
what is found comes into the inbox no faster than it is worked off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.actions.afresh import with_newest
from app.actions.compare_listed import Whose, compare_listed, in_our_words
from app.actions.gate import through
from app.contract import Account, Page
from app.db import mismatches, reconciliation
from app.db.conn import AWAY, CONTENDED, Conn
from app.db.queue import Queue
from app.db.reconciliation import Run, Turn, Turned
from app.errors import HubError, LeaseLost, Paced, RemoteUnavailable, SettingsInvalid
from app.hub import Hub
from app.plugin import Lists, Marketplace

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Manners:
    """How a look is done. `settle`: a side that changed a moment ago is looked at next time;
    `overlap`: windows overlap by so much, for clocks that differ; `longest`: nothing older is
    asked for; `seconds`: one turn of one account."""

    settle: timedelta = timedelta(minutes=2)
    overlap: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(days=31)
    seconds: float = 40.0


USUAL: Final = Manners()
#: Seconds an account is one process's: a page with all its tries, and more.
LEASE: Final = 120.0
#: Accounts looked at side by side.
AT_ONCE: Final = 4
#: Deliveries of an account that wait; with more of them nothing is added, fresh ones come first.
CROWDED: Final = 200
#: Seconds until a look goes on after it made room, and after one, two, … failures.
ROOM: Final = 2.0
PAUSES: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 900.0)
#: A look that does not end is given up, and its window done again.
OLDEST: Final = timedelta(hours=1)
#: Pages of orders in a row that the look has seen, all of them: the list has no end.
STALE: Final = 10
#: The share of an account's calls that is left to notifications.
RESERVE: Final = 0.5
#: Orders compared in one transaction when they were not listed again.
BATCH: Final = 200


class _Endless(HubError):
    """The list has no end: the same orders or pages come again and again."""

    reason = "endless"


class _Broken(HubError):
    """The adapter failed in a way that nobody foresaw."""

    reason = "bug"


async def reconcile(hub: Hub, manners: Manners = USUAL) -> str:
    """Look at every account whose turn it is; one line on how it went."""
    lists = [name for name, one in hub.marketplaces.items() if isinstance(one, Lists)]
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        turns = await reconciliation.claim(conn, lists, LEASE, AT_ONCE)
    ends = await asyncio.gather(*(_look(hub, turn, manners) for turn in turns))
    return f"{len(turns)} accounts, {sum(ends)} found"


async def _look(hub: Hub, turn: Turn, manners: Manners) -> int:
    """One account's turn; its trouble is no other account's. How many gaps it found."""
    try:
        return await _Looking(hub, turn, manners).go_on()
    except LeaseLost:
        log.warning("look lost", account=str(turn.account_id))
    except (*AWAY, *CONTENDED) as error:  # the lease ends, and somebody goes on
        log.warning("look out of reach", account=str(turn.account_id), error=repr(error)[:300])
    return 0


class _Looking:
    """One account's look, as far as one turn gets."""

    def __init__(self, hub: Hub, turn: Turn, manners: Manners) -> None:
        self._hub, self._turn, self._manners = hub, turn, manners
        self._until = time.monotonic() + manners.seconds

    async def go_on(self) -> int:
        """Turn pages until the last one, the end of the turn, or trouble."""
        run, found = await self._run(), 0
        try:
            while (account := await self._account()) is not None:
                if await self._crowded():
                    await self._release(ROOM)
                    break
                page = await self._page(account, run)
                run, more = await self._compare(account, run, page)
                found += more
                if run.cursor is None:
                    await self._finish(account, run)
                    break
                if time.monotonic() > self._until:
                    await self._release(0.0)
                    break
            else:  # paused or removed meanwhile: it goes on when it is back
                await self._release(PAUSES[0])
        except Paced as pace:
            await self._release(pace.after)
        except LeaseLost:
            raise
        except HubError as error:
            await self._stop(run, error)
        return found

    async def _run(self) -> Run:
        """The look that goes on, or a new one; what is older than it may be was too long ago."""
        turn, now = self._turn, self._hub.clock()
        since = self._since(now)
        async with self._writing() as conn:
            if turn.run_id is not None:
                run = await reconciliation.run(conn, turn.run_id)
                if now - run.started_at < OLDEST:
                    return run
                await reconciliation.give_up(conn, turn, run, "it took too long")
                since = min(since, run.since)
            return await reconciliation.begin(conn, turn, since, now)

    def _since(self, now: datetime) -> datetime:
        """From where the last look ended, with some overlap; a new account from its beginning."""
        turn, manners = self._turn, self._manners
        begin = turn.covered_until - manners.overlap if turn.covered_until else turn.created_at
        asked = min(begin, turn.asked_since) if turn.asked_since else begin
        return min(max(asked, now - manners.longest), now - timedelta(seconds=1))

    async def _account(self) -> Account | None:
        account = await self._hub.accounts.by_id(self._turn.account_id)
        return account if account is not None and account.active else None

    async def _crowded(self) -> bool:
        async with self._hub.pools.drains.acquire() as conn:
            waiting = await reconciliation.waiting(conn, self._turn.account_id, CROWDED)
        return waiting >= CROWDED

    async def _page(self, account: Account, run: Run) -> Page:
        """One page of the list, within the account's limits; nothing is locked meanwhile."""
        marketplace: Marketplace = self._hub.marketplaces[account.adapter]
        assert isinstance(marketplace, Lists)

        async def call(one: Account) -> Page:
            try:
                return await marketplace.listed(one, run.since, run.until, run.cursor)
            except HubError:
                raise
            except Exception as error:  # noqa: BLE001 - it may be somebody else's code
                raise _Broken(f"a bug in the adapter: {type(error).__name__}") from None

        return await through(
            self._hub, account, marketplace, "page",
            lambda: with_newest(self._hub, account, call), reserve=RESERVE,
        )  # fmt: skip

    async def _compare(self, account: Account, run: Run, page: Page) -> tuple[Run, int]:
        """A page and what comes of it, in one transaction; the look as far as it is then."""
        async with self._writing() as conn:
            orders = await in_our_words(conn, account, page.orders)
            fresh = await reconciliation.seen(conn, run.id, [one.ref for one in orders])
            stale = 0 if fresh else run.stale + bool(orders)  # a quiet shop's page is empty
            if page.cursor is not None:
                forward = await reconciliation.forward(conn, run.id, page.cursor)
                if stale >= STALE or not forward:
                    raise _Endless
            found = await compare_listed(conn, self._hub, self._whose(account), orders)
            await mismatches.unreadable(conn, account.id, page.unreadable)
            turned = Turned(stale, len(orders), found, len(page.unreadable))
            await reconciliation.turn_page(conn, run.id, page.cursor, turned)
            await reconciliation.well(conn, account.id, found)
            run = await reconciliation.run(conn, run.id)
        if found:
            self._hub.wakes[Queue.INBOX].set()
            log.info("found by asking", account=account.code, orders=found)
        return run, found

    async def _finish(self, account: Account, run: Run) -> None:
        """What was not listed again is compared once more; then the window is done."""
        after = ""
        while True:
            async with self._writing() as conn:
                orders = await mismatches.unseen(conn, account.id, run.id, after, BATCH)
                await compare_listed(conn, self._hub, self._whose(account), orders)
                if not orders:
                    until = run.until - self._manners.overlap
                    await mismatches.absent(conn, account.id, run, until)
                    differing = await mismatches.settle(conn, account.id)
                    await reconciliation.finish(conn, self._turn, run, differing)
                    return
                after = orders[-1].ref

    async def _stop(self, run: Run, error: HubError) -> None:
        """Who is away is asked for the same page again; after anything else the window is done
        again from its beginning: its page may be what is wrong."""
        turn = self._turn
        log.warning("look failed", account=str(turn.account_id), reason=error.reason)
        pause = PAUSES[min(turn.failures, len(PAUSES) - 1)]
        async with self._writing() as conn:
            if isinstance(error, SettingsInvalid):
                await reconciliation.unlisted(conn, turn, run.id, str(error))
            elif isinstance(error, RemoteUnavailable):
                await reconciliation.trouble(conn, turn, str(error), max(pause, error.after))
            else:
                await reconciliation.give_up(conn, turn, run, str(error))
                await reconciliation.trouble(conn, turn, str(error), pause)

    async def _release(self, after: float) -> None:
        async with self._hub.pools.drains.acquire() as conn:
            await reconciliation.release(conn, self._turn, after)

    def _whose(self, account: Account) -> Whose:
        return Whose(account, self._turn.created_at, self._manners.settle)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Conn]:
        """A transaction in which the account is ours; raises LeaseLost."""
        async with self._hub.pools.drains.acquire() as conn, conn.transaction():
            await reconciliation.hold(conn, self._turn, LEASE)
            yield conn
