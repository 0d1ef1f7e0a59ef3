"""Take a chain's own file into its catalogue, in one transaction; the file is read before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from app.db import catalogue
from app.db.catalogue import Shops
from app.db.conn import Conn
from app.domain.assortment import (
    MERCHANT_UNKNOWN,
    SAY_WHICH,
    STORE_UNKNOWN,
    Flaw,
    ImportRefused,
    Problem,
    Report,
)
from app.imports.digest import Digest, Told


@dataclass(frozen=True, slots=True)
class Wish:
    """Where an import goes and how. `store`: its prices and places are for this store only; without
    one they are for all stores of the merchant. `strict`: all rows or none."""

    store: str | None = None
    merchant: str | None = None
    dry_run: bool = False
    strict: bool = False
    deactivate_missing: bool = False


class _Undone(Exception):
    """Takes a report past the end of a transaction that must not be committed."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


async def import_goods(conn: Conn, found: Digest, wish: Wish) -> Report:
    """Write a file's goods; ImportRefused when there is no such store or merchant."""
    shops = await _shops(conn, wish)
    try:
        async with conn.transaction():
            await catalogue.lock(conn, shops.merchant_id)
            report = await _write(conn, shops, found, wish)
            _keep(report, wish)
    except _Undone as undone:
        return undone.report
    return report


def _keep(report: Report, wish: Wish) -> None:
    if wish.dry_run or (wish.strict and report.refused):
        raise _Undone(replace(report, applied=False))


async def _shops(conn: Conn, wish: Wish) -> Shops:
    merchants = await catalogue.merchants(conn, wish.merchant)
    if not merchants:
        raise ImportRefused(MERCHANT_UNKNOWN, value=wish.merchant or "?")
    stores = await catalogue.stores(conn, wish.store, wish.merchant)
    if wish.store is not None and not stores:
        raise ImportRefused(STORE_UNKNOWN, value=wish.store)
    owners = {row["merchant_id"] for row in stores} if wish.store else set(merchants)
    if len(owners) > 1:
        raise ImportRefused(SAY_WHICH)
    return Shops(owners.pop(), tuple(row["id"] for row in stores))


async def _write(conn: Conn, shops: Shops, found: Digest, wish: Wish) -> Report:
    told = found.told.copy()
    await _mind_others(conn, shops, found, told)
    nameless = await catalogue.strangers(conn, shops.merchant_id, found.nameless)
    for sku in sorted(nameless, key=found.nameless.__getitem__):
        told.note(Problem(Flaw.NAME_MISSING, found.nameless[sku], sku, refused=True))
    if await catalogue.strangers(conn, shops.merchant_id, found.untaxed - nameless):
        told.note(Problem(Flaw.VAT_MISSING))
    good = found.good - len(nameless)
    new, changed = 0, 0
    for rows_ in found.batches:
        came, differ = await catalogue.put(conn, shops, rows_)
        new, changed = new + len(came), changed + len(differ)
    missing = wish.deactivate_missing and _may_deactivate(found, good, told)
    deactivated = await _deactivate(conn, shops, found, wish) if missing else 0
    return Report(
        new=new,
        changed=changed,
        same=good - new - changed,
        refused=told.refused,
        deactivated=deactivated,
        applied=True,
        problems=told.problems,
        untold=told.untold,
    )


async def _mind_others(conn: Conn, shops: Shops, found: Digest, told: Told) -> None:
    """Take barcodes from rows when goods the file does not speak of have them."""
    taken = await catalogue.taken(conn, shops.merchant_id, found.codes, found.skus)
    losers: dict[str, set[str]] = {}
    for code, other in taken.items():
        row, sku = found.codes[code]
        losers.setdefault(sku, set()).add(code)
        told.note(Problem(Flaw.BARCODE_TAKEN, row, sku, {"value": code, "other": other}))
    if losers:
        found.batches = [[_without(row, losers) for row in rows_] for rows_ in found.batches]


def _without(raw: msgspec.Raw, losers: Mapping[str, set[str]]) -> msgspec.Raw:
    row: dict[str, Any] = msgspec.json.decode(raw)
    lost = losers.get(row["sku"])
    if lost is None:
        return raw
    row["barcodes"] = [code for code in row["barcodes"] if code.lstrip("0") not in lost]
    return msgspec.Raw(msgspec.json.encode(row))


def _may_deactivate(found: Digest, good: int, told: Told) -> bool:
    if found.only_changes:
        told.note(Problem(Flaw.ONLY_CHANGES))
    elif not good:  # an empty export must not empty the shops
        told.note(Problem(Flaw.NOTHING_TO_KEEP))
    return not found.only_changes and good > 0


async def _deactivate(conn: Conn, shops: Shops, found: Digest, wish: Wish) -> int:
    if wish.store is not None:
        return await catalogue.withdraw(conn, shops, found.skus)
    return await catalogue.deactivate(conn, shops.merchant_id, found.skus)
