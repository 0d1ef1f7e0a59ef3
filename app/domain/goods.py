"""Goods as our catalogue knows them, and where they stand in a shop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Temperature(StrEnum):
    """How goods are kept, and so which bag they go into."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"
    NON_FOOD = "non_food"


class Restriction(StrEnum):
    """Whether goods may be sold in an order at all."""

    NONE = "none"
    BLOCKED = "blocked"  #: never remotely: alcohol, tobacco
    PICKUP_ONLY = "pickup_only"  #: only when the customer comes for the order


@dataclass(frozen=True, slots=True)
class Place:
    """Where goods stand. The least `rank` comes first on the path; none: the place is unknown."""

    zone: str = ""
    aisle: str = ""
    shelf: str = ""
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What our catalogue knows of goods: `plu` is the in-store item number of their labels; `price`
    is this store's, in kopecks per piece or per `unit_grams`; the marketplace's own counts first.
    """

    barcodes: tuple[str, ...] = ()
    plu: str | None = None
    vat: str = "unknown"  #: nobody said
    marked: bool = False
    sku: str = ""
    name: str = ""
    unit_grams: int | None = None
    price: int | None = None
    category: str = ""
    temperature: Temperature = Temperature.AMBIENT
    min_age: int | None = None
    restriction: Restriction = Restriction.NONE
    photo_url: str | None = None
    place: Place = Place()
    available: bool = True
    active: bool = True  #: not retired
