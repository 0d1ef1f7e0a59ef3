"""JSON: a list of goods, or an object whose `products` is one; keys are the fields of GoodsRow.

A price that is a number is in kopecks, as everywhere in the hub's own JSON; a string is roubles.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.json import Decoder

from app.domain.assortment import BROKEN, EMPTY, Flaw, ImportRefused, Problem
from app.imports.columns import FIELDS
from app.imports.rows import Record

_LISTS: Final = frozenset({"barcodes", "substitutes"})
_WORDS: Final = {True: "1", False: "0", None: ""}


class _File(msgspec.Struct):
    products: list[msgspec.Raw]


#: Made when this module is read: two threads that learn a type at once can end the process.
_FILE: Final = Decoder(_File)
_LIST: Final = Decoder(list[msgspec.Raw])


def read(raw: bytes) -> Iterator[Record | Problem]:
    """Records of a JSON file; a row's number is its place in the list, from 1."""
    for number, item in enumerate(_items(raw.removeprefix(b"\xef\xbb\xbf")), 1):
        try:
            yield _record(number, msgspec.json.decode(item))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            yield _wrong(number, error)


def _items(raw: bytes) -> list[msgspec.Raw]:
    if not raw.strip():
        raise ImportRefused(EMPTY)
    try:
        if raw.lstrip().startswith(b"["):
            return _LIST.decode(raw)
        return _FILE.decode(raw).products
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ImportRefused(BROKEN, format="JSON", detail=error) from None


def _record(number: int, item: Any) -> Record | Problem:
    if not isinstance(item, dict):
        return _wrong(number, item)
    cells: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for name, value in item.items():
        if name not in FIELDS:
            return _wrong(number, name)
        if name in _LISTS and isinstance(value, list):
            lists[name] = tuple(map(str, value))
        elif isinstance(value, list | dict) or (name == "price" and isinstance(value, float)):
            return _wrong(number, f"{name}: {value}")
        else:
            cells[name] = _word(name, value)
    return Record(number, cells, lists)


def _word(name: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if name == "price" and isinstance(value, int):
        return str(Decimal(value) / 100)
    return str(value)


def _wrong(number: int, what: Any) -> Problem:
    shown = f"«{str(what)[:60]}»"
    return Problem(Flaw.SHAPE_WRONG, number, values={"value": shown}, refused=True)
