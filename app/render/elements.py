"""XML as text: one element a line, indented by tabs, of characters that XML 1.0 can hold.

Parts are text all along, so that ten thousand documents need the room of their file and no tree.
"""

from __future__ import annotations

import re
from typing import Final

#: Character data that would not come back as it is: a reader makes line ends of them.
_BLANK: Final = re.compile("[\t\n\r]+")
#: What XML 1.0 (2.2, Char) has no place for, not even as a reference.
_IMPOSSIBLE: Final = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACED: Final = "\ufffd"
PROLOGUE: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def held(text: str) -> str:
    """The text in one line; what XML cannot hold is a replacement character, and so is seen."""
    if text.isprintable():  # of what XML cannot hold nothing is; most text is
        return text
    return _IMPOSSIBLE.sub(_REPLACED, _BLANK.sub(" ", text))


def leaf(name: str, text: str, **attributes: str) -> str:
    """An element that holds text; '' when there is none, so that nothing is said."""
    return f"<{name}{_said(attributes)}>{_escaped(held(text))}</{name}>" if text else ""


def branch(name: str, *parts: str, **attributes: str) -> str:
    """An element that holds others; '' when all of them are ''."""
    inside = "\n".join(filter(None, parts))
    if not inside:
        return ""
    return f"<{name}{_said(attributes)}>\n\t" + inside.replace("\n", "\n\t") + f"\n</{name}>"


def opening(name: str, **attributes: str) -> str:
    """The tag an element begins with, for elements that are written part by part."""
    return f"<{name}{_said(attributes)}>"


def _said(attributes: dict[str, str]) -> str:
    if not attributes:
        return ""
    return "".join(f' {name}="{_quoted(text)}"' for name, text in attributes.items() if text)


def _quoted(text: str) -> str:
    return _escaped(held(text)).replace('"', "&quot;")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
