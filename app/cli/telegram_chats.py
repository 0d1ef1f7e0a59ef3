"""orderhub telegram chats, chat …, test: which chats the bot speaks in, and how."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import typer
from rich import box
from rich.table import Table

from app.cli.people import Json, Merchant, decide, store_of, word
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import clients, telegram, telegram_chats, telegram_people
from app.db.conn import Conn
from app.db.telegram import ChatMessage
from app.db.telegram_chats import Route
from app.domain.chat import Room
from app.identifiers import new_id
from app.render.language import LANGUAGES, say

app = typer.Typer(help="One chat: how the bot speaks in it.", no_args_is_help=True)

ChatId = Annotated[int, typer.Argument(metavar="CHAT", help="Its number; a group's has a minus")]
#: So that a number with a minus is no option.
NUMBERS: Final = {"ignore_unknown_options": True}
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_TOPICS: Final = ("orders", "quality", "connection", "documents", "hub", "digest")


def chats(
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Groups the bot was added to and nobody admitted")
    ] = False,
    json: Json = False,
) -> None:
    """List the chats the bot speaks in."""

    async def read(conn: Conn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        if unknown:
            return [dict(row) for row in await telegram_chats.unknown(conn)], []
        rows = [dict(row) for row in await telegram_chats.overview(conn)]
        return rows, [dict(row) for row in await telegram_chats.routes(conn)]

    rows, routes = with_connection(read)
    for row in rows:
        row["routes"] = [one for one in routes if one["chat_id"] == row["chat_id"]]
    if json:
        print_json(rows)
        return
    console.print((_unknown if unknown else _known)(rows) if rows else word("telegram.no_chats"))


def _unknown(rows: list[dict[str, Any]]) -> Table:
    heads = ("number", "chat", "added_by", "since")
    table = Table(*(word(f"telegram.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        since = f"{row['seen_at'].astimezone():%d.%m.%Y %H:%M}"
        table.add_row(str(row["chat_id"]), row["title"], row["added_by"], since)
    return table


def _known(rows: list[dict[str, Any]]) -> Table:
    heads = ("number", "chat", "merchant", "hears", "language", "quiet", "state")
    table = Table(*(word(f"telegram.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        quiet = "" if row["quiet_from"] is None else (
            f"{row['quiet_from']:%H:%M}–{row['quiet_until']:%H:%M}"
        )  # fmt: skip
        table.add_row(
            str(row["chat_id"]),
            row["title"],
            row["merchant"] or "",
            "\n".join([*(row["stores"] or ()), *map(_route, row["routes"])]),
            row["language"] or "",
            quiet,
            row["disabled_reason"] or "",
            style="dim" if row["disabled_reason"] else None,
        )
    return table


def _route(row: dict[str, Any]) -> str:
    parts = (row["store"], row["class"], f"+{row['step']}" if row["step"] else "",
             f"#{row['thread_id']}" if row["thread_id"] else "")  # fmt: skip
    return " ".join(part for part in parts if part) or word("telegram.everything")


@app.command(context_settings=NUMBERS)
def add(
    chat: ChatId,
    title: Annotated[str, typer.Option(help="What it is called")] = "",
    merchant: Merchant = None,
    language: Annotated[str | None, typer.Option(help="ru or en")] = None,
) -> None:
    """Speak in a chat from now on."""
    _check_language(language)

    async def work(conn: Conn) -> bool:
        owner = await clients.merchant(conn, merchant)
        if owner is not None:
            met = {row["chat_id"]: row["title"] for row in await telegram_chats.unknown(conn)}
            room = Room(chat, title or met.get(chat, ""), private=chat > 0)
            await telegram_chats.add(conn, room, owner, language)
        return owner is not None

    if not decide(work):
        stop(word("clients.whose"))
    typer.echo(word("telegram.added", chat=chat))


@app.command(context_settings=NUMBERS)
def language(
    chat: ChatId,
    to: Annotated[str, typer.Argument(metavar="ru|en|-", help="- is the hub's")],
) -> None:
    """Choose the language of everything that is said in a chat."""
    chosen = None if to == "-" else to
    _check_language(chosen)
    _done(chat, known=decide(lambda conn: telegram_chats.set_language(conn, chat, chosen)))


@app.command(context_settings=NUMBERS)
def quiet(
    chat: ChatId,
    span: Annotated[str, typer.Argument(metavar="22:00-07:00|-", help="- is never")],
    timezone: Annotated[str | None, typer.Option(help="By whose clock: Europe/Moscow")] = None,
) -> None:
    """Ring only for what is critical between two times of the day."""
    times = None if span == "-" else _span(span)
    if timezone is not None and timezone not in available_timezones():
        stop(word("telegram.no_zone", zone=timezone), 2)
    zone = None if timezone is None else ZoneInfo(timezone).key
    _done(chat, known=decide(lambda conn: telegram_chats.set_quiet(conn, chat, times, zone)))


@app.command(context_settings=NUMBERS)
def digest(
    chat: ChatId,
    at: Annotated[str, typer.Argument(metavar="21:30|-", help="- is when the last shift ends")],
) -> None:
    """Say when a chat hears what the day came to: where nobody has shifts, and of a whole chain.

    By the clock that `quiet --timezone` gives the chat."""
    moment = None if at == "-" else _time(at)
    _done(chat, known=decide(lambda conn: telegram_chats.set_digest(conn, chat, moment)))


def _time(text: str) -> time:
    found = _TIME.fullmatch(text)
    if found is None:
        stop(word("telegram.no_time"), 2)
    return time(int(found[1]), int(found[2]))


def _span(text: str) -> tuple[time, time]:
    found = _SPAN.fullmatch(text)
    try:
        hours = [int(part) for part in found.groups()] if found else [99, 0, 0, 0]
        first, last = time(hours[0], hours[1]), time(hours[2], hours[3])
    except ValueError:
        stop(word("telegram.no_span"), 2)
    if first == last:
        stop(word("telegram.no_span"), 2)
    return first, last


@app.command(context_settings=NUMBERS)
def topic(  # noqa: PLR0913 - a route's columns
    chat: ChatId,
    *,
    thread: Annotated[
        int | None, typer.Option(help="The topic's number; without: all of it")
    ] = None,
    about: Annotated[str | None, typer.Option("--class", help=", ".join(_TOPICS))] = None,
    store: Annotated[str | None, typer.Option(help="Only of this store")] = None,
    step: Annotated[int, typer.Option(min=0, max=9, help="Of the escalation ladder")] = 0,
    merchant: Merchant = None,
    off: Annotated[bool, typer.Option("--off", help="Tell it of that no more")] = False,
) -> None:
    """Tell a chat, or a topic of it, of something."""
    if about not in (None, *_TOPICS):
        stop(word("telegram.no_class", classes=", ".join(_TOPICS)), 2)

    async def work(conn: Conn) -> str:
        if await telegram_chats.chat(conn, chat) is None:
            return "telegram.no_chat"
        found = await _whose(conn, merchant, store)
        if found is None:
            return "clients.whose"
        where = Route(chat, *found, about, step)
        if off:
            return "" if await telegram_chats.unroute(conn, where) else "telegram.no_route"
        await telegram_chats.route(conn, where, thread)
        return ""

    if wrong := decide(work):
        stop(word(wrong, chat=chat))
    typer.echo(word("telegram.done", chat=chat))


async def _whose(
    conn: Conn, merchant: str | None, store: str | None
) -> tuple[UUID, UUID | None] | None:
    if store is not None:
        id_ = await store_of(conn, store, merchant)
        return await telegram_people.merchant_of(conn, id_), id_
    owner = await clients.merchant(conn, merchant)
    return None if owner is None else (owner, None)


@app.command(context_settings=NUMBERS)
def enable(chat: ChatId) -> None:
    """Speak again in a chat that was lost, once the bot may."""
    if not decide(lambda conn: telegram_chats.enable(conn, chat)):
        stop(word("telegram.not_disabled", chat=chat))
    typer.echo(word("telegram.done", chat=chat))


def test(chat: ChatId) -> None:
    """Say one sentence in a chat, in its language; the scheduler sends it within seconds."""

    async def work(conn: Conn) -> bool:
        found = await telegram_chats.chat(conn, chat)
        if found is None or found.disabled_reason is not None:
            return False
        text = say(found.language or settings().language, "tg.test")
        await telegram.add(conn, ChatMessage(chat, "notice", text), new_id().hex)
        return True

    _done(chat, known=decide(work))


def _done(chat: int, *, known: bool) -> None:
    if not known:
        stop(word("telegram.no_chat", chat=chat))
    typer.echo(word("telegram.done", chat=chat))


def _check_language(language: str | None) -> None:
    if language not in (None, *LANGUAGES):
        stop(word("telegram.no_language"), 2)
