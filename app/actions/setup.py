"""Fill an empty hub with the merchant, stores, account, people and goods of a description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from app.actions.sign_in import hash_secret
from app.db import setup
from app.db.conn import Conn
from app.db.sealing import Seal
from app.db.setup import Goods

#: The demo's merchant: an invented chain.
MERCHANT: Final = "Сеть «Пример»"


async def seed(
    conn: Conn, seal: Seal, credentials: Mapping[str, Any], goods: Iterable[Goods]
) -> None:
    """Write what `orderhub sandbox credentials` describes, in one transaction; twice is once."""
    async with conn.transaction():
        chat = credentials["telegram"]["chat_id"]
        merchant_id = await setup.merchant(conn, MERCHANT, chat)
        stores = {
            store["code"]: await setup.store(
                conn, merchant_id, store["code"], store["name"], store["timezone"]
            )
            for store in credentials["stores"]
        }
        for account in credentials["accounts"]:
            account_id = await _account(conn, seal, merchant_id, account)
            for store in credentials["stores"]:
                for alias in {store["external_id"], store["code"]}:
                    await setup.map_store(conn, account_id, alias, stores[store["code"]])
        await _people(conn, credentials, stores)
        await setup.products(conn, merchant_id, goods)


async def _account(conn: Conn, seal: Seal, merchant_id: UUID, account: Mapping[str, Any]) -> UUID:
    api = account["api"]
    settings = {"url": api["url"], "auth": api["auth"]}
    account_id = await setup.account(
        conn, merchant_id, account["name"], account["marketplace"], settings
    )
    secrets = {
        "inbound_token": account["headers"]["Client-Token"],
        "outbound_token": api["token"],
    }
    for kind, secret in secrets.items():
        await setup.credential(conn, account_id, kind, seal.close(secret))
    return account_id


async def _people(conn: Conn, credentials: Mapping[str, Any], stores: Mapping[str, UUID]) -> None:
    for picker in credentials["pickers"]:
        await setup.picker(
            conn,
            stores[picker["store"]],
            picker["badge"],
            picker["name"],
            hash_secret(picker["pin"]),
        )
    for operator in credentials["operators"]:
        await setup.operator(conn, operator["login"], hash_secret(operator["password"]))
