"""Telegram's HTML: what it allows, what it answers to the rest, and safe HTML for our page. Pure.

Known tags only, properly nested; of named entities only lt, gt, amp and quot. Lengths and offsets
are counted in UTF-16 units, as Telegram does.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: tag as written → (entity type, tag on our page)
TAGS: Final[Mapping[str, tuple[str, str]]] = {
    "b": ("bold", "b"),
    "strong": ("bold", "b"),
    "i": ("italic", "i"),
    "em": ("italic", "i"),
    "u": ("underline", "u"),
    "ins": ("underline", "u"),
    "s": ("strikethrough", "s"),
    "strike": ("strikethrough", "s"),
    "del": ("strikethrough", "s"),
    "tg-spoiler": ("spoiler", "tg-spoiler"),
    "span": ("spoiler", "tg-spoiler"),
    "code": ("code", "code"),
    "pre": ("pre", "pre"),
    "blockquote": ("blockquote", "blockquote"),
    "a": ("text_link", "a"),
    "tg-emoji": ("custom_emoji", "span"),
}

TOKEN: Final = re.compile(r"<(?P<end>/?)(?P<name>[^\s<>/]*)(?P<rest>[^<>]*)>|<")
ENTITY: Final = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
ATTRIBUTE: Final = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
SAFE_LINK: Final = re.compile(r"(?:https?|tg|mailto|tel):", re.IGNORECASE)
NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class CannotParse(Exception):
    """Telegram would answer 400 "can't parse entities: …"; the text says why."""


@dataclass(slots=True)
class Parsed:
    """A message's plain text, its entities, and HTML that is safe to show."""

    text: str
    entities: list[dict[str, Any]]
    html: str


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end; its entity has no length yet."""

    name: str
    attributes: dict[str, str]
    entity: dict[str, Any]


@dataclass(slots=True)
class _Parser:
    source: str
    text: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    length: int = 0

    def feed(self) -> Parsed:
        position = 0
        for token in TOKEN.finditer(self.source):
            self.plain(self.source[position : token.start()])
            position = token.end()
            if token["name"] is None:
                raise CannotParse(f"Unclosed start tag at byte offset {self.offset(token)}")
            if token["end"]:
                self.close(token)
            else:
                self.open(token)
        self.plain(self.source[position:])
        if self.stack:
            tag = self.stack[-1].name
            raise CannotParse(f'Can\'t find end tag corresponding to start tag "{tag}"')
        entities = [entity for entity in self.entities if entity["length"]]
        return Parsed("".join(self.text), entities, "".join(self.shown))

    def plain(self, piece: str) -> None:
        text = ENTITY.sub(_character, piece)
        self.text.append(text)
        self.shown.append(html.escape(text))
        self.length += utf16_length(text)

    def open(self, token: re.Match[str]) -> None:
        name = token["name"].lower()
        attributes = {
            key.lower(): value.strip("\"'") for key, value in ATTRIBUTE.findall(token["rest"])
        }
        if name not in TAGS or (name == "span" and attributes.get("class") != "tg-spoiler"):
            at = self.offset(token)
            raise CannotParse(f'Unsupported start tag "{token["name"]}" at byte offset {at}')
        entity = _entity(name, attributes, self.length)
        self.entities.append(entity)
        self.stack.append(_Open(name, attributes, entity))
        self.shown.append(_opening(name, attributes))

    def close(self, token: re.Match[str]) -> None:
        at = self.offset(token)
        if not self.stack:
            raise CannotParse(f"Unexpected end tag at byte offset {at}")
        opened = self.stack.pop()
        found = token["name"].lower()
        if found and found != opened.name:
            raise CannotParse(
                f"Unmatched end tag at byte offset {at}, "
                f'expected "</{opened.name}>", found "</{found}>"'
            )
        self.shown.append(f"</{_page_tag(opened)}>")
        opened.entity["length"] = self.length - opened.entity["offset"]

    def offset(self, token: re.Match[str]) -> int:
        return len(self.source[: token.start()].encode("utf-8", "replace"))


def parse(source: str, parse_mode: str | None) -> Parsed:
    """Read a message as sent; `CannotParse` carries Telegram's own words."""
    if parse_mode in (None, ""):
        return Parsed(source, [], html.escape(source))
    if str(parse_mode).lower() != "html":
        raise CannotParse("only HTML is spoken here")
    return _Parser(source).feed()


def utf16_length(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _character(match: re.Match[str]) -> str:
    named, decimal, hexadecimal = match.groups()
    if named:
        return NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    legal = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if legal else match.group()


def _page_tag(opened: _Open) -> str:
    href = html.unescape(opened.attributes.get("href", ""))
    unsafe = opened.name == "a" and not SAFE_LINK.match(href)
    return "span" if unsafe else TAGS[opened.name][1]


def _opening(name: str, attributes: Mapping[str, str]) -> str:
    href = html.unescape(attributes.get("href", ""))
    if name == "a" and SAFE_LINK.match(href):
        return f'<a href="{html.escape(href)}" rel="noreferrer noopener" target="_blank">'
    tag = "span" if name == "a" else TAGS[name][1]
    return f"<{tag}>"


def _entity(name: str, attributes: Mapping[str, str], at: int) -> dict[str, Any]:
    kind = TAGS[name][0]
    entity: dict[str, Any] = {"type": kind, "offset": at, "length": 0}
    if kind == "text_link":
        entity["url"] = html.unescape(attributes.get("href", ""))
    if kind == "custom_emoji":
        entity["custom_emoji_id"] = attributes.get("emoji-id", "")
    return entity
