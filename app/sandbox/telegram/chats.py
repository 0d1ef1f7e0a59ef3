"""Chats and their messages, in memory; the oldest messages of a chat are forgotten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from app.sandbox.telegram.errors import ApiError, bad
from app.sandbox.telegram.markup import Parsed

KEPT_MESSAGES: Final = 500  #: per chat
KEPT_CHATS: Final = 200
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
class Chat:
    """A private chat (positive id) or a group (negative)."""

    chat_id: int
    title: str
    blocked: bool = False
    migrated_to: int | None = None
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)

    @property
    def kind(self) -> str:
        """Telegram's word for this sort of chat."""
        if self.chat_id > 0:
            return "private"
        return "supergroup" if self.chat_id < -(10**12) else "group"

    def wire(self) -> dict[str, Any]:
        """Return the chat as the API shows it."""
        name = "first_name" if self.chat_id > 0 else "title"
        return {"id": self.chat_id, "type": self.kind, name: self.title}

    def add(self, message: Message) -> None:
        """Append a message, forgetting the oldest of a long chat."""
        self.messages[message.message_id] = message
        if len(self.messages) > KEPT_MESSAGES:
            self.messages.popitem(last=False)

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
