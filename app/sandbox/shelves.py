"""Where the demo's goods stand: sections, their temperature and aisle, the way through the shop,
staging places and scales. The same in every demo shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the assortment; SKUs in the order of the shelves."""

    category: str
    temperature: str
    zone: str
    aisle: str
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one article stands, and how it is kept."""

    category: str
    temperature: str
    zone: str
    aisle: str
    shelf: str


def _skus(*spans: tuple[int, int]) -> tuple[str, ...]:
    return tuple(str(sku) for first, last in spans for sku in range(first, last + 1))


_DRY, _FRESH, _FROZEN = "Сухой зал", "Свежее", "Заморозка"
SECTIONS: Final = (
    Section("Вода и напитки", "ambient", _DRY, "A1", _skus((100408, 100410), (100502, 100503))),
    Section("Бакалея", "ambient", _DRY, "A2", _skus((100205, 100210), (100212, 100212))),
    Section("Соусы и консервы", "ambient", _DRY, "A3", _skus((100305, 100307))),
    Section("Чай и кофе", "ambient", _DRY, "A3", _skus((100301, 100302))),
    Section("Сладости и снеки", "ambient", _DRY, "A4",
            _skus((100303, 100304), (100308, 100308), (200208, 200209))),
    Section("Для дома", "non_food", _DRY, "A5", _skus((100309, 100311))),
    Section("Для животных", "non_food", _DRY, "A5", _skus((100312, 100312))),
    Section("Алкоголь", "ambient", _DRY, "A6", _skus((100504, 100504))),
    Section("Хлеб", "ambient", _FRESH, "B1", _skus((100201, 100203))),
    Section("Фрукты", "ambient", _FRESH, "B2", _skus((200101, 200107))),
    Section("Овощи", "ambient", _FRESH, "B2", _skus((200108, 200116))),
    Section("Сыр и гастрономия", "chilled", _FRESH, "B3", _skus((200201, 200207))),
    Section("Мясо и птица", "chilled", _FRESH, "B4", _skus((200301, 200304))),
    Section("Рыба", "chilled", _FRESH, "B4", _skus((200305, 200305))),
    Section("Молочное и яйцо", "chilled", _FRESH, "B5", _skus((100204, 100204), (100401, 100406))),
    Section("Пресса", "non_food", _DRY, "K1", _skus((100501, 100501))),
    Section("Табак", "non_food", _DRY, "K1", _skus((100505, 100505))),
    Section("Заморозка", "frozen", _FROZEN, "F1", _skus((100211, 100211), (100407, 100407))),
)  # fmt: skip

#: The way through the shop: what is heavy first, then what bruises, then what must stay cold.
AISLES: Final = ("A1", "A2", "A3", "A4", "A5", "A6", "K1", "B1", "B2", "B3", "B4", "B5", "F1")

#: Prefix 21 and 22: grams in five digits; 23: kopecks.
LABELS: Final[tuple[Mapping[str, Any], ...]] = tuple(
    {"prefix": prefix, "item": [2, 7], "value_at": [7, 12], "value": value, "divisor": 1}
    for prefix, value in (("21", "weight"), ("23", "price"), ("22", "weight"))
)

#: Nobody cuts an apple in two, and a tray is as heavy as it is.
TOLERANCES: Final[Mapping[str, Mapping[str, int]]] = {
    "Фрукты": {"soft_under": 15, "hard_under": 40, "soft_over": 15, "hard_over": 40},
    "Мясо и птица": {"soft_under": 20, "hard_under": 50, "soft_over": 20, "hard_over": 50},
}

#: Where packed orders wait for the courier.
PLACES: Final[tuple[Mapping[str, Any], ...]] = (
    *({"code": f"ST-{n}", "kind": "staging", "name": f"Стеллаж выдачи {n}",
       "temperature": "ambient", "capacity": 20} for n in (1, 2, 3)),
    {"code": "ST-C", "kind": "staging", "name": "Холодильник выдачи", "temperature": "chilled",
     "capacity": 30},
    {"code": "ST-F", "kind": "staging", "name": "Морозильник выдачи", "temperature": "frozen",
     "capacity": 15},
    {"code": "ST-N", "kind": "staging", "name": "Полка для дома", "temperature": "non_food",
     "capacity": 20},
)  # fmt: skip

#: Articles of which each may stand for the others: another sort, another pack.
_ALIKE: Final = (
    ("200101", "200104", "200105"), ("200102", "200103"), ("200108", "200115"),
    ("200109", "200116"), ("200110", "200111"), ("200112", "200113"),
    ("200201", "200202"), ("200203", "200204"),
    ("200208", "200209", "100304"), ("200301", "200304"), ("200302", "200303"),
    ("100201", "100202", "100203"), ("100205", "100206", "100207"), ("100212", "100205"),
    ("100303", "100304"), ("100305", "100306"), ("100309", "100310"), ("100301", "100302"),
    ("100401", "100402"), ("100403", "100404"), ("100406", "100402"),
    ("100408", "100409", "100410"), ("100502", "100503"),
)  # fmt: skip


def _stands() -> Iterator[tuple[str, Stand]]:
    taken: dict[str, int] = {}
    for section in SECTIONS:
        for sku in section.skus:
            place = taken[section.aisle] = taken.get(section.aisle, -1) + 1
            shelf = f"{section.aisle}-{1 + place // 4}-{1 + place % 4}"
            facts = (section.category, section.temperature, section.zone, section.aisle)
            yield sku, Stand(*facts, shelf)


def _substitutes() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for alike in _ALIKE:
        for sku in alike:
            found[sku] = (*found.get(sku, ()), *(other for other in alike if other != sku))
    return found


#: What the chain offers instead, the best first.
SUBSTITUTES: Final[Mapping[str, tuple[str, ...]]] = _substitutes()
STANDS: Final[Mapping[str, Stand]] = dict(_stands())
