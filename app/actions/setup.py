"""Set the hub up from a description: merchant, stores, accounts, people, goods. Twice is once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID
from zoneinfo import available_timezones

import msgspec

from app.actions import destinations, thresholds
from app.actions.account_check import ruled, wrong_rules
from app.actions.describe import AccountSetUp, Description, GoodsSetUp, StoreSetUp
from app.actions.describe_erp import mistakes_in
from app.actions.describe_party import said_of, wrong_in
from app.actions.facade import token_hash
from app.actions.sign_in import hash_secret
from app.contract import Account
from app.db import catalogue, clients, mappings, setup, shop_setup, telegram_people
from app.db.catalogue import Shops
from app.db.conn import Conn
from app.db.rules import read_rules
from app.db.sealing import Seal
from app.db.telegram_people import Invitation
from app.domain.quantity import Tolerance
from app.domain.rule import Rule
from app.errors import SettingsInvalid
from app.identifiers import new_id
from app.plugin import Marketplace


def read(raw: bytes) -> Description:
    """A description from JSON; SettingsInvalid with the place of the first mistake."""
    try:
        return msgspec.json.decode(raw, type=Description)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SettingsInvalid(f"not a description of a merchant: {error}") from None


async def set_up(
    conn: Conn,
    seal: Seal,
    adapters: Mapping[str, Marketplace],
    what: Description,
    rules: Iterable[Rule] | None = None,
) -> None:
    """Write it all in one transaction; SettingsInvalid, and nothing written, when parts of it do
    not fit together. `rules`: those of monitoring, the hub's own when none are said."""
    _check(adapters, what)
    async with conn.transaction():
        merchant_id = await _merchant(conn, what)
        stores = {
            store.code: await setup.store(
                conn, merchant_id, (store.code, store.name, store.timezone), store.telegram_chat
            )
            for store in what.stores
        }
        for store in what.stores:
            await _shop(conn, stores[store.code], store)
        for account in what.accounts:
            await _account(conn, seal, (merchant_id, stores), adapters[account.adapter], account)
        if what.thresholds is not msgspec.UNSET:
            await thresholds.put(conn, merchant_id, what.thresholds, rules or read_rules())
        await _people(conn, stores, what)
        for person in what.telegram_people:
            invited = (merchant_id, stores.get(person.store or ""), person.name, person.role)
            await telegram_people.admit(conn, person.user_id, Invitation(*invited))
        await _programs(conn, seal, merchant_id, what)
        await _goods(conn, Shops(merchant_id, tuple(stores.values())), what.products)


def _check(adapters: Mapping[str, Marketplace], what: Description) -> None:
    codes = {store.code for store in what.stores}
    mistakes = [
        f"{store.code}: no time zone {store.timezone!r}"
        for store in what.stores
        if store.timezone not in _ZONES
    ]
    mistakes += [
        f"picker {picker.badge}: no store {picker.store!r}"
        for picker in what.pickers
        if picker.store not in codes
    ]
    mistakes += [
        f"telegram person {person.name}: no store {person.store!r}"
        for person in what.telegram_people
        if person.store not in {None, *codes}
    ]
    mistakes += _check_parties(what)
    for account in what.accounts:
        mistakes += _check_account(adapters, account, codes)
    mistakes += mistakes_in(what.destinations)
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))


def _check_parties(what: Description) -> list[str]:
    mistakes = wrong_in(what.requisites, "requisites of the merchant")
    for store in what.stores:
        mistakes += wrong_in(store.requisites, f"requisites of store {store.code}")
    for account in what.accounts:
        mistakes += wrong_in(account.buyer, f"buyer of account {account.code}")
    return mistakes


def _check_account(
    adapters: Mapping[str, Marketplace], account: AccountSetUp, stores: set[str]
) -> list[str]:
    mistakes = [
        f"account {account.code}: no store {code!r}"
        for code in account.stores.values()
        if code not in stores
    ]
    mistakes += [f"account {account.code}: {said}" for said in wrong_rules(account.rules)]
    adapter = adapters.get(account.adapter)
    if adapter is None:
        return [*mistakes, f"account {account.code}: no adapter {account.adapter!r}"]
    secrets = {kind: (secret,) for kind, secret in account.secrets.items()}
    nowhere = new_id()
    try:
        adapter.check(
            Account(nowhere, nowhere, account.code, adapter.name, account.settings, True, secrets)  # noqa: FBT003
        )
    except SettingsInvalid as error:
        mistakes.append(str(error))
    return mistakes


async def _merchant(conn: Conn, what: Description) -> UUID:
    merchant_id = await setup.merchant(conn, what.merchant, what.telegram_chat)
    series = None if what.document_series is msgspec.UNSET else what.document_series
    await setup.merchant_papers(conn, merchant_id, said_of(what.requisites), series)
    return merchant_id


async def _shop(conn: Conn, store_id: UUID, what: StoreSetUp) -> None:
    rows = {
        category: Tolerance(**msgspec.structs.asdict(row))
        for category, row in what.tolerances.items()
    }
    await shop_setup.tolerances(conn, store_id, rows)
    await shop_setup.settings(
        conn,
        store_id,
        (what.devices, what.shifts, what.zone_picking, what.bags, what.mark_check),
        paused=what.paused,
    )
    await setup.store_papers(conn, store_id, said_of(what.requisites))
    for name in ("aisles", "places", "labels"):
        await shop_setup.replace(conn, store_id, name, msgspec.to_builtins(getattr(what, name)))


async def _programs(conn: Conn, seal: Seal, merchant_id: UUID, what: Description) -> None:
    for client in what.clients:
        hashed_token = token_hash(client.token)
        await clients.save(conn, new_id(), merchant_id, client.name, hashed_token)
    for destination in what.destinations:
        await destinations.put(conn, seal, merchant_id, destination)


async def _people(conn: Conn, stores: Mapping[str, UUID], what: Description) -> None:
    for picker in what.pickers:
        hashed = hash_secret(picker.pin)
        names = (picker.badge, picker.name, picker.role)
        await setup.picker(conn, stores[picker.store], names, hashed)
    for operator in what.operators:
        await setup.operator(conn, operator.login, hash_secret(operator.password))


async def _goods(conn: Conn, shops: Shops, products: list[GoodsSetUp]) -> None:
    rows = [_said(product) for product in products]
    for start in range(0, len(rows), _BATCH):
        await catalogue.put(conn, shops, rows[start : start + _BATCH])


def _said(product: GoodsSetUp) -> msgspec.Raw:
    said = msgspec.to_builtins(product)
    if "unit" in said:  # goods that are sold by the piece now have no grams any more
        said.setdefault("unit_grams", None)
    return msgspec.Raw(msgspec.json.encode({**said, "given": list(said)}))


async def _account(
    conn: Conn,
    seal: Seal,
    home: tuple[UUID, Mapping[str, UUID]],
    adapter: Marketplace,
    account: AccountSetUp,
) -> None:
    merchant_id, stores = home
    values = (account.settings, ruled(adapter, account.rules))
    account_id = await setup.account(conn, merchant_id, account.code, account.adapter, values)
    await setup.account_papers(conn, account_id, said_of(account.buyer))
    for kind, secret in account.secrets.items():
        await setup.credential(conn, account_id, kind, seal.close(secret))
    for external_id, code in account.stores.items():
        await setup.map_store(conn, account_id, external_id, stores[code])
    await mappings.wake(conn, account_id, mappings.STORE, account.stores)


#: Products of one statement.
_BATCH: Final = 5_000
_ZONES: Final = available_timezones()
