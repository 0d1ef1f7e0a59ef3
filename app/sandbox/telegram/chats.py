"""Chats and their messages, in memory; the oldest messages of a chat are forgotten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.sandbox.telegram.errors import ApiError, bad
from app.sandbox.telegram.markup import Parsed
from app.sandbox.telegram.photo import Photo

KEPT_MESSAGES: Final = 500  #: per chat
KEPT_CHATS: Final = 200
KEPT_PHOTOS: Final = 30  #: per chat; older ones are shown no more
KEPT_VERSIONS: Final = 20  #: earlier texts of an edited message


@dataclass(slots=True)
class Message:
    """One message of a chat; `raw` is the text as the bot sent it, markup and all."""

    message_id: int
    date: int  #: Unix seconds
    author: dict[str, Any]
    raw: str
    parsed: Parsed
    options: dict[str, Any] = field(default_factory=dict)  #: thread, silence, reply
    markup: dict[str, Any] | None = None
    photo: Photo | None = None  #: then the text is its caption
    edit_date: int | None = None
    earlier: list[str] = field(default_factory=list)

    @property
    def by_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.author["is_bot"])

    def edit(self, raw: str, parsed: Parsed, at: int) -> None:
        """Replace the text, remembering what stood there."""
        self.earlier = [*self.earlier, self.raw][-KEPT_VERSIONS:]
        self.raw, self.parsed, self.edit_date = raw, parsed, at


@dataclass(slots=True)
class Topic:
    """A part of a forum."""

    thread_id: int
    title: str
    closed: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat (positive id) or a group (negative); one with topics is a forum."""

    chat_id: int
    title: str
    blocked: bool = False
    migrated_to: int | None = None
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    topics: dict[int, Topic] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Telegram's word for this sort of chat."""
        if self.chat_id > 0:
            return "private"
        return "supergroup" if self.chat_id < -(10**12) else "group"

    def wire(self) -> dict[str, Any]:
        """Return the chat as the API shows it."""
        name = "first_name" if self.chat_id > 0 else "title"
        forum = {"is_forum": True} if self.topics else {}
        return {"id": self.chat_id, "type": self.kind, name: self.title} | forum

    def add(self, message: Message) -> None:
        """Append a message, forgetting the oldest of a long chat."""
        self.messages[message.message_id] = message
        if len(self.messages) > KEPT_MESSAGES:
            self.messages.popitem(last=False)
        pictured = [one for one in self.messages.values() if one.photo] if message.photo else []
        for old in pictured[:-KEPT_PHOTOS]:
            old.photo = replace(old.photo, content=b"") if old.photo else None

    def open_topic(self, thread_id: int, title: str) -> Topic:
        """Begin a topic, or give one another name; it is open then."""
        topic = self.topics[thread_id] = Topic(thread_id, title)
        return topic

    def check_topic(self, thread_id: int) -> None:
        """Raise what Telegram answers when nobody can write into this topic."""
        if thread_id not in self.topics:
            raise bad("message thread not found")
        if self.topics[thread_id].closed:
            raise bad("TOPIC_CLOSED")

    def check_open(self) -> None:
        """Raise what Telegram answers when a bot may not write here."""
        if self.migrated_to is not None:
            detail = "group chat was upgraded to a supergroup chat"
            raise ApiError(400, detail, {"migrate_to_chat_id": self.migrated_to})
        if self.blocked:
            why = "bot was blocked by the user"
            kicked = f"bot was kicked from the {self.kind} chat"
            raise ApiError(403, why if self.chat_id > 0 else kicked)


class Chats:
    """All chats the bot can see."""

    def __init__(self) -> None:
        self._chats: dict[int, Chat] = {}

    def __iter__(self) -> Iterator[Chat]:
        return iter(list(self._chats.values()))

    def add(self, chat_id: int, title: str) -> Chat:
        """Open a chat, or return it when it is open already; ValueError when there are too many."""
        if chat_id not in self._chats and len(self._chats) >= KEPT_CHATS:
            raise ValueError(f"no more than {KEPT_CHATS} chats")
        return self._chats.setdefault(chat_id, Chat(chat_id, title))

    def find(self, chat_id: object) -> Chat:
        """Return a chat by id (number or digits as text); ApiError 400 when there is none."""
        try:
            return self._chats[int(str(chat_id))]
        except (ValueError, KeyError):
            raise bad("chat not found") from None

    def message(self, chat: Chat, message_id: object, purpose: str) -> Message:
        """Return one message of the chat; ApiError 400 "message to … not found" otherwise."""
        try:
            return chat.messages[int(str(message_id))]
        except (ValueError, KeyError):
            raise bad(f"message to {purpose} not found") from None
