"""The shop of the smoke order: a merchant of its own with a store, an account and people, which
sells nothing to anybody. Its account has no address: no call ever leaves for it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app import signing
from app.actions import setup, staff
from app.actions.describe import AccountSetUp, Description, GoodsSetUp, StoreSetUp
from app.actions.sign_in import hash_secret
from app.actions.staff import By, Change
from app.db import accounts, smoke
from app.db.conn import Conn
from app.db.people import Role
from app.db.sealing import Seal
from app.domain.badge import new_pin
from app.errors import SettingsInvalid
from app.identifiers import new_id
from app.plugin import Marketplace

#: Names that nobody else has; SQL that takes the only merchant there is leaves this one out.
MERCHANT: Final = "orderhub smoke"
ACCOUNT: Final = "orderhub-smoke"
STORE: Final = "SMOKE"
SKU: Final = "smoke"
#: Seconds a run takes at most; what is older was left behind.
LONGEST: Final = 600.0


@dataclass(frozen=True, slots=True)
class Contour:
    """Where the smoke order lives; `keys` sign what its shop says."""

    account_id: UUID
    store_id: UUID
    keys: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lent:
    """A picker of this run."""

    id: UUID
    badge: str
    pin: str = field(repr=False)


async def make_sure(conn: Conn, seal: Seal, adapters: Mapping[str, Marketplace]) -> Contour:
    """The contour, put in place if need be; SettingsInvalid when somebody paused or removed it."""
    secret = [signing.secret_of(key) for key in seal.derived("smoke order")]
    await setup.set_up(conn, seal, adapters, _description(secret[0]))
    account_id, store_id = await smoke.shop(conn, ACCOUNT)
    account = await accounts.opened(conn, seal, account_id)
    if not account.active:
        raise SettingsInvalid(f"account {ACCOUNT} is paused: orderhub accounts resume {ACCOUNT}")
    keys = tuple(map(signing.key, account.secrets.get("signing", ())))
    return Contour(account_id, store_id, keys)


def _description(secret: str) -> Description:
    account = AccountSetUp(
        code=ACCOUNT,
        adapter="standard",
        settings={"number_prefix": "SMOKE-"},
        rules={"reconcile_minutes": 0},
        secrets={"signing": secret, "sending": secret},
        stores={STORE: STORE},
    )
    return Description(
        merchant=MERCHANT,
        stores=[StoreSetUp(code=STORE, name="Smoke order of a deploy", timezone="UTC")],
        accounts=[account],
        products=[GoodsSetUp(sku=SKU, name="Smoke", vat="standard")],
    )


async def lend(conn: Conn, store_id: UUID) -> Lent:
    """A picker for this run alone, with a PIN that nobody else knows."""
    by, pin = _by(), new_pin(secrets.randbelow)
    hashed = hash_secret(pin)
    async with conn.transaction():
        idle = await smoke.idle(conn, store_id)
        if idle is not None:
            change = Change(active=True, pin_hash=hashed)
            person = await staff.change_person(conn, by, idle, change)
        else:
            names = (f"smoke-{secrets.token_hex(4)}", "Smoke", Role.PICKER)
            person = await staff.add_person(conn, by, store_id, names, hashed)
    return Lent(person.id, person.badge, pin)


async def send_home(conn: Conn, who: UUID) -> None:
    """The picker is signed out and gives back what is in hand; a later run may have the same."""
    async with conn.transaction():
        await staff.change_person(conn, _by(), who, Change(active=False))


async def tidy(conn: Conn, contour: Contour) -> list[str]:
    """Send home whom earlier runs forgot; orders they left, which somebody must call off."""
    for who in await smoke.forgotten(conn, contour.store_id, LONGEST):
        await send_home(conn, who)
    return await smoke.leftovers(conn, contour.account_id, LONGEST)


def _by() -> By:
    return By("orderhub smoke", new_id().hex)
