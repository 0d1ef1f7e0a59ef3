"""Inline keyboards: Telegram's rules for buttons. Pure."""

from __future__ import annotations

from typing import Any, Final

from app.sandbox.telegram.errors import bad

LONGEST_DATA: Final = 64  #: bytes of callback_data
MOST_BUTTONS: Final = 100


def check_keyboard(markup: Any) -> dict[str, Any] | None:
    """Return the keyboard, None when there is none; ApiError 400 when it is not a good one."""
    if markup is None or markup == {}:
        return None
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("object expected as reply markup")
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": rows} if buttons else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"]:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed")
    data, url = button.get("callback_data"), button.get("url")
    if url is None and data is None:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed")
    if data is not None and not 1 <= len(str(data).encode()) <= LONGEST_DATA:
        raise bad("BUTTON_DATA_INVALID")
