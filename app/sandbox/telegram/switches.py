"""Faults that can be switched on in the Telegram stand-in."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

ChatId = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class Failure(msgspec.Struct, forbid_unknown_fields=True):
    """Answer the next `count` calls with an error and do nothing else with them."""

    count: Annotated[int, msgspec.Meta(ge=0)] = 0
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 502
    retry_after: Annotated[int, msgspec.Meta(ge=1)] | None = None
    method: str | None = None  #: only this method fails; None: any


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /telegram/_control` sets; fields left out stay as they are."""

    fail_next: Failure = msgspec.field(default_factory=Failure)
    lose_next: Annotated[int, msgspec.Meta(ge=0)] = 0  #: done, but the answer is lost
    delay: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0  #: before every answer
    unlimited: bool = False  #: no 429 from the rate limits

    def with_changes(self, changes: dict[str, Any]) -> Switches:
        """Return the switches after a change; msgspec.ValidationError names what is wrong."""
        return msgspec.convert(msgspec.to_builtins(self) | changes, Switches)


class NewChat(msgspec.Struct, forbid_unknown_fields=True):
    """A chat the bot shall be able to write to."""

    id: ChatId
    title: str = "Chat"


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """A group that becomes a supergroup under another id."""

    chat_id: ChatId
    to: ChatId


class NewTopic(msgspec.Struct, forbid_unknown_fields=True):
    """A topic of a group, which is a forum from then on; a closed one takes no messages."""

    chat_id: ChatId
    thread_id: Annotated[int, msgspec.Meta(ge=2, le=2**31 - 1)]
    title: str = "Topic"
    closed: bool = False
    deleted: bool = False


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """One request to the workbench."""

    switches: dict[str, Any] = {}
    add: list[NewChat] = []
    block: list[ChatId] = []
    unblock: list[ChatId] = []
    migrate: list[Move] = []
    topics: list[NewTopic] = []
    join: list[NewChat] = []  #: somebody adds the bot to these
    leave: list[ChatId] = []  #: and sends it away from these
    updates: list[dict[str, Any]] = []  #: whatever else the bot shall get, numbered by us
