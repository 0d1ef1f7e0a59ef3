"""The demo merchant as a description: what `orderhub setup` takes, for the stand-ins' own shops."""

from __future__ import annotations

from typing import Any, Final

from app.sandbox import catalogue
from app.sandbox.credentials import Account, Credentials

#: An invented chain.
MERCHANT: Final = "Сеть «Пример»"


def description(credentials: Credentials) -> dict[str, Any]:
    """The whole set-up of the demo in the form of docs/operating.md."""
    stores = credentials["stores"]
    # СМ names a store by its own number, or by the retailer's key when it sends no number.
    names = {store[key]: store["code"] for store in stores for key in ("external_id", "code")}
    return {
        "merchant": MERCHANT,
        "telegram_chat": credentials["telegram"]["chat_id"],
        "stores": [{key: store[key] for key in ("code", "name", "timezone")} for store in stores],
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
