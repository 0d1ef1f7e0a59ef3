"""The demo assortment: believable groceries with right barcodes. The hub is seeded from it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import starmap
from typing import Final, Literal

from app.sandbox.barcodes import with_check_digit

Kind = Literal["piece", "weight"]
Vat = Literal["standard", "reduced", "none"]


@dataclass(frozen=True, slots=True)
class Product:
    """One article.

    `price` is in kopecks per piece, or per `unit_grams` for goods sold by weight.
    `portion_grams` is what one fruit, tray or usual order weighs. What is `blocked` may not be
    delivered: nobody orders it by chance.
    """

    sku: str
    name: str
    kind: Kind
    price: int
    vat: Vat = "reduced"
    unit_grams: int | None = None
    barcodes: tuple[str, ...] = ()
    plu: str | None = None
    marked: bool = False
    portion_grams: int | None = None
    prepacked: bool = False
    min_age: int | None = None
    blocked: bool = False


def _piece(
    sku: str, name: str, price: int, vat: Vat = "reduced", *, marked: bool = False
) -> Product:
    return Product(sku, name, "piece", price, vat, barcodes=_eans(sku), marked=marked)


def _weight(sku: str, name: str, price: int, unit: int, portion: int) -> Product:
    return Product(sku, name, "weight", price, unit_grams=unit, plu=sku[-5:], portion_grams=portion)


def _tray(sku: str, name: str, price: int, portion: int) -> Product:
    """Packed by weight at the shop or the plant: every tray has its own label."""
    return replace(_weight(sku, name, price, 1000, portion), prepacked=True)


def _eans(sku: str) -> tuple[str, ...]:
    """Every third article has two codes: old and new packaging."""
    first = with_check_digit(f"469000{sku}")
    return (first, with_check_digit(f"469001{sku}")) if int(sku) % 3 == 0 else (first,)


#: name, kopecks per kilogram or per 100 g, grams of the unit, grams of a usual portion
_BY_WEIGHT: Final = (
    ("200101", "Бананы", 12990, 1000, 180),
    ("200102", "Яблоки Гала", 15990, 1000, 170),
    ("200103", "Груши Конференция", 24990, 1000, 190),
    ("200104", "Мандарины", 21990, 1000, 90),
    ("200105", "Апельсины", 17990, 1000, 220),
    ("200106", "Лимоны", 22990, 1000, 120),
    ("200107", "Виноград Кишмиш", 34990, 1000, 600),
    ("200108", "Помидоры сливовидные", 22990, 1000, 100),
    ("200109", "Огурцы гладкие", 19990, 1000, 130),
    ("200110", "Картофель молодой", 5990, 1000, 120),
    ("200111", "Морковь мытая", 6990, 1000, 110),
    ("200112", "Лук репчатый", 4990, 1000, 100),
    ("200113", "Свёкла", 4990, 1000, 250),
    ("200114", "Капуста белокочанная", 4490, 1000, 1400),
    ("200115", "Перец красный сладкий", 32990, 1000, 190),
    ("200116", "Баклажаны", 24990, 1000, 280),
    ("200201", "Сыр Российский 50%, нарезка", 8490, 100, 250),
    ("200202", "Сыр Гауда 48%, весовой", 9290, 100, 300),
    ("200203", "Колбаса Докторская, весовая", 7490, 100, 400),
    ("200204", "Ветчина из индейки", 8990, 100, 250),
    ("200205", "Сёмга слабосолёная", 31990, 100, 200),
    ("200206", "Салат Оливье, кулинария", 4490, 100, 300),
    ("200207", "Оливки с косточкой, на развес", 10990, 100, 150),
    ("200208", "Печенье овсяное, весовое", 2990, 100, 350),
    ("200209", "Конфеты Батончики, весовые", 5490, 100, 250),
)

#: name, kopecks per kilogram, grams of a usual tray
_TRAYS: Final = (
    ("200301", "Филе куриное охлаждённое, лоток", 41990, 800),
    ("200302", "Фарш говяжий охлаждённый, лоток", 59990, 500),
    ("200303", "Стейк свиной охлаждённый, лоток", 49990, 650),
    ("200304", "Голень индейки охлаждённая, лоток", 27990, 1100),
    ("200305", "Форель охлаждённая, стейк", 129990, 420),
)

_PIECES: Final = (
    ("100201", "Хлеб Бородинский, 400 г", 6490),
    ("100202", "Батон нарезной, 380 г", 4990),
    ("100203", "Багет французский, 250 г", 7990),
    ("100204", "Яйцо куриное С1, 10 шт", 11990),
    ("100205", "Гречка ядрица, 900 г", 9990),
    ("100206", "Рис круглозёрный, 900 г", 11490),
    ("100207", "Макароны спагетти, 450 г", 8490),
    ("100208", "Мука пшеничная, 2 кг", 9990),
    ("100209", "Сахар-песок, 1 кг", 7490),
    ("100210", "Масло подсолнечное, 1 л", 13990),
    ("100211", "Пельмени Домашние, 800 г", 32990),
    ("100212", "Каша овсяная «5 минут», 6×40 г", 15990),
)

_PIECES_FULL_VAT: Final = (
    ("100301", "Чай чёрный, 100 пак.", 24990),
    ("100302", "Кофе молотый, 250 г", 45990),
    ("100303", "Шоколад молочный, 90 г", 10990),
    ("100304", "Зефир ванильный, 250 г", 16990),
    ("100305", "Кетчуп томатный, 350 г", 12990),
    ("100306", "Майонез 67%, 400 мл", 11990),
    ("100307", "Горошек зелёный, 400 г", 8990),
    ("100308", "Чипсы картофельные «Сметана & лук», 140 г", 15990),
    ("100309", "Бумага туалетная, 8 рул.", 23990),
    ("100310", "Средство для посуды, 900 мл", 17990),
    ("100311", "Порошок стиральный, 3 кг", 48990),
    ("100312", "Корм для кошек, 85 г", 3990),
)

#: Goods under «Честный ЗНАК»: every unit carries a DataMatrix of its own.
_MARKED: Final[tuple[tuple[str, str, int, Vat], ...]] = (
    ("100401", "Молоко 3,2%, 930 мл", 8990, "reduced"),
    ("100402", "Кефир 1%, 930 мл", 8490, "reduced"),
    ("100403", "Сметана 20%, 300 г", 9990, "reduced"),
    ("100404", "Творог 5%, 200 г", 10490, "reduced"),
    ("100405", "Масло сливочное 82,5%, 180 г", 21990, "reduced"),
    ("100406", "Йогурт питьевой клубника, 270 г", 6990, "reduced"),
    ("100407", "Мороженое пломбир, 80 г", 5990, "reduced"),
    ("100408", "Вода питьевая негазированная, 1,5 л", 5490, "standard"),
    ("100409", "Вода минеральная газированная, 0,5 л", 4990, "standard"),
    ("100410", "Вода детская, 0,33 л", 3990, "standard"),
)

#: For adults, under «Честный ЗНАК»; the last two are not sold at a distance.
_FOR_ADULTS: Final = (
    ("100502", "Напиток энергетический, 0,45 л", 9990, False),
    ("100503", "Напиток энергетический без сахара, 0,45 л", 9990, False),
    ("100504", "Вино столовое красное сухое, 0,75 л", 49900, True),
    ("100505", "Стики табачные, пачка", 22000, True),
)

PRODUCTS: Final[tuple[Product, ...]] = (
    *starmap(_weight, _BY_WEIGHT),
    *starmap(_tray, _TRAYS),
    *starmap(_piece, _PIECES),
    *(_piece(sku, name, price, "standard") for sku, name, price in _PIECES_FULL_VAT),
    *(_piece(sku, name, price, vat, marked=True) for sku, name, price, vat in _MARKED),
    _piece("100501", "Газета «Пример», свежий номер", 4500, "none"),
    *(
        replace(_piece(sku, name, price, "standard", marked=True), min_age=18, blocked=blocked)
        for sku, name, price, blocked in _FOR_ADULTS
    ),
)

#: What customers order by chance.
ORDERED: Final = tuple(product for product in PRODUCTS if not product.blocked)
BY_SKU: Final[Mapping[str, Product]] = {product.sku: product for product in PRODUCTS}
