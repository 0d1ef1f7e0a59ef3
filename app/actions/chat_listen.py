"""Updates in, to the last one: fetched by one process of the cluster, or pushed to the web workers.

Who holds the lease of a bot talks to Telegram for it: tells it where updates go, which commands
there are, and fetches what is not pushed."""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

import structlog

from app.db import telegram_updates
from app.db.conn import AWAY, CONTENDED, FAULTS
from app.db.telegram_updates import Post
from app.errors import HubError, LeaseLost, RemoteUnavailable
from app.hub import Hub
from app.ports import FrontDesk
from app.render.telegram_lines import Reader
from app.render.telegram_talk import menu

log = structlog.get_logger()

#: Seconds Telegram is asked to wait for something to happen.
POLL: Final = 6.0
#: Seconds the lease lasts: longer than one fetch ever takes.
LEASE: Final = 15.0
#: Seconds between looks whether the lease is free.
LOOK: Final = 3.0
#: Seconds between signs of life while updates are pushed.
BEAT: Final = 5.0
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


class Way(StrEnum):
    """How updates come in."""

    POLLING = "polling"
    WEBHOOK = "webhook"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Listener:
    """One process that may talk to Telegram for a bot. `wake`: set when updates were stored."""

    hub: Hub
    front: FrontDesk
    way: Way
    wake: asyncio.Event

    async def run(self, stopping: asyncio.Event) -> None:
        """Listen while the lease is ours and until told to stop; back off from trouble."""
        pause = _FIRST_PAUSE
        while not stopping.is_set():
            asked = 0.0
            try:
                if await self.turn(stopping):
                    pause = _FIRST_PAUSE
            except LeaseLost:
                log.info("another process listens to telegram")
            except HubError as error:
                asked = error.after if isinstance(error, RemoteUnavailable) else 0.0
                log.warning("telegram does not listen", error=str(error)[:300])
                pause = min(pause * 2, _LONGEST_PAUSE)
            except (*AWAY, *CONTENDED) as error:
                log.warning("updates out of reach", error=repr(error)[:300])
                pause = min(pause * 2, _LONGEST_PAUSE)
            await _wait(stopping, max(pause, asked))

    async def turn(self, stopping: asyncio.Event) -> bool:
        """Take the lease if it is free, and listen until told to stop; False when it is not."""
        async with self.hub.pools.drains.acquire() as conn:
            post = await telegram_updates.take(conn, self.front.bot_id, self.hub.worker, LEASE)
        if post is None:
            await _wait(stopping, LOOK)
            return False
        try:
            await self._introduce(post)
            await self._settle_hook(post)
            log.info("listening to telegram", way=self.way)
            while not stopping.is_set():
                await self._listen(post, stopping)
        finally:
            with suppress(*FAULTS):
                async with self.hub.pools.drains.acquire() as conn:
                    await telegram_updates.leave(conn, post)
        return True

    async def _listen(self, post: Post, stopping: asyncio.Event) -> None:
        if self.way is Way.WEBHOOK:
            await _wait(stopping, BEAT)
            async with self.hub.pools.drains.acquire() as conn:
                await telegram_updates.keep(conn, post, LEASE)
            return
        async with self.hub.pools.drains.acquire() as conn:
            await telegram_updates.keep(conn, post, LEASE)
            offset = await telegram_updates.offset(conn, post.bot_id)
        fetching = asyncio.ensure_future(self.front.fetch(offset, POLL))
        stopped = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({fetching, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if not fetching.done():
                fetching.cancel()  # nothing is lost: what is not confirmed comes again
        if fetching.cancelled() or not fetching.done():
            return
        if updates := fetching.result():
            async with self.hub.pools.drains.acquire() as conn, conn.transaction():
                await telegram_updates.keep(conn, post, LEASE)
                await telegram_updates.store(conn, post.bot_id, updates)
            self.wake.set()

    async def _introduce(self, post: Post) -> None:
        """Learn what the bot is called, and show its commands, once for each change of them."""
        menus = self._menus()
        shown = sha256(json.dumps(menus).encode()).digest()
        username = await self.front.username()
        if post.menu != shown:
            for language, commands in menus.items():
                await self.front.set_menu(commands, language)
        if (post.username, post.menu) != (username, shown):
            async with self.hub.pools.drains.acquire() as conn:
                await telegram_updates.introduce(conn, post, username, shown)

    def _menus(self) -> dict[str, dict[str, str]]:
        now = self.hub.clock()
        asked = {"": self.hub.language, "ru": "ru", "en": "en"}
        return {code: dict(menu(Reader(spoken, "UTC", now))) for code, spoken in asked.items()}

    async def _settle_hook(self, post: Post) -> None:
        """Tell Telegram where updates go, once for each change; somebody else may have told it
        something else meanwhile."""
        known = await self.front.hook_url()
        if self.way is not Way.WEBHOOK:
            if known:
                await self.front.set_hook("", "")
            if known or post.hooked:
                async with self.hub.pools.drains.acquire() as conn:
                    await telegram_updates.forget_hook(conn, post)
            return
        base = f"{self.hub.public_url}/telegram/"
        if post.hook_url == base and known.startswith(base):
            return
        path, token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        async with self.hub.pools.drains.acquire() as conn:
            await telegram_updates.prepare_hook(conn, post, path, token)
        await self.front.set_hook(base + path, token)
        async with self.hub.pools.drains.acquire() as conn:
            await telegram_updates.confirm_hook(conn, post, base)
        log.info("telegram pushes updates", to=base)


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
