"""What came in from Telegram, once each, and which process talks to Telegram for a bot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from app.db.conn import Conn
from app.db.queries import load
from app.errors import LeaseLost
from app.ports import RawUpdate

_SQL = load("telegram_updates")


@dataclass(frozen=True, slots=True)
class Post:
    """The right to talk for a bot, while the lease lasts, and what Telegram was told of it.
    `hook_url`: the address Telegram knows; `hooked`: it may know one; `menu`: a hash."""

    bot_id: int
    epoch: int
    username: str
    hook_url: str | None
    hooked: bool
    menu: bytes | None


@dataclass(frozen=True, slots=True)
class Hook:
    """Hashes of the two secrets that an update is pushed with."""

    bot_id: int
    hook_path: bytes
    hook_token: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """An update in hand; `attempts` counts this one too."""

    bot_id: int
    update_id: int
    body: bytes = field(repr=False)
    attempts: int


def digest(secret: str) -> bytes:
    """What is kept of a secret: it is long and random, so this is enough."""
    return sha256(secret.encode("utf-8", "replace")).digest()


async def take(conn: Conn, bot_id: int, owner: str, lease: float) -> Post | None:
    """Talk for a bot from now on; None while somebody else does."""
    row = await conn.fetchrow(_SQL["take"], bot_id, owner, lease)
    return None if row is None else Post(bot_id, **row)


async def keep(conn: Conn, post: Post, lease: float) -> None:
    """Go on talking for a bot; raises LeaseLost when somebody else does now."""
    if await conn.fetchval(_SQL["keep"], post.bot_id, post.epoch, lease) is None:
        raise LeaseLost


async def leave(conn: Conn, post: Post) -> None:
    """Let others talk for the bot."""
    await conn.execute(_SQL["leave"], post.bot_id, post.epoch)


async def introduce(conn: Conn, post: Post, username: str, menu: bytes) -> None:
    """What the bot is called, and which commands people are shown."""
    await conn.execute(_SQL["name"], post.bot_id, post.epoch, username, menu)


async def prepare_hook(conn: Conn, post: Post, path: str, token: str) -> None:
    """Let in what comes with these secrets; Telegram is about to be told."""
    await conn.execute(
        _SQL["hook"], post.bot_id, post.epoch, None, digest(path), digest(token)
    )  # fmt: skip


async def confirm_hook(conn: Conn, post: Post, url: str) -> None:
    """Telegram knows the address."""
    await conn.execute(_SQL["confirm_hook"], post.bot_id, post.epoch, url)


async def forget_hook(conn: Conn, post: Post) -> None:
    """Nothing is pushed any more, and nothing that is pushed is let in."""
    await conn.execute(_SQL["hook"], post.bot_id, post.epoch, None, None, None)


async def hooks(conn: Conn) -> list[Hook]:
    """Every bot whose updates may be pushed to us."""
    return [Hook(**row) for row in await conn.fetch(_SQL["hooks"])]


async def username(conn: Conn, bot_id: int) -> str:
    """What a bot is called; "" when nobody has asked Telegram yet."""
    return await conn.fetchval(_SQL["username"], bot_id) or ""


async def offset(conn: Conn, bot_id: int) -> int:
    """What to fetch from; 0: everything Telegram has."""
    return await conn.fetchval(_SQL["offset"], bot_id) or 0


async def store(conn: Conn, bot_id: int, updates: Sequence[RawUpdate]) -> int:
    """Keep updates, each once; how many are new."""
    ids, bodies = [one.update_id for one in updates], [one.body for one in updates]
    return len(await conn.fetch(_SQL["store"], bot_id, ids, bodies))


async def claim(conn: Conn, bot_id: int, seconds: float) -> Claimed | None:
    """The oldest update that waits; it waits again in so many seconds, unless it is finished."""
    row = await conn.fetchrow(_SQL["claim"], bot_id, seconds)
    return None if row is None else Claimed(**row)


async def hold(conn: Conn, one: Claimed) -> bool:
    """Lock an update until the transaction ends; False when it is somebody else's by now."""
    found = await conn.fetchval(_SQL["hold"], one.bot_id, one.update_id, one.attempts)
    return found is not None


async def finish(conn: Conn, one: Claimed, outcome: str) -> None:
    """Nothing is left to do for an update."""
    await conn.execute(_SQL["finish"], one.bot_id, one.update_id, outcome[:200])


async def put_off(conn: Conn, one: Claimed, seconds: float) -> None:
    """Try an update again later."""
    await conn.execute(_SQL["put_off"], one.bot_id, one.update_id, one.attempts, seconds)
