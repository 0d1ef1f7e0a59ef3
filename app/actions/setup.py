"""Set the hub up from a description: merchant, stores, accounts, people, goods. Twice is once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from app.actions.sign_in import hash_secret
from app.db import setup
from app.db.conn import Conn
from app.db.sealing import Seal
from app.domain.quantity import DEFAULT, Tolerance
from app.errors import SettingsInvalid
from app.identifiers import new_id
from app.ports import Account, Marketplace

#: PostgreSQL keeps no NUL.
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\u0000]*$")]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


class ToleranceSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """Percent of the requested weight: beyond soft the picker is warned, beyond hard refused."""

    soft_under: Annotated[int, Meta(ge=0, le=100)] = DEFAULT.soft_under
    hard_under: Annotated[int, Meta(ge=0, le=100)] = DEFAULT.hard_under
    soft_over: Annotated[int, Meta(ge=0, le=1000)] = DEFAULT.soft_over
    hard_over: Annotated[int, Meta(ge=0, le=1000)] = DEFAULT.hard_over

    def __post_init__(self) -> None:
        """A warning beyond the refusal would never be heard."""
        if self.soft_under > self.hard_under or self.soft_over > self.hard_over:
            raise ValueError("a soft tolerance is wider than the hard one")


class StoreSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One shop; without a chat of its own its alarms go to the merchant's. `mark_check`: whether
    product marks are checked online; `tolerances` by category, '' for all others;
    `devices`: which handhelds are admitted; `shifts`: whether one is needed to pick."""

    code: Word
    name: Word
    timezone: str = "Europe/Moscow"
    telegram_chat: int | None = None
    mark_check: Literal["off", "permissive", "strict"] = "off"
    tolerances: dict[str, ToleranceSetUp] = {}
    devices: Literal["any", "registered"] = "any"
    shifts: Literal["optional", "required"] = "optional"


class AccountSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One connection to a marketplace; `stores`: its store ids and our store codes."""

    code: Code
    adapter: str
    settings: dict[str, Any]
    secrets: dict[str, Word]
    stores: dict[str, str]


class PickerSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One picker or supervisor of one store."""

    badge: Word
    name: Word
    pin: Annotated[str, Meta(min_length=4, max_length=50)]
    store: str
    role: Literal["picker", "supervisor"] = "picker"


class OperatorSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One operator."""

    login: Word
    password: Annotated[str, Meta(min_length=8, max_length=200)]


class GoodsSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """One product; `plu` is the item number of in-store weight labels."""

    sku: Word
    name: Word
    vat: Literal["standard", "reduced", "zero", "none"]
    barcodes: tuple[str, ...] = ()
    plu: str | None = None
    marked: bool = False


class Description(msgspec.Struct, forbid_unknown_fields=True):
    """A merchant with everything that belongs to it."""

    merchant: Word
    stores: list[StoreSetUp] = []
    accounts: list[AccountSetUp] = []
    pickers: list[PickerSetUp] = []
    operators: list[OperatorSetUp] = []
    products: list[GoodsSetUp] = []
    telegram_chat: int | None = None


def read(raw: bytes) -> Description:
    """A description from JSON; SettingsInvalid with the place of the first mistake."""
    try:
        return msgspec.json.decode(raw, type=Description)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SettingsInvalid(f"not a description of a merchant: {error}") from None


async def set_up(
    conn: Conn, seal: Seal, adapters: Mapping[str, Marketplace], what: Description
) -> None:
    """Write it all in one transaction; SettingsInvalid, and nothing written, when parts of it do
    not fit together."""
    _check(adapters, what)
    async with conn.transaction():
        merchant_id = await setup.merchant(conn, what.merchant, what.telegram_chat)
        stores = {
            store.code: await setup.store(
                conn, merchant_id, (store.code, store.name, store.timezone), store.telegram_chat
            )
            for store in what.stores
        }
        for store in what.stores:
            await _shop(conn, stores[store.code], store)
        for account in what.accounts:
            await _account(conn, seal, merchant_id, stores, account)
        for picker in what.pickers:
            hashed = hash_secret(picker.pin)
            names = (picker.badge, picker.name, picker.role)
            await setup.picker(conn, stores[picker.store], names, hashed)
        for operator in what.operators:
            await setup.operator(conn, operator.login, hash_secret(operator.password))
        goods = [setup.Goods(**msgspec.structs.asdict(product)) for product in what.products]
        await setup.products(conn, merchant_id, goods)


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
    for account in what.accounts:
        mistakes += _check_account(adapters, account, codes)
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))


def _check_account(
    adapters: Mapping[str, Marketplace], account: AccountSetUp, stores: set[str]
) -> list[str]:
    mistakes = [
        f"account {account.code}: no store {code!r}"
        for code in account.stores.values()
        if code not in stores
    ]
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


async def _shop(conn: Conn, store_id: UUID, what: StoreSetUp) -> None:
    rows = {
        category: Tolerance(**msgspec.structs.asdict(row))
        for category, row in what.tolerances.items()
    }
    await setup.mark_check(conn, store_id, what.mark_check)
    await setup.admission(conn, store_id, what.devices, what.shifts)
    await setup.tolerances(conn, store_id, rows)


async def _account(
    conn: Conn, seal: Seal, merchant_id: UUID, stores: Mapping[str, UUID], account: AccountSetUp
) -> None:
    account_id = await setup.account(
        conn, merchant_id, account.code, account.adapter, account.settings
    )
    for kind, secret in account.secrets.items():
        await setup.credential(conn, account_id, kind, seal.close(secret))
    for external_id, code in account.stores.items():
        await setup.map_store(conn, account_id, external_id, stores[code])


_ZONES: Final = available_timezones()
