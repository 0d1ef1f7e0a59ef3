"""Who orders and where to: invented people and companies, as СМ writes them. Pure."""

from __future__ import annotations

from random import Random
from typing import Any

from app.sandbox.kuper.invented import (
    AWKWARD_COMMENTS,
    CITIES,
    COMMENTS,
    COMPANIES,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    STREETS,
)
from app.sandbox.kuper.shares import Shares


def customer(rng: Random, *, business: bool) -> dict[str, Any]:
    """Invent a customer; phones lie in +7 000, where no subscriber can be."""
    person: dict[str, Any] = {
        "key": f"c{rng.randrange(10**8):08d}",
        "name": f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}",
        "phone": f"+7000{rng.randrange(10**7):07d}",
        "short_number": f"{rng.randrange(10**4):04d}",
    }
    return person | (_requisites(rng) if business else {})


def address(rng: Random, timezone: str) -> dict[str, Any]:
    """Invent an address in the store's city; coordinates are text, as on the wire."""
    city = CITIES.get(timezone, "Москва")
    latitude, longitude = PLACES[city]
    street, building = rng.choice(STREETS), str(rng.randint(1, 120))
    apartment = str(rng.randint(1, 400))
    return {
        "lat": f"{latitude + rng.uniform(-0.08, 0.08):.6f}",
        "lon": f"{longitude + rng.uniform(-0.12, 0.12):.6f}",
        "city": city,
        "street": street,
        "building": building,
        "entrance": str(rng.randint(1, 8)),
        "floor": str(rng.randint(1, 25)),
        "apartment": apartment,
        "door_phone": apartment if rng.random() < 0.8 else None,
        "elevator": rng.random() < 0.7,
        "full_address": f"г. {city}, {street}, {building}, кв. {apartment}",
        "delivery_to_door": True,
    }


def comment(rng: Random, shares: Shares) -> str | None:
    """Draw a remark: mostly none, mostly plain."""
    if rng.random() < shares.awkward:
        return rng.choice(AWKWARD_COMMENTS)
    return rng.choice(COMMENTS) if rng.random() < shares.commented else None


def _requisites(rng: Random) -> dict[str, Any]:
    """Requisites that look right and belong to region 00, which does not exist."""
    company = rng.choice(COMPANIES)
    return {
        "name": company,
        "inn": f"00{rng.randrange(10**8):08d}",
        "kpp": f"00{rng.randrange(10**2):02d}01001",
        "legalAddress": f"000000, г. Пример, {rng.choice(STREETS)}, {rng.randint(1, 99)}",
        "email": f"zakaz{rng.randrange(1000)}@company.example",
    }
