"""The page's routes: itself, its feed, and what people do on it (press, write)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from app.sandbox.answers import Ascii
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.chats import Chat
from app.sandbox.telegram.errors import ApiError, bad
from app.sandbox.telegram.markup import Parsed, parse
from app.sandbox.telegram.page.feed import feed
from app.sandbox.telegram.page.words import WORDS, language
from app.sandbox.telegram.people import PEOPLE, acting
from app.sandbox.telegram.wire import command_entities, message_wire

HERE: Final = Path(__file__).parent
TEMPLATES: Final = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LONGEST_WAIT: Final = 15.0  #: seconds a feed request waits for news


class Pressed(msgspec.Struct):
    """A press of the button at `row`, `column` of a message's keyboard."""

    chat_id: str
    message_id: int
    row: int
    column: int
    person: int = 0


class Written(msgspec.Struct):
    """What a person wrote into a chat, or a topic of it."""

    chat_id: str
    text: str
    person: int = 0
    thread: int | None = None


async def show(request: Request) -> Response:
    """`GET /`: the page."""
    chosen = language(request.headers.get("Accept-Language", ""))
    words = WORDS[chosen]
    html = TEMPLATES.get_template("page.html").render(
        language=chosen, words=words, words_json=json.dumps(words), people=PEOPLE
    )
    return HTMLResponse(html, headers=HEADERS | {"Vary": "Accept-Language"})


async def news(request: Request) -> Response:
    """`GET /_feed?after=VERSION`: everything visible, as soon as it differs from VERSION."""
    bot: Bot = request.app.state.bot
    after = request.query_params.get("after", "")
    if after.isdecimal():
        await bot.changed_since(int(after), LONGEST_WAIT)
    return Ascii(feed(bot), headers=HEADERS)


async def photo(request: Request) -> Response:
    """`GET /_photo/{chat}/{message}`: one picture."""
    bot: Bot = request.app.state.bot
    try:
        chat = bot.chats.find(request.path_params["chat"])
        message = bot.chats.message(chat, request.path_params["message"], "show")
    except ApiError as error:
        return Ascii({"error": str(error)}, status_code=404)
    if message.photo is None:
        return Ascii({"error": "no picture"}, status_code=404)
    headers = HEADERS | {"Cache-Control": "max-age=3600"}
    return Response(message.photo.content, media_type=message.photo.kind, headers=headers)


async def press(request: Request) -> Response:
    """`POST /_press`: make the callback query of a pressed button."""
    bot: Bot = request.app.state.bot
    try:
        pressed = msgspec.json.decode(await request.body(), type=Pressed)
        return Ascii({"query_id": _press(bot, pressed)})
    except (msgspec.DecodeError, ApiError, LookupError) as error:
        return Ascii({"error": str(error)}, status_code=400)


async def write(request: Request) -> Response:
    """`POST /_write`: put a person's message into a chat and tell the bot."""
    bot: Bot = request.app.state.bot
    try:
        written = msgspec.json.decode(await request.body(), type=Written)
        return Ascii({"message_id": _write(bot, written)})
    except (msgspec.DecodeError, ApiError, LookupError) as error:
        return Ascii({"error": str(error)}, status_code=400)


def _press(bot: Bot, pressed: Pressed) -> str:
    chat = bot.chats.find(pressed.chat_id)
    message = bot.chats.message(chat, pressed.message_id, "press")
    keyboard = (message.markup or {})["inline_keyboard"]
    query_id = str(bot.updates.next_id)
    bot.press(query_id)
    query = {
        "id": query_id,
        "from": acting(chat, pressed.person),
        "message": message_wire(chat, message),
        "chat_instance": str(abs(chat.chat_id)),
        "data": keyboard[pressed.row][pressed.column]["callback_data"],
    }
    bot.updates.add(callback_query=query)
    return query_id


def _write(bot: Bot, written: Written) -> int:
    chat: Chat = bot.chats.find(written.chat_id)
    text = written.text.strip()[:4096]
    if not text:
        raise bad("message text is empty")
    parsed = Parsed(text, command_entities(text), parse(text, None).html)
    options = {"thread": written.thread} if written.thread in chat.topics else {}
    message = bot.post(chat, acting(chat, written.person), text, parsed, **options)
    bot.updates.add(message=message_wire(chat, message))
    return message.message_id


def _file(name: str) -> BaseRoute:
    async def send(_request: Request) -> Response:
        return FileResponse(HERE / name, headers=HEADERS)

    return Route(f"/_{name}", send)


ROUTES: Final[tuple[BaseRoute, ...]] = (
    Route("/", show),
    Route("/_feed", news),
    Route("/_press", press, methods=["POST"]),
    Route("/_photo/{chat}/{message}", photo),
    Route("/_write", write, methods=["POST"]),
    _file("page.css"),
    _file("page.js"),
)
