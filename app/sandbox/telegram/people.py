"""Who can sit in front of the page; the hub may know them by these ids."""

from __future__ import annotations

from typing import Any, Final

from app.sandbox.telegram.chats import Chat

PEOPLE: Final[tuple[dict[str, Any], ...]] = (
    {"id": 700000001, "is_bot": False, "first_name": "Анна", "username": "anna_duty"},
    {"id": 700000002, "is_bot": False, "first_name": "Борис", "username": "boris_senior"},
    {"id": 700000003, "is_bot": False, "first_name": "Виктор", "username": "viktor_guest"},
)


def acting(chat: Chat, place: int) -> dict[str, Any]:
    """Who acts: in a private chat whose it is, else the one at this place of the list."""
    if chat.kind != "private":
        return PEOPLE[place]
    own = {"id": chat.chat_id, "is_bot": False, "first_name": chat.title}
    return next((one for one in PEOPLE if one["id"] == chat.chat_id), own)
