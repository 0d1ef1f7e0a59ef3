"""The demo merchant as a description: what `orderhub setup` takes, for the stand-ins' own shops."""

from __future__ import annotations

from typing import Any, Final

from app.sandbox import catalogue
from app.sandbox.credentials import Account, Credentials, Store

#: An invented chain.
MERCHANT: Final = "Сеть «Пример»"
#: The shop that asks the marking system about every unit.
CHECKS_MARKS: Final = "MSK-07"


def description(credentials: Credentials) -> dict[str, Any]:
    """The whole set-up of the demo in the form of docs/operating.md."""
    stores = credentials["stores"]
    # СМ names a store by its own number, or by the retailer's key when it sends no number.
    names = {store[key]: store["code"] for store in stores for key in ("external_id", "code")}
    return {
        "merchant": MERCHANT,
        "telegram_chat": credentials["telegram"]["chat_id"],
        "stores": [_store(store) for store in stores],
        "accounts": [_account(account, names) for account in credentials["accounts"]],
        "pickers": [
            *credentials["pickers"],
            *({**person, "role": "supervisor"} for person in credentials["supervisors"]),
        ],
        "operators": list(credentials["operators"]),
        "products": [
            {
                "sku": row.sku,
                "name": row.name,
                "vat": row.vat,
                "barcodes": row.barcodes,
                "plu": row.plu,
                "marked": row.marked,
            }
            for row in catalogue.PRODUCTS
        ],
    }


def _store(store: Store) -> dict[str, Any]:
    """One shop asks the marking system, the others do not: both can be seen."""
    plain = {"code": store["code"], "name": store["name"], "timezone": store["timezone"]}
    return plain | ({"mark_check": "permissive"} if store["code"] == CHECKS_MARKS else {})


def _account(account: Account, stores: dict[str, str]) -> dict[str, Any]:
    api = account["api"]
    return {
        "code": account["name"],
        "adapter": account["marketplace"],
        "settings": {"url": api["url"], "auth": api["auth"]},
        "secrets": {
            "inbound_token": account["headers"]["Client-Token"],
            "outbound_token": api["token"],
        },
        "stores": stores,
    }
