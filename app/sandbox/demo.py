"""The demo merchant as a description: what `orderhub setup` takes, for the stand-ins' own shops."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from app.sandbox import catalogue, markets, shelves
from app.sandbox.credentials import Account, Credentials, Store
from app.sandbox.requisites import BUYER, SELLER, shop
from app.sandbox.telegram.people import PEOPLE

#: An invented chain.
MERCHANT: Final = "Сеть «Пример»"
#: The chain's ERP, where documents go.
ERP: Final = "demo-erp"
#: The shop that asks the marking system about every unit.
CHECKS_MARKS: Final = "MSK-07"


def description(credentials: Credentials) -> dict[str, Any]:
    """The whole set-up of the demo in the form of docs/operating.md."""
    stores = credentials["stores"]
    # СМ names a store by its own number, or by the retailer's key when it sends no number.
    names = {store[key]: store["code"] for store in stores for key in ("external_id", "code")}
    return {
        "merchant": MERCHANT,
        "requisites": dict(SELLER),
        "telegram_chat": credentials["telegram"]["chat_id"],
        "telegram_people": [
            {"user_id": person["id"], "name": person["first_name"], "role": role}
            for person, role in zip(PEOPLE, ("duty", "supervisor"), strict=False)
        ],
        "stores": [_store(store) for store in stores],
        "accounts": [
            *(_account(account, names) for account in credentials["accounts"]),
            *markets.accounts(credentials),
        ],
        "pickers": [
            *credentials["pickers"],
            *({**person, "role": "supervisor"} for person in credentials["supervisors"]),
        ],
        "operators": list(credentials["operators"]),
        "clients": list(credentials["clients"]),
        "products": [_product(row) for row in catalogue.PRODUCTS],
        "destinations": [_destination(credentials)],
    }


def _destination(credentials: Credentials) -> dict[str, Any]:
    return {
        "code": ERP,
        "way": "http",
        "settings": {"url": credentials["erp"]["url"]},
        "secrets": {"signing": credentials["erp"]["secret"]},
    }


def _store(store: Store) -> dict[str, Any]:
    """One shop asks the marking system, the others do not: both can be seen."""
    plain = {
        "code": store["code"],
        "name": store["name"],
        "timezone": store["timezone"],
        "requisites": shop(store),
        "aisles": [{"aisle": name, "rank": 10 * n} for n, name in enumerate(shelves.AISLES, 1)],
        "places": [dict(place) for place in shelves.PLACES],
        "labels": [dict(label) for label in shelves.LABELS],
        "tolerances": {name: dict(row) for name, row in shelves.TOLERANCES.items()},
    }
    return plain | ({"mark_check": "permissive"} if store["code"] == CHECKS_MARKS else {})


def _product(row: catalogue.Product) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "name": row.name,
        "unit": row.kind,
        "unit_grams": row.unit_grams,
        "barcodes": row.barcodes,
        "plu": row.plu,
        "vat": row.vat,
        "marked": row.marked,
        "min_age": row.min_age,
        "restriction": "blocked" if row.blocked else "none",
        "price": row.price,
        "substitutes": shelves.SUBSTITUTES.get(row.sku, ()),
        **asdict(shelves.STANDS[row.sku]),
    }


def _account(account: Account, stores: dict[str, str]) -> dict[str, Any]:
    api = account["api"]
    return {
        "code": account["name"],
        "adapter": account["marketplace"],
        "settings": {"url": api["url"], "auth": api["auth"], **_read_side(api["url"])},
        "secrets": {
            "inbound_token": account["headers"]["Client-Token"],
            "outbound_token": api["token"],
            "client_id": account["name"],
            "client_secret": api["token"],
        },
        "stores": stores,
        "buyer": dict(BUYER),
    }


def _read_side(url: str) -> dict[str, str]:
    """The newest API lists orders, whichever takes notifications."""
    base = url.partition("/kuper/")[0] + "/kuper"
    return {"read_url": f"{base}/ofm/api/v1/shipments", "token_url": f"{base}/auth/token"}
